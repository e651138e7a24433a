"""One recording, one session, one record of what happened."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Literal

from duplexsla.cli.call_record import CallRecord
from duplexsla.client import connect, play, stop_playing
from duplexsla.errors import DuplexSLAError
from duplexsla.v1.session_pb2 import ConverseResponse

Show = Callable[[ConverseResponse], None]


def converse(address: str, *, home: str, samples: bytes, live: bool, show: Show) -> CallRecord:
    """Sends `samples` to the gateway at `address`, in real time or unpaced; `show` sees each answer at once.

    `address` may name several, with commas. A connection that is lost is replaced. What ends the session
    early is in the record, not raised.
    """
    record = CallRecord()
    try:
        asyncio.run(_converse(record, address, home, samples, live, show))
    except DuplexSLAError as error:
        record.failed(f"{error.code}: {error}")
    return record


async def _converse(
    record: CallRecord, address: str, home: str, samples: bytes, live: bool, show: Show
) -> None:
    clock: Literal["live", "file"] = "live" if live else "file"
    async with (
        connect(*address.split(",")) as client,
        AsyncExitStack() as stack,
        client.converse(home, clock=clock) as conversation,
    ):
        show(ConverseResponse(opened=conversation.opened))
        stack.push_async_callback(stop_playing, asyncio.create_task(play(conversation, samples)))
        async for response in conversation:
            record.add(response)
            show(response)
