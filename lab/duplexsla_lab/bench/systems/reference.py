"""Systems whose score is known before they are played: they test the scorer itself."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla_lab.bench.case import Case, CaseTurn, Samples
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.system_interface import Output

_TIMES_S = np.arange(CHUNK_SAMPLES) / SAMPLE_RATE
SILENCE = np.zeros(CHUNK_SAMPLES, np.int16)
TONE = (4_000 * sum(np.sin(2 * np.pi * 125 * k * _TIMES_S) / k for k in (1, 2, 3, 4))).astype(np.int16)


def chunk_after(t_s: float) -> int:
    """The first chunk whose time is not before `t_s`."""
    return max(0, math.ceil(t_s / CHUNK_S - 1e-9))


class _ReferenceSystem:
    def __init__(self) -> None:
        self._chunk = -1

    def reset(self, toolset: str) -> None:
        self._chunk = -1

    def prefill(self, history: Sequence[CaseTurn]) -> None:
        """Nothing to remember."""

    def step(self, samples: Samples) -> Output:
        self._chunk += 1
        return self._output(self._chunk)

    def _output(self, chunk: int) -> Output:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to give back."""


class AlwaysSilent(_ReferenceSystem):
    """Never says or does anything."""

    def _output(self, chunk: int) -> Output:
        return Output(SILENCE)


class AlwaysSpeaking(_ReferenceSystem):
    """Never stops: speech in every chunk, and every call of `calls` in every chunk."""

    def __init__(self, calls: Sequence[tuple[str, dict[str, str | int | float]]] = ()) -> None:
        super().__init__()
        self._calls = calls

    def _output(self, chunk: int) -> Output:
        return Output(TONE, calls=tuple(LoggedCall(*call, chunk, chunk) for call in self._calls))


class Oracle(_ReferenceSystem):
    """Does what is right in the first chunk that is not before its time; or `late` chunks after that.

    It takes the cases one after the other, in the order in which they are played.
    """

    def __init__(self, cases: Iterable[Case], *, late: int = 0) -> None:
        super().__init__()
        self._cases, self._late = iter(cases), late

    def reset(self, toolset: str) -> None:
        super().reset(toolset)
        self._case = next(self._cases)

    def _at(self, t_s: float) -> int:
        return chunk_after(t_s) + self._late

    def _output(self, chunk: int) -> Output:
        case, at = self._case, self._case.anchors
        if case.scenario == "interrupt":
            return Output(SILENCE if chunk >= self._at(at["interrupt_s"]) else TONE)
        if case.scenario == "backchannel":
            named = chunk == self._at(at["backchannel_end_s"])
            return Output(TONE, ("backchannel",) if named else ())
        if case.is_tool:
            return Output(SILENCE, calls=self._due(chunk))
        return Output(TONE if chunk >= self._at(at["user_end_s"]) else SILENCE)

    def _due(self, chunk: int) -> tuple[LoggedCall, ...]:
        due = [each for each in self._case.wanted if self._at(each.offset_s) == chunk]
        return tuple(LoggedCall(each.function, each.arguments, chunk, chunk) for each in due)


class TruthReplay(_ReferenceSystem):
    """Does what the cases' own truth has an assistant do, one case after the other."""

    def __init__(self, cases: Iterable[Case]) -> None:
        super().__init__()
        self._cases = iter(cases)

    def reset(self, toolset: str) -> None:
        super().reset(toolset)
        truth = next(self._cases).truth
        assert truth is not None, "a case that was made"
        self._truth = truth

    def _output(self, chunk: int) -> Output:
        speaks = chunk < len(self._truth.speech) and self._truth.speech[chunk]
        return Output(
            TONE if speaks else SILENCE,
            tuple(label for at, label in self._truth.labels if at == chunk),
            tuple(call for call in self._truth.calls if call.closed == chunk),
        )
