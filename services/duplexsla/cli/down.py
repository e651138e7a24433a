"""Stops the system that `duplexsla up` started: callers first, then stores. Fine when nothing runs.

Example:
  duplexsla down
"""

import argparse

from duplexsla.local.progress import Progress
from duplexsla.runtime.checkout import run_directory


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="local", help="which system (default: local)")


def run(options: argparse.Namespace) -> int:
    from duplexsla.local import stack

    say = Progress()
    stopped = stack.down(run_directory(options.name), say=say)
    say(f"{stopped} processes stopped" if stopped else "nothing was running")
    return 0
