"""Does a session cost the same after four hours as at its beginning?

The old session's last minute and a new session's first run step by step in turns on the same engine, so that
whatever else the machine does meets both.
"""

import resource
import time
from pathlib import Path

import numpy as np
from benchmarks.live_sessions import noise
from benchmarks.scripted_sessions import Reader, Script, open_scripted

from duplexsla.clock import CHUNK_MS
from duplexsla.engine.engine import Engine, StepInput

CHUNKS_A_MINUTE = 60_000 // CHUNK_MS
HEARD = noise(1)[0]


def resident_mib() -> float:
    """Memory of this process now (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _minute(engine: Engine, sessions: dict[int, Reader]) -> dict[int, list[float]]:
    """Processor s of each chunk of each session's next minute, each stepped alone, in turns."""
    cpu_s: dict[int, list[float]] = {session: [] for session in sessions}
    order = list(sessions.items())
    for _ in range(CHUNKS_A_MINUTE):
        for session, reader in order:
            began = time.thread_time()
            engine.step([StepInput(session, HEARD, reader.next_chunk())])
            cpu_s[session].append(time.thread_time() - began)
        order.reverse()  # whoever comes second finds the weights in the cache
    return cpu_s


def last_minute_and_first(engine: Engine, script: Script, *, minutes: int) -> dict[str, float]:
    """Processor ms per chunk of both, their ratio, and the memory after the first minute and at the end.

    Both minutes say and write the same. The ratio is the median of the chunks' own, so that neither a
    chunk during which the machine did something else nor the first 20 s, in which a new session's ring fills,
    decide it.
    """
    old, new = open_scripted(engine, [script] * 2).items()
    _minute(engine, dict([old]))
    memory_mib = resident_mib()
    for _ in range(minutes - 2):
        _minute(engine, dict([old]))
    last_mib = resident_mib()
    old[1].chunk = new[1].chunk
    cpu_s = _minute(engine, dict([old, new]))
    last_s, first_s = (np.array(cpu_s[session]) for session, _ in (old, new))
    return {
        "minutes": minutes,
        "last_ms": round(float(np.median(last_s)) * 1e3, 3),
        "first_ms": round(float(np.median(first_s)) * 1e3, 3),
        "ratio": round(float(np.median(last_s / first_s)), 4),
        "memory_first_mib": round(memory_mib, 1),
        "memory_last_mib": round(last_mib, 1),
    }
