"""What closes the gap between voices that were trained on and voices that were not.

    nice make bench-ablations ARGS="--steps 200 --seeds 0 1"

For each variant the front end with its phone head is trained on lines of the corpus, with the same steps
and as many scenarios for all (but "eight times the scenarios"), and judged by the share of 40 ms frames of
speech whose phone it gets wrong: on trained voices (other sentences), on held-out espeak-ng variants, on
the held-out flite voice, on both in rooms and noise, and with --human-like on the held-out voices of such a
tier. It starts from nothing; the speech embedding from its published weights, which are fetched. Each is
judged twice: the last weights, and the mean of the last quarter's. Rows go to --out, and what is there is
not done again. One thread. The last line is one JSON object.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from benchmarks.frame_phones import Sounds, judged, phone_error, placed, stacked, trained
from benchmarks.machine import machine
from torch import Tensor

from duplexsla.clock import CHUNK_S
from duplexsla.model.config import FrontEndKind
from duplexsla_lab.data.acoustics.channel import degraded
from duplexsla_lab.data.shards import Shards
from duplexsla_lab.data.spoken_scenario import SpokenScenario, from_row
from duplexsla_lab.data.timeline.timeline import SpokenLine
from duplexsla_lab.data.voices.voices import TRAIN_VARIANTS
from duplexsla_lab.training.duplex.augmentation import noisy, warped
from duplexsla_lab.training.duplex.batches import BABBLERS, DEGRADED_SHARE
from duplexsla_lab.training.duplex.run import Recipe

SHARDS = 40  # of the training side; the last is judged on
SCENARIOS = 1_500  # of every variant: as many as the narrowest has
ESPEAK_SHARE = 0.75  # of them
FEW = (*random.Random(0).sample(TRAIN_VARIANTS, 6), "slt")
CHUNKS = 16  # of a training window
LEAD_S = 0.5  # most silence before a line
MEAN_SHARE = 0.25  # of the steps whose weights are averaged
JUDGED = 80  # scenarios of the trained voices, and at most of each held-out list
LISTS = ("trained voices", "held espeak", "held flite", "held, degraded")
HUMAN_LIKE = "human-like"  # held-out voices, of a tier of the corpus
Test = Callable[[Mapping[str, Any]], bool]


def narrow(voice: Mapping[str, Any]) -> bool:
    """Less than half of each range that voices are drawn from (data/voices.py)."""
    if not 0.94 <= voice["warp"] <= 1.08:
        return False
    if voice["synthesizer"] == "flite":
        return 0.85 <= float(voice["stretch"]) <= 1.15
    return 145 <= voice["rate_wpm"] <= 195 and 30 <= voice["pitch"] <= 70


def few(voice: Mapping[str, Any]) -> bool:
    return variant_of(voice) in FEW


def variant_of(voice: Mapping[str, Any]) -> str:
    return str(voice["name"]).split("+")[-1]


@dataclass(frozen=True, slots=True)
class Variant:
    """What is trained on, and what is done to it."""

    voices: Test = lambda voice: True
    scenarios: int = SCENARIOS
    rooms: float = 0.0  # share of the lines
    noise: bool = False  # in the mel domain, with masks
    tract: bool = False
    front_end: FrontEndKind = "mel"
    frozen: bool = False  # the speech embedding

    def change(self, mels: Tensor, *, generator: torch.Generator) -> Tensor:
        mels = warped(mels, generator) if self.tract else mels
        return noisy(mels, generator) if self.noise else mels


ROOMS = DEGRADED_SHARE
VARIANTS = {
    "all voices, wide": Variant(),
    "7 voices": Variant(few),
    "+ vocal tract": Variant(tract=True),
    "+ mel noise, masks": Variant(noise=True),
    "+ rooms, channels, noise": Variant(rooms=ROOMS),
    "narrow ranges": Variant(narrow),
    "+ mel noise + rooms": Variant(noise=True, rooms=ROOMS),
    "+ all three": Variant(noise=True, rooms=ROOMS, tract=True),
    "eight times the scenarios": Variant(scenarios=8 * SCENARIOS),
    "eight times + all three": Variant(scenarios=8 * SCENARIOS, noise=True, rooms=ROOMS, tract=True),
    "speech embedding, frozen": Variant(noise=True, rooms=ROOMS, front_end="speech_embedding", frozen=True),
    "speech embedding, tuned": Variant(noise=True, rooms=ROOMS, front_end="speech_embedding"),
}


class Corpus:
    """The training side but for its last shards, and what is judged on."""

    def __init__(self, folder: Path, human_like: Path | None) -> None:
        *self._train, last = Shards(folder, "train").shards[:SHARDS]
        rows = (
            (s, i, shard.row(i)["voice"]) for s, shard in enumerate(self._train) for i in range(len(shard))
        )
        self._places = list(rows)
        held = [from_row(*item) for item in Shards(folder, "voices")]
        seen = [from_row(last.row(i), last.samples(i)) for i in range(min(JUDGED, len(last)))]
        groups = {
            "trained voices": seen,
            "held espeak": [each for each in held if each.voice["synthesizer"] == "espeak"][:JUDGED],
            "held flite": [each for each in held if each.voice["synthesizer"] == "flite"][:JUDGED],
        }
        lines = {name: [line for each in group for line in each.lines] for name, group in groups.items()}
        lines["held, degraded"] = [
            in_a_room(line, np.random.default_rng(i), seen)
            for i, line in enumerate(lines["held espeak"][::2] + lines["held flite"][::2])
        ]
        if human_like is not None:
            held_human = Shards(human_like, "human")
            lines[HUMAN_LIKE] = [line for item in held_human for line in from_row(*item).lines]
        self.lists = {name: judged(each) for name, each in lines.items()}

    def scenario(self, place: tuple[int, int]) -> SpokenScenario:
        shard, index = self._train[place[0]], place[1]
        return from_row(shard.row(index), shard.samples(index))

    def chosen(self, variant: Variant, seed: int) -> list[tuple[int, int]]:
        """(shard, index) of scenarios of its voices, three quarters of them espeak-ng's."""
        rng, found = random.Random(seed), []
        for synthesizer, share in (("espeak", ESPEAK_SHARE), ("flite", 1 - ESPEAK_SHARE)):
            fit = [
                (shard, i)
                for shard, i, voice in self._places
                if voice["synthesizer"] == synthesizer and variant.voices(voice)
            ]
            found += rng.sample(fit, min(len(fit), int(share * variant.scenarios)))
        return found

    def batches(self, variant: Variant, *, seed: int, size: int) -> Iterator[Sounds]:
        """Endless; each line after some silence, `size` to a batch."""
        places, rng = self.chosen(variant, seed), np.random.default_rng(seed)
        while True:
            drawn = [self.scenario(places[int(i)]) for i in rng.integers(len(places), size=size)]
            lines = [each.lines[rng.integers(len(each.lines))] for each in drawn]
            heard = [in_a_room(x, rng, drawn) if rng.random() < variant.rooms else x for x in lines]
            yield stacked([placed(line, rng.uniform(0, LEAD_S), CHUNKS) for line in heard])


def in_a_room(line: SpokenLine, rng: np.random.Generator, others: Sequence[SpokenScenario]) -> SpokenLine:
    babblers = [others[int(i)].lines[0].samples for i in rng.integers(len(others), size=BABBLERS)]
    return SpokenLine(line.line, degraded(line.samples, rng, others=babblers), line.words, line.phones)


def row_of(corpus: Corpus, name: str, recipe: Recipe) -> dict[str, Any]:
    """Trains a variant and judges it; errors in percent."""
    variant, began_s = VARIANTS[name], time.process_time()
    batches = corpus.batches(variant, seed=recipe.seed, size=recipe.batch_size)
    fronts = trained(
        batches,
        recipe,
        variant.change,
        averaged_share=MEAN_SHARE,
        kind=variant.front_end,
        frozen=variant.frozen,
    )
    last, mean = (
        {name: round(100 * phone_error(front, sounds), 2) for name, sounds in corpus.lists.items()}
        for front in fronts
    )
    cpu_s = round(time.process_time() - began_s, 1)
    return {**key_of(name, recipe), "last": last, "mean": mean, "cpu_s": cpu_s}


def key_of(name: str, recipe: Recipe) -> dict[str, Any]:
    return {"variant": name, "seed": recipe.seed, "steps": recipe.steps, "batch": recipe.batch_size}


def rows_at(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def table(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Prints means over the seeds, and how far they lie apart; returns them."""
    figures: dict[str, dict[str, Any]] = {}
    lists = list(rows[0]["last"]) if rows else []
    rows = [row for row in rows if list(row["last"]) == lists]
    print(f"\n{'wrong phones, %':28}" + "".join(f"{name:>17}" for name in lists) + "   mean of weights")
    for name in VARIANTS:
        mine = [row for row in rows if row["variant"] == name]
        if not mine:
            continue
        errors = {w: np.array([[row[w][k] for k in lists] for row in mine]) for w in ("last", "mean")}
        centre, spread = errors["last"].mean(0), np.ptp(errors["last"], axis=0)
        gain = (errors["mean"] - errors["last"]).mean(0)
        figures[name] = {
            k: [round(float(c), 2), round(float(s), 2), round(float(g), 2)]
            for k, c, s, g in zip(lists, centre, spread, gain, strict=True)
        }
        cells = "".join(f"{c:10.1f} +-{s / 2:4.1f}" for c, s in zip(centre, spread, strict=True))
        print(f"{name:28}{cells}   " + " ".join(f"{g:+.2f}" for g in gain))
    return figures


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, default=Path("build/corpus"))
    parser.add_argument("--human-like", type=Path, help="folder of a tier of human-like voices")
    parser.add_argument("--out", type=Path, default=Path("build/ablations.jsonl"))
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=16, help="lines of a step")
    return parser.parse_args()


def main() -> None:
    args = parse()
    torch.set_num_threads(1)
    began_s, corpus = time.process_time(), None
    for seed in args.seeds:
        for name in args.variants:
            recipe = Recipe(steps=args.steps, batch_size=args.batch, seed=seed)
            if any(key_of(name, recipe).items() <= row.items() for row in rows_at(args.out)):
                continue
            corpus = corpus or Corpus(args.corpus, args.human_like)
            row = row_of(corpus, name, recipe)
            with args.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)
    settings = {"steps": args.steps, "batch": args.batch}
    rows = [row for row in rows_at(args.out) if settings.items() <= row.items()]
    errors = table(rows)
    cpu_min = round((time.process_time() - began_s) / 60, 1)
    window_s = round(CHUNKS * CHUNK_S, 2)
    print(json.dumps({**settings, "window_s": window_s, "errors": errors, "cpu_min": cpu_min, **machine()}))


if __name__ == "__main__":
    main()
