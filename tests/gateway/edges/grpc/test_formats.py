"""A client's stream in a format of its own, against a whole gateway and a decoder that echoes."""

import asyncio
import random

import pytest
from tests.support.gateway_process import world

from duplexsla.audio.conversion import InputConverter
from duplexsla.client import Conversation, play
from duplexsla.enum_names import enum_name
from duplexsla.errors import AudioError
from duplexsla.v1.session_pb2 import (
    ENCODING_A_LAW,
    ENCODING_MU_LAW,
    ENCODING_PCM_F32LE,
    ENCODING_PCM_S16LE,
    AudioFormat,
    Encoding,
)

CHUNKS = 4


async def _sounds(conversation: Conversation) -> list[bytes]:
    return [response.chunk.sound async for response in conversation if response.HasField("chunk")]


@pytest.mark.parametrize(
    ("encoding", "rate", "channels"),
    [
        (ENCODING_MU_LAW, 8_000, 1),
        (ENCODING_A_LAW, 8_000, 1),
        (ENCODING_PCM_S16LE, 24_000, 2),
        (ENCODING_PCM_S16LE, 44_100, 1),
    ],
)
def test_a_client_hears_and_is_heard_in_its_own_format(encoding: Encoding, rate: int, channels: int) -> None:
    """Chunks of 160 ms at both ends; the decoder gets 16 kHz, mono, 16 bits."""
    audio = AudioFormat(encoding=encoding, sample_rate_hz=rate, channels=channels)

    async def scenario() -> None:
        async with world() as here:
            async with here.client.converse("h1", clock="file", audio=audio) as conversation:
                assert conversation.opened.audio == audio and conversation.opened.format_delay_us == 4_000
                sent = random.Random(6).randbytes(CHUNKS * conversation.chunk_bytes)
                playing = asyncio.create_task(play(conversation, sent, frame_samples=641))
                sounds = await _sounds(conversation)
                await playing
            assert [len(sound) for sound in sounds] == [conversation.chunk_bytes] * CHUNKS
            await here.decoder.end_seen.wait()
            (held,) = here.decoder.ended.values()
            assert held.audio == InputConverter(enum_name(Encoding, encoding), rate, channels).push(sent)

    asyncio.run(scenario())


def test_a_sample_that_is_no_number_ends_its_own_session() -> None:
    audio = AudioFormat(encoding=ENCODING_PCM_F32LE, sample_rate_hz=16_000, channels=1)

    async def scenario() -> None:
        async with world() as here, here.client.converse("h2", clock="file") as neighbour:
            async with here.client.converse("h1", clock="file", audio=audio) as conversation:
                await conversation.send(b"\xff" * conversation.chunk_bytes)
                with pytest.raises(AudioError, match="no number"):
                    await _sounds(conversation)
            await play(neighbour, bytes(neighbour.chunk_bytes))
            assert len(await _sounds(neighbour)) == 1

    asyncio.run(scenario())


def test_the_client_refuses_a_format_that_is_not_served() -> None:
    async def scenario() -> None:
        async with world() as here:
            with pytest.raises(AudioError, match="22050 Hz"):
                here.client.converse("h1", audio=AudioFormat(encoding=1, sample_rate_hz=22_050, channels=1))  # type: ignore[arg-type]

    asyncio.run(scenario())
