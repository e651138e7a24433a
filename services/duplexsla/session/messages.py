"""What a client may send, and when: open once, then audio and what else it tells, then end."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from google.protobuf.unknown_fields import UnknownFieldSet

from duplexsla.errors import ProtocolError, UnknownHome
from duplexsla.protocol.action_parser import ActionParser
from duplexsla.session.client_sound import FORMAT, check_format
from duplexsla.v1.journal_pb2 import SessionRecord
from duplexsla.v1.session_pb2 import (
    ATTENTION_MODE_ALWAYS,
    CLOCK_FILE,
    CLOCK_LIVE,
    CLOCK_UNSPECIFIED,
    NOTICE_KIND_UNKNOWN_FIELDS,
    Attention,
    AttentionMode,
    Clock,
    Confirm,
    ConverseRequest,
    Notice,
    Open,
    Playback,
    Stop,
    Text,
)

MAX_HOME_CHARS = 64
MAX_PLACE_CHARS = 64
UNKNOWN_FIELDS = "fields unknown to this server were ignored"
NAME = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{MAX_HOME_CHARS - 1}}}")  # of homes and tenants
NAME_FORM = f"1 to {MAX_HOME_CHARS} of [a-z0-9._-], the first a letter or a digit,"
DEFAULT_TOOLSET = "home"
METADATA_HOME = "duplexsla-home"
METADATA_TENANT = "duplexsla-tenant"


Control = Attention | Confirm | Stop | Playback | Text  # what a client tells beside its sound


class Stage(Enum):
    NEW = "new"
    OPEN = "open"
    ENDED = "ended"


class Inbound:
    """Puts the client's messages in order; ProtocolError for one that comes too early, too late or twice."""

    def __init__(self) -> None:
        self.stage = Stage.NEW
        self.unknown_fields = False  # seen at least once
        self.hung_up = False  # the client has gone for good
        self.audio = FORMAT  # of this stream; a client that resumes need not say so
        self._notices: list[Notice] = []

    def take(self, message: ConverseRequest) -> Open | bytes | Control | None:
        """The opening, the samples of a frame, what else the client tells, or None for the end, and for what
        a later version may mean.
        """
        kind = message.WhichOneof("message")
        if not self.unknown_fields and _holds_unknown(message, kind):
            self.unknown_fields = True
            self._notices.append(Notice(kind=NOTICE_KIND_UNKNOWN_FIELDS, detail=UNKNOWN_FIELDS))
        if kind == "audio":
            self._expect(Stage.OPEN, "audio")
            return message.audio.samples
        if kind == "open":
            self._expect(Stage.NEW, "open")
            self.stage = Stage.OPEN
            if message.open.HasField("audio"):
                self.audio = message.open.audio
            return message.open
        if kind == "end":
            if not message.end.hang_up:
                self._expect(Stage.OPEN, "end")
            self.stage, self.hung_up = Stage.ENDED, message.end.hang_up
        elif kind is not None:
            self._expect(Stage.OPEN, kind)
            return _control(message)
        elif not self.unknown_fields:
            raise ProtocolError("an empty message: send open, audio or end")
        return None

    def take_notices(self) -> list[Notice]:
        """What the client is to be told of its messages, each once."""
        notices, self._notices = self._notices, []
        return notices

    def _expect(self, stage: Stage, kind: str) -> None:
        if self.stage is stage:
            return
        if self.stage is Stage.NEW:
            raise ProtocolError(f"{kind} before open: the first message must be open")
        if self.stage is Stage.OPEN:
            raise ProtocolError("a second open: one stream is one session")
        raise ProtocolError(f"{kind} after end: nothing may follow")


def _control(message: ConverseRequest) -> Control | None:
    match message.WhichOneof("message"):
        case "attention":
            return message.attention
        case "confirm":
            return message.confirm
        case "stop":
            return message.stop
        case "playback":
            return message.playback
        case "text":
            return message.text
    return None


def _holds_unknown(message: ConverseRequest, kind: str | None) -> bool:
    if len(UnknownFieldSet(message)):
        return True
    return kind is not None and len(UnknownFieldSet(getattr(message, kind))) > 0


@dataclass(frozen=True)
class SessionTerms:
    """What a session was opened with."""

    home: str
    toolset: str
    clock: Clock
    tenant: str = ""
    room: str = ""
    satellite: str = ""
    attention: AttentionMode = ATTENTION_MODE_ALWAYS

    @property
    def live(self) -> bool:
        return self.clock == CLOCK_LIVE

    def save(self, record: SessionRecord) -> None:
        record.home, record.toolset, record.clock = self.home, self.toolset, self.clock
        record.tenant, record.room, record.satellite = self.tenant, self.room, self.satellite
        record.attention = self.attention


def terms_of(record: SessionRecord) -> SessionTerms:
    """Those of a session that another gateway had."""
    return SessionTerms(
        record.home,
        record.toolset,
        record.clock,
        tenant=record.tenant,
        room=record.room,
        satellite=record.satellite,
        attention=record.attention,
    )


def agree(
    opening: Open, metadata: Mapping[str, str], attention: AttentionMode = ATTENTION_MODE_ALWAYS
) -> SessionTerms:
    """Terms of a session; call metadata wins over the message. `attention`: where the client leaves it open.

    Raises AudioError, UnknownHome (malformed) and ProtocolError; each says what to send.
    """
    home = metadata.get(METADATA_HOME) or opening.home
    if not NAME.fullmatch(home):
        raise UnknownHome(f"home {home[:MAX_HOME_CHARS]!r}: {NAME_FORM} name one")
    tenant = metadata.get(METADATA_TENANT, "")
    if tenant and not NAME.fullmatch(tenant):
        raise ProtocolError(f"tenant {tenant[:MAX_HOME_CHARS]!r}: {NAME_FORM} name one")
    toolset = opening.toolset or DEFAULT_TOOLSET
    ActionParser.named(toolset)  # refuses one that is not served
    check_format(opening.audio)
    return SessionTerms(
        home,
        toolset,
        _clock(opening.clock),
        tenant=tenant,
        room=_place(opening.room, "room"),
        satellite=_place(opening.satellite, "satellite"),
        attention=opening.attention or attention,
    )


def _place(name: str, what: str) -> str:
    if len(name) > MAX_PLACE_CHARS or not (name == "" or name.isprintable()):
        raise ProtocolError(
            f"{what} {name[:MAX_PLACE_CHARS]!r}: at most {MAX_PLACE_CHARS} printable characters"
        )
    return name


def _clock(clock: Clock) -> Clock:
    """Live unless said otherwise."""
    if clock in (CLOCK_LIVE, CLOCK_UNSPECIFIED):
        return CLOCK_LIVE
    if clock != CLOCK_FILE:
        raise ProtocolError(f"clock {clock}: choose CLOCK_LIVE or CLOCK_FILE")
    return CLOCK_FILE
