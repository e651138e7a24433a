"""Makes shards of people who talk and ask nothing: the speech of free games in Debian.

    python -m duplexsla_lab.data.games            # to train on: Flight of the Amazon Queen and Drascula
    python -m duplexsla_lab.data.games --judge    # to judge by: Beneath a Steel Sky; never trained on

The kinds "talk" and "judge" lie in a folder below ~/.cache/duplexsla/train that is named after the packages.
Each row holds the clip's game, name and hash. A game that is there whole is kept.
"""

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla.runtime.checkout import CACHE
from duplexsla_lab.data.games.clips import RATE_HZ, drascula_clips, eight_bit, queen_clips, sky_clips
from duplexsla_lab.data.games.mp3 import decoded
from duplexsla_lab.data.packages import PublicPackage, fetched
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.shards import Shard, write_shard
from duplexsla_lab.data.spoken_scenario import sample_hash
from duplexsla_lab.data.voices.user_speech import LOUDNESS

QUEEN = PublicPackage(
    "debian", "flight-of-the-amazon-queen", "1.0.0-9",
    "40c08fd258d6fe95c46c1eaf5e9137f84ba330657995a281bd887c94a560a0f1",
)  # fmt: skip
DRASCULA = PublicPackage(
    "debian", "drascula", "1.0+ds4-2", "ed4af8e2d41ad446e2f3b73533daa1804e2f13f62f596c0b02b8dc39544f22b4"
)
SKY = PublicPackage(
    "debian", "beneath-a-steel-sky", "0.0372-8",
    "e2a25c880220c26a4dfd42904b878cc655afa1c72895f9c932befbd078622934",
)  # fmt: skip
PACKAGES = (QUEEN, DRASCULA, SKY)
SHARD_SIZE = 500
SHORTEST_S = 0.3  # of a clip: below are grunts
AUDIBLE = 1e-3  # rms

Clip = tuple[str, NDArray[np.float32]]


def queen() -> Iterator[Clip]:
    game = (_files(QUEEN) / "queen.1c").read_bytes()
    return ((name, decoded(clip, RATE_HZ)) for name, clip in queen_clips(game))


def drascula() -> Iterator[Clip]:
    return ((name, eight_bit(clip)) for name, clip in drascula_clips(_files(DRASCULA) / "en"))


def sky() -> Iterator[Clip]:
    table, disk = ((_files(SKY) / name).read_bytes() for name in ("sky.dnr", "sky.dsk"))
    return ((name, eight_bit(clip)) for name, clip in sky_clips(table, disk))


TRAINED: dict[str, Callable[[], Iterator[Clip]]] = {"talk-queen": queen, "talk-drascula": drascula}
JUDGED: dict[str, Callable[[], Iterator[Clip]]] = {"judge-sky": sky}


def _files(package: PublicPackage) -> Path:
    return fetched(package) / "usr" / "share" / "scummvm" / package.name


def rows(kind: str, clips: Iterator[Clip]) -> Iterator[tuple[dict[str, Any], NDArray[np.int16]]]:
    """What is long and loud enough, at the level of every utterance."""
    for name, sound in clips:
        level = float(np.sqrt(np.mean(sound**2))) if len(sound) else 0.0
        if level >= AUDIBLE and len(sound) >= SHORTEST_S * RATE_HZ:
            heard = np.asarray(soxr.resample(sound * (LOUDNESS / level), RATE_HZ, SAMPLE_RATE), np.float32)
            samples = pcm(heard)
            yield {"game": kind.partition("-")[2], "clip": name, "hash": sample_hash(samples)}, samples


def make_shards(kind: str, clips: Callable[[], Iterator[Clip]], folder: Path) -> float:
    """Shards of all clips, unless they are there; returns the hours."""
    done = folder / f"{kind}.done"
    if not done.exists():
        found = rows(kind, clips())
        for index in range(sys.maxsize):
            part = list(islice(found, SHARD_SIZE))
            if not part:
                break
            write_shard(folder, f"{kind}-{index:04d}", part)
            print(f"{kind}: {index * SHARD_SIZE + len(part)} clips", file=sys.stderr, flush=True)
        done.touch()
    names = sorted(path.stem for path in folder.glob(f"{kind}-*.jsonl"))
    samples = sum(int(shard.ends[-1]) for shard in (Shard(folder, name) for name in names) if len(shard))
    return samples / SAMPLE_RATE / 3_600


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="folder of the shards (default: below the cache)")
    parser.add_argument("--judge", action="store_true", help="the game that judges, and no other")
    args = parser.parse_args()
    key = hashlib.sha256("".join(package.sha256 for package in PACKAGES).encode()).hexdigest()[:12]
    folder = args.out or CACHE / "train" / f"games-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    print(folder, flush=True)
    for kind, clips in (JUDGED if args.judge else TRAINED).items():
        print(f"{kind}: {make_shards(kind, clips, folder):.2f} hours", flush=True)


if __name__ == "__main__":
    main()
