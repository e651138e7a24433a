"""Makes the corpus: shards of spoken requests and replies. One seed, one corpus, whatever the workers.

    python -m duplexsla.data.corpus --out build/corpus --requests 24000 --workers 2

Each shard is a pair: NAME.npz (int16 samples end to end, with offsets) and NAME.jsonl (a line an utterance).
A shard that exists is kept, so an interrupted run goes on where it stopped. `manifest.json` lists them.
"""

import argparse
import json
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from duplexsla.clock import SAMPLE_RATE
from duplexsla.data.exchange import Exchange
from duplexsla.data.home_grammar import exchange
from duplexsla.data.reply_voice import ASSISTANT
from duplexsla.data.splits import held_combination, held_phrasing
from duplexsla.data.user_speech import Speakers, Utterance, speak_request, trimmed
from duplexsla.data.voices import draw_voice

SHARD_SIZE = 500
SPLITS = ("train", "voices", "combinations", "phrasings")
"""nothing; the voice; the voice and the argument combination; the voice and the phrasing."""


@dataclass(frozen=True, slots=True)
class Shard:
    kind: str  # a split's name, or "replies"
    index: int
    seed: int
    texts: tuple[str, ...] = ()  # of replies

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.index:04d}"


@cache
def speakers() -> Speakers:
    """The synthesizers of this process: their libraries can be initialised only once."""
    return Speakers()


def draw_exchange(rng: random.Random, split: str) -> Exchange:
    """A random exchange that belongs to the split."""
    while True:
        drawn = exchange(rng)
        combination, phrasing = (
            held_combination(drawn.function, drawn.arguments),
            held_phrasing(drawn.phrasing),
        )
        if split in ("train", "voices") and not combination and not phrasing:
            return drawn
        if (split == "combinations" and combination and not phrasing) or (split == "phrasings" and phrasing):
            return drawn


def request_rows(shard: Shard) -> Iterator[tuple[dict[str, object], NDArray[np.float32]]]:
    rng = random.Random(f"{shard.seed}-{shard.name}")
    for _ in range(SHARD_SIZE):
        drawn, voice = draw_exchange(rng, shard.kind), draw_voice(rng, held=shard.kind != "train")
        spoken = speak_request(speakers(), drawn.said, voice, rng)
        if spoken is not None:
            yield {**asdict(drawn), **_times(spoken), "voice": asdict(voice)}, spoken.samples


def reply_rows(shard: Shard) -> Iterator[tuple[dict[str, object], NDArray[np.float32]]]:
    for text in shard.texts:
        spoken = trimmed(speakers().say(text, ASSISTANT), warp=1.0)
        if spoken is not None:
            yield {"reply": text, **_times(spoken)}, spoken.samples


def _times(spoken: Utterance) -> dict[str, object]:
    return {
        "words": [(round(start, 3), round(end, 3), word) for start, end, word in spoken.words],
        "phones": [(round(start, 3), phone) for start, phone in spoken.phones],
    }


def write_shard(shard: Shard, folder: Path) -> tuple[str, int, float]:
    """Makes one shard unless it exists; returns its name, its number of utterances and its hours."""
    meta, audio = folder / f"{shard.name}.jsonl", folder / f"{shard.name}.npz"
    if not meta.exists():
        rows = list((reply_rows if shard.kind == "replies" else request_rows)(shard))
        pcm = [(samples.clip(-1, 1) * 32767).astype(np.int16) for _, samples in rows]
        ends = np.cumsum([len(p) for p in pcm])
        np.savez(audio, samples=np.concatenate(pcm), ends=ends)
        partial_file = meta.with_suffix(".partial")
        partial_file.write_text("".join(json.dumps(row) + "\n" for row, _ in rows))
        partial_file.replace(meta)
    ends = np.load(audio)["ends"]
    return shard.name, len(ends), float(ends[-1]) / SAMPLE_RATE / 3600


def make(shards: list[Shard], folder: Path, *, workers: int, what: str) -> list[tuple[str, int, float]]:
    with (
        ProcessPoolExecutor(workers) as pool,
        tqdm(total=len(shards) * SHARD_SIZE, desc=what, unit="utt") as bar,
    ):
        done = []
        for result in pool.map(partial(write_shard, folder=folder), shards):
            done.append(result)
            bar.update(SHARD_SIZE)
            bar.set_postfix(hours=f"{sum(hours for *_, hours in done):.1f}")
    return done


def reply_texts(folder: Path, kinds: tuple[str, ...]) -> list[str]:
    """All distinct replies of the shards of these kinds, sorted."""
    texts = {
        json.loads(line)["reply"]
        for kind in kinds
        for f in sorted(folder.glob(f"{kind}-*.jsonl"))
        for line in f.open()
    }
    return sorted(texts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("build/corpus"), help="folder of the shards")
    parser.add_argument(
        "--requests", type=int, default=24_000, help="training requests (rounded up to whole shards)"
    )
    parser.add_argument("--held", type=int, default=500, help="requests of each held-out split")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    counts = {split: args.requests if split == "train" else args.held for split in SPLITS}
    shards = [Shard(kind, i, args.seed) for kind, n in counts.items() for i in range(-(-n // SHARD_SIZE))]
    made = make(shards, args.out, workers=args.workers, what="requests")
    texts = reply_texts(args.out, ("train",))
    random.Random(args.seed).shuffle(texts)
    replies = [
        Shard("replies", i, args.seed, tuple(texts[i * SHARD_SIZE : (i + 1) * SHARD_SIZE]))
        for i in range(-(-len(texts) // SHARD_SIZE))
    ]
    made += make(replies, args.out, workers=args.workers, what="replies")
    manifest = {
        "seed": args.seed,
        "shards": [{"name": n, "utterances": u, "hours": round(h, 4)} for n, u, h in made],
    }
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    print(json.dumps({"utterances": sum(u for _, u, _ in made), "hours": round(sum(h for *_, h in made), 2)}))


if __name__ == "__main__":
    main()
