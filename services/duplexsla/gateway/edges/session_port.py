"""The port between an edge and the calls: a session is opened, served and ended here, whatever its wire.

An edge turns what its client sends into messages of session.proto, and messages into what its client reads.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from duplexsla.errors import DuplexSLAError, NotAuthenticated, ProtocolError, SessionTooLong
from duplexsla.gateway.call.call import Attachment, Call
from duplexsla.gateway.call.pipeline import receive, send
from duplexsla.gateway.call.rights import CallerRights
from duplexsla.gateway.edges.opening_streams import OpeningStreams
from duplexsla.gateway.gateway import Gateway
from duplexsla.security.principal import Principal
from duplexsla.session.messages import Inbound
from duplexsla.v1.session_pb2 import ConverseRequest, ConverseResponse, Open

logger = logging.getLogger(__name__)

ABORT_S = 1.0  # for a message under way, and for a status to leave; flow control may hold them back for ever


class ClientPort(Protocol):
    """One client's connection. Both are cancelled when the session ends without it."""

    async def read(self) -> ConverseRequest | None:
        """The client's next message; None after the last. Raises ProtocolError for what is none."""

    async def write(self, message: ConverseResponse) -> None:
        """Returns once the client's flow control has it; ProtocolError when the client went away."""


class SessionPort:
    """Of a gateway, for all of its edges; `live` counts the sessions that each serves, by its name."""

    def __init__(self, gateway: Gateway, opening: OpeningStreams) -> None:
        self.gateway, self.opening = gateway, opening
        self.live: Counter[str] = Counter()

    async def open(
        self,
        client: ClientPort,
        metadata: Mapping[str, str],
        peer: str,
        identify: Callable[[], Awaitable[Principal]],
    ) -> tuple[Call, Attachment]:
        """The session that the client's first message asks for, in time. Nothing is read of a caller whom
        nobody knows. Raises what `Gateway.open` does, counted. Cancelling is safe.
        """
        inbound = Inbound()
        try:
            async with self.opening.wait(peer):
                principal = await identify()
                message = await client.read()
            if message is None:
                raise ProtocolError("the stream ended before open")
            opening = inbound.take(message)
            if not isinstance(opening, Open):
                raise ProtocolError(
                    "a message of an unknown kind before open: the first message must be open"
                )
            return await self.gateway.open(opening, metadata, inbound, CallerRights(principal, peer))
        except DuplexSLAError as error:
            self.gateway.counts.refused += 1
            self.gateway.counts.refusals[error.code] += 1
            raise

    async def serve(
        self, call: Call, attachment: Attachment, client: ClientPort, edge: str
    ) -> DuplexSLAError | None:
        """A whole session, or the part of it until the client resumes; the error with which it ended.

        Cancelling is safe: the client went away, and its slot comes back all the same.
        """
        self.live[edge] += 1
        sending = asyncio.create_task(send(call, attachment, client.write), name="send")
        try:
            failure = await _attend(call, attachment, client, sending)
        finally:
            self.live[edge] -= 1
            self.gateway.calls.detach(call, attachment)
            await _end_writing(sending)
        if failure is not None:
            # What ends by a limit of its caller's is no failure of the service.
            self.gateway.counts.failed += not isinstance(failure, NotAuthenticated | SessionTooLong)
        return failure


async def _attend(
    call: Call, attachment: Attachment, client: ClientPort, sending: asyncio.Task[None]
) -> DuplexSLAError | None:
    """Serves one client until its stream is over; the error with which it ends, if any.

    Then `sending` takes no more of the call's messages, but may still write one.
    """
    receiving = asyncio.create_task(_receive(call, attachment, client), name="receive")
    try:
        over: set[asyncio.Future[Any]] = {attachment.ended, call.finished, sending}
        await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        if attachment.ended.done():
            return attachment.ended.result()
        if not call.over:
            return ProtocolError(f"the client went away: {sending.exception()}")
        return await _send_rest(call, sending)
    finally:
        attachment.over = True
        receiving.cancel()
        if attachment.writing_since is None:
            sending.cancel()
        await asyncio.wait({receiving})


async def _end_writing(sending: asyncio.Task[None]) -> None:
    """A stream whose write is cancelled can have no status: the message under way has a while to leave."""
    await asyncio.wait({sending}, timeout=ABORT_S)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def _receive(call: Call, attachment: Attachment, client: ClientPort) -> None:
    """What the client does wrong ends its call."""
    try:
        await receive(call, attachment, client.read)
    except DuplexSLAError as error:
        call.fail(error)
    except Exception as error:  # outermost frame of this direction: this call alone ends
        logger.exception("receive_failed_internally session=%016x", call.session_id)
        call.fail(error)


async def _send_rest(call: Call, sending: asyncio.Task[None]) -> DuplexSLAError | None:
    """Lets the client have the last messages, for a while; the error with which the stream ends."""
    wait_s = call.timeouts.stall_s if call.error is None else call.timeouts.final_messages_s
    _, unread = await asyncio.wait({sending}, timeout=wait_s)
    if unread:
        return call.error or ProtocolError("the client does not read its messages")
    return call.error
