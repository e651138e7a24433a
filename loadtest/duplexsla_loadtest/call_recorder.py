"""What one caller hears, message by message, turned into measures. No network: times are arguments."""

from dataclasses import dataclass, field

from duplexsla.clock import CHUNK_MS
from duplexsla.v1.action_pb2 import ActionOutcome, OutcomeState
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_ACTION_UNAVAILABLE,
    NOTICE_KIND_AUDIO_GAP,
    NOTICE_KIND_CHUNKS_DROPPED,
    NOTICE_KIND_DECODER_CHANGED,
    NOTICE_KIND_OVERLOAD,
    NOTICE_KIND_RESUMED,
    Chunk,
    ConverseResponse,
    Notice,
    Opened,
)
from duplexsla_loadtest.metrics import MetricSheet
from duplexsla_loadtest.playout import Loudspeaker
from duplexsla_loadtest.replies import MatchedReply, Replies
from duplexsla_loadtest.speaker import Speaker, SpeakerTurn
from duplexsla_loadtest.turn_latency import TurnLatency

COUNTED_NOTICES = {
    NOTICE_KIND_OVERLOAD: "overload_notices",
    NOTICE_KIND_ACTION_UNAVAILABLE: "actions_unavailable",
    NOTICE_KIND_DECODER_CHANGED: "decoder_changes",
    NOTICE_KIND_RESUMED: "resumed",
}


@dataclass(frozen=True)
class AskedAction:
    """An action that the model asked for."""

    id: str
    function: str
    arguments_json: str
    at_s: float


@dataclass(frozen=True)
class ToldAction:
    """An outcome message; `state` as in "done"."""

    id: str
    state: str


@dataclass
class CallMeasures:
    """What is left of a conversation for the checker and the report."""

    session_ids: list[int] = field(default_factory=list)
    asked: list[AskedAction] = field(default_factory=list)
    told: list[ToldAction] = field(default_factory=list)
    worst_run: int = 0  # consecutive misses


class CallRecorder:
    """One caller's ears. Times in seconds of the run; only what was due after the warm-up is measured.

    Counts: chunks, misses (late or never answered), lost (never answered), gaps, concealed_chunks,
    dropped_replies, decoder_changes, resumed, underruns, underrun_ms, sound_chunks, actions, outcomes and
    outcome_<state>. Times: step (from the scheduled send), server_step, action (to its outcome), effect,
    underrun, decoder_gap.
    """

    def __init__(self, speaker: Speaker, sheet: MetricSheet, *, buffer_s: float) -> None:
        self._speaker, self._sheet = speaker, sheet
        self._floor = TurnLatency(sheet)
        self._loudspeaker, self._buffer_s = Loudspeaker(buffer_s), buffer_s
        self._replies = Replies(0)
        self._dues: list[float] = []  # of this leg's chunks, by number
        self._run = 0  # misses in a row
        self._open: dict[str, float] = {}  # actions whose outcome has not come
        self.record = CallMeasures()
        self.closed = False

    def open(self, opened: Opened) -> None:
        """A stream was opened: chunks are numbered anew from here on."""
        self._replies, self._dues = Replies(opened.first_chunk), []
        self._loudspeaker = Loudspeaker(self._buffer_s)
        self.record.session_ids.append(opened.session_id)

    @property
    def in_flight(self) -> int:
        return len(self._dues) - self._replies.answered

    def sent(self, due_s: float, turn: SpeakerTurn | None) -> None:
        """A chunk goes out that was due at `due_s`; `turn` begins with it."""
        self._dues.append(due_s)
        if turn is not None:
            self._floor.turn(turn, due_s)

    def unheard(self) -> None:
        """The chunk that was sent last found no stream."""
        self._replies.unheard()

    def resumed(self, next_chunk: int) -> None:
        """The conversation goes on over a new stream; what is sent next is its chunk `next_chunk`."""
        self._replies.resumed(next_chunk, len(self._dues))

    def skip(self, due_s: float) -> None:
        """A chunk that was due while there was no stream to send it on."""
        self._judge(due_s, None)

    def take(self, response: ConverseResponse, at_s: float) -> None:
        kind = response.WhichOneof("message")
        if kind == "chunk":
            self._chunk(response.chunk, at_s)
        elif kind == "outcome":
            self._outcome(response.outcome, at_s)
        elif kind == "notice":
            self._notice(response.notice, at_s)
        elif kind == "closed":
            self.closed = True

    def lose(self) -> None:
        """The stream is over, well or not: what was not answered will not be."""
        for settled in self._replies.settle_all(len(self._dues)):
            self._settled(settled)
        self._replies, self._dues = Replies(0), []

    def close(self, at_s: float) -> None:
        self.lose()
        self._floor.close(at_s)

    def _chunk(self, chunk: Chunk, at_s: float) -> None:
        sounds = bool(chunk.sound)
        self._replies.heard(chunk.index, at_s)
        for settled in self._replies.settle():
            self._settled(settled)
        self._sheet.time(at_s, "server_step", chunk.step_us / 1e3)
        self._speaker.hear(sounds)
        self._floor.hear(sounds, at_s)
        self._play(chunk.index, sounds, at_s)
        for action in chunk.actions:
            self._open[action.id] = at_s
            self._sheet.count(at_s, "actions")
            self._floor.act(action.function, at_s)
            self.record.asked.append(AskedAction(action.id, action.function, action.arguments_json, at_s))

    def _play(self, index: int, sounds: bool, at_s: float) -> None:
        hole_ms = 1e3 * self._loudspeaker.hear(index, sounds, at_s)
        if sounds:
            self._sheet.count(at_s, "sound_chunks")
        if hole_ms:
            self._sheet.count(at_s, "underruns")
            self._sheet.count(at_s, "underrun_ms", round(hole_ms))
            self._sheet.time(at_s, "underrun", hole_ms)

    def _outcome(self, outcome: ActionOutcome, at_s: float) -> None:
        state = OutcomeState.Name(outcome.state).removeprefix("OUTCOME_STATE_").lower()
        self._sheet.count(at_s, "outcomes")
        self._sheet.count(at_s, f"outcome_{state}")
        self.record.told.append(ToldAction(outcome.action_id, state))
        asked_s = self._open.pop(outcome.action_id, None)
        if asked_s is not None:
            self._sheet.time(at_s, "action", 1e3 * (at_s - asked_s))
        if outcome.effect_at_ms:
            self._sheet.time(at_s, "effect", outcome.effect_ms)

    def _notice(self, notice: Notice, at_s: float) -> None:
        if notice.kind == NOTICE_KIND_AUDIO_GAP:
            self._replies.gap(notice.first_chunk, notice.chunks, notice.samples)
            self._sheet.count(at_s, "gaps")
            self._sheet.count(at_s, "concealed_chunks", notice.chunks)
        elif notice.kind == NOTICE_KIND_CHUNKS_DROPPED:
            self._sheet.count(at_s, "dropped_replies", notice.chunks)
        elif notice.kind in COUNTED_NOTICES:
            self._sheet.count(at_s, COUNTED_NOTICES[notice.kind])
            if notice.kind == NOTICE_KIND_DECODER_CHANGED:
                self._sheet.time(at_s, "decoder_gap", notice.gap_ms)

    def _settled(self, settled: MatchedReply) -> None:
        if settled.sent >= len(self._dues):
            return  # answered and never sent: nothing of ours
        due_s = self._dues[settled.sent]
        self._judge(due_s, None if settled.at_s is None else 1e3 * (settled.at_s - due_s))

    def _judge(self, due_s: float, late_ms: float | None) -> None:
        """One chunk, answered after `late_ms` or never."""
        self._sheet.count(due_s, "chunks")
        if late_ms is None:
            self._sheet.count(due_s, "lost")
        else:
            self._sheet.time(due_s, "step", late_ms)
        missed = late_ms is None or late_ms > CHUNK_MS
        if missed:
            self._sheet.count(due_s, "misses")
        if self._sheet.measures(due_s):
            self._run = self._run + 1 if missed else 0
            self.record.worst_run = max(self.record.worst_run, self._run)
