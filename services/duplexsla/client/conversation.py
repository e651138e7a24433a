"""A conversation with a gateway, over as many streams as it takes: a lost one is replaced unseen."""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from types import TracebackType
from typing import Literal

from duplexsla.audio.formats import check, chunk_bytes
from duplexsla.client.channels import Channels, ClientTls
from duplexsla.client.credentials import Token
from duplexsla.client.reconnection import addresses, waits_s
from duplexsla.client.sent_audio import SentAudio
from duplexsla.client.stream import Stream
from duplexsla.clock import SAMPLE_RATE
from duplexsla.enum_names import enum_name
from duplexsla.errors import DuplexSLAError, NotAuthenticated, Retriable
from duplexsla.v1.session_pb2 import (
    ATTENTION_MODE_ALWAYS,
    ATTENTION_MODE_PUSH_TO_TALK,
    ATTENTION_MODE_UNSPECIFIED,
    ATTENTION_MODE_WAKE,
    CLOCK_FILE,
    CLOCK_LIVE,
    ENCODING_PCM_S16LE,
    Attention,
    AudioFormat,
    Confirm,
    ConverseRequest,
    ConverseResponse,
    Encoding,
    Open,
    Opened,
    Playback,
    Reconnect,
    Stop,
    Text,
)
from duplexsla.v1.session_pb2_grpc import SessionServiceStub

FORMAT = AudioFormat(encoding=ENCODING_PCM_S16LE, sample_rate_hz=SAMPLE_RATE, channels=1)
CLOCKS = {"live": CLOCK_LIVE, "file": CLOCK_FILE}
MODES = {
    "": ATTENTION_MODE_UNSPECIFIED,
    "always": ATTENTION_MODE_ALWAYS,
    "wake": ATTENTION_MODE_WAKE,
    "push-to-talk": ATTENTION_MODE_PUSH_TO_TALK,
}
SILENT_S = 8.0  # a live session that was speaking and says nothing for so long has lost its connection
KEPT_OUTCOMES = 64  # that may come again
ATTEMPT_S = 3.0  # for one gateway to take a session up again


class Client:
    """Connections to gateways, opened on first use; they carry any number of conversations."""

    def __init__(self, gateways: Sequence[str], token: Token = "", tls: ClientTls | None = None) -> None:
        """host:port of gateways, the first one first. `token`: an API key or a bearer token, or what gives
        the present one, which is asked for each stream and again when a token has expired.
        """
        self.gateways, self._token, self._channels = gateways, token, Channels(tls)

    def converse(
        self,
        home: str,
        *,
        toolset: str = "home",
        room: str = "",
        satellite: str = "",
        clock: Literal["live", "file"] = "live",
        metadata: Mapping[str, str] | None = None,
        resume: bool = True,
        attention: str = "",
        audio: AudioFormat = FORMAT,
    ) -> "Conversation":
        """A conversation to enter with `async with`. `metadata` may hold a "traceparent".

        `room` and `satellite` say where the speaker is and which device hears, as the home calls them, where
        that is known. `audio` is the format of what is sent and of the chunks' sound, where it is not 16 kHz,
        mono, 16 bits; AudioError for one that is not served.

        With `resume` it resumes by itself, to this or another gateway, when its connection is lost.
        `attention`: always, wake or push-to-talk; empty: as the gateway has it.
        """
        opening = Open(
            home=home,
            audio=audio,
            clock=CLOCKS[clock],
            toolset=toolset,
            room=room,
            satellite=satellite,
            resumable=resume,
            attention=MODES[attention],
        )
        return Conversation(self, opening, metadata or {})

    def stream(self, address: str, metadata: Mapping[str, str]) -> Stream:
        token = self._token() if callable(self._token) else self._token
        shown = {"authorization": f"Bearer {token}"} if token else {}
        return Stream(SessionServiceStub(self._channels.to(address)), tuple({**metadata, **shown}.items()))

    @property
    def renews(self) -> bool:
        """Whether there may be another token by now."""
        return callable(self._token)

    async def close(self) -> None:
        await self._channels.close()


@asynccontextmanager
async def connect(*gateways: str, token: Token = "", tls: ClientTls | None = None) -> AsyncIterator[Client]:
    """A client of the gateways at these addresses (host:port); the first one is asked first. `token` as in
    Client; `tls` encrypts.
    """
    client = Client(gateways, token, tls)
    try:
        yield client
    finally:
        await client.close()


class Conversation:
    """One session. Send from one task and iterate in another; `opened` holds what was agreed.

    Iterating gives every message after `opened`, up to `closed`; it raises what ended the session otherwise.
    A lost connection is replaced by whoever iterates, or sends a file: meanwhile a live session's audio is
    heard by nobody (`unheard_bytes`), a file session's waits. Chunk indexes rise strictly whatever happens,
    and notices say what was lost. Leaving the block before `closed` ends the session. Cancelling a task that
    sends or iterates cuts the stream off: leave the block first, then cancel.
    """

    opened: Opened

    def __init__(self, client: Client, opening: Open, metadata: Mapping[str, str]) -> None:
        self._client, self._opening, self._metadata = client, opening, metadata
        self._resumes, self._live = opening.resumable, opening.clock == CLOCK_LIVE
        self._rng = random.Random()
        audio = opening.audio
        check(name := enum_name(Encoding, audio.encoding), audio.sample_rate_hz, audio.channels)
        self.chunk_bytes = chunk_bytes(name, audio.sample_rate_hz, audio.channels)
        self._audio = SentAudio(self.chunk_bytes)
        self._ended = False  # the client has sent its end
        self._over = False  # nothing more will come
        self._failure: DuplexSLAError | None = None  # that ended it
        self._closed = False  # the last message has come
        self._broken: Stream | None = None  # the stream that cannot be written to
        self._sending, self._reading = asyncio.Lock(), asyncio.Lock()
        self._inbox: deque[ConverseResponse] = deque()  # what a sender read while it replaced the stream
        self._resending: asyncio.Task[None] | None = None
        self._outcomes: deque[tuple[str, int]] = deque(maxlen=KEPT_OUTCOMES)
        self._lost_at: float | None = None  # the connection, and no chunk has come since
        self.next_chunk = 0  # index above the newest one received
        self.unheard_bytes = 0
        self.reconnects = 0

    @property
    def live(self) -> bool:
        """On the live clock: audio is heard at its own pace, and late or early audio is lost."""
        return self._live

    async def __aenter__(self) -> "Conversation":
        """Opens the session; raises UnknownHome, SlotsExhausted, Retriable... when it is refused."""
        *others, last = self._client.gateways
        for address in others:
            with suppress(Retriable):
                await self._open(address, self._opening)
                return self
        await self._open(last, self._opening)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        over, self._over = self._over, True  # whoever still sends is refused, and not cancelled: see Stream
        if self._resumes and not over:
            await self._stream.hang_up()
        if self._resending is not None:
            self._resending.cancel()
        self._stream.cancel()

    async def send(self, samples: bytes) -> None:
        """Sends samples in the conversation's format; waits while the server takes no more.

        Retriable once the session has ended; iterating raises why.
        """
        if self._over:
            raise Retriable("the session has ended")
        if not self._resumes:
            await self._stream.send(samples)
        elif self._live:
            await self._send_live(samples)
        else:
            self._audio.add(samples)
            await self._send_file()

    async def turn_to(self, *, for_ms: int = 0) -> None:
        """Somebody turned to the service: a wake word, a button. 0: for as long as usual.

        Raises Retriable, as the five below, where the session has ended or resumes just now.
        """
        await self._stream.tell(ConverseRequest(attention=Attention(attended=True, for_ms=for_ms)))

    async def turn_away(self) -> None:
        """Nobody speaks to the service any more: the button was released."""
        await self._stream.tell(ConverseRequest(attention=Attention()))

    async def confirm(self, action_id: str, *, yes: bool, code: str = "") -> None:
        """Answers the question of this action's outcome."""
        await self._stream.tell(ConverseRequest(confirm=Confirm(action_id=action_id, yes=yes, code=code)))

    async def stop(self) -> None:
        """Silence, now; what has not begun is taken back."""
        await self._stream.tell(ConverseRequest(stop=Stop()))

    async def played(self, chunk: int, samples: int) -> None:
        """So much of this chunk's sound was heard; fewer than 2,560 samples: playback was cut off there."""
        await self._stream.tell(ConverseRequest(playback=Playback(chunk=chunk, samples=samples)))

    async def send_text(self, words: str) -> None:
        """The user's words, typed in place of spoken: at most 50 characters of letters and digits."""
        await self._stream.tell(ConverseRequest(text=Text(words=words)))

    async def end(self) -> None:
        """No more sound: the server answers what it has and closes."""
        self._ended = True
        if self._resumes and not self._live:
            await self._send_file()
        with suppress(Retriable) if self._resumes else nullcontext():
            await self._stream.end()

    def __aiter__(self) -> AsyncIterator[ConverseResponse]:
        return self._responses()

    async def _responses(self) -> AsyncIterator[ConverseResponse]:
        while (response := await self._next()) is not None:
            yield response

    async def _next(self) -> ConverseResponse | None:
        """The next message, over whatever stream; None after the last one."""
        async with self._reading:
            while not self._inbox and not self._over:
                await self._take_one()
        if not self._inbox and self._failure is not None:
            raise self._failure
        return self._inbox.popleft() if self._inbox else None

    async def _take_one(self) -> None:
        """Reads one message into the inbox, or finds that there are no more, or replaces the stream."""
        try:
            response = await self._read()
            if response is not None and response.HasField("reconnect"):
                await self._resume(Retriable("the gateway went away"), reconnect=response.reconnect)
            elif response is None:
                self._over = True
            elif self._is_new(response):
                self._inbox.append(response)
        except Retriable as error:
            await self._recover(error)
        except DuplexSLAError as error:
            if isinstance(error, NotAuthenticated) and self._client.renews:
                await self._recover(error)
                return
            self._over, self._failure = True, None if self._closed else error

    async def _recover(self, error: DuplexSLAError) -> None:
        try:
            await self._resume(error)
        except DuplexSLAError as failure:
            self._over, self._failure = True, None if self._closed else failure

    async def _read(self) -> ConverseResponse | None:
        speaking = self._live and self._resumes and self.next_chunk and not self._ended
        try:
            async with asyncio.timeout(SILENT_S if speaking else None):
                return await self._stream.read()
        except TimeoutError:
            raise Retriable(f"the gateway has said nothing for {SILENT_S:g} s") from None

    def _is_new(self, response: ConverseResponse) -> bool:
        """False for what came before over another stream."""
        kind = response.WhichOneof("message")
        if kind == "chunk":
            if response.chunk.index < self.next_chunk:
                return False
            self.next_chunk, self._lost_at = response.chunk.index + 1, None
            self._audio.answered(self.next_chunk)
        elif kind == "outcome":
            key = (response.outcome.action_id, response.outcome.state)
            if key in self._outcomes:
                return False
            self._outcomes.append(key)
        self._closed = self._closed or kind == "closed"
        return True

    async def _send_live(self, samples: bytes) -> None:
        """A stream that is lost takes nothing: these samples are heard by nobody."""
        stream = self._stream
        if stream is not self._broken:
            try:
                await stream.send(samples)
                return
            except Retriable:
                self._broken = stream
        self.unheard_bytes += len(samples)

    async def _send_file(self) -> None:
        """Whatever the present stream has not been given, over as many streams as that takes."""
        async with self._sending:
            while (piece := self._audio.unsent()) and not self._over:
                stream = self._stream
                try:
                    await stream.send(piece)
                except Retriable:
                    await self._wait_for_new_stream(stream)
                    continue
                if stream is self._stream:
                    self._audio.sent(piece)

    async def _wait_for_new_stream(self, stream: Stream) -> None:
        """Reads what is left of a stream that cannot be written to, until another takes its place."""
        async with self._reading:
            while stream is self._stream and not self._over:
                await self._take_one()

    async def _open(self, address: str, opening: Open) -> None:
        stream = self._client.stream(address, self._metadata)
        try:
            self.opened = await stream.open(opening)
        except BaseException:
            stream.cancel()
            raise
        self._stream, self._address = stream, address

    async def _resume(self, error: DuplexSLAError, *, reconnect: Reconnect | None = None) -> None:
        """Takes the session up again somewhere; raises the error if it may not, or nobody lets it in time."""
        if not self._resumes or self._closed or (reconnect is None and not self.next_chunk):
            raise error
        self._broken = self._stream
        self._stream.cancel()
        reconnect = reconnect or Reconnect()
        known = [*self._client.gateways, *self.opened.gateways]
        asked = addresses(self._address, reconnect.addresses, known)
        self._lost_at = self._lost_at or time.monotonic()
        limit = self._lost_at + self.opened.resume_ms / 1e3
        for wait_s in waits_s(self._rng, after_s=reconnect.after_ms / 1e3):
            if time.monotonic() + wait_s > limit:
                raise error
            await asyncio.sleep(wait_s)
            if await self._resume_at(next(asked)):
                return

    async def _resume_at(self, address: str) -> bool:
        opening = Open(
            resumable=True,
            resume_token=self.opened.resume_token,
            next_chunk=self.next_chunk,
            audio=self._opening.audio,
        )
        try:
            async with asyncio.timeout(ATTEMPT_S):
                await self._open(address, opening)
        except (Retriable, TimeoutError):
            return False
        self.reconnects += 1
        if self._live:
            work = self._stream.end() if self._ended else None
        else:
            self._audio.rewind(self.opened.next_chunk)
            work = self._send_rest()
        if work is not None:
            self._resending = asyncio.create_task(work)
        return True

    async def _send_rest(self) -> None:
        """What a file's session had sent to a gateway that forgot it."""
        stream = self._stream
        await self._send_file()
        if self._ended and stream is self._stream:
            with suppress(Retriable):
                await stream.end()
