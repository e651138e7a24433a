"""One recording, one session, one record of what happened."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Literal

from duplexsla.cli.call_record import CallRecord
from duplexsla.client import Client, connect, play, stop_playing
from duplexsla.client.channels import ClientTls
from duplexsla.client.credentials import Token
from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import DuplexSLAError
from duplexsla.v1.session_pb2 import ConverseResponse

BYTES_PER_S = 2 * SAMPLE_RATE
Show = Callable[[ConverseResponse], None]


def converse(
    address: str,
    *,
    home: str,
    samples: bytes,
    live: bool,
    show: Show,
    attention: str = "",
    turn: bool = False,
    token: Token = "",
    tls: ClientTls | None = None,
) -> CallRecord:
    """Sends `samples` to the gateway at `address`, in real time or unpaced; `show` sees each answer at once.
    `turn`: somebody turns to the service before the first of them.

    `address` may name several, with commas. A connection that is lost is replaced. What ends the session
    early is in the record, not raised.
    """
    record = CallRecord()
    try:
        clock: Literal["live", "file"] = "live" if live else "file"
        asyncio.run(
            _converse(
                record,
                connect(*address.split(","), token=token, tls=tls),
                samples,
                show,
                turn,
                home=home,
                clock=clock,
                attention=attention,
            )
        )
    except DuplexSLAError as error:
        record.failed(f"{error.code}: {error}")
    return record


async def _converse(
    record: CallRecord,
    connection: AbstractAsyncContextManager[Client],
    samples: bytes,
    show: Show,
    turn: bool,
    **opening: Any,
) -> None:
    async with (
        connection as client,
        AsyncExitStack() as stack,
        client.converse(**opening) as conversation,
    ):
        show(ConverseResponse(opened=conversation.opened))
        if turn:
            await conversation.turn_to(for_ms=len(samples) * 1_000 // BYTES_PER_S)
        stack.push_async_callback(stop_playing, asyncio.create_task(play(conversation, samples)))
        async for response in conversation:
            record.add(response)
            show(response)
