"""Writes docs/configuration.md from the settings' table: python -m duplexsla.runtime.configuration"""

import argparse
from collections.abc import Iterator
from typing import Any

from duplexsla.runtime.checkout import ROOT
from duplexsla.runtime.service_settings import SERVICES
from duplexsla.runtime.settings import Setting, settings_of, variable

PAGE = ROOT / "docs" / "configuration.md"

HEAD = """\
# Configuration

Made from the table in `services/duplexsla/runtime/service_settings.py` by
`python -m duplexsla.runtime.configuration`; do not edit it by hand.

Services read environment variables, once, when they start; an empty variable counts as not set. A variable
that is wrong or missing is named on stderr with what is allowed, and the process ends with status 2 before it
listens. `python -m duplexsla.gateway --help` (or `.executor`, `.home`, `.kubernetes.deletion_cost`) shows the
same. The chart sets them from its values ([kubernetes.md](kubernetes.md)); `extraEnv` adds to them.
"""

COMMANDS = {
    "gateway": "`python -m duplexsla.gateway`",
    "decoder": "The decoder's image. Each variable but EXIT_S becomes the parameter of its name in "
    "`model_repository/duplexsla/config.pbtxt`: `DUPLEXSLA_IDLE_S` is `idle_s`",
    "executor": "`python -m duplexsla.executor`",
    "home": "`python -m duplexsla.home`",
    "deletion-cost": "`python -m duplexsla.kubernetes.deletion_cost`",
}


def page() -> str:
    sections = [f"## {name}\n\n{COMMANDS[name]}.\n\n{_table(kind)}" for name, kind in SERVICES.items()]
    return "\n".join([HEAD, *sections])


def _table(kind: type[Any]) -> str:
    rows = [_row(variable(name), setting) for name, setting in settings_of(kind)]
    return "".join(["| variable | default | meaning | allowed |\n", "|---|---|---|---|\n", *rows])


def _row(name: str, setting: Setting[Any]) -> str:
    return "| " + " | ".join(_cells(name, setting)) + " |\n"


def _cells(name: str, setting: Setting[Any]) -> Iterator[str]:
    yield f"`{name}`"
    yield (
        "**required**" if setting.default is None else f"`{setting.default}`" if setting.default else "empty"
    )
    yield setting.meaning
    yield setting.kind.allowed


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    PAGE.write_text(page())
