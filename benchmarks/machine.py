"""What a figure was measured on: stands beside every number."""

import os
import platform
import subprocess
from collections.abc import Collection
from pathlib import Path

# The widest arithmetic that the kernels may use, the widest first: class, its flag in /proc/cpuinfo.
CLASSES = (
    ("amx", "amx_bf16"),
    ("avx512-bf16", "avx512_bf16"),
    ("avx512-vnni", "avx512_vnni"),
    ("avx512", "avx512f"),
    ("avx2", "avx2"),
)


def machine() -> dict[str, str | int]:
    """Processor and its class, usable cores, Python, and the commit ("+" when the tree has changes)."""
    changed = _git("status", "--porcelain", "-uno") != ""
    return {
        "cpu": _cpuinfo("model name") or platform.machine(),
        "cpu_class": processor_class(_cpuinfo("flags").split()),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "commit": _git("rev-parse", "--short", "HEAD") + "+" * changed,
    }


def processor_class(flags: Collection[str]) -> str:
    """One of CLASSES, "plain" without any."""
    return next((name for name, flag in CLASSES if flag in flags), "plain")


def _cpuinfo(field: str) -> str:
    """Of the first processor; "" where it has no such field."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == field:
            return value.strip()
    return ""


def _git(*arguments: str) -> str:
    root = Path(__file__).parents[1]
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "unknown"
