"""The RPC: opens a session, runs its four directions, ends it with one meaning."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import grpc

from duplexsla.errors import DuplexSLAError, ProtocolError
from duplexsla.gateway import endings
from duplexsla.gateway.directions import answer, deliver, hear, pace
from duplexsla.gateway.gateway import Gateway
from duplexsla.gateway.live_session import LiveSession
from duplexsla.session.inbound import Inbound
from duplexsla.v1.session_pb2 import ConverseRequest, Open
from duplexsla.v1.session_pb2_grpc import SessionServiceServicer

logger = logging.getLogger(__name__)

ABORT_S = 1.0  # for a status to leave; flow control may hold it back for ever
OPEN_S = 10.0  # a stream that has not opened a session by then ends


class Sessions(SessionServiceServicer):
    """The SessionService on grpc.aio. A client that goes away cancels `Converse`; its slot comes back all
    the same.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def Converse(
        self, requests: AsyncIterator[ConverseRequest], context: grpc.aio.ServicerContext
    ) -> None:
        """Opens, runs and forgets one session; its slot is free before the client has read how it ended."""
        try:
            session = await self._open(context)
        except DuplexSLAError as error:
            self._gateway.counts.refused += 1
            await context.write(endings.message(error))
            await _abort(context, error)
            return
        try:
            failure = await _run(session, context)
        finally:
            self._gateway.dismiss(session)
        if failure is not None:
            self._gateway.counts.failed += 1
            await _abort(context, failure)

    async def _open(self, context: grpc.aio.ServicerContext) -> LiveSession:
        inbound = Inbound()
        try:
            async with asyncio.timeout(OPEN_S):
                message = await context.read()
        except TimeoutError:
            raise ProtocolError(f"no message within {OPEN_S:g} s: send open first") from None
        if message is grpc.aio.EOF:
            raise ProtocolError("the stream ended before open")
        opening = inbound.take(message)
        if not isinstance(opening, Open):
            raise ProtocolError("a message of an unknown kind before open: the first message must be open")
        metadata = {
            key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)
        }
        session = await self._gateway.admit(opening, metadata, inbound)
        session.post(session.conversation.opened())
        return session


async def _run(session: LiveSession, context: grpc.aio.ServicerContext) -> DuplexSLAError | None:
    """Runs a session to its end; the error that ended it, which the client was told if it reads."""
    try:
        async with asyncio.TaskGroup() as group:
            delivering = group.create_task(deliver(session, context))
            error = await _converse(session, context)
            error = await _farewell(session, delivering, error)
    except BaseExceptionGroup as errors:
        error = _explained(session, errors)
    return error


async def _farewell(
    session: LiveSession, delivering: asyncio.Task[None], error: DuplexSLAError | None
) -> DuplexSLAError | None:
    """Lets the client have the last messages, for a while; the error with which the stream ends."""
    if error is not None:
        session.post(endings.message(error))
    session.spoken_all = True
    session.posted.ring()
    patience = session.patience.stall_s if error is None else session.patience.last_words_s
    _, unread = await asyncio.wait({delivering}, timeout=patience)
    if unread:
        delivering.cancel()
        return error or ProtocolError("the client does not read its messages")
    return error


async def _converse(session: LiveSession, context: grpc.aio.ServicerContext) -> DuplexSLAError | None:
    """The three directions that may fail, side by side; the error that ended them, if any."""
    try:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(_watch(session))
            hearing = group.create_task(hear(session, context))
            group.create_task(pace(session))
            await answer(session)
            hearing.cancel()
            watching.cancel()
    except BaseExceptionGroup as errors:
        return _explained(session, errors)
    return None


async def _watch(session: LiveSession) -> None:
    """Raises what somebody outside has found wrong with this session."""
    await session.failure


def _explained(session: LiveSession, errors: BaseExceptionGroup[BaseException]) -> DuplexSLAError:
    """The error that a group stands for; one that is not ours is logged with its trace."""
    error = endings.meaning(errors)
    if error.code == "internal":
        logger.error("session %016x failed", session.lease.session_id, exc_info=errors)
    else:
        logger.info("session %016x ended: %s: %s", session.lease.session_id, error.code, error)
    return error


async def _abort(context: grpc.aio.ServicerContext, error: DuplexSLAError) -> None:
    """Ends the stream with the error's status, if the client takes it.

    grpc.aio cannot reset a stream: one whose client never reads stays open without a session, until its
    connection ends. Such streams are few: the server bounds their number.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(ABORT_S):
            await context.abort(*endings.status(error))
