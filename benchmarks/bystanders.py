"""What moves in a home while people say things that ask nothing of it: effects a minute, of the whole system.

    make bench-bystanders ARGS="--recordings FOLDER [--limit 70] [--attention always wake]"

FOLDER holds recordings of people, 16-bit mono WAV at 16 kHz: talk, orders to somebody else, other wake words.
Each is played on the file clock into a home of its own, with silence behind it, through gateway, decoder and
executor; then the home is asked what it did. Questions about a state count apart: they move nothing. With
wake nobody turns to the service. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import httpx
from benchmarks.machine import machine

from duplexsla.audio.wav import read_wav
from duplexsla.client import connect, play
from duplexsla.client.recordings import stop_playing
from duplexsla.clock import SAMPLE_RATE
from duplexsla.local import stack
from duplexsla.v1.action_pb2 import OutcomeState

TAIL_S = 4.0
AT_ONCE = 8
SETTLE_S = 3.0  # what was still under way when the last call ended
ENTRY = ("unlock", "disarm")


class Bystanders:
    """The recordings' calls, a home each, and what became of them."""

    def __init__(self, gateway: str, homes: str, attention: str, recordings: Sequence[Path]) -> None:
        self._gateway, self._attention = gateway, attention
        self._free = asyncio.Semaphore(AT_ONCE)
        self._recordings = [
            (f"{homes}/homes/bystander-{number}", path) for number, path in enumerate(recordings)
        ]
        self.seconds, self.outcomes = 0.0, Counter[str]()

    def play(self) -> tuple[Counter[str], int]:
        """Effects by what was done, over all homes, and how many homes moved."""
        for url, _ in self._recordings:
            httpx.put(url).raise_for_status()
        asyncio.run(self._all())
        time.sleep(SETTLE_S)
        done, moved = Counter[str](), 0
        for url, _ in self._recordings:
            effects = httpx.get(f"{url}/effects").json()["effects"]
            names = [str(effect["function"]).lower() for effect in effects]
            done.update(names)
            moved += any(not asks(name) for name in names)
        return done, moved

    async def _all(self) -> None:
        await asyncio.gather(*(self._one(url, path) for url, path in self._recordings))

    async def _one(self, url: str, path: Path) -> None:
        samples = read_wav(path) + bytes(2 * int(TAIL_S * SAMPLE_RATE))
        options = {} if self._attention == "always" else {"attention": self._attention}
        async with (
            self._free,
            connect(self._gateway) as client,
            client.converse(url.rpartition("/")[2], clock="file", **options) as conversation,
        ):
            playing = asyncio.create_task(play(conversation, samples, paced=False))
            async for response in conversation:
                if response.WhichOneof("message") == "outcome":
                    self.outcomes[OutcomeState.Name(response.outcome.state)] += 1
            await stop_playing(playing)
        self.seconds += len(samples) / 2 / SAMPLE_RATE


def asks(effect: str) -> bool:
    """Whether it only reports."""
    return "query" in effect


def figures(effects: Counter[str], moved: int, played: Bystanders, recordings: int) -> dict[str, float]:
    moves = sum(count for name, count in effects.items() if not asks(name))
    return {
        "recordings": recordings,
        "minutes": round(played.seconds / 60, 1),
        "moved": moved,
        "effects": moves,
        "effects_a_minute": round(60 * moves / played.seconds, 2),
        "questions": sum(count for name, count in effects.items() if asks(name)),
        "entry_effects": sum(count for name, count in effects.items() if name.startswith(ENTRY)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=70)
    parser.add_argument("--attention", nargs="+", default=["always"], choices=["always", "wake"])
    arguments = parser.parse_args()
    recordings = sorted(arguments.recordings.glob("*.wav"))[: arguments.limit]
    if not recordings:
        parser.error(f"{arguments.recordings} holds no *.wav")
    results = {}
    for attention in arguments.attention:
        with (
            tempfile.TemporaryDirectory() as folder,
            stack.running(
                Path(folder), say=lambda _: None, options=stack.Options(slots=2 * AT_ONCE)
            ) as parts,
        ):
            homes = f"http://{parts['home'].address}"
            played = Bystanders(parts["gateway"].address, homes, attention, recordings)
            done, moved = played.play()
        told = figures(done, moved, played, len(recordings))
        results[attention] = {**told, "effects_by_kind": dict(done), "outcomes": dict(played.outcomes)}
        print(f"{attention:8}", *(f"{k} {v}" for k, v in results[attention].items()), sep="  ", flush=True)
    print(json.dumps({"benchmark": "bystanders", **machine(), "attention": results}))


if __name__ == "__main__":
    main()
