"""The drain of a process that ends after it, on SIGTERM, SIGINT or POST /drain."""

import asyncio
import signal

EXIT_LEFT = 3  # exit status when something could not be brought to an end


class Drain:
    """The drain of a whole process. Asked for once or more, by whomever; the first deadline counts."""

    def __init__(self, deadline_s: float) -> None:
        """`deadline_s` is for those who name none."""
        self.deadline_s = deadline_s
        self.asked = asyncio.Event()
        self._left: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def draining(self) -> bool:
        return self.asked.is_set()

    def ask(self, deadline_s: float | None = None) -> None:
        if not self.asked.is_set():
            self.deadline_s = self.deadline_s if deadline_s is None else deadline_s
            self.asked.set()

    async def drain(self, deadline_s: float | None) -> int:
        self.ask(deadline_s)
        return await asyncio.shield(self._left)

    def on_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.ask)

    def done(self, left: int) -> int:
        """Tells everybody who asked how much could not be brought to an end; the exit status."""
        if not self._left.done():
            self._left.set_result(left)
        return EXIT_LEFT if left else 0
