"""The `duplexsla` command."""

import subprocess
import sys
from importlib import import_module

import pytest

from duplexsla import __version__
from duplexsla.__main__ import COMMANDS, main

HEAVY = {"torch", "numpy", "grpc", "kafka", "redis", "fastapi", "opentelemetry"}


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)


def test_an_unknown_command_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sing"]) == 2
    assert "talk" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_by_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert f"duplexsla {name}" in capsys.readouterr().out.split("\n\n", 1)[1]
    assert hasattr(import_module(COMMANDS[name].module), "run")


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


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"duplexsla {__version__}\n"


def _without(package: str, *command: str) -> subprocess.CompletedProcess[str]:
    """The command where `package` is not installed."""
    program = f"""
import sys
from duplexsla.__main__ import main
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
sys.exit(main({list(command)!r}))
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


@pytest.mark.parametrize(
    ("package", "command", "extra"),
    [
        ("duplexsla_loadtest", ["loadtest", "--help"], "loadtest"),
        ("duplexsla_lab", ["bench", "--help"], "bench"),
        ("yaml", ["loadtest", "run", "127.0.0.1:9", "--mix", "silence", "--sessions", "1"], "loadtest"),
        ("torch", ["talk", "examples/turn_on_the_kitchen_light.wav"], "talk"),
        ("grpc", ["call", "examples/turn_on_the_kitchen_light.wav"], "client"),
    ],
)
def test_what_is_not_installed_is_one_sentence_with_the_extras_name(
    package: str, command: list[str], extra: str
) -> None:
    done = _without(package, *command)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    needs = f"it needs {package}, which is not installed: pip install 'duplexsla[{extra}]'"
    assert line == f"duplexsla {command[0]}: {needs}"


def test_a_missing_module_of_ours_is_a_fault_and_stays_one() -> None:
    done = _without("duplexsla_loadtest.mix", "loadtest", "run", "127.0.0.1:9", "--sessions", "1")
    assert "Traceback" in done.stderr and "duplexsla_loadtest.mix" in done.stderr
