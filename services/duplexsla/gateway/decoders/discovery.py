"""Follows a Service's EndpointSlices, in a thread: lists, watches, and lists again when the watch ends.

While the API server is away the newest list stands: calls go on, new ones are placed on the decoders known.
"""

import logging
import threading
from collections.abc import Callable

from duplexsla.errors import ClusterLost
from duplexsla.kubernetes.endpoint_slices import EndpointSliceApi, EndpointSliceCache

logger = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0  # before the API is asked again; doubled each time

OnChange = Callable[[tuple[str, ...]], None]


class Discovery:
    """`on_change` gets the ready decoders' addresses, on the thread, first and after each change."""

    def __init__(
        self, slices: EndpointSliceApi, on_change: OnChange, *, first_wait_s: float = FIRST_WAIT_S
    ) -> None:
        self._slices, self._on_change, self._first_wait_s = slices, on_change, first_wait_s
        self._known = EndpointSliceCache()
        self._ready: tuple[str, ...] | None = None  # as last reported
        self._wait_s = first_wait_s
        self._closing = threading.Event()
        self.listed = threading.Event()  # at least once
        self.away = False  # the API did not answer the last time

    def run(self) -> None:
        """Blocks until `close`: for a thread of its own."""
        while not self._closing.is_set():
            self.follow()

    def close(self) -> None:
        """Reports nothing any more. `run` returns with the end of its watch."""
        self._closing.set()

    def follow(self) -> None:
        """From a list to the end of its watch; a pause when there was none."""
        try:
            self._list_and_watch()
        except ClusterLost as error:
            if not self.away:
                logger.warning("discovery_lost decoders=kept error=%s", error)
            self.away = True
            self._closing.wait(self._wait_s)
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    def _list_and_watch(self) -> None:
        listing = self._slices.list()
        self.away, self._wait_s = False, self._first_wait_s
        self._known.replace(listing.slices)
        self._report()
        self.listed.set()
        for kind, changed in self._slices.watch(listing.version):
            if self._closing.is_set():
                return
            self._known.change(kind, changed)
            self._report()

    def _report(self) -> None:
        ready = self._known.ready()
        if ready != self._ready and not self._closing.is_set():
            self._ready = ready
            self._on_change(ready)
