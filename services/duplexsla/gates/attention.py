"""When somebody speaks to this service: windows on the session's clock, counted in chunks. Pure.

A client says when somebody turned to the service and for how long; a reply opens a window for what follows on
it. An action is attended if its trigger chunk less the hearing lag, the chunk in which its words sounded,
lies in a window.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from duplexsla.clock import CHUNK_MS

WAKE_MS = 8_000  # after somebody turned to the service, where the client does not say
FOLLOW_UP_MS = 6_000  # after the last sound of a reply
MAX_WINDOW_MS = 600_000  # nobody is listened to for longer without turning to the service again
MAX_WINDOWS = 8  # kept; an action comes within seconds of its words


class AttentionMode(StrEnum):
    ALWAYS = "always"  # whatever is said is meant for this service
    WAKE = "wake"  # after somebody turned to it, and for a while after each reply
    PUSH_TO_TALK = "push to talk"  # while a button is held


class AttentionWindow(NamedTuple):
    """Chunks in which the service is spoken to; `end` is the first one after them."""

    start: int
    end: int


class AttentionWindows:
    """Of one session; owned by its call. `windows` restores those of a session that is resumed."""

    def __init__(
        self,
        mode: AttentionMode,
        windows: Iterable[tuple[int, int]] = (),
        *,
        wake_ms: int = WAKE_MS,
        follow_up_ms: int = FOLLOW_UP_MS,
    ) -> None:
        self.mode = mode
        self._windows = [AttentionWindow(*each) for each in windows][-MAX_WINDOWS:]
        self._wake_ms = wake_ms
        self._follow_up_ms = follow_up_ms

    @property
    def windows(self) -> tuple[AttentionWindow, ...]:
        """The newest ones, oldest first: what is kept for a resume."""
        return tuple(self._windows)

    def turn_to(self, chunk: int, for_ms: int = 0) -> None:
        """Somebody turned to the service in this chunk, for `for_ms`; 0: for as long as usual, or while the
        button is held.
        """
        usual = MAX_WINDOW_MS if self.mode is AttentionMode.PUSH_TO_TALK else self._wake_ms
        self._open(chunk, chunk + _chunks(min(for_ms or usual, MAX_WINDOW_MS)))

    def turn_away(self, chunk: int) -> None:
        """Nobody speaks to the service from this chunk on."""
        shortened = (AttentionWindow(each.start, min(each.end, chunk)) for each in self._windows)
        self._windows = [each for each in shortened if each.start < each.end]

    def reply(self, chunk: int) -> None:
        """The assistant's voice sounds in this chunk: an answer may follow, also over it.

        For replies to those who are attended, and for questions; not for what was said in the room unasked.
        """
        if self.mode is AttentionMode.WAKE:
            self._open(chunk, chunk + 1 + _chunks(self._follow_up_ms))

    def attended(self, trigger_chunk: int, lag_chunks: int) -> bool:
        """Whether what an action of this trigger chunk was asked with was said to the service."""
        said = max(trigger_chunk - lag_chunks, 0)
        return self.mode is AttentionMode.ALWAYS or any(start <= said < end for start, end in self._windows)

    def _open(self, start: int, end: int) -> None:
        """Joined with the newest window where they meet."""
        if self._windows and self._windows[-1].start <= start <= self._windows[-1].end:
            newest = self._windows.pop()
            start, end = newest.start, max(end, newest.end)
        self._windows = [*self._windows, AttentionWindow(start, end)][-MAX_WINDOWS:]


def _chunks(ms: int) -> int:
    """Whole chunks that hold this long, at least one."""
    return max(1, -(-ms // CHUNK_MS))
