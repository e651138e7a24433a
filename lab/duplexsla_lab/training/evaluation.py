"""Evaluates how a model listens and speaks, on single requests that are held out, by the serving engine.

    python -m duplexsla_lab.training.evaluation --kinds voices combinations phrasings --count 300 --listen
    python -m duplexsla_lab.training.evaluation --corpus FOLDER --kinds human    # human-like voices

Each request is one session, chunk by chunk; once a call closes its outcome is injected, and the spoken reply
is what follows. Exact means: one call, the right function, every argument equal. `duplexsla bench` evaluates
all that a duplex model does; this adds the words: transcripts by voice group, early responses to hesitant
speech, and with --listen how well pocketsphinx understands the replies, beside the codec's round trip.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla.engine.checkpoint import load_engine
from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.model.codec_file import load_codec
from duplexsla.protocol.action_parser import ActionParser, LabelEvent, ToolCall, Transcript
from duplexsla.protocol.tokens import TTS_PAD, VAD_SILENCE
from duplexsla.report.percentile import percentile
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.scenarios.scenario import ScenarioAction, ScenarioLine
from duplexsla_lab.data.shards import Shards
from duplexsla_lab.data.speaking import AssistantVoice
from duplexsla_lab.data.spoken_scenario import SpokenScenario, from_row
from duplexsla_lab.data.timeline.timeline import SpokenLine
from duplexsla_lab.data.voices.user_speech import Synthesizers
from duplexsla_lab.training.codec.evaluation import edit_distance
from duplexsla_lab.training.intelligibility import ReplyIntelligibility, recognizer_of

LEAD_S = 0.4
TAIL_CHUNKS = 45  # of silence after the request: the call, its outcome and the reply
OUTCOME_CHUNKS = 1  # between a call's end and its outcome


@dataclass(slots=True)
class RequestOutcome:
    """What one session did. Times in seconds after the end of the user's last word."""

    spoken: SpokenScenario
    transcript: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    label_s: float | None = None
    said: str = ""
    sound: list[NDArray[np.int16]] = field(default_factory=list)

    @property
    def line(self) -> ScenarioLine:
        return self.spoken.lines[0].line

    @property
    def expected(self) -> ScenarioAction:
        return self.line.calls[0]

    @property
    def end_s(self) -> float:
        return LEAD_S + self.spoken.lines[0].words[-1][1]

    @property
    def exact(self) -> bool:
        return [(call.function, call.arguments) for call in self.calls] == [
            (self.expected.name, self.expected.arguments)
        ]

    @property
    def right_function(self) -> bool:
        return [call.function for call in self.calls] == [self.expected.name]

    @property
    def group(self) -> str:
        """The synthesizer, and of flite the voice: the held-out ones differ in kind."""
        voice = self.spoken.voice
        name = str(voice["synthesizer"])
        return f"flite {voice['name']}" if name == "flite" else name


def requests(folder: Path, kind: str, count: int) -> list[SpokenScenario]:
    """Up to `count` scenarios of one request with one call, hesitant or not."""
    found: list[SpokenScenario] = []
    for row, samples in Shards(folder, kind):
        spoken = from_row(row, samples)
        if len(spoken.lines) == 1 and len(spoken.scenario.calls) == 1 and len(found) < count:
            found.append(spoken)
    return found


def _chunks(line: SpokenLine) -> list[NDArray[np.int16]]:
    samples = np.concatenate([np.zeros(int(LEAD_S * SAMPLE_RATE), np.int16), pcm(line.samples)])
    count = -(-len(samples) // CHUNK_SAMPLES) + TAIL_CHUNKS
    return list(np.pad(samples, (0, count * CHUNK_SAMPLES - len(samples))).reshape(count, CHUNK_SAMPLES))


class RequestSession:
    """One session of the engine with one request."""

    def __init__(self, spoken: SpokenScenario) -> None:
        self.outcome, self.chunks = RequestOutcome(spoken), _chunks(spoken.lines[0])
        self._parser, self._outcome_at = ActionParser.named(spoken.scenario.toolset), -1

    def forced(self, chunk: int) -> str:
        return self.outcome.expected.outcome if chunk == self._outcome_at else ""

    def take(self, chunk: int, output: StepOutput) -> None:
        outcome = self.outcome
        outcome.sound.append(output.samples)
        outcome.said += "" if output.anchor in (VAD_SILENCE, TTS_PAD) else output.anchor
        for event in self._parser.push(chunk, output.action):
            if isinstance(event, Transcript):
                outcome.transcript += event.text
            elif isinstance(event, LabelEvent) and outcome.label_s is None:
                outcome.label_s = (chunk + 1) * CHUNK_S - outcome.end_s
            elif isinstance(event, ToolCall):
                outcome.calls.append(event)
                self._outcome_at = chunk + OUTCOME_CHUNKS


def run_requests(engine: Engine, spoken: Sequence[SpokenScenario]) -> list[RequestOutcome]:
    """Runs the sessions side by side, as many as there are requests."""
    sessions = [RequestSession(each) for each in spoken]
    for session, request in enumerate(spoken):
        engine.open(session + 1, request.scenario.toolset)
    for chunk in range(max(len(each.chunks) for each in sessions)):
        live = [(i, each) for i, each in enumerate(sessions) if chunk < len(each.chunks)]
        inputs = [StepInput(i + 1, each.chunks[chunk], each.forced(chunk)) for i, each in live]
        for (_, each), output in zip(live, engine.step(inputs), strict=True):
            each.take(chunk, output)
    for session in range(len(spoken)):
        engine.close(session + 1)
    return [each.outcome for each in sessions]


def word_error_rate(outcomes: Sequence[RequestOutcome]) -> float:
    pairs = [(each.line.words, each.transcript.split()) for each in outcomes]
    errors = sum(edit_distance(got, said) for said, got in pairs)
    return round(errors / max(1, sum(len(said) for said, _ in pairs)), 3)


def early_share(outcomes: Sequence[RequestOutcome]) -> float:
    """Share of those that were answered before the user's end."""
    labels = [each.label_s for each in outcomes if each.label_s is not None]
    return round(sum(label_s < 0 for label_s in labels) / max(1, len(labels)), 3)


def figures(outcomes: Sequence[RequestOutcome]) -> dict[str, Any]:
    """Shares and percentiles over sessions."""
    closed = [(each.calls[0].closed_chunk + 1) * CHUNK_S - each.end_s for each in outcomes if each.calls]
    hesitant = [each for each in outcomes if each.line.pauses]
    groups = sorted({each.group for each in outcomes})
    return {
        "requests": len(outcomes),
        "function": round(np.mean([each.right_function for each in outcomes]), 3),
        "exact": round(np.mean([each.exact for each in outcomes]), 3),
        "transcript_wer": word_error_rate(outcomes),
        "wer_by_voice": {
            group: word_error_rate([h for h in outcomes if h.group == group]) for group in groups
        },
        "early_response": early_share(outcomes),
        "early_when_hesitant": {"requests": len(hesitant), "share": early_share(hesitant)},
        "call_s": [round(percentile(closed or [0.0], rank), 2) for rank in (10, 50, 90)],
    }


def reply_intelligibility(outcomes: Sequence[RequestOutcome], model: Path) -> dict[str, Any]:
    """What pocketsphinx recognises of the replies to exactly understood requests."""
    said = [each for each in outcomes if each.exact and each.said]
    voice = AssistantVoice(Synthesizers(), load_codec(model, with_encoder=True))
    intelligibility = ReplyIntelligibility(voice, recognizer_of([each.said for each in said]))
    for each in tqdm(said, desc="listening", unit="reply"):
        intelligibility.add(each.said.strip(), np.concatenate(each.sound))
    return {"replies": len(said), **intelligibility.row()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, default=Path("build/corpus"))
    parser.add_argument("--model", type=Path, default=Path("model_repository/duplexsla/1"))
    parser.add_argument("--kinds", nargs="+", default=["voices", "combinations", "phrasings"])
    parser.add_argument("--count", type=int, default=300, help="requests of each kind")
    parser.add_argument("--side-by-side", type=int, default=50, help="sessions decoded in one batch")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--listen", action="store_true", help="let pocketsphinx listen to the replies")
    parser.add_argument("--show", type=int, default=0, help="print this many wrong ones of each kind")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    engine = load_engine(args.model, slots=args.side_by_side)
    report = {}
    for kind in args.kinds:
        spoken, outcomes = requests(args.corpus, kind, args.count), []
        for start in tqdm(range(0, len(spoken), args.side_by_side), desc=kind, unit="batch"):
            outcomes += run_requests(engine, spoken[start : start + args.side_by_side])
        report[kind] = figures(outcomes)
        if args.listen:
            report[kind]["understood"] = reply_intelligibility(outcomes, args.model)
        print(kind, json.dumps(report[kind]))
        for each in [each for each in outcomes if not each.exact][: args.show]:
            got = [(call.function, call.arguments) for call in each.calls]
            wanted = (each.expected.name, each.expected.arguments)
            print(f"  {each.line.said} -> {each.transcript.strip()} | {wanted} -> {got}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
