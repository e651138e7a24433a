"""One case, one system, one conversation: stages 1 and 2 of table 4."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES
from duplexsla_lab.bench.case import Case, CaseError, Samples
from duplexsla_lab.bench.event_log import EventLog
from duplexsla_lab.bench.results import CaseResult
from duplexsla_lab.bench.system_interface import Output, System
from duplexsla_lab.bench.voice_activity import Detector

# Silence after the user's audio: 3 s in which a call is legal, and time for the last one to be written out.
TAIL_S = 5.0


@dataclass(frozen=True, slots=True)
class PlaySettings:
    """How every case of a run is played."""

    prefill: bool = False
    tail_s: float = TAIL_S
    detector: Detector = field(default_factory=Detector)

    def row(self) -> dict[str, Any]:
        """What of it changes a figure, as JSON; `prefill` is reported by itself."""
        return {"tail_s": self.tail_s, "detector": asdict(self.detector)}


class Heartbeat:
    """What a conversation waits for, for its watchdog; `beat` is called before each wait."""

    def beat(self, doing: str) -> None: ...


def into_chunks(samples: Samples, *, tail_s: float = 0.0) -> NDArray[np.int16]:
    """int16 [N] -> [K, 2560]: whole chunks, the last one filled up, and at least `tail_s` of silence."""
    count = -(-len(samples) // CHUNK_SAMPLES) + int(np.ceil(tail_s / CHUNK_S - 1e-9))
    return np.pad(samples, (0, count * CHUNK_SAMPLES - len(samples))).reshape(count, CHUNK_SAMPLES)


def history_chunks(turns: list[Samples]) -> Iterator[Samples]:
    """The chunks of a history's audio, for systems that take a history by hearing it."""
    for samples in turns:
        yield from into_chunks(samples)


def converse(case: Case, system: System, settings: PlaySettings, heartbeat: Heartbeat) -> CaseResult:
    """Plays the case, to the end of the conversation. Raises whatever the system raises, and CaseError."""
    return play_case(case, system, settings, heartbeat)[0]


def play_case(
    case: Case, system: System, settings: PlaySettings, heartbeat: Heartbeat
) -> tuple[CaseResult, Samples]:
    """The result, and what the assistant was heard to say from the case's first chunk on."""
    heard = into_chunks(case.samples(), tail_s=settings.tail_s)
    try:
        outputs = list(_stream(case, system, settings, heartbeat, heard))
        heartbeat.beat("close")
    finally:
        system.close()
    heartbeat.beat("")
    sound = np.concatenate([output.sound for output in outputs])
    return _result(case, outputs, sound, settings), sound


def _stream(
    case: Case, system: System, settings: PlaySettings, heartbeat: Heartbeat, heard: NDArray[np.int16]
) -> Iterator[Output]:
    heartbeat.beat("reset")
    system.reset(case.toolset)
    if settings.prefill:
        heartbeat.beat("prefill")
        system.prefill(case.history)
    for chunk, samples in enumerate(heard):
        heartbeat.beat(f"step {chunk}")
        output = system.step(samples)
        if output.sound.shape != (CHUNK_SAMPLES,):
            raise CaseError(f"step {chunk} gave sound of shape {output.sound.shape}, not ({CHUNK_SAMPLES},)")
        yield output


def _result(case: Case, outputs: list[Output], sound: Samples, settings: PlaySettings) -> CaseResult:
    log = EventLog(
        speech=settings.detector.chunks(sound),
        labels=[(chunk, label) for chunk, output in enumerate(outputs) for label in output.labels],
        calls=[call for output in outputs for call in output.calls],
    )
    return CaseResult(
        case.id,
        log,
        transcript="".join(output.transcript for output in outputs).strip(),
        said="".join(output.said for output in outputs).strip(),
    )
