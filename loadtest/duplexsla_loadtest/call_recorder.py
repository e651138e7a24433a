"""What one caller receives, message by message, turned into measures. No network: times are arguments."""

from dataclasses import dataclass, field

from duplexsla.clock import CHUNK_MS
from duplexsla.enum_names import enum_name
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
from duplexsla_loadtest.metrics import MetricsRecorder
from duplexsla_loadtest.playout import PlayoutBuffer
from duplexsla_loadtest.replies import MatchedReply, Replies
from duplexsla_loadtest.speaker import SaidLine, Speaker
from duplexsla_loadtest.turn_latency import TurnLatency

COUNTED_NOTICES = {
    NOTICE_KIND_OVERLOAD: "overload_notices",
    NOTICE_KIND_ACTION_UNAVAILABLE: "actions_unavailable",
    NOTICE_KIND_DECODER_CHANGED: "decoder_changes",
    NOTICE_KIND_RESUMED: "resumed",
}


@dataclass(frozen=True)
class RequestedAction:
    """An action that the model requested."""

    id: str
    function: str
    arguments_json: str
    at_s: float


@dataclass(frozen=True)
class ReportedOutcome:
    """An outcome message; `state` as in "done"."""

    id: str
    state: str


@dataclass
class CallMeasures:
    """What is left of a conversation for the checker and the report."""

    session_ids: list[int] = field(default_factory=list)
    requested: list[RequestedAction] = field(default_factory=list)
    outcomes: list[ReportedOutcome] = field(default_factory=list)
    worst_run: int = 0  # consecutive misses


class CallRecorder:
    """Measures of one caller. Times in seconds of the run; only what was due after the warm-up is measured.

    Counts: chunks, misses (late or never answered), lost (never answered), gaps, concealed_chunks,
    dropped_replies, decoder_changes, resumed, underruns, underrun_ms, sound_chunks, actions, outcomes and
    outcome_<state>. Times: step (from the scheduled send), server_step, action (to its outcome), effect,
    underrun, decoder_gap.
    """

    def __init__(self, speaker: Speaker, metrics: MetricsRecorder, *, buffer_s: float) -> None:
        self._speaker, self._metrics = speaker, metrics
        self._turns = TurnLatency(metrics)
        self._playout, self._buffer_s = PlayoutBuffer(buffer_s), buffer_s
        self._replies = Replies(0)
        self._dues: list[float] = []  # of this leg's chunks, by number
        self._run = 0  # misses in a row
        self._open: dict[str, float] = {}  # actions whose outcome has not come
        self.measures = CallMeasures()
        self.closed = False

    def open(self, opened: Opened) -> None:
        """A stream was opened: chunks are numbered anew from here on."""
        self._replies, self._dues = Replies(opened.first_chunk), []
        self._playout = PlayoutBuffer(self._buffer_s)
        self.measures.session_ids.append(opened.session_id)

    @property
    def in_flight(self) -> int:
        return len(self._dues) - self._replies.answered

    def sent(self, due_s: float, utterance: SaidLine | None) -> None:
        """A chunk goes out that was due at `due_s`; `utterance` begins with it."""
        self._dues.append(due_s)
        if utterance is not None:
            self._turns.on_utterance(utterance, due_s)

    def undelivered(self) -> None:
        """The chunk that was sent last found no stream."""
        self._replies.undelivered()

    def resumed(self, next_chunk: int) -> None:
        """The conversation goes on over a new stream; what is sent next is its chunk `next_chunk`."""
        self._replies.resumed(next_chunk, len(self._dues))

    def skip(self, due_s: float) -> None:
        """A chunk that was due while there was no stream to send it on."""
        self._count_chunk(due_s, None)

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
        for reply in self._replies.settle_all(len(self._dues)):
            self._on_settled(reply)
        self._replies, self._dues = Replies(0), []

    def close(self, at_s: float) -> None:
        self.lose()
        self._turns.close(at_s)

    def _chunk(self, chunk: Chunk, at_s: float) -> None:
        sounds = bool(chunk.sound)
        self._replies.received(chunk.index, at_s)
        for reply in self._replies.settle():
            self._on_settled(reply)
        self._metrics.time(at_s, "server_step", chunk.step_us / 1e3)
        self._speaker.on_chunk(sounds)
        self._turns.on_chunk(sounds, at_s)
        self._play(chunk.index, sounds, at_s)
        for action in chunk.actions:
            self._open[action.id] = at_s
            self._metrics.count(at_s, "actions")
            self._turns.on_action(action.function, at_s)
            self.measures.requested.append(
                RequestedAction(action.id, action.function, action.arguments_json, at_s)
            )

    def _play(self, index: int, sounds: bool, at_s: float) -> None:
        underrun_ms = 1e3 * self._playout.play(index, sounds, at_s)
        if sounds:
            self._metrics.count(at_s, "sound_chunks")
        if underrun_ms:
            self._metrics.count(at_s, "underruns")
            self._metrics.count(at_s, "underrun_ms", round(underrun_ms))
            self._metrics.time(at_s, "underrun", underrun_ms)

    def _outcome(self, outcome: ActionOutcome, at_s: float) -> None:
        state = enum_name(OutcomeState, outcome.state)
        self._metrics.count(at_s, "outcomes")
        self._metrics.count(at_s, f"outcome_{state}")
        self.measures.outcomes.append(ReportedOutcome(outcome.action_id, state))
        asked_s = self._open.pop(outcome.action_id, None)
        if asked_s is not None:
            self._metrics.time(at_s, "action", 1e3 * (at_s - asked_s))
        if outcome.effect_at_ms:
            self._metrics.time(at_s, "effect", outcome.effect_ms)

    def _notice(self, notice: Notice, at_s: float) -> None:
        if notice.kind == NOTICE_KIND_AUDIO_GAP:
            self._replies.gap(notice.first_chunk, notice.chunks, notice.samples)
            self._metrics.count(at_s, "gaps")
            self._metrics.count(at_s, "concealed_chunks", notice.chunks)
        elif notice.kind == NOTICE_KIND_CHUNKS_DROPPED:
            self._metrics.count(at_s, "dropped_replies", notice.chunks)
        elif notice.kind in COUNTED_NOTICES:
            self._metrics.count(at_s, COUNTED_NOTICES[notice.kind])
            if notice.kind == NOTICE_KIND_DECODER_CHANGED:
                self._metrics.time(at_s, "decoder_gap", notice.gap_ms)

    def _on_settled(self, reply: MatchedReply) -> None:
        if reply.sent >= len(self._dues):
            return  # answered and never sent: no chunk of ours
        due_s = self._dues[reply.sent]
        self._count_chunk(due_s, None if reply.at_s is None else 1e3 * (reply.at_s - due_s))

    def _count_chunk(self, due_s: float, late_ms: float | None) -> None:
        """One chunk, answered after `late_ms` or never."""
        self._metrics.count(due_s, "chunks")
        if late_ms is None:
            self._metrics.count(due_s, "lost")
        else:
            self._metrics.time(due_s, "step", late_ms)
        missed = late_ms is None or late_ms > CHUNK_MS
        if missed:
            self._metrics.count(due_s, "misses")
        if self._metrics.is_measured(due_s):
            self._run = self._run + 1 if missed else 0
            self.measures.worst_run = max(self.measures.worst_run, self._run)
