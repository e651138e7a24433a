"""Starts Redis, Kafka, Triton with the model, the simulated homes, the tool executor and the gateway.

Every part gets a free port and its log in .cache/run/<name>/. The command returns once all of them
answer, and leaves them running: `duplexsla status` shows them, `duplexsla down` stops them, also after
a crash.

Example:
  duplexsla up --decoders 2 --gateways 2
  duplexsla call examples/turn_on_the_kitchen_light.wav
  duplexsla down
"""

import argparse
from pathlib import Path

from duplexsla.local.progress import Progress
from duplexsla.runtime.checkout import run_directory


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--name", default="local", help="another name is another system beside it (default: local)"
    )

    parser.add_argument("--otlp", default="", metavar="HOST:PORT", help="send traces to this collector too")
    parser.add_argument(
        "--weights", type=Path, metavar="DIR", help="a decoder's files in place of the shipped ones"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="forget the homes, records and logs of earlier runs"
    )
    parser.add_argument(
        "--secure",
        action="store_true",
        help="ask callers for an API key, over TLS; `call` shows it by itself",
    )
    parser.add_argument("--slots", type=int, default=16, help="sessions per decoder (default: 16)")
    parser.add_argument("--decoders", type=int, default=1, help="default: 1, about 1 GB each")
    parser.add_argument("--executors", type=int, default=1, help="default: 1")
    parser.add_argument("--gateways", type=int, default=1, help="default: 1")


def run(options: argparse.Namespace) -> int:
    from duplexsla.local import stack

    say = Progress()
    wanted = stack.Options(
        weights=options.weights,
        otlp=options.otlp,
        slots=options.slots,
        fresh=options.fresh,
        secure=options.secure,
        decoders=options.decoders,
        executors=options.executors,
        gateways=options.gateways,
    )
    processes = stack.up(run_directory(options.name), say=say, options=wanted)
    say(f"the gateway listens at {processes['gateway'].address}")
    return 0
