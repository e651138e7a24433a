"""Whom the user speaks to, and when the assistant's voice may be heard. Nothing here waits.

Outside the attention windows nothing is said: an utterance is heard if the words that it answers were said to
the service, if it goes on with one that was heard, or if the service has just written a line that is to be
said. After `stop` nothing is heard until the next response.
"""

from collections import deque

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.gates.attention import WAKE_MS, AttentionMode, AttentionWindows
from duplexsla.session.turn_words import HEARING_LAG_CHUNKS
from duplexsla.v1.journal_pb2 import ChunkRange, SessionRecord
from duplexsla.v1.session_pb2 import (
    ATTENTION_MODE_PUSH_TO_TALK,
    ATTENTION_MODE_UNSPECIFIED,
    ATTENTION_MODE_WAKE,
)
from duplexsla.v1.session_pb2 import AttentionMode as WireMode

SAID_CHUNKS = 125  # whose words are kept, 20 s: a listener is not further behind
CUT_WORDS = 6  # of those that were heard before a cut
REPLY_CHUNKS = 25  # 4 s from the newest words, or from a line of the service, to the reply that they lead to
PAUSE_CHUNKS = 6  # about 1 s of silence inside a reply

_MODES = {
    ATTENTION_MODE_WAKE: AttentionMode.WAKE,
    ATTENTION_MODE_PUSH_TO_TALK: AttentionMode.PUSH_TO_TALK,
}
_NEVER = -1_000_000


class VoiceControl:
    """Of one session. Chunks come in order; a stopped voice stays silent in every mode."""

    def __init__(self, mode: WireMode) -> None:
        """A mode that is not specified, or of a later version, is the strictest one but the first."""
        always = mode not in _MODES and mode in (ATTENTION_MODE_UNSPECIFIED, WireMode.ATTENTION_MODE_ALWAYS)
        self.mode = AttentionMode.ALWAYS if always else _MODES.get(mode, AttentionMode.WAKE)
        self._windows = AttentionWindows(self.mode)
        self._client_told = False  # at least once whether somebody turned to the service
        self._notice_due = self.mode is not AttentionMode.ALWAYS
        self._stopped = False
        self._addressed_at = _NEVER  # chunk of the newest words, if they were said to the service
        self._admitted_at = _NEVER  # newest chunk of an utterance that is heard
        self._line_at = _NEVER  # chunk of the newest line of the service that is to be said
        self._line_is_reply = False
        self._answers_follow = False  # of the utterance that is heard: it was asked for
        self._said: deque[tuple[int, str]] = deque(maxlen=SAID_CHUNKS)  # chunk and text, as far as admitted
        self.withheld = False  # what the assistant said last

    def turn(self, chunk: int, *, attended: bool, for_ms: int) -> None:
        """The client tells that somebody turned to the service in this chunk, or away from it."""
        self._client_told = True
        if attended:
            self._windows.turn_to(chunk, for_ms)
        else:
            self._windows.turn_away(chunk)

    def type(self, chunk: int) -> None:
        """Words were typed to the service in this chunk: what they ask for is said to it."""
        self.turn(max(0, chunk - HEARING_LAG_CHUNKS), attended=True, for_ms=WAKE_MS)

    def attended(self, trigger_chunk: int) -> bool:
        """Whether what an action of this trigger chunk was asked with was said to the service."""
        return self._windows.attended(trigger_chunk, HEARING_LAG_CHUNKS)

    def hear(self, chunk: int) -> None:
        """The transcript of the user goes on in this chunk."""
        self._addressed_at = chunk if self.attended(chunk) else _NEVER

    def on_response(self) -> None:
        """The model decides to answer."""
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    def on_line(self, chunk: int, *, is_reply: bool) -> None:
        """The service has written a line that is to be said. `is_reply`: somebody asked for it."""
        self._line_at, self._line_is_reply = chunk, is_reply

    def admits(self, chunk: int, *, speaks: bool, again: bool = False) -> bool:
        """Whether what the assistant says in this chunk may be heard.

        `again`: the chunk is one of before a resume, whose windows are known.
        """
        if not speaks:
            return True
        self.withheld = self._stopped or not self._may_speak(chunk)
        if self.withheld:
            return False
        self._admitted_at = chunk
        if self._answers_follow and not again:
            self._windows.reply(chunk)
        return True

    def say(self, chunk: int, text: str) -> None:
        """The words that begin in a chunk that was admitted."""
        self._said.append((chunk, text))

    def cut(self, chunk: int, samples: int) -> str | None:
        """The last words that were heard, where playback ended with so many samples of this chunk; None where
        nothing was said after that.
        """
        whole = chunk + 1 if samples >= CHUNK_SAMPLES // 2 else chunk
        heard = "".join(text for at, text in self._said if at < whole)
        unheard = any(at >= whole for at, _ in self._said)
        self._said = deque(((at, text) for at, text in self._said if at < whole), SAID_CHUNKS)
        return " ".join(heard.split()[-CUT_WORDS:]) if unheard else None

    def notice_due(self) -> bool:
        """Once: something came to nothing because a client never tells that somebody turned to us."""
        due = self._notice_due and not self._client_told
        self._notice_due = False
        return due

    def _may_speak(self, chunk: int) -> bool:
        if self.mode is AttentionMode.ALWAYS or chunk - self._admitted_at <= PAUSE_CHUNKS:
            return True
        if chunk - self._addressed_at <= REPLY_CHUNKS:
            self._answers_follow = True
            return True
        if chunk - self._line_at <= REPLY_CHUNKS:
            self._answers_follow = self._line_is_reply
            return True
        return False

    def save(self, record: SessionRecord) -> None:
        record.attended.extend(ChunkRange(first=first, end=end) for first, end in self._windows.windows)
        record.attention_told, record.stopped = self._client_told, self._stopped

    def restore(self, record: SessionRecord) -> None:
        self._windows = AttentionWindows(self.mode, [(each.first, each.end) for each in record.attended])
        self._client_told, self._stopped = record.attention_told, record.stopped
