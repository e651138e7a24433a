"""The `duplexsla` command."""

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

from duplexsla.__main__ import COMMANDS, main

HEAVY = {"torch", "numpy", "grpc", "kafka", "redis", "fastapi", "opentelemetry"}


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)


def test_an_unknown_command_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sing"]) == 2
    assert "talk" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if name != "talk" or find_spec("duplexsla.cli.talk")]
)
def test_every_command_teaches_by_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert f"duplexsla {name}" in capsys.readouterr().out.split("\n\n", 1)[1]
    assert hasattr(import_module(COMMANDS[name][0]), "run")


def test_help_is_instant_because_it_loads_nothing_heavy() -> None:
    program = f"""
import sys
from duplexsla.__main__ import main
for name in {list(COMMANDS)!r}:
    try:
        main([name, "--help"])
    except (SystemExit, ModuleNotFoundError):
        pass
print("LOADED", *sorted({HEAVY!r} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["LOADED"]
