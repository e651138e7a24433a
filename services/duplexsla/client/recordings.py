"""Recordings into conversations, in real time or as fast as they are taken."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Literal

from duplexsla.audio.wav import read_wav
from duplexsla.client.conversation import Conversation, connect
from duplexsla.client.credentials import Token
from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, SAMPLE_RATE, TOKEN_SAMPLES
from duplexsla.errors import DuplexSLAError
from duplexsla.v1.session_pb2 import ConverseResponse

FRAME_SAMPLES = TOKEN_SAMPLES  # 40 ms
TAIL_S = 4.0  # silence after a recording, in which the reply is heard


async def play(
    conversation: Conversation,
    samples: bytes,
    *,
    paced: bool | None = None,
    frame_samples: int = FRAME_SAMPLES,
) -> None:
    """Sends all samples, which are in the conversation's format, then the end; `frame_samples` are of 16 kHz.

    Paced: a frame leaves when its last sample would have been spoken.

    A live conversation is paced unless `paced` says otherwise: of audio that comes too early a gateway
    keeps 640 ms and drops the rest. One on the file clock takes samples as fast as they are decoded.
    Cancelling it leaves the conversation without its end.
    """
    paced = conversation.live if paced is None else paced
    start_s, size = time.monotonic(), conversation.chunk_bytes * frame_samples // CHUNK_SAMPLES
    for at in range(0, len(samples), size):
        frame = samples[at : at + size]
        if paced:
            due_s = start_s + (at + len(frame)) / conversation.chunk_bytes * CHUNK_S
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        await conversation.send(frame)
    await conversation.end()


async def stream_file(
    address: str,
    path: str | Path,
    *,
    home: str,
    toolset: str = "home",
    paced: bool = True,
    tail_s: float = TAIL_S,
    metadata: Mapping[str, str] | None = None,
    token: Token = "",
) -> AsyncIterator[ConverseResponse]:
    """Every message of a session that hears this recording and `tail_s` of silence; raises what ended it.

    Paced: in real time, on the live clock. Otherwise as fast as it is decoded, on the file clock. `token`: an
    API key or a bearer token.
    """
    samples = read_wav(path) + bytes(2 * int(tail_s * SAMPLE_RATE))
    clock: Literal["live", "file"] = "live" if paced else "file"
    async with (
        connect(address, token=token) as client,
        AsyncExitStack() as stack,
        client.converse(home, toolset=toolset, clock=clock, metadata=metadata) as conversation,
    ):
        stack.push_async_callback(stop_playing, asyncio.create_task(play(conversation, samples)))
        async for response in conversation:
            yield response


async def stop_playing(playing: asyncio.Task[None]) -> None:
    """Ends it once its conversation is over: before, cancelling it would cut the conversation off."""
    playing.cancel()
    with suppress(asyncio.CancelledError, DuplexSLAError):
        await playing
