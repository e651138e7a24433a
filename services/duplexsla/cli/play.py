"""One recording, one session, one record of what happened."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import grpc
import grpc.aio

from duplexsla.cli.call_record import CallRecord
from duplexsla.clock import SAMPLE_RATE, TOKEN_SAMPLES
from duplexsla.v1.session_pb2 import (
    AudioFormat,
    AudioFrame,
    Clock,
    ConverseRequest,
    ConverseResponse,
    Encoding,
    End,
    Open,
)
from duplexsla.v1.session_pb2_grpc import SessionServiceStub

FRAME_SAMPLES = TOKEN_SAMPLES  # 40 ms, as a telephone would send
FORMAT = AudioFormat(encoding=Encoding.ENCODING_PCM_S16LE, sample_rate_hz=SAMPLE_RATE, channels=1)


def play(
    address: str, *, home: str, samples: bytes, live: bool, show: Callable[[ConverseResponse], None]
) -> CallRecord:
    """Sends `samples` to the gateway at `address`, in real time or unpaced; `show` sees each answer."""
    return asyncio.run(_play(address, home, samples, live, show))


async def _play(
    address: str, home: str, samples: bytes, live: bool, show: Callable[[ConverseResponse], None]
) -> CallRecord:
    record = CallRecord()
    clock = Clock.CLOCK_LIVE if live else Clock.CLOCK_FILE
    opening = ConverseRequest(open=Open(home=home, audio=FORMAT, clock=clock))
    async with grpc.aio.insecure_channel(address) as channel:
        stream = SessionServiceStub(channel).Converse(_requests(opening, samples, live))
        try:
            async for response in stream:
                record.add(response)
                show(response)
        except grpc.aio.AioRpcError as error:
            record.failed(f"{error.code().name.lower()}: {error.details()}")
    return record


async def _requests(opening: ConverseRequest, samples: bytes, live: bool) -> AsyncIterator[ConverseRequest]:
    yield opening
    start_s = time.monotonic()
    for first in range(0, len(samples), FRAME_SAMPLES * 2):
        frame = samples[first : first + FRAME_SAMPLES * 2]
        if live:  # a frame exists once its last sample was spoken
            due_s = start_s + (first + len(frame)) / 2 / SAMPLE_RATE
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        yield ConverseRequest(audio=AudioFrame(samples=frame))
    yield ConverseRequest(end=End())
