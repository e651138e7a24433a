"""Frames that no client and no gateway of ours would send, drawn at random. Serialized messages."""

import random
from collections.abc import Iterator
from functools import partial

from tests.support.decoder_rows import chunk_row

from duplexsla.clock import SILENCE
from duplexsla.gateway.decoders.client import Requests, Row, pack_elements
from duplexsla.v1.session_pb2 import (
    CLOCK_LIVE,
    ENCODING_PCM_S16LE,
    AudioFormat,
    AudioFrame,
    ConverseRequest,
    End,
    Open,
)

FORMAT = AudioFormat(encoding=ENCODING_PCM_S16LE, sample_rate_hz=16_000, channels=1)
MOST_FRAMES = 1_000
MOST_BYTES = 3_000
UNKNOWN = b"\xfa\x3e\x03abc"  # field 1,007, of a later version


def converse_frames(rng: random.Random, home: str) -> list[bytes]:
    """A client's stream: begun in order or not, odd frames, and a last one that is wrong."""
    opening = Open(home=home, audio=FORMAT, clock=CLOCK_LIVE, resumable=rng.random() < 0.3)
    first = ConverseRequest(open=opening).SerializeToString()
    if rng.random() < 0.2:
        first = _flipped(rng, first)
    odd = [_odd(rng) for _ in range(rng.randrange(20, MOST_FRAMES))]
    return [first, *odd, _wrong(rng, first)]


def _odd(rng: random.Random) -> bytes:
    """Audio of any length, some of it with fields of a later version."""
    samples = rng.randbytes(rng.randrange(MOST_BYTES))
    frame = ConverseRequest(audio=AudioFrame(samples=samples)).SerializeToString()
    return frame + UNKNOWN if rng.random() < 0.1 else frame


def _wrong(rng: random.Random, opening: bytes) -> bytes:
    token = Open(resume_token=rng.randbytes(rng.randrange(80)), next_chunk=rng.getrandbits(64))
    large = AudioFrame(samples=bytes(rng.choice([65_538, 1_000_000, 3_000_000])))
    return rng.choice([
        opening,
        b"",
        rng.randbytes(rng.randrange(1, 64)),
        _flipped(rng, ConverseRequest(audio=AudioFrame(samples=rng.randbytes(400))).SerializeToString()),
        ConverseRequest(open=token).SerializeToString(),
        ConverseRequest(audio=large).SerializeToString(),
        ConverseRequest(end=End(hang_up=True)).SerializeToString(),
    ])  # fmt: skip


def _flipped(rng: random.Random, frame: bytes) -> bytes:
    """Some bits the other way round."""
    bits = bytearray(frame)
    for _ in range(rng.randrange(1, 8)):
        bits[rng.randrange(len(bits))] ^= 1 << rng.randrange(8)
    return bytes(bits)


def infer_frames(rng: random.Random) -> list[bytes]:
    """A stream to a decoder, of sessions that nobody has: steps that are no steps."""
    return [_step(rng) for _ in range(rng.randrange(5, 30))]


def _step(rng: random.Random) -> bytes:
    past = rng.randbytes(20) if rng.random() < 0.5 else b""
    toolset = rng.choice(["home", "nobody's", ""])
    row = chunk_row(
        rng.randrange(1, 50), rng.getrandbits(40), rng.getrandbits(62), SILENCE, toolset=toolset, past=past
    )
    message = Requests().fill(rng.getrandbits(20), [row])
    twist = rng.randrange(5)
    if twist == 0:
        message.raw_input_contents[rng.randrange(2)] = rng.randbytes(rng.randrange(64))
    elif twist == 1:
        message.inputs[rng.randrange(2)].shape[rng.randrange(2)] = rng.randrange(1, 9)
    elif twist == 2:
        return _flipped(rng, message.SerializeToString())
    elif twist == 3:
        torn = _flipped(rng, row.request.SerializeToString()) + UNKNOWN
        message.raw_input_contents[1] = pack_elements([torn])
    return message.SerializeToString()


def twisted_steps(seed: int) -> Iterator[tuple[str, bytes]]:
    """What is twisted about each step of one session, and the step."""
    rng, requests = random.Random(seed), Requests()
    session, fence = rng.getrandbits(62) | 1 << 61, 1 << 40
    later = partial(chunk_row, session, fence=fence, samples=SILENCE)

    def step(row: Row) -> bytes:
        return requests.fill(1, [row]).SerializeToString()

    yield "in order", step(later(0, toolset="home"))
    for chunk in range(1, 4):
        yield "in order", step(later(chunk))
    for _ in range(3):
        yield "repeated", step(later(3))
    yield "reordered", step(later(2))
    yield "of a former owner", step(later(4, fence=fence - 1))
    yield "in order", step(later(4))
    yield "in order", step(later(5, end=True))
    yield "after its end", step(later(6))
