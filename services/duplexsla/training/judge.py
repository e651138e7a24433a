"""Judges a model on voices, combinations and phrasings that training never saw, through the serving engine.

    python -m duplexsla.training.judge --kinds voices combinations phrasings --count 300

Each request is one session of the engine, chunk by chunk; once a call closes its outcome is fed in, and the
spoken reply is what follows. Exact means: one call, the right function, every argument equal.
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
from duplexsla.data.requests import Row, read_rows
from duplexsla.engine.checkpoint import load_engine
from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.protocol.action_parser import ActionParser
from duplexsla.protocol.events import LabelEvent, ToolCall, Transcript
from duplexsla.protocol.tokens import TTS_PAD, VAD_SILENCE
from duplexsla.training.codec_judge import Recognizer, edit_distance

LEAD_S = 0.4
AUDIBLE = 0.01  # of full scale
TAIL_CHUNKS = 45  # of silence after the request: the call, its outcome and the reply
OUTCOME_CHUNKS = 1  # between a call's end and its outcome


@dataclass(slots=True)
class Heard:
    """What one session did. Times in seconds after the end of the user's last word."""

    row: Row
    transcript: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    label_s: float | None = None
    said: str = ""
    sound: list[NDArray[np.int16]] = field(default_factory=list)

    @property
    def end_s(self) -> float:
        return LEAD_S + float(self.row.meta["words"][-1][1])

    @property
    def wanted(self) -> tuple[str, dict[str, Any]] | None:
        meta = self.row.meta
        return (meta["function"], meta["arguments"]) if meta["function"] else None

    @property
    def exact(self) -> bool:
        return [(call.function, call.arguments) for call in self.calls] == (
            [self.wanted] if self.wanted else []
        )

    @property
    def right_function(self) -> bool:
        return [call.function for call in self.calls] == ([self.wanted[0]] if self.wanted else [])


def _chunks(row: Row) -> list[NDArray[np.int16]]:
    lead = np.zeros(int(LEAD_S * SAMPLE_RATE), np.int16)
    samples = np.concatenate([lead, row.samples])
    count = -(-len(samples) // CHUNK_SAMPLES) + TAIL_CHUNKS
    return list(np.pad(samples, (0, count * CHUNK_SAMPLES - len(samples))).reshape(count, CHUNK_SAMPLES))


class Listener:
    """Follows one session of the engine."""

    def __init__(self, row: Row) -> None:
        self.heard, self.chunks = Heard(row), _chunks(row)
        self._parser, self._outcome_at = ActionParser.named("home"), -1

    def forced(self, chunk: int) -> str:
        return self.heard.row.meta["outcome"] if chunk == self._outcome_at else ""

    def take(self, chunk: int, output: StepOutput) -> None:
        heard = self.heard
        heard.sound.append(output.samples)
        heard.said += "" if output.anchor in (VAD_SILENCE, TTS_PAD) else output.anchor
        for event in self._parser.push(chunk, output.action):
            if isinstance(event, Transcript):
                heard.transcript += event.text
            elif isinstance(event, LabelEvent) and heard.label_s is None:
                heard.label_s = (chunk + 1) * CHUNK_S - heard.end_s
            elif isinstance(event, ToolCall):
                heard.calls.append(event)
                self._outcome_at = chunk + OUTCOME_CHUNKS


def listen(engine: Engine, rows: Sequence[Row]) -> list[Heard]:
    """Runs the sessions side by side, as many as there are rows."""
    listeners = [Listener(row) for row in rows]
    for session in range(len(rows)):
        engine.open(session + 1, "home")
    for chunk in range(max(len(each.chunks) for each in listeners)):
        live = [(i, each) for i, each in enumerate(listeners) if chunk < len(each.chunks)]
        inputs = [StepInput(i + 1, each.chunks[chunk], each.forced(chunk)) for i, each in live]
        for (_, each), output in zip(live, engine.step(inputs), strict=True):
            each.take(chunk, output)
    for session in range(len(rows)):
        engine.close(session + 1)
    return [each.heard for each in listeners]


def _listened(heard: Sequence[Heard]) -> dict[str, float]:
    """What pocketsphinx, with a flat unigram over the replies' words, hears of what was said."""
    recognizer = Recognizer(sorted({word for each in heard for word in each.said.split()}))
    errors = words = 0
    for each in heard:
        sound = np.concatenate(each.sound).astype(np.float32) / 32_768
        loud = np.flatnonzero(np.abs(sound) > AUDIBLE)
        got = recognizer.words(sound[loud[0] : loud[-1] + 1]) if len(loud) else []
        errors, words = errors + edit_distance(got, each.said.split()), words + len(each.said.split())
    return {"reply_sound_wer": round(errors / max(1, words), 3), "replies_listened_to": len(heard)}


def figures(heard: Sequence[Heard], *, listen_to_replies: bool) -> dict[str, Any]:
    """Shares and percentiles over sessions."""
    calls = [each for each in heard if each.wanted]
    words = [(each.row.meta["words"], each.transcript.split()) for each in heard]
    errors = sum(edit_distance([word for *_, word in reference], got) for reference, got in words)
    labels = [each.label_s for each in heard if each.label_s is not None]
    closed = [(e.calls[0].closed_chunk + 1) * CHUNK_S - e.end_s for e in calls if e.calls]
    replies = [(each.row.meta["reply"].split(), each.said.split()) for each in heard if each.exact]
    reply_errors = sum(edit_distance(reference, said) for reference, said in replies)
    listened = _listened([each for each in heard if each.exact and each.said]) if listen_to_replies else {}
    return {
        "sentences": len(heard),
        "function": round(np.mean([each.right_function for each in calls]), 3),
        "exact": round(np.mean([each.exact for each in calls]), 3),
        "no_call_in_small_talk": round(np.mean([not e.calls for e in heard if not e.wanted] or [True]), 3),
        "transcript_wer": round(errors / sum(len(reference) for reference, _ in words), 3),
        "early_response": round(np.mean([s < 0 for s in labels]), 3),
        "response_s": [round(float(s), 2) for s in np.percentile(labels or [0], (10, 50, 90))],
        "call_s": [round(float(s), 2) for s in np.percentile(closed or [0], (10, 50, 90))],
        "reply_text_wer": round(reply_errors / max(1, sum(len(reference) for reference, _ in replies)), 3),
        **listened,
    }


def by_function(heard: Sequence[Heard]) -> dict[str, str]:
    names = sorted({each.wanted[0] for each in heard if each.wanted})
    groups = {name: [e.exact for e in heard if e.wanted and e.wanted[0] == name] for name in names}
    return {name: f"{sum(group)}/{len(group)}" for name, group in groups.items()}


def by_voice(heard: Sequence[Heard]) -> dict[str, str]:
    groups: dict[str, list[bool]] = {}
    for each in heard:
        voice = each.row.meta["voice"]
        groups.setdefault(f"{voice['synthesizer']} {voice['name'].split('+')[-1]}", []).append(each.exact)
    return {name: f"{sum(group)}/{len(group)}" for name, group in sorted(groups.items())}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, default=Path("build/corpus"))
    parser.add_argument("--model", type=Path, default=Path("model_repository/duplexsla/1"))
    parser.add_argument("--kinds", nargs="+", default=["voices", "combinations", "phrasings"])
    parser.add_argument("--count", type=int, default=300, help="sentences of each kind")
    parser.add_argument("--side-by-side", type=int, default=50, help="sessions decoded in one batch")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--listen", action="store_true", help="let pocketsphinx listen to the replies")
    parser.add_argument("--show", type=int, default=0, help="print this many wrong ones of each kind")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    engine = load_engine(args.model, slots=args.side_by_side)
    report = {}
    for kind in args.kinds:
        rows, heard = read_rows(args.corpus, kind)[: args.count], []
        for start in tqdm(range(0, len(rows), args.side_by_side), desc=kind, unit="batch"):
            heard += listen(engine, rows[start : start + args.side_by_side])
        report[kind] = figures(heard, listen_to_replies=args.listen)
        print(
            kind,
            json.dumps(report[kind]),
            json.dumps(by_function(heard)),
            json.dumps(by_voice(heard)),
            sep="\n  ",
        )
        for each in [each for each in heard if not each.exact][: args.show]:
            got = [(call.function, call.arguments) for call in each.calls]
            print(f"  {each.row.meta['said']} -> {each.transcript.strip()} | {each.wanted} -> {got}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
