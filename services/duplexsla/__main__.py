"""The `duplexsla` command. A subcommand is a module with a docstring (its help), `arguments` and `run`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

from duplexsla import __version__


class Command(NamedTuple):
    module: str
    about: str
    extra: str  # of pyproject.toml: what is to be installed for it


COMMANDS = {
    "talk": Command(
        "duplexsla.cli.talk", "one spoken request in this process: model and home inside, no server", "talk"
    ),
    "call": Command(
        "duplexsla.cli.call", "play a recording to a running gateway, watch the three channels", "client"
    ),
    "up": Command("duplexsla.cli.up", "start the whole system on this machine", "dev"),
    "status": Command("duplexsla.cli.status", "show what runs, where, and whether it answers", "dev"),
    "down": Command("duplexsla.cli.down", "stop it", "dev"),
    "home": Command("duplexsla.cli.home", "show a home's devices, and what moved them", "client"),
    "bench": Command(
        "duplexsla_lab.bench.command", "evaluate a model or a service by DuplexSLA-Bench", "bench"
    ),
    "loadtest": Command(
        "duplexsla_loadtest.command",
        "live conversations that a service holds, with a verdict",
        "loadtest",
    ),
    "check": Command(
        "duplexsla.cli.check", "check histories: which invariant was broken, by which lines", "client"
    ),
    "admin": Command("duplexsla.cli.admin", "say who may call: API keys and certificates", "gateway"),
    "explain": Command("duplexsla.cli.explain", "why an action was done, asked about or refused", "client"),
    "policy": Command(
        "duplexsla.cli.policy", "check a policy, and try it on what was judged before", "client"
    ),
    "demo": Command(
        "duplexsla.cli.demo", "all of it once: start, one spoken request in real time, stop", "dev"
    ),
}
WINGS = ("duplexsla_lab", "duplexsla_loadtest")  # ours, and absent where only a service is installed

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
    return USAGE.format(commands="\n".join(f"  {name:<10}{each.about}" for name, each in COMMANDS.items()))


def _run(name: str, rest: Sequence[str]) -> int:
    from duplexsla.errors import DuplexSLAError

    try:
        return _call(name, rest)
    except DuplexSLAError as error:
        print(f"duplexsla {name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _call(name: str, rest: Sequence[str]) -> int:
    """The subcommand's exit status; MissingDependency names the extra of a package that is not installed."""
    from duplexsla.errors import MissingDependency

    command = COMMANDS[name]
    try:
        module = import_module(command.module)
        parser = argparse.ArgumentParser(
            prog=f"duplexsla {name}",
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.arguments(parser)
        status: int = module.run(parser.parse_args(rest))
        return status
    except ModuleNotFoundError as error:
        if not _foreign(error.name):
            raise
        needs = f"it needs {error.name}, which is not installed"
        raise MissingDependency(f"{needs}: pip install 'duplexsla[{command.extra}]'") from error


def _foreign(module: str | None) -> bool:
    """Whether it is a package to install; a missing module of an installed package of ours is a fault."""
    return module is not None and (module in WINGS or not module.startswith("duplexsla"))


if __name__ == "__main__":
    sys.exit(main())
