"""Does a session cost the same after four hours as at its beginning?

The old session's last minute and a new session's first run step by step in turns on the same engine, so that
whatever else the machine does meets both.
"""

import resource
import time
from pathlib import Path

from benchmarks.mixed import noise
from benchmarks.scripts import Reader, Script, read_aloud

from duplexsla.clock import CHUNK_MS
from duplexsla.engine.engine import Engine, StepInput

CHUNKS_A_MINUTE = 60_000 // CHUNK_MS
HEARD = noise(1)[0]


def resident_mib() -> float:
    """Memory of this process now (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _minute(engine: Engine, sessions: dict[int, Reader]) -> dict[int, float]:
    """Processor s of each session's next minute, each stepped alone."""
    cpu_s = dict.fromkeys(sessions, 0.0)
    for _ in range(CHUNKS_A_MINUTE):
        for session, reader in sessions.items():
            began = time.thread_time()
            engine.step([StepInput(session, HEARD, reader.turn())])
            cpu_s[session] += time.thread_time() - began
    return cpu_s


def last_minute_and_first(engine: Engine, script: Script, *, minutes: int) -> dict[str, float]:
    """Processor ms per chunk of both, their ratio, and the memory after the first minute and at the end."""
    old, new = read_aloud(engine, [script] * 2).items()
    _minute(engine, dict([old]))
    memory_mib = resident_mib()
    for _ in range(minutes - 2):
        _minute(engine, dict([old]))
    old[1].chunk = new[1].chunk  # both minutes say and write the same
    last = resident_mib()
    cpu_s = _minute(engine, dict([old, new]))
    per_chunk = {session: cpu_s[session] / CHUNKS_A_MINUTE * 1e3 for session in cpu_s}
    return {
        "minutes": minutes,
        "last_ms": round(per_chunk[old[0]], 3),
        "first_ms": round(per_chunk[new[0]], 3),
        "ratio": round(per_chunk[old[0]] / per_chunk[new[0]], 4),
        "memory_first_mib": round(memory_mib, 1),
        "memory_last_mib": round(last, 1),
    }
