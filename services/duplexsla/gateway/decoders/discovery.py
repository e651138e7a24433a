"""Follows a Service's EndpointSlices in a thread: lists, watches, and lists again when the watch ends.

While the API server is away the newest list stands: calls go on, new ones are placed on the decoders known.
"""

import logging
import threading
from collections.abc import Callable

from duplexsla.errors import ClusterLost
from duplexsla.kubernetes.endpoint_slices import EndpointSliceApi, EndpointSliceCache

logger = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0  # before the API is asked again; doubled each time

Tell = Callable[[tuple[str, ...]], None]


class Discovery:
    """`tell` gets the ready decoders' addresses, on the thread, first and after each change."""

    def __init__(self, slices: EndpointSliceApi, tell: Tell, *, first_wait_s: float = FIRST_WAIT_S) -> None:
        self._slices, self._tell, self._first_wait_s = slices, tell, first_wait_s
        self._known = EndpointSliceCache()
        self._told: tuple[str, ...] | None = None
        self._wait_s = first_wait_s
        self._closing = threading.Event()
        self.listed = threading.Event()  # at least once
        self.away = False  # the API did not answer the last time

    def start(self) -> None:
        threading.Thread(target=self._run, name="discovery", daemon=True).start()

    def close(self) -> None:
        """Tells nothing any more. The thread ends with its watch, or with the process."""
        self._closing.set()

    def _run(self) -> None:
        while not self._closing.is_set():
            self.turn()

    def turn(self) -> None:
        """From a list to the end of its watch; a pause when there was none."""
        try:
            self._follow()
        except ClusterLost as error:
            if not self.away:
                logger.warning("decoder discovery failed, last list kept error=%r", str(error))
            self.away = True
            self._closing.wait(self._wait_s)
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    def _follow(self) -> None:
        listing = self._slices.list()
        self.away, self._wait_s = False, self._first_wait_s
        self._known.replace(listing.slices)
        self._say()
        self.listed.set()
        for kind, changed in self._slices.watch(listing.version):
            if self._closing.is_set():
                return
            self._known.change(kind, changed)
            self._say()

    def _say(self) -> None:
        ready = self._known.ready()
        if ready != self._told and not self._closing.is_set():
            self._told = ready
            self._tell(ready)
