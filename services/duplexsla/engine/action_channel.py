"""One session's action channel, token by token: the budget, injected text, and calls that always parse.

Every chunk ends with <|action_end|>, by the model's choice or because the budget is used up; then what it
writes spills into the next chunk. Text of the service (outcomes) waits until nothing spills: it comes first
in the chunk after one that the model ended itself, as in the training data.
"""

from collections import deque
from collections.abc import Sequence

from duplexsla.clock import ACTION_BUDGET
from duplexsla.protocol import tokens
from duplexsla.protocol.call_confidence import CallChoice, CallConfidence, OpenCall
from duplexsla.protocol.call_grammar import CallGrammar, State
from duplexsla.protocol.tokens import Vocabulary
from duplexsla.tools import Toolset

MAX_INJECTED = 64  # tokens that wait; text that finds no room is dropped, and counted
MOST_WAITED_CHUNKS = 12  # injected text waits this long for a model that never ends, then goes in between


# Outside a call the model never writes these; it never says those.
_NEVER_WRITTEN = (
    tokens.PAD,
    tokens.VAD_SILENCE,
    tokens.TTS_PAD,
    tokens.TOOLCALL_END,
    tokens.OUTCOME_OPEN,
    tokens.OUTCOME_CLOSE,
    *tokens.SKELETON,
)
_FLIPPED = bytes([1, 0]).ljust(256, b"\0")  # of a mask's bytes
_NEVER_SAID = (tokens.PAD, tokens.ACTION_END, tokens.TOOLCALL_BEGIN, tokens.TOOLCALL_END, *tokens.LABELS)


class ActionRules:
    """What one vocabulary and toolset allow; shared by all sessions of the toolset."""

    def __init__(self, vocabulary: Vocabulary, toolset: Toolset) -> None:
        self.grammar = CallGrammar(vocabulary, toolset)
        self.end = vocabulary.id(tokens.ACTION_END)
        self.call_begin = vocabulary.id(tokens.TOOLCALL_BEGIN)
        self.call_end = vocabulary.id(tokens.TOOLCALL_END)
        self.outside = _mask(vocabulary, _NEVER_WRITTEN)
        self.not_calling = _mask(vocabulary, (*_NEVER_WRITTEN, tokens.TOOLCALL_BEGIN))
        self._only: dict[bytes, int | None] = {}

    def after(self, call: State, token: int) -> State | None:
        """Where an open call stands after one more token; None when that closes it. Raises ProtocolError."""
        state = self.grammar.advance(call, token)
        return None if token == self.call_end else state

    def only(self, mask: bytes) -> int | None:
        """The one token that a mask allows; None when there are more."""
        if mask not in self._only:
            self._only[mask] = mask.index(1) if mask.count(1) == 1 else None
        return self._only[mask]


def anchor_mask(vocabulary: Vocabulary) -> bytes:
    """One byte per piece, 1 where it may be the anchor T: ordinary text, <vad_silence> and <tts_pad>."""
    return _mask(vocabulary, (*_NEVER_SAID, *tokens.LANES, *tokens.SKELETON))


def _mask(vocabulary: Vocabulary, forbidden: tuple[str, ...]) -> bytes:
    mask = bytearray(b"\1" * len(vocabulary))
    for piece in forbidden:
        mask[vocabulary.id(piece)] = 0
    return bytes(mask)


class ActionChannel:
    """`begin_chunk`; then `certain`, or else a choice of `allowed`, and `put`, until it ends or is full."""

    def __init__(self, rules: ActionRules, *, budget: int = ACTION_BUDGET) -> None:
        self._rules, self._budget = rules, budget
        self._call: State | None = None
        self._injected: deque[int] = deque()
        self._injecting = False
        self._spills = False
        self._waited = 0  # chunks that injected text has waited
        self._open = OpenCall()  # the choices of `_call`
        self._written: list[int] = []
        self.injected_tokens = 0  # how many of this chunk's, from the left, the service wrote
        self.choices: list[CallChoice] = []  # this chunk's, that opened a call or went on with one
        self.closed: dict[int, CallConfidence] = {}  # calls by which of this chunk's tokens closed them

    @property
    def in_call(self) -> bool:
        return self._call is not None

    @property
    def written(self) -> list[int]:
        """This chunk's tokens so far, without <|action_end|>."""
        return self._written

    @property
    def pending(self) -> list[int]:
        """Text of the service that is not written yet."""
        return list(self._injected)

    @property
    def waited_chunks(self) -> int:
        """For how many chunks the oldest of it has waited."""
        return self._waited

    def inject(self, ids: list[int]) -> bool:
        """Queues text of the service; False, and none of it is taken, when too much waits already."""
        if len(self._injected) + len(ids) > MAX_INJECTED:
            return False
        self._injected.extend(ids)
        return True

    def replay(self, written: Sequence[int], *, injected: int, choices: Sequence[CallChoice] = ()) -> None:
        """Takes a chunk of a prefix whose first `injected` tokens the service wrote. Raises ProtocolError.

        `choices` as they were told: a call without one of its own is unknown.
        """
        known = iter(choices)
        for token in written[injected:]:
            chosen = self.outside_of_call(token) is not None
            self._follow_call(token, next(known, None) if chosen else None)
            self._spills = True
        if len(written) < self._budget:
            self._spills = False
        self._injecting = injected == self._budget  # and more of it may wait

    def restore_pending(self, ids: list[int], waited_chunks: int) -> bool:
        """After the last chunk of a prefix: text of the service that is still to be written. As `inject`."""
        self._waited = waited_chunks
        taken = self.inject(ids)
        self._injecting = self._injecting and bool(self._injected)
        return taken

    def begin_chunk(self) -> None:
        self._written, self.injected_tokens, self.choices, self.closed = [], 0, [], {}
        if not self._injected:
            return
        self._waited += 1
        waits = self._spills and self._waited <= MOST_WAITED_CHUNKS
        if not self.in_call and not waits:
            self._injecting = True

    def certain(self) -> int | None:
        """The next token where there is nothing to choose: the service has it, or only one fits the call."""
        if self._injecting:
            return self._injected[0]
        return None if self._call is None else self._rules.only(self._rules.grammar.allowed(self._call))

    def allowed(self) -> bytes:
        """What the model may choose: one byte per piece, never all zero."""
        return self._choice_in(self._call)

    @property
    def outside(self) -> bytes:
        """What may be chosen outside of a call."""
        return self._rules.outside

    @property
    def room(self) -> int:
        """How many more tokens this chunk takes."""
        return self._budget - len(self._written)

    def choice(self) -> bytes | None:
        """What may be chosen next; None where there is nothing to choose."""
        return None if self.full or self.certain() is not None else self.allowed()

    def ahead(self) -> tuple[list[int], bytes | None]:
        """The tokens that are certain to come next in this chunk, and what may be chosen after them."""
        if self._injecting:
            certain = list(self._injected)[: self.room]
            return certain, None if len(certain) == self.room else self._choice_in(self._call)
        certain, call = [], self._call
        while call is not None and len(certain) < self.room:
            token = self._rules.only(self._rules.grammar.allowed(call))
            if token is None:
                break
            certain.append(token)
            call = self._rules.after(call, token)
        return certain, None if len(certain) == self.room else self._choice_in(call)

    def _choice_in(self, call: State | None) -> bytes:
        return self._rules.outside if call is None else self._rules.grammar.allowed(call)

    def outside_of_call(self, token: int) -> bytes | None:
        """Where `token` opens a call or is one of several that go on with it: one byte per piece, 1 for what
        the model would have written otherwise. None elsewhere.
        """
        if self._call is None:
            return self._rules.not_calling if token == self._rules.call_begin else None
        allowed = self._rules.grammar.allowed(self._call)
        return allowed.translate(_FLIPPED) if self._rules.only(allowed) is None else None

    def put(self, token: int, choice: CallChoice | None = None) -> bool:
        """Takes the next token; False if it ends the chunk. Raises ProtocolError if it breaks a call.

        `choice`: how it was chosen, where `outside_of_call` asks.
        """
        if self._injecting:
            self._pop_injected()
        elif token == self._rules.end:
            self._spills = False
            return False
        else:
            if self._follow_call(token, choice):
                self.closed[len(self._written)] = self._open.confidence()
            if choice is not None:
                self.choices.append(choice)
            self._spills = True  # until the model ends a chunk itself
        self._written.append(token)
        return True

    @property
    def full(self) -> bool:
        """The budget of this chunk is used up: <|action_end|> comes without a choice."""
        return len(self._written) >= self._budget

    def _pop_injected(self) -> None:
        self._injected.popleft()
        self.injected_tokens += 1
        if not self._injected:
            self._injecting, self._waited = False, 0

    def _follow_call(self, token: int, choice: CallChoice | None) -> bool:
        """Whether the token closes a call."""
        rules, call = self._rules, self._call
        if call is None:
            if token == rules.call_begin:
                self._call, self._open = rules.grammar.start(), OpenCall()
                self._open.opened(choice)
            return False
        if rules.only(rules.grammar.allowed(call)) is None:
            take = self._open.named if rules.grammar.naming(call) else self._open.filled
            take(choice)
        self._call = rules.after(call, token)
        return self._call is None
