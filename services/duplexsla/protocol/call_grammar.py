"""Which piece may come next inside a tool call, so that every finished call fits the schema of its function.

The toolset is compiled once into a graph over piece ids. Names and choices are spelled in one way only, that
of `Vocabulary.encode`; free text and numbers may be cut anywhere. Masks are computed on first use and shared:
a step costs a few dictionary look-ups.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from duplexsla.errors import ProtocolError
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary
from duplexsla.tools.schema import Argument, Function, Toolset

_UNSPOKEN = re.compile(r'["\\\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_NUMBER_START = re.compile(r"(0|[1-9][0-9]*)(\.[1-9]?)?")
_NUMBER = re.compile(r"(0|[1-9][0-9]*)(\.[1-9])?")


class State(NamedTuple):
    """A place in the grammar: a node of the graph, and what stands there so far of a free text or number."""

    node: int
    typed: str = ""


@dataclass
class _Node:
    edges: dict[int, int] = field(default_factory=dict)  # piece id -> node
    free: Argument | None = None  # here, text or digits of this argument come before an edge can be taken


class _TextPiece(NamedTuple):
    """A piece that may stand in free text. A text has one space first and one between words."""

    id: int
    room: int  # characters it takes; with one more after a last space, for text has to follow
    spaced: bool

    @classmethod
    def of(cls, id: int, piece: str) -> "_TextPiece":
        return cls(id, len(piece) + piece.endswith(" "), piece.startswith(" "))

    def fits(self, room: int, last: str) -> bool:
        """Whether it can follow the character `last` ("" at the start) where `room` characters are left."""
        return self.room <= room and (last == "x" or self.spaced == (last == ""))


class CallGrammar:
    """What may stand between <|toolcall_begin|> and <|toolcall_end|>, for one vocabulary and toolset."""

    def __init__(self, vocabulary: Vocabulary, toolset: Toolset) -> None:
        self._vocabulary = vocabulary
        self._pieces = vocabulary.pieces(range(len(vocabulary)))
        self._texts = [
            _TextPiece.of(id, piece) for id, piece in enumerate(self._pieces) if _may_stand_in_text(piece)
        ]
        self._digits = [id for id, piece in enumerate(self._pieces) if re.fullmatch(r"[0-9.]+", piece)]
        self._longest = max(text.room for text in self._texts)
        self._nodes: list[_Node] = []
        self._masks: dict[Hashable, bytes] = {}
        self._text_parts: dict[tuple[int, str], list[int]] = {}  # shared by all free texts
        self._shared: dict[bytes, bytes] = {}  # equal masks are one object
        self._keys: dict[tuple[str, int], int] = {}  # (function, first argument) -> node before a key
        self._before_names: set[int] = set()  # nodes where a function's name begins or goes on
        self._start = self._node()
        self._done = self._node()
        self._edge(self._done, tokens.TOOLCALL_END, self._start)
        self._compile(toolset)

    def start(self) -> State:
        """The state right after <|toolcall_begin|>."""
        return State(self._start)

    def done(self, state: State) -> bool:
        """Whether the call is complete: only <|toolcall_end|> may follow, and leads back to the start."""
        return state.node == self._done

    def naming(self, state: State) -> bool:
        """Whether what comes next decides which function is called."""
        return state.node in self._before_names

    def allowed(self, state: State) -> bytes:
        """One byte per piece of the vocabulary, 1 where it may come next; never all zero."""
        key = self._mask_key(state)
        mask = self._masks.get(key)
        if mask is None:
            mask = self._masks[key] = self._mask(state)
        return mask

    def advance(self, state: State, piece_id: int) -> State:
        """The state after one more piece; raises ProtocolError if `allowed` forbids it."""
        if not 0 <= piece_id < len(self._pieces) or not self.allowed(state)[piece_id]:
            raise ProtocolError(f"piece {piece_id} may not come next in a tool call")
        target = self._nodes[state.node].edges.get(piece_id)
        if target is not None:
            return State(target)
        return State(state.node, state.typed + self._pieces[piece_id])

    def _mask_key(self, state: State) -> Hashable:
        """States with equal keys have equal masks; of free text only its end and the room left matter."""
        free = self._nodes[state.node].free
        if free is None or free.kind != "text":
            return state
        return state.node, *self._text_key(state.typed, free)

    def _text_key(self, typed: str, free: Argument) -> tuple[int, str]:
        room = 1 + free.maximum - len(typed)  # 1: the leading space
        return min(room, self._longest), typed[-1:] if typed[-1:] in ("", " ") else "x"

    def _mask(self, state: State) -> bytes:
        node = self._nodes[state.node]
        mask = bytearray(len(self._pieces))
        if node.free is not None:
            for id in self._inside(state.typed, node.free):
                mask[id] = 1
        if node.free is None or _may_close(state.typed, node.free):
            for id in node.edges:
                mask[id] = 1
        return self._shared.setdefault(bytes(mask), bytes(mask))

    def _inside(self, typed: str, free: Argument) -> list[int]:
        """Pieces that go on with a free text or number."""
        if free.kind != "text":
            return [id for id in self._digits if _may_become(typed + self._pieces[id], free)]
        key = self._text_key(typed, free)
        if key not in self._text_parts:
            self._text_parts[key] = [text.id for text in self._texts if text.fits(*key)]
        return self._text_parts[key]

    def _compile(self, toolset: Toolset) -> None:
        opened = self._follow(self._start, tokens.CALL_OPEN)
        for function in toolset.functions:
            named = self._spell(opened, function.name, through=self._before_names)
            self._continue(named, function, 0, tokens.ARGUMENTS_OPEN, tokens.NO_ARGUMENTS)

    def _continue(self, node: int, function: Function, index: int, more: str, close: str) -> None:
        """Edges of a place before argument `index`: a key if there can be one, the end if none must."""
        rest = function.arguments[index:]
        if rest:
            self._edge(node, more, self._key(function, index))
        if not any(argument.required for argument in rest):
            self._edge(node, close, self._done)

    def _key(self, function: Function, index: int) -> int:
        """Where the key of argument `index` stands, or a later one if those between are optional."""
        known = self._keys.get((function.name, index))
        if known is not None:
            return known
        node = self._keys[function.name, index] = self._node()
        for position in range(index, len(function.arguments)):
            argument = function.arguments[position]
            self._value(self._spell(node, argument.name), function, position)
            if argument.required:
                break
        return node

    def _value(self, node: int, function: Function, index: int) -> None:
        argument = function.arguments[index]
        after_text = (function, index + 1, tokens.NEXT_AFTER_TEXT, tokens.CLOSE_AFTER_TEXT)
        if argument.takes_number:
            digits = self._follow(node, tokens.NUMBER_VALUE, free=argument)
            self._continue(digits, function, index + 1, tokens.NEXT_AFTER_NUMBER, tokens.CLOSE_AFTER_NUMBER)
        if argument.takes_choice:
            opened = self._follow(node, tokens.TEXT_VALUE)
            for choice in argument.choices:
                self._continue(self._spell(opened, f" {choice}"), *after_text)
        if argument.kind == "text":
            self._continue(self._follow(node, tokens.TEXT_VALUE, free=argument), *after_text)

    def _node(self, free: Argument | None = None) -> int:
        self._nodes.append(_Node(free=free))
        return len(self._nodes) - 1

    def _edge(self, node: int, piece: str, target: int) -> None:
        self._nodes[node].edges[self._vocabulary.id(piece)] = target

    def _follow(self, node: int, piece: str, *, free: Argument | None = None) -> int:
        target = self._node(free)
        self._edge(node, piece, target)
        return target

    def _spell(self, node: int, text: str, *, through: set[int] | None = None) -> int:
        """The place after `text`; words that begin alike share their first places. `through` gets the places
        on the way.
        """
        for id in self._vocabulary.encode(text):
            if through is not None:
                through.add(node)
            edges = self._nodes[node].edges
            if id not in edges:
                edges[id] = self._node()
            node = edges[id]
        return node


def _may_stand_in_text(piece: str) -> bool:
    return not tokens.is_marker(piece) and not _UNSPOKEN.search(piece) and "  " not in piece


def _may_become(typed: str, argument: Argument) -> bool:
    """Whether `typed` is, or begins, a number that the argument can be."""
    match = _NUMBER_START.fullmatch(typed)
    if match is None:
        return False
    whole = int(match[1])
    if match[2]:
        return argument.kind != "integer" and argument.minimum <= whole < argument.maximum
    zeros = range(1) if whole == 0 else range(len(str(argument.maximum)))
    return any(whole * 10**k <= argument.maximum and (whole + 1) * 10**k > argument.minimum for k in zeros)


def _may_close(typed: str, argument: Argument) -> bool:
    """Whether `typed` is a whole value of the argument."""
    if argument.kind == "text":
        return typed.strip() != "" and not typed.endswith(" ")
    return bool(_NUMBER.fullmatch(typed)) and argument.minimum <= float(typed) <= argument.maximum
