"""The `duplexsla` command. A subcommand is a module with a docstring (its help), `arguments` and `run`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from duplexsla import __version__

COMMANDS = {
    "talk": ("duplexsla.cli.talk", "one spoken request in this process: model and home inside, no server"),
    "call": ("duplexsla.cli.call", "play a recording to a running gateway, watch the three channels"),
    "up": ("duplexsla.cli.up", "start the whole system on this machine"),
    "status": ("duplexsla.cli.status", "show what runs, where, and whether it answers"),
    "down": ("duplexsla.cli.down", "stop it"),
    "home": ("duplexsla.cli.home", "show a home's devices, and what moved them"),
    "bench": ("duplexsla_lab.bench.command", "judge a model or a service: DuplexSLA-Bench"),
    "loadtest": ("duplexsla_loadtest.command", "how many live conversations a service holds, with a verdict"),
    "check": ("duplexsla.cli.check", "check histories: which invariant was broken, by which lines"),
    "demo": ("duplexsla.cli.demo", "all of it once: start, one spoken request in real time, stop"),
}

USAGE = """\
usage: duplexsla COMMAND ...

Full-duplex speech, language and actions, every 160 ms.

{commands}

Start here, with nothing running:   duplexsla talk examples/turn_on_the_kitchen_light.wav
Then with real servers:             duplexsla up && duplexsla call examples/turn_on_the_kitchen_light.wav
Help on one:                        duplexsla COMMAND --help
Version:                            duplexsla --version
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 did not work, 2 not understood."""
    name, *rest = (sys.argv[1:] if argv is None else list(argv)) or ["--help"]
    if name in ("-h", "--help", "help"):
        print(usage(), end="")
        return 0
    if name == "--version":
        print(f"duplexsla {__version__}")
        return 0
    if name not in COMMANDS:
        print(f"duplexsla: no command {name!r}; there are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    return _run(name, rest)


def usage() -> str:
    return USAGE.format(commands="\n".join(f"  {name:<10}{text}" for name, (_, text) in COMMANDS.items()))


def _run(name: str, rest: Sequence[str]) -> int:
    from duplexsla.errors import DuplexSLAError

    module = import_module(COMMANDS[name][0])
    parser = argparse.ArgumentParser(
        prog=f"duplexsla {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.arguments(parser)
    try:
        status: int = module.run(parser.parse_args(rest))
    except DuplexSLAError as error:
        print(f"duplexsla {name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
