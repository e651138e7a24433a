"""What a figure was measured on: stands beside every number."""

import os
import platform
import subprocess
from pathlib import Path


def machine() -> dict[str, str | int]:
    """Processor, usable cores, Python, and the commit of the working tree ("+" when it has changes)."""
    changed = _git("status", "--porcelain", "-uno") != ""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "commit": _git("rev-parse", "--short", "HEAD") + "+" * changed,
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _git(*arguments: str) -> str:
    root = Path(__file__).parents[1]
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "unknown"
