"""What converting a client's format costs a chunk of 160 ms, in and out, microseconds of processor time.

    PYTHONPATH=services:. python benchmarks/audio_formats.py [--chunks 300]

Noise at each rate, mono PCM, a chunk at once as in the gateway; then the other encodings, and two channels.
All threads of the process count. The last line is one JSON object.
"""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from duplexsla.audio.conversion import InputConverter, OutputConverter
from duplexsla.audio.formats import RATES, chunk_bytes
from duplexsla.clock import CHUNK_BYTES
from duplexsla.report.percentile import percentile

CASES = [("pcm_s16le", rate, 1) for rate in RATES] + [
    ("pcm_f32le", 24_000, 1),
    ("mu_law", 8_000, 1),
    ("a_law", 8_000, 1),
    ("pcm_s16le", 24_000, 2),
]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=300)
    chunks = parser.parse_args().chunks
    rng = np.random.default_rng(1)
    found = {}
    for encoding, rate, channels in CASES:
        inward, outward = InputConverter(encoding, rate, channels), OutputConverter(encoding, rate, channels)
        size = chunk_bytes(encoding, rate, channels)
        theirs = rng.bytes(size) if encoding != "pcm_f32le" else rng.random(size // 4, np.float32).tobytes()
        ours, name = rng.bytes(CHUNK_BYTES), f"{encoding} {rate} x{channels}"

        def receive(converter: InputConverter = inward, data: bytes = theirs) -> None:
            converter.push(data)

        def send(converter: OutputConverter = outward, sound: bytes = ours) -> None:
            converter.push_chunk(sound)

        found[name] = {"in_us": _median_us(receive, chunks), "out_us": _median_us(send, chunks)}
        print(f"{name:22} in {found[name]['in_us']:7.1f} us   out {found[name]['out_us']:7.1f} us")
    print(json.dumps(found))


def _median_us(work: Callable[[], None], times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        work()
        taken.append((time.process_time_ns() - start) / 1_000)
    return round(percentile(taken, 50), 1)


if __name__ == "__main__":
    main()
