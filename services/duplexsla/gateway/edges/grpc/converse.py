"""The RPC: opens or resumes a call, receives from and sends to one client, ends with one cause."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc.aio import EOF, InternalError, ServicerContext, UsageError

from duplexsla.errors import (
    BadInput,
    DuplexSLAError,
    Forbidden,
    NotAuthenticated,
    ProtocolError,
    Retriable,
    SessionTooLong,
    SlotsExhausted,
    StaleFence,
    UnknownHome,
)
from duplexsla.gateway.call import failures
from duplexsla.gateway.call.call import Attachment, Call
from duplexsla.gateway.call.failures import detail, retry_after_ms
from duplexsla.gateway.call.pipeline import Write, receive, send
from duplexsla.gateway.call.rights import CallerRights
from duplexsla.gateway.edges.grpc.opening_streams import OpeningStreams
from duplexsla.gateway.gateway import Gateway
from duplexsla.security.access import peer_of
from duplexsla.session.messages import Inbound
from duplexsla.v1.session_pb2 import ConverseRequest, ConverseResponse, Open
from duplexsla.v1.session_pb2_grpc import SessionServiceServicer

logger = logging.getLogger(__name__)

ABORT_S = 1.0  # for a message under way, and for a status to leave; flow control may hold them back for ever

AUTHORIZATION = "authorization"
SAN = "x509_subject_alternative_name"  # https://grpc.github.io/grpc/core/grpc__security__constants_8h.html
PUSHBACK = "grpc-retry-pushback-ms"  # https://github.com/grpc/proposal/blob/master/A6-client-retries.md

# The first class that fits decides.
STATUS: tuple[tuple[type[DuplexSLAError], grpc.StatusCode], ...] = (
    (UnknownHome, grpc.StatusCode.NOT_FOUND),
    (NotAuthenticated, grpc.StatusCode.UNAUTHENTICATED),
    (Forbidden, grpc.StatusCode.PERMISSION_DENIED),
    (BadInput, grpc.StatusCode.INVALID_ARGUMENT),
    (SlotsExhausted, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (StaleFence, grpc.StatusCode.ABORTED),
    (Retriable, grpc.StatusCode.UNAVAILABLE),
)


class ConverseServicer(SessionServiceServicer):
    """The SessionService on grpc.aio. A client that goes away cancels `Converse`; its slot comes back all
    the same.
    """

    def __init__(self, gateway: Gateway, opening: OpeningStreams) -> None:
        self._gateway, self._opening = gateway, opening

    async def Converse(
        self, requests: AsyncIterator[ConverseRequest], context: grpc.aio.ServicerContext
    ) -> None:
        """One client's stream: a whole call, or the part of it until the client resumes."""
        try:
            call, client = await self._open(context)
        except DuplexSLAError as error:
            self._gateway.counts.refused += 1
            self._gateway.counts.refusals[error.code] += 1
            await _refuse(context, error)
            return
        sending = asyncio.create_task(send(call, client, _writer(context)), name="send")
        try:
            failure = await _attend(call, client, context, sending)
        finally:
            self._gateway.calls.detach(call, client)
            await _end_writing(sending)
        if failure is not None:
            # What ends by a limit of its caller's is no failure of the service.
            self._gateway.counts.failed += not isinstance(failure, NotAuthenticated | SessionTooLong)
            await _abort(context, failure)

    async def _open(self, context: grpc.aio.ServicerContext) -> tuple[Call, Attachment]:
        """Nothing is read of a caller whom nobody knows."""
        inbound, peer = Inbound(), peer_of(context.peer())
        metadata = {
            key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)
        }
        async with self._opening.wait(peer):
            principal = await self._gateway.access.identify(
                metadata.get(AUTHORIZATION, ""), peer, _certificate_names(context)
            )
            message = await _read(context)
        if message is None:
            raise ProtocolError("the stream ended before open")
        opening = inbound.take(message)
        if not isinstance(opening, Open):
            raise ProtocolError("a message of an unknown kind before open: the first message must be open")
        return await self._gateway.open(opening, metadata, inbound, CallerRights(principal, peer))


def _certificate_names(context: ServicerContext) -> list[str]:
    """Of the client's certificate, which the TLS layer has verified; none without one."""
    return [name.decode("utf-8", "replace") for name in context.auth_context().get(SAN, ())]


def _writer(context: ServicerContext) -> Write:
    async def write(message: ConverseResponse) -> None:
        try:
            await context.write(message)
        except (InternalError, UsageError) as error:
            raise ProtocolError("the client went away") from error

    return write


async def _attend(
    call: Call, client: Attachment, context: ServicerContext, sending: asyncio.Task[None]
) -> DuplexSLAError | None:
    """Serves one client until its stream is over; the error with which it ends, if any.

    Then `sending` takes no more of the call's messages, but may still write one.
    """
    receiving = asyncio.create_task(_receive(call, client, context), name="receive")
    try:
        over: set[asyncio.Future[Any]] = {client.ended, call.finished, sending}
        await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        if client.ended.done():
            return client.ended.result()
        if not call.over:
            return ProtocolError(f"the client went away: {sending.exception()}")
        return await _send_rest(call, sending)
    finally:
        client.over = True
        receiving.cancel()
        if client.writing_since is None:
            sending.cancel()
        await asyncio.wait({receiving})


async def _end_writing(sending: asyncio.Task[None]) -> None:
    """A stream whose write is cancelled can have no status: the message under way has a while to leave."""
    await asyncio.wait({sending}, timeout=ABORT_S)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def _receive(call: Call, client: Attachment, context: ServicerContext) -> None:
    """What the client does wrong ends its call."""
    try:
        await receive(call, client, lambda: _read(context))
    except DuplexSLAError as error:
        call.fail(error)
    except Exception as error:  # outermost frame of this direction: this call alone ends
        logger.exception("receive_failed_internally session=%016x", call.session_id)
        call.fail(error)


async def _read(context: ServicerContext) -> ConverseRequest | None:
    """The client's next message; None after the last. ProtocolError for bytes that are none."""
    try:
        message = await context.read()
    except DecodeError as error:
        raise ProtocolError("a message that is no ConverseRequest") from error
    return None if message is EOF else message


async def _send_rest(call: Call, sending: asyncio.Task[None]) -> DuplexSLAError | None:
    """Lets the client have the last messages, for a while; the error with which the stream ends."""
    wait_s = call.timeouts.stall_s if call.error is None else call.timeouts.final_messages_s
    _, unread = await asyncio.wait({sending}, timeout=wait_s)
    if unread:
        return call.error or ProtocolError("the client does not read its messages")
    return call.error


async def _refuse(context: grpc.aio.ServicerContext, error: DuplexSLAError) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(ABORT_S):
            await context.write(failures.message(error))
    await _abort(context, error)


async def _abort(context: grpc.aio.ServicerContext, error: DuplexSLAError) -> None:
    """Ends the stream with the error's status, if the client takes it.

    grpc.aio cannot reset a stream: one whose client never reads stays open without a session, until its
    connection ends.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(ABORT_S):
            await context.abort(*status(error))


def status(error: DuplexSLAError) -> tuple[grpc.StatusCode, str, tuple[tuple[str, str], ...]]:
    """Status code, its text ("<code>: <sentence>") and trailing metadata."""
    codes = (code for kind, code in STATUS if isinstance(error, kind))
    retry_ms = retry_after_ms(error)
    trailing = ((PUSHBACK, str(retry_ms)),) if retry_ms else ()
    return next(codes, grpc.StatusCode.INTERNAL), f"{error.code}: {detail(error)}", trailing
