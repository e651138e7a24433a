"""What the documents hold that can be checked: code blocks, inline code, links, headings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.relative_to(ROOT).as_posix()
)
_FENCE = re.compile(r"^(\s*)```(\S*)\s*$")
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$")
_INDENTED = re.compile(r"^( {4}|\t)\S")


class Block(NamedTuple):
    """A fenced block; `line` is that of its first line of code, from 1."""

    language: str
    code: str
    line: int


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a document; ValueError for one that does not end."""
    found: list[Block] = []
    open_at, indent, language, lines = 0, "", "", list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if fence and not open_at:
            open_at, indent, language, lines = number, fence[1], fence[2], []
        elif fence and not fence[2]:
            found.append(Block(language, "\n".join(lines), open_at + 1))
            open_at = 0
        elif open_at:
            lines.append(line.removeprefix(indent))
    if open_at:
        raise ValueError(f"the block of line {open_at} does not end")
    return found


def prose(text: str) -> str:
    """The document without its blocks; lines keep their numbers."""
    inside, kept = False, []
    for line in text.splitlines():
        if _FENCE.match(line):
            inside = not inside
            kept.append("")
        else:
            kept.append("" if inside else line)
    return "\n".join(kept)


def inline_code(text: str) -> Iterator[str]:
    """Code spans of the prose; a span may go on in the next line."""
    for paragraph in re.split(r"\n\s*\n", prose(text)):
        yield from _INLINE.findall(re.sub(r"\s*\n\s*", " ", paragraph))


def links(text: str) -> list[str]:
    return _LINK.findall(prose(text))


def anchors(text: str) -> set[str]:
    """Of each heading, the name by which GitHub links to it."""
    headings = filter(None, (_HEADING.match(line) for line in prose(text).splitlines()))
    kept = (re.sub(r"[^\w\- ]", "", heading[1].lower()) for heading in headings)
    return {each.replace(" ", "-") for each in kept}


def indented_blocks(text: str) -> list[int]:
    """Lines that Markdown reads as code because they are indented: nobody says what they are."""
    lines = prose(text).splitlines()
    return [
        number
        for number, (before, line) in enumerate(zip(["", *lines], lines, strict=False), 1)
        if not before.strip() and _INDENTED.match(line)
    ]
