"""The RPC: one client's stream as a session of the port, and the status with which it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

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
    SlotsExhausted,
    StaleFence,
    UnknownHome,
)
from duplexsla.gateway.call import failures
from duplexsla.gateway.call.failures import detail, retry_after_ms
from duplexsla.gateway.edges.session_port import ABORT_S, SessionPort
from duplexsla.security.access import peer_of
from duplexsla.security.principal import Principal
from duplexsla.v1.session_pb2 import ConverseRequest, ConverseResponse
from duplexsla.v1.session_pb2_grpc import SessionServiceServicer

EDGE = "grpc"
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

    def __init__(self, port: SessionPort) -> None:
        self._port = port

    async def Converse(
        self, requests: AsyncIterator[ConverseRequest], context: grpc.aio.ServicerContext
    ) -> None:
        """One client's stream: a whole call, or the part of it until the client resumes."""
        client, peer = _Stream(context), peer_of(context.peer())
        metadata = {
            key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)
        }

        async def identify() -> Principal:
            authorization, names = metadata.get(AUTHORIZATION, ""), _certificate_names(context)
            try:
                return await self._port.gateway.access.identify(authorization, peer, names)
            except DuplexSLAError:
                await _throw_away(client)
                raise

        try:
            call, attachment = await self._port.open(client, metadata, peer, identify)
        except DuplexSLAError as error:
            await _refuse(context, error)
            return
        failure = await self._port.serve(call, attachment, client, EDGE)
        if failure is not None:
            await _abort(context, failure)


class _Stream:
    """A `ClientPort`."""

    def __init__(self, context: ServicerContext) -> None:
        self._context = context

    async def read(self) -> ConverseRequest | None:
        try:
            message = await self._context.read()
        except DecodeError as error:
            raise ProtocolError("a message that is no ConverseRequest") from error
        return None if message is EOF else message

    async def write(self, message: ConverseResponse) -> None:
        try:
            await self._context.write(message)
        except (InternalError, UsageError) as error:
            raise ProtocolError("the client went away") from error


async def _throw_away(client: _Stream) -> None:
    """The first message of a caller who is refused: grpc.aio's clients see no status while they write it."""
    with suppress(TimeoutError, ProtocolError):
        async with asyncio.timeout(ABORT_S):
            await client.read()


def _certificate_names(context: ServicerContext) -> list[str]:
    """Of the client's certificate, which the TLS layer has verified; none without one."""
    return [name.decode("utf-8", "replace") for name in context.auth_context().get(SAN, ())]


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
