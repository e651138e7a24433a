"""The RPC: opens a session or comes back to one, runs the client's two directions, ends with one meaning."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import grpc

from duplexsla.errors import DuplexSLAError, ProtocolError, StaleFence
from duplexsla.gateway.call.call import Attachment, Call
from duplexsla.gateway.call.pipeline import deliver, hear, read
from duplexsla.gateway.edges.grpc import status
from duplexsla.gateway.gateway import Gateway
from duplexsla.session.inbound import Inbound
from duplexsla.v1.session_pb2 import ConverseRequest, Open
from duplexsla.v1.session_pb2_grpc import SessionServiceServicer

logger = logging.getLogger(__name__)

ABORT_S = 1.0  # for a status to leave; flow control may hold it back for ever
OPEN_S = 10.0  # a stream that has not opened a session by then ends


class ConverseServicer(SessionServiceServicer):
    """The SessionService on grpc.aio. A client that goes away cancels `Converse`; its slot comes back all
    the same.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def Converse(
        self, requests: AsyncIterator[ConverseRequest], context: grpc.aio.ServicerContext
    ) -> None:
        """One client's stream: a whole session, or the part of it until the client comes back."""
        try:
            session, line = await self._open(context)
        except DuplexSLAError as error:
            self._gateway.counts.refused += 1
            self._gateway.counts.refusals[error.code] += 1
            await context.write(status.message(error))
            await _abort(context, error)
            return
        try:
            failure = await _attend(session, line, context)
        finally:
            self._gateway.hang_up(session, line)
        if failure is not None:
            self._gateway.counts.failed += 1
            await _abort(context, failure)

    async def _open(self, context: grpc.aio.ServicerContext) -> tuple[Call, Attachment]:
        inbound = Inbound()
        try:
            async with asyncio.timeout(OPEN_S):
                message = await read(context)
        except TimeoutError:
            raise ProtocolError(f"no message within {OPEN_S:g} s: send open first") from None
        if message is None:
            raise ProtocolError("the stream ended before open")
        opening = inbound.take(message)
        if not isinstance(opening, Open):
            raise ProtocolError("a message of an unknown kind before open: the first message must be open")
        metadata = {
            key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)
        }
        return await self._gateway.open(opening, metadata, inbound)


async def _attend(
    session: Call, line: Attachment, context: grpc.aio.ServicerContext
) -> DuplexSLAError | None:
    """Hears and tells one client until its stream is over; the error with which it ends, if any."""
    hearing = asyncio.create_task(_listen(session, context), name="hearing")
    delivering = asyncio.create_task(deliver(session, context), name="delivering")
    try:
        over: set[asyncio.Future[Any]] = {session.ended, line.cut, delivering}
        await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        if line.cut.done():
            return None if session.hung_up else StaleFence("this session goes on over another stream")
        if not session.ended.done():
            return ProtocolError(f"the client went away: {delivering.exception()}")
        return await _farewell(session, delivering)
    finally:
        hearing.cancel()
        delivering.cancel()
        await asyncio.wait({hearing, delivering})


async def _listen(session: Call, context: grpc.aio.ServicerContext) -> None:
    """Hears the client; what it does wrong ends its session."""
    try:
        await hear(session, context)
    except DuplexSLAError as error:
        session.fail(error)
    except Exception as error:  # outermost frame of this direction: this session alone ends
        logger.exception("session %016x cannot be heard", session.session_id)
        session.fail(error)


async def _farewell(session: Call, delivering: asyncio.Task[None]) -> DuplexSLAError | None:
    """Lets the client have the last messages, for a while; the error with which the stream ends."""
    error = session.ended.result()
    patience = session.patience.stall_s if error is None else session.patience.last_words_s
    _, unread = await asyncio.wait({delivering}, timeout=patience)
    if unread:
        return error or ProtocolError("the client does not read its messages")
    return error


async def _abort(context: grpc.aio.ServicerContext, error: DuplexSLAError) -> None:
    """Ends the stream with the error's status, if the client takes it.

    grpc.aio cannot reset a stream: one whose client never reads stays open without a session, until its
    connection ends. Such streams are few: the server bounds their number.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(ABORT_S):
            await context.abort(*status.status(error))
