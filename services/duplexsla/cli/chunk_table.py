"""A call as lines of text: one row per 160 ms with the three channels side by side.

  time     step  user  assistant  says            action channel
0.16 s   7.9 ms   ▃▆
1.12 s   8.4 ms   ▅▁               Sure            turn on the <response>
"""

import math

from duplexsla.cli.call_record import action_row, json_row, outcome_row
from duplexsla.clock import CHUNK_BYTES, CHUNK_S
from duplexsla.v1.session_pb2 import Chunk, ConverseResponse

HEAD = "    time     step  user  assistant  says              action channel"
BARS = " ▁▂▃▄▅▆▇█"
FLOOR_DB = -48.0  # below: an empty bar
BARS_PER_CHUNK = 4  # one per 40 ms
INDENT = " " * 8


class ChunkTable:
    """Prints each message of a session as it comes, beside the caller's `samples` of that chunk."""

    def __init__(self, samples: bytes) -> None:
        self._samples = samples

    def __call__(self, response: ConverseResponse) -> None:
        if response.HasField("opened"):
            print(HEAD)
        start = response.chunk.index * CHUNK_BYTES
        print("\n".join(rows(response, self._samples[start : start + CHUNK_BYTES])), flush=True)


def rows(response: ConverseResponse, user: bytes) -> list[str]:
    """Lines for one message; `user` holds the caller's samples of the chunk, if it is one."""
    kind = response.WhichOneof("message")
    if kind == "chunk":
        return _chunk_rows(response.chunk, user)
    if kind == "outcome":
        row = outcome_row(response.outcome)
        why = f": {row['reason']}" if "reason" in row else ""
        return [f"{INDENT}device  {row['state']} after {row['effect_ms']} ms{why}"]
    return [INDENT + "  ".join(f"{key} {value}" for key, value in json_row(response).items())]


def level(samples: bytes) -> str:
    """Loudness of a chunk of 16-bit samples as four bars, one per 40 ms, -48 dB to full scale."""
    size = CHUNK_BYTES // BARS_PER_CHUNK
    return "".join(_bar(samples[start : start + size]) for start in range(0, CHUNK_BYTES, size))


def _chunk_rows(chunk: Chunk, user: bytes) -> list[str]:
    says = chunk.text.strip()
    line = (
        f"{chunk.index * CHUNK_S:6.2f} s {chunk.step_us / 1000:5.1f} ms  {level(user)}  {level(chunk.sound)}"
        f"       {says:<16}  {chunk.action_channel.strip()}"
    )
    return [line.rstrip(), *(_action_line(row) for row in map(action_row, chunk.actions))]


def _action_line(row: dict[str, object]) -> str:
    arguments = ", ".join(f"{key}={value}" for key, value in dict(row["arguments"]).items())  # type: ignore[call-overload]
    return f"{INDENT}action  {row['function']}({arguments})  id {row['id']}"


def _bar(samples: bytes) -> str:
    values = memoryview(samples).cast("h") if samples else ()
    peak = max(map(abs, values), default=0)
    if peak == 0:
        return BARS[0]
    loud = 1 - 20 * math.log10(peak / 32_768) / FLOOR_DB
    return BARS[max(0, min(len(BARS) - 1, round(loud * (len(BARS) - 1))))]
