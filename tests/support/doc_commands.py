"""Whether a command line of the documents can be given: its target, module, subcommand and options exist.

Nothing is done by it but `--help`.
"""

import contextlib
import io
import re
import runpy
import shlex
import sys
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from duplexsla.__main__ import main as duplexsla

ROOT = Path(__file__).parents[2]
_ASSIGNMENT = re.compile(r"^[A-Z_]+=")
SHELL = ("cd", "cp")  # nothing of ours in them
_BREAKS = ("&&", "||", "|", ";", "&", ">", ">>", "<")


def check(line: str) -> None:
    """AssertionError for a command that cannot be given; `line` is one line of a shell."""
    for words in _commands(line):
        _check_one(words)


def joined(code: str) -> list[str]:
    """The lines of a shell block: those that end in a backslash go on in the next."""
    lines = code.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _commands(line: str) -> Iterator[list[str]]:
    """The commands of a line, without what is assigned before them and where their output goes."""
    words: list[str] = []
    for word in [*shlex.split(line, comments=True), ";"]:
        if word not in _BREAKS:
            words.append(word)
            continue
        while words and _ASSIGNMENT.match(words[0]):
            words.pop(0)
        if words:
            yield words
        words = []


def _check_one(words: Sequence[str]) -> None:
    program, *rest = words
    if program == "make":
        _check_make(rest)
    elif program in ("python", ".venv/bin/python") and rest[:1] == ["-m"]:
        _check_options(rest[1], rest[2:])
    elif program in ("python", ".venv/bin/python"):
        assert (ROOT / rest[0]).is_file(), f"there is no {rest[0]}"
        _check_options(rest[0], rest[1:])
    elif program == "duplexsla":
        _check_options("duplexsla", rest)
    elif program == "pip":
        _check_pip(rest)
    elif program == "pytest":
        _check_paths(rest)
    elif program not in SHELL:
        raise AssertionError(f"{program}: say ```text for what cannot be checked here")


def _check_paths(words: Sequence[str]) -> None:
    for word in words:
        path = word.partition("::")[0]
        assert word.startswith("-") or (ROOT / path).exists(), f"there is no {path}"


def _check_pip(words: Sequence[str]) -> None:
    assert words[0] == "install", "pip install"
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for extras in re.findall(r"^\.\[([\w,-]+)\]$", "\n".join(words[1:]), re.MULTILINE):
        missing = set(extras.split(",")) - known.keys()
        assert not missing, f"no extra {missing}"


def _check_make(words: Sequence[str]) -> None:
    targets = [word for word in words if "=" not in word and not word.startswith("-")]
    given = dict(word.split("=", 1) for word in words if "=" in word)
    for target in targets:
        recipe = _recipe(target)
        arguments = shlex.split(given.get("ARGS", ""))
        command = re.search(r"\$\(PYTHON\) (?:-m )?(\S+)((?: [\w-]+)*) \$\(ARGS\)", recipe)
        assert "$(ARGS)" in recipe or not arguments, f"make {target} takes no ARGS"
        if command:
            _check_options(command[1], [*command[2].split(), *arguments])


@cache
def _makefile() -> dict[str, str]:
    """The recipes of all targets, by target; a pattern's bears its %."""
    text = (ROOT / "Makefile").read_text()
    rules = re.findall(r"^([\w% -]+?):(?!=)[^\n]*\n((?:\t.*\n|\n)*)", text, re.MULTILINE)
    return {name: recipe for names, recipe in rules for name in names.split()}


def _recipe(target: str) -> str:
    rules = _makefile()
    if target in rules:
        return rules[target]
    for pattern, recipe in rules.items():
        before, percent, after = pattern.partition("%")
        if percent and target.startswith(before) and target.endswith(after):
            stem = target[len(before) : len(target) - len(after)]
            recipe = recipe.replace("$*", stem)
            for path in re.findall(r"\S+\.py", recipe):
                assert (ROOT / path).is_file(), f"make {target}: there is no {path}"
            return recipe
    raise AssertionError(f"there is no make {target}")


def _check_options(program: str, words: Sequence[str]) -> None:
    """`program` is a module, a file or `duplexsla`. Asks it for help on what its first words name."""
    options = [word.partition("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)]
    leading = []
    for word in words:
        if word.startswith("-"):
            break
        leading.append(word)
    text = _help(program, tuple(leading))
    unknown = [each for each in options if not re.search(rf"(?<![\w-]){re.escape(each)}(?![\w-])", text)]
    assert not unknown, f"{program} {' '.join(leading)} has no {', '.join(unknown)}"


@cache
def _help(program: str, words: tuple[str, ...]) -> str:
    """What it says to `--help` after these words; AssertionError when it does not understand them."""
    said, arguments = io.StringIO(), [*words, "--help"]
    status: object = 0
    before = sys.argv
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            sys.argv = [program, *arguments]
            if program == "duplexsla":
                status = duplexsla(arguments)
            elif program.endswith(".py"):
                runpy.run_path(str(ROOT / program), run_name="__main__")
            else:
                runpy.run_module(program, run_name="__main__")
        except SystemExit as end:
            status = end.code
        finally:
            sys.argv = before
    assert not status, f"{program} {' '.join(arguments)}: {said.getvalue()[-300:]}"
    return said.getvalue()
