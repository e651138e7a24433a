"""Starts Redis, Kafka, Triton with the model, the simulated homes, the tool executor and the gateway.

Every part gets a free port and its log in .cache/run/<name>/. The command returns once all of them
answer, and leaves them running: `duplexsla status` shows them, `duplexsla down` stops them, also after
a crash.

Example:
  duplexsla up
  duplexsla call examples/turn_on_the_kitchen_light.wav
  duplexsla down
"""

import argparse

from duplexsla.local.checkout import run_directory
from duplexsla.local.progress import Progress


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--name", default="local", help="another name is another system beside it (default: local)"
    )


def run(options: argparse.Namespace) -> int:
    from duplexsla.local import stack

    say = Progress()
    processes = stack.up(run_directory(options.name), say=say)
    say(f"the gateway listens at {processes['gateway'].address}")
    return 0
