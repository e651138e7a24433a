import asyncio
import time
from pathlib import Path

import pytest
from tests.support.gateway_process import world

from duplexsla.audio.wav import write_wav
from duplexsla.client import play, stream_file
from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES
from duplexsla.errors import Retriable, UnknownHome
from duplexsla.gateway.call.call import Timeouts

CHUNK = b"\1\2" * CHUNK_SAMPLES


def _wav(path: Path, samples: bytes) -> Path:
    write_wav(path, samples)
    return path


def test_a_recording_comes_back_from_an_echo(tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", CHUNK * 5)

    async def scenario() -> None:
        async with world() as here:
            stream = stream_file(here.address, path, home="h1", paced=False, tail_s=2 * CHUNK_S)
            responses = [response async for response in stream]
        sounds = [response.chunk.sound for response in responses if response.HasField("chunk")]
        assert sounds == [CHUNK] * 5 + [b""] * 2 and responses[-1].closed.chunks == 7

    asyncio.run(scenario())


def test_a_paced_recording_takes_its_time(tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", CHUNK * 2)

    async def scenario() -> None:
        async with world() as here:
            start = time.monotonic()
            responses = [response async for response in stream_file(here.address, path, home="h1", tail_s=0)]
            assert responses[-1].closed.chunks == 2 and time.monotonic() - start >= 2 * CHUNK_S

    asyncio.run(scenario())


def test_a_refused_recording_raises_the_reason(tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", CHUNK)

    async def scenario() -> None:
        async with world() as here:
            with pytest.raises(UnknownHome):
                [r async for r in stream_file(here.address, path, home="no-such")]

    asyncio.run(scenario())


def test_without_a_server_the_error_is_retriable(tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", CHUNK)

    async def scenario() -> None:
        with pytest.raises(Retriable):
            [r async for r in stream_file("127.0.0.1:1", path, home="h1")]

    asyncio.run(scenario())


def test_leaving_a_recording_early_ends_the_session(tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", CHUNK * 50)

    async def scenario() -> None:
        async with world(timeouts=Timeouts(park_s=3_600.0)) as here:  # nobody waits for it to come back
            stream = stream_file(here.address, path, home="h1", paced=False)
            assert (await anext(stream)).HasField("chunk")
            await stream.aclose()  # type: ignore[attr-defined]
            async with asyncio.timeout(10.0):
                await here.decoder.end_seen.wait()

    asyncio.run(scenario())


def test_sending_after_the_end_of_a_session_says_so() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1", clock="file") as conversation:
            await play(conversation, CHUNK, paced=False)
            assert [r async for r in conversation][-1].HasField("closed")
            with pytest.raises(Retriable):
                await conversation.send(CHUNK)

    asyncio.run(scenario())
