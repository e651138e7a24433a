"""The drain behind the decoder's control port, for a preStop hook: after SIGTERM Triton answers nobody."""

import asyncio
import threading
import time

from duplexsla.engine.session_registry import SessionRegistry

DEADLINE_S = 60.0  # for those who name none
POLL_S = 0.05
SILENT_S = 5.0  # a session without a chunk for so long has been left


class DecoderDrain:
    """Starts no session any more, and waits until the last one has moved or ended.

    The process goes on, so each request waits by its own deadline: a short one does not cut a later one.
    """

    def __init__(self, decoder: SessionRegistry, alone: threading.Lock) -> None:
        """`alone` is held by whoever uses the decoder."""
        self._decoder, self._alone = decoder, alone

    @property
    def draining(self) -> bool:
        return self._decoder.draining

    async def drain(self, deadline_s: float | None) -> int:
        """Sessions left at the deadline. Cancelling it is safe: no session starts, nobody waits.

        It polls, because sessions end by the clock too: when nobody has sent a chunk for SILENT_S.
        """
        self._decoder.drain()
        deadline = time.monotonic() + (DEADLINE_S if deadline_s is None else deadline_s)
        while (left := await asyncio.to_thread(self._left)) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)
        return left

    def _left(self) -> int:
        with self._alone:
            self._decoder.expire(time.monotonic(), idle_s=SILENT_S)
            return self._decoder.num_live
