"""The engine in this process. A history becomes its prefix; one without tracks is played to it,
with its own answers in between."""

from collections.abc import Sequence

from duplexsla.engine.engine import StepInput, StepOutput
from duplexsla.protocol.action_parser import ActionParser, LabelEvent, ToolCall, Transcript
from duplexsla.protocol.channel_lines import outcome_text
from duplexsla.protocol.tokens import TTS_PAD, VAD_SILENCE
from duplexsla_lab.bench.case import CaseTurn, Samples
from duplexsla_lab.bench.conversation import history_chunks
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.system_interface import Output
from duplexsla_lab.bench.systems.case_prefix import CasePrefixes
from duplexsla_lab.bench.systems.shared_engine import SharedEngine

DONE = outcome_text("done")
WORDLESS = (VAD_SILENCE, TTS_PAD)


class EngineSystem:
    """A conversation with an engine that others may share. No device lies behind it: every call is done."""

    def __init__(self, engine: SharedEngine, prefixes: CasePrefixes | None = None) -> None:
        self._engine, self._prefixes = engine, prefixes
        self._session = 0

    def reset(self, toolset: str) -> None:
        self.close()
        self._toolset, self._parser = toolset, ActionParser.named(toolset)
        self._chunk, self._first, self._forced = 0, 0, ""

    def prefill(self, history: Sequence[CaseTurn]) -> None:
        prefix = self._prefixes.prefix(self._toolset, history) if self._prefixes else None
        if prefix is None:
            for chunk in history_chunks([turn.samples() for turn in history]):
                self.step(chunk)
        else:
            for number, prefix_chunk in enumerate(prefix.chunks):
                self._parser.push(number, list(prefix_chunk.action))
            self._session, self._chunk = self._engine.restore(prefix), prefix.next_chunk
        self._first = self._chunk

    def step(self, samples: Samples) -> Output:
        self._session = self._session or self._engine.open(self._toolset)
        forced, self._forced = self._forced, ""
        output = self._engine.step(StepInput(self._session, samples, forced))
        read = self._read(output)
        self._chunk += 1
        return read

    def close(self) -> None:
        self._engine.close(self._session)
        self._session = 0

    def _read(self, output: StepOutput) -> Output:
        events = self._parser.push(self._chunk, output.action)
        calls = [event for event in events if isinstance(event, ToolCall)]
        self._forced = DONE * len(calls)  # one chunk later, as a quick device answers
        return Output(
            sound=output.samples,
            labels=tuple(event.label for event in events if isinstance(event, LabelEvent)),
            calls=tuple(self._call(event, output) for event in calls if event.trigger_chunk >= self._first),
            transcript="".join(event.text for event in events if isinstance(event, Transcript)),
            said="" if output.anchor in WORDLESS else output.anchor,
        )

    def _call(self, event: ToolCall, output: StepOutput) -> LoggedCall:
        first, confidence = self._first, output.calls.get(event.closed_by)
        times = event.trigger_chunk - first, event.closed_chunk - first
        return LoggedCall(event.function, event.arguments, *times, confidence)
