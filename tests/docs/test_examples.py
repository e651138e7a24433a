"""What the documents show can be done: commands exist, examples run, links and paths lead somewhere."""

import asyncio
import re
from pathlib import Path

import pytest
from tests.support import doc_commands
from tests.support.fake_decoder import FakeDecoder, Held, Reply
from tests.support.gateway_process import world
from tests.support.markdown import (
    DOCUMENTS,
    ROOT,
    Block,
    anchors,
    blocks,
    indented_blocks,
    inline_code,
    links,
)

from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text

ADDRESS = "127.0.0.1:50051"  # of the gateway in every example
LANGUAGES = {"sh", "python", "text", "yaml", "json", "mermaid"}
COMMANDS = ("make ", "python ", "duplexsla ", "pip ", "pytest ", "PYTHONPATH=")
# Paths in documents are from the top, or from the top of a wing.
BASES = (ROOT, ROOT / "services/duplexsla", ROOT / "lab/duplexsla_lab", ROOT / "loadtest/duplexsla_loadtest")
SUFFIXES = "c|h|json|lock|md|pbtxt|proto|py|sh|toml|tpl|wav|yaml"
PATH = re.compile(rf"^(?:[\w.-]+/)+(?:[\w.-]+\.(?:{SUFFIXES}))?$")
MADE = ("build/", "out/", ".cache/", "before/", "after/", "a/", "b/")  # by commands, not in the repository
PAST = {"CHANGELOG.md"}  # names what is not there any more

every_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix()
)


def _of(language: str) -> list[object]:
    return [
        pytest.param(block, id=f"{path.relative_to(ROOT).as_posix()}:{block.line}")
        for path in DOCUMENTS
        for block in blocks(path.read_text())
        if block.language == language
    ]


def _acts(held: Held, chunk: int) -> Reply:
    """Hears a word, and turns the lamp on, once."""
    lamp = call_text("open_home_device", {"device": "lamp"})
    return Reply(pieces=(" lamp", tokens.TOOLCALL_BEGIN, lamp, tokens.TOOLCALL_END) if chunk == 1 else ())


async def _run(block: Block) -> None:
    async with world(FakeDecoder(_acts)) as here:
        code = compile(block.code.replace(ADDRESS, here.address), "<document>", "exec")
        await asyncio.to_thread(exec, code, {"__name__": "__main__"})
        assert here.decoder.started == (ADDRESS in block.code)


@pytest.mark.parametrize("block", _of("python"))
def test_a_python_example_runs_against_a_gateway(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    asyncio.run(_run(block))


@pytest.mark.parametrize("block", _of("sh"))
def test_the_commands_of_a_block_exist(block: Block) -> None:
    for line in doc_commands.joined(block.code):
        doc_commands.check(line)


@every_document
def test_the_commands_in_the_text_exist(path: Path) -> None:
    if path.name in PAST:
        return
    for code in inline_code(path.read_text()):
        if code.startswith(COMMANDS) and "..." not in code and "%" not in code:
            doc_commands.check(code)


@every_document
def test_every_block_says_its_language(path: Path) -> None:
    text = path.read_text()
    assert {block.language for block in blocks(text)} <= LANGUAGES
    assert not indented_blocks(text)


@every_document
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in links(path.read_text()):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{link}: there is no such file"
        assert not anchor or anchor in anchors(target.read_text()), f"{link}: there is no such heading"


@every_document
def test_every_path_in_the_text_exists(path: Path) -> None:
    if path.name in PAST:
        return
    named = {code for code in inline_code(path.read_text()) if PATH.match(code) and not code.startswith(MADE)}
    missing = {each for each in named if not any((base / each).exists() for base in BASES)}
    assert not missing


def test_the_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) < 150
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("make nothing", "no make"),
        ("make status ARGS=--list", "no ARGS"),
        ('make faults ARGS="--lits"', "has no --lits"),
        ("make bench-nothing", "no benchmarks/nothing.py"),
        ("python -m duplexsla.gateway --listen", "has no --listen"),
        ("duplexsla call a.wav --clocks file", "has no --clocks"),
        ("duplexsla fly", "no command"),
        ("pip install '.[nothing]'", "no extra"),
        ("kubectl get pods", "```text"),
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str, why: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(why)):
        doc_commands.check(line)


def test_the_chart_calls_with_the_recording_of_the_examples() -> None:
    name = "turn_on_the_kitchen_light.wav"
    assert (ROOT / "examples" / name).read_bytes() == (ROOT / "helm/duplexsla/files" / name).read_bytes()
