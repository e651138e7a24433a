"""Makes the corpus: packed shards of spoken scenarios, and of the assistant's sentences.

    python -m duplexsla_lab.data.corpus --out build/corpus --scenarios 30000 --workers 2
    python -m duplexsla_lab.data.corpus --human-like 3                  # hours of Kokoro's and Pico's voices
    python -m duplexsla_lab.data.corpus --out build/corpus --check      # every shard against the manifest

Kinds of shards: "train"; "voices", "combinations" and "phrasings" (held-out voices, all three, saying trained
texts, new argument combinations, new phrasings); "replies" (what the assistant says in any of them). A tier
of human-like voices has "train-human", which is read with "train", and "human", the held-out ones of them;
without --out it lies below ~/.cache/duplexsla/train, in a folder named after what it says. It may be read as
it grows, and more hours go on where fewer ended.

One seed makes one corpus, on any number of workers: every shard is made by a process of its own. A shard that
is there is kept, so an interrupted run goes on where it stopped. `manifest.json` holds seed, mixture, counts
per family, hours, and a hash of every shard; each utterance's row holds the hash of its samples.
"""

import argparse
import hashlib
import json
import math
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import ActionRefused, CorpusError
from duplexsla.runtime.checkout import CACHE
from duplexsla.tools import TOOLSETS, Toolset, toolset
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.scenarios.families import scenario_of_split, taught
from duplexsla_lab.data.scenarios.scenario import Scenario
from duplexsla_lab.data.shards import ShardContents, Shards, described, write_shard
from duplexsla_lab.data.speaking import SynthesisFailed, speak_in_one_voice, speak_words
from duplexsla_lab.data.spoken_scenario import SpokenScenario, sample_hash, to_row
from duplexsla_lab.data.voices.human_like import draw_human_like
from duplexsla_lab.data.voices.reply_voice import ASSISTANT
from duplexsla_lab.data.voices.user_speech import Synthesizers
from duplexsla_lab.data.voices.voices import draw_voice

SHARD_SIZE = 500
HUMAN_SHARD_SIZE = 100  # some minutes of one core
HELD_OUT_SPLITS = ("voices", "combinations", "phrasings")
HUMAN_KINDS = {"human": "voices", "train-human": "train"}  # kind -> split of its texts
TOOLSET_SHARES = {"home": 0.45, "car": 0.55}
HUMAN_TOOLSET_SHARES = {"home": 0.8, "car": 0.2}
FAMILY_SHARES = {
    "single": 0.34,
    "multi": 0.14,
    "pause": 0.14,
    "dialogue": 0.10,
    "backchannel": 0.07,
    "backchannel_action": 0.12,
    "interrupt": 0.09,
}
"""Of the scenarios, not of the hours: requests have the most to tell apart."""
HOME_2_SHARES = {
    "single": 0.22,
    "multi": 0.07,
    "shared_verb": 0.03,
    "pause": 0.09,
    "dialogue": 0.06,
    "backchannel": 0.05,
    "backchannel_action": 0.07,
    "interrupt": 0.06,
    "nothing": 0.08,
    "cannot": 0.03,
    "correction": 0.05,
    "ambiguity": 0.03,
    "confirmation": 0.04,
    "follow_up": 0.05,
    "happening": 0.03,
    "people": 0.015,
    "television": 0.015,
    "echo": 0.01,
}
"""The same of a home in version 2."""

TAUGHT = "toolsets"  # in the manifest
Item = tuple[dict[str, Any], NDArray[np.int16]]


@dataclass(frozen=True, slots=True)
class CorpusPlan:
    """One shard to make."""

    kind: str  # "train", one of HELD_OUT_SPLITS or of HUMAN_KINDS, or "replies"
    index: int
    seed: int
    size: int = SHARD_SIZE
    texts: tuple[str, ...] = ()  # of replies
    home: int = 1  # version of the home's toolset that it teaches

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.index:04d}"

    @property
    def split(self) -> str:
        """Of its texts."""
        return HUMAN_KINDS.get(self.kind, self.kind)

    @property
    def human_like(self) -> bool:
        return self.kind in HUMAN_KINDS


def draw(
    rng: random.Random, split: str, toolsets: Mapping[str, float] = TOOLSET_SHARES, *, home: int = 1
) -> Scenario:
    """A random scenario of a split, by the shares above; the home in that version of its toolset."""
    while True:
        family = rng.choices(list(FAMILY_SHARES), list(FAMILY_SHARES.values()))[0]
        toolset = rng.choices(list(toolsets), list(toolsets.values()))[0]
        if toolset == "home" and home > 1:
            toolset = taught(toolset, home)
            family = rng.choices(list(HOME_2_SHARES), list(HOME_2_SHARES.values()))[0]
        try:
            return scenario_of_split(rng, toolset=toolset, family=family, split=split)
        except ValueError:
            continue  # small talk has no combinations


def scenario_items(plan: CorpusPlan, synthesizers: Synthesizers) -> Iterator[Item]:
    rng, made = random.Random(f"{plan.seed}-{plan.name}"), 0
    toolsets = HUMAN_TOOLSET_SHARES if plan.human_like else TOOLSET_SHARES
    voices = draw_human_like if plan.human_like else draw_voice
    while made < plan.size:
        drawn = draw(rng, plan.split, toolsets, home=plan.home)
        try:
            voice, lines = speak_in_one_voice(
                synthesizers, drawn, rng, held_out_voice=plan.split != "train", draw=voices
            )
        except SynthesisFailed:
            continue
        yield to_row(SpokenScenario(drawn, asdict(voice), tuple(lines)))
        made += 1


def reply_items(plan: CorpusPlan, synthesizers: Synthesizers) -> Iterator[Item]:
    for text in plan.texts:
        try:
            spoken = speak_words(synthesizers, tuple(text.split()), ASSISTANT)
        except SynthesisFailed:
            continue
        words = [(round(start, 3), round(end, 3), word) for start, end, word in spoken.words]
        samples = pcm(spoken.samples)
        yield {"reply": text, "words": words, "hash": sample_hash(samples)}, samples


def make_shard(plan: CorpusPlan, folder: Path) -> tuple[CorpusPlan, float]:
    """Makes one shard unless it is there; returns the CPU seconds that it took."""
    start_s = time.process_time()
    if not (folder / f"{plan.name}.jsonl").exists():
        items = reply_items if plan.kind == "replies" else scenario_items
        write_shard(folder, plan.name, items(plan, Synthesizers()))
    return plan, time.process_time() - start_s


def make(
    plans: Sequence[CorpusPlan], folder: Path, *, workers: int, what: str, until_s: float = math.inf
) -> float:
    """Makes shards side by side, with a progress bar; returns the CPU seconds of all. At `until_s` of
    time.monotonic no more are waited for: those under way leave nothing behind.
    """
    total = sum(len(plan.texts) or plan.size for plan in plans)
    cpu_s = 0.0
    with multiprocessing.Pool(workers, maxtasksperchild=1) as pool, tqdm(total=total, desc=what) as bar:
        for plan, seconds in pool.imap_unordered(partial(make_shard, folder=folder), plans):
            cpu_s += seconds
            bar.update(len(plan.texts) or plan.size)
            if time.monotonic() >= until_s:
                break
    return cpu_s


def plans_of(kind: str, count: int, seed: int, *, home: int = 1) -> list[CorpusPlan]:
    """`count` scenarios, in shards."""
    sizes = [SHARD_SIZE] * (count // SHARD_SIZE) + [count % SHARD_SIZE] * (count % SHARD_SIZE > 0)
    return [CorpusPlan(kind, i, seed, size, home=home) for i, size in enumerate(sizes)]


def make_human_like(
    folder: Path, hours: float, *, held: int, seed: int, workers: int, home: int = 1
) -> float:
    """The held-out scenarios of human-like voices, then shards for training until there are so many hours of
    them; returns the CPU seconds.
    """
    held_plans = [
        CorpusPlan("human", i, seed, min(HUMAN_SHARD_SIZE, held - i * HUMAN_SHARD_SIZE), home=home)
        for i in range(-(-held // HUMAN_SHARD_SIZE))
    ]
    cpu_s = make(held_plans, folder, workers=workers, what="human-like, held out") if held_plans else 0.0
    first = 0
    while (made := _hours(folder, "train-human")) < hours:
        plans = [
            CorpusPlan("train-human", i, seed, HUMAN_SHARD_SIZE, home=home)
            for i in range(first, first + workers)
        ]
        cpu_s += make(plans, folder, workers=workers, what=f"human-like, {made:.2f} of {hours:g} h")
        first += workers
    return cpu_s


def _hours(folder: Path, kind: str) -> float:
    samples = sum(int(shard.ends[-1]) for shard in Shards(folder, kind).shards if len(shard))
    return samples / SAMPLE_RATE / 3_600


def human_like_folder(seed: int, *, home: int = 1) -> Path:
    """Named after what is said, in which shares, by which seed: other texts make another corpus."""
    rng = random.Random("sample of the texts")
    drawn = (draw(rng, "train", HUMAN_TOOLSET_SHARES, home=home) for _ in range(300))
    texts = [line.said for each in drawn for line in each.lines]
    shares = FAMILY_SHARES if home == 1 else HOME_2_SHARES
    content = json.dumps([seed, HUMAN_TOOLSET_SHARES, shares, HUMAN_SHARD_SIZE, texts])
    return CACHE / "train" / f"human-like-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def sentences(folder: Path) -> list[str]:
    """All that the assistant says in any scenario, each once, the most frequent first."""
    counts: Counter[str] = Counter()
    for kind in ("train", *HELD_OUT_SPLITS, "human"):
        for row in Shards(folder, kind).rows():
            counts.update(text for each in row["lines"] for text in each["line"]["answer"])
    return [text for text, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def reply_plans(folder: Path, seed: int, limit: int) -> list[CorpusPlan]:
    """Shards of the sentences that have no sound yet."""
    shards = Shards(folder, "replies")
    said = {row["reply"] for row in shards.rows()}
    first = 1 + max((int(shard.name.split("-")[1]) for shard in shards.shards), default=-1)
    texts = [text for text in sentences(folder)[:limit] if text not in said]
    groups = [tuple(texts[i : i + SHARD_SIZE]) for i in range(0, len(texts), SHARD_SIZE)]
    return [CorpusPlan("replies", first + i, seed, len(group), group) for i, group in enumerate(groups)]


def manifest(folder: Path, seed: int, *, home: int = 1) -> dict[str, Any]:
    """What the corpus holds, and which version of each toolset it teaches."""
    shards, families, hours = {}, {}, {}
    for kind in ("train", *HELD_OUT_SPLITS, "human", "replies"):
        stored = Shards(folder, kind)
        written = [described(folder, shard.name) for shard in stored.shards]
        shards[kind] = [asdict(each) for each in written]
        families[kind] = dict(Counter(_family(row) for row in stored.rows()))
        hours[kind] = round(sum(each.samples for each in written) / SAMPLE_RATE / 3_600, 3)
    shares = {
        "families": FAMILY_SHARES,
        "families of the home": FAMILY_SHARES if home == 1 else HOME_2_SHARES,
        "toolsets": TOOLSET_SHARES,
        "human-like toolsets": HUMAN_TOOLSET_SHARES,
    }
    return {
        "seed": seed,
        TAUGHT: {"car": 1, "home": home},
        "shares": shares,
        "hours": hours,
        "hours of synthesizers": _synthesizer_hours(folder),
        "families": families,
        "shards": shards,
    }


def _synthesizer_hours(folder: Path) -> dict[str, float]:
    """Of training."""
    samples: Counter[str] = Counter()
    for row in Shards(folder, "train").rows():
        samples[row["voice"]["synthesizer"]] += row["num_samples"]
    return {name: round(count / SAMPLE_RATE / 3_600, 3) for name, count in sorted(samples.items())}


def _family(row: dict[str, Any]) -> str:
    return f"{row['toolset']} {row['family']}" if "family" in row else "replies"


def taught_toolsets(folder: Path) -> dict[str, Toolset]:
    """By name, in the versions that the corpus teaches; without a manifest, version 1. Raises CorpusError."""
    path = folder / "manifest.json"
    try:
        versions = json.loads(path.read_text("utf-8")).get(TAUGHT, {}) if path.exists() else {}
        return {name: toolset(name, versions.get(name, 1)) for name in TOOLSETS}
    except (OSError, ValueError, ActionRefused) as error:
        raise CorpusError(f"{path} cannot be read: make the corpus ({error})") from error


def check(folder: Path) -> int:
    """Reads every shard against the manifest; returns their number. Raises CorpusError."""
    try:
        shards = json.loads((folder / "manifest.json").read_text("utf-8"))["shards"]
    except (OSError, ValueError, KeyError) as error:
        raise CorpusError(f"{folder} has no manifest that can be read: make the corpus ({error})") from error
    expected = [ShardContents(**each) for group in shards.values() for each in group]
    for each in tqdm(expected, desc="checking", unit="shard"):
        if described(folder, each.name) != each:
            raise CorpusError(
                f"shard {each.name} is not what the manifest says: delete its files, make again"
            )
    return len(expected)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="folder of the shards (default: build/corpus)")
    parser.add_argument("--human-like", type=float, metavar="HOURS", help="of Kokoro and Pico for training")
    parser.add_argument(
        "--scenarios",
        type=int,
        help="training scenarios of espeak-ng and flite (default: 30,000; of a tier 0)",
    )
    parser.add_argument("--held", type=int, default=400, help="scenarios of each held-out kind")
    parser.add_argument("--replies", type=int, default=20_000, help="most sentences of the assistant")
    parser.add_argument("--home", type=int, choices=(1, 2), default=1, help="version of the home's toolset")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="check the shards that are there, make none")
    args = parser.parse_args()
    if args.scenarios is None:
        args.scenarios = 30_000 if args.human_like is None else 0
    if args.out is None:
        args.out = (
            Path("build/corpus") if args.human_like is None else human_like_folder(args.seed, home=args.home)
        )
    return args


def make_all(args: argparse.Namespace) -> float:
    """Returns the CPU seconds."""
    cpu_s, workers = 0.0, args.workers
    if args.human_like is not None:
        cpu_s += make_human_like(
            args.out, args.human_like, held=args.held, seed=args.seed, workers=args.workers, home=args.home
        )
    if args.scenarios:
        counts = {**dict.fromkeys(HELD_OUT_SPLITS, args.held), "train": args.scenarios}
        plans = [each for kind in counts for each in plans_of(kind, counts[kind], args.seed, home=args.home)]
        cpu_s += make(plans, args.out, workers=workers, what="scenarios")
    replies = reply_plans(args.out, args.seed, args.replies)
    return cpu_s + make(replies, args.out, workers=workers, what="replies")


def end_workers_when_ended() -> None:
    """SIGTERM ends this process so that it ends its workers: they would go on writing. Workers end by it as
    processes do, also by one that comes while they are forked; a handler of Python's would lose that.
    """
    ends = {signal.SIGTERM}

    def in_worker() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, ends),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, ends),
        after_in_child=in_worker,
    )


def main() -> None:
    end_workers_when_ended()
    args = parse()
    if args.check:
        print(json.dumps({"shards": check(args.out)}))
        return
    args.out.mkdir(parents=True, exist_ok=True)
    print(args.out, flush=True)
    cpu_s = make_all(args)
    contents = manifest(args.out, args.seed, home=args.home)
    (args.out / "manifest.json").write_text(json.dumps(contents, indent=1) + "\n", "utf-8")
    total = sum(contents["hours"].values())
    print(
        json.dumps(
            {"hours": contents["hours"], "cpu_minutes": round(cpu_s / 60, 1), "total_hours": round(total, 2)}
        )
    )


if __name__ == "__main__":
    main()
