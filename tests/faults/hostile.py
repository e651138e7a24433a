"""Frames that no client and no gateway of ours would send, drawn from dice. Serialized messages."""

import random
from collections.abc import Iterator

from duplexsla.clock import CHUNK_BYTES
from duplexsla.gateway.decoders.tensors import Requests, Row
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


def converse_frames(dice: random.Random, home: str) -> list[bytes]:
    """A client's stream: begun in order or not, odd frames, and a last one that is wrong."""
    opening = Open(home=home, audio=FORMAT, clock=CLOCK_LIVE, resumable=dice.random() < 0.3)
    first = ConverseRequest(open=opening).SerializeToString()
    if dice.random() < 0.2:
        first = _flipped(dice, first)
    odd = [_odd(dice) for _ in range(dice.randrange(20, MOST_FRAMES))]
    return [first, *odd, _wrong(dice, first)]


def _odd(dice: random.Random) -> bytes:
    """Audio of any even length, some of it with fields of a later version."""
    samples = dice.randbytes(2 * dice.randrange(MOST_BYTES // 2))
    frame = ConverseRequest(audio=AudioFrame(samples=samples)).SerializeToString()
    return frame + UNKNOWN if dice.random() < 0.1 else frame


def _wrong(dice: random.Random, opening: bytes) -> bytes:
    token = Open(resume_token=dice.randbytes(dice.randrange(80)), next_chunk=dice.getrandbits(64))
    odd_bytes = AudioFrame(samples=dice.randbytes(2 * dice.randrange(1_000) + 1))
    large = AudioFrame(samples=bytes(dice.choice([65_538, 1_000_000, 3_000_000])))
    return dice.choice([
        opening,
        b"",
        dice.randbytes(dice.randrange(1, 64)),
        _flipped(dice, ConverseRequest(audio=AudioFrame(samples=dice.randbytes(400))).SerializeToString()),
        ConverseRequest(open=token).SerializeToString(),
        ConverseRequest(audio=odd_bytes).SerializeToString(),
        ConverseRequest(audio=large).SerializeToString(),
        ConverseRequest(end=End(hang_up=True)).SerializeToString(),
    ])  # fmt: skip


def _flipped(dice: random.Random, frame: bytes) -> bytes:
    """Some bits the other way round."""
    bits = bytearray(frame)
    for _ in range(dice.randrange(1, 8)):
        bits[dice.randrange(len(bits))] ^= 1 << dice.randrange(8)
    return bytes(bits)


def infer_frames(dice: random.Random) -> list[bytes]:
    """A stream to a decoder, of sessions that nobody has: steps that are no steps."""
    return [_step(dice) for _ in range(dice.randrange(5, 30))]


def _step(dice: random.Random) -> bytes:
    past = dice.randbytes(20) if dice.random() < 0.5 else b""
    toolset = dice.choice(["home", "nobody's", ""])
    row = Row(dice.randrange(1, 50), dice.getrandbits(40), dice.getrandbits(62), bytes(CHUNK_BYTES))
    message = Requests().fill(dice.getrandbits(20), [row._replace(toolset=toolset, past=past)])
    twist = dice.randrange(4)
    if twist == 0:
        message.raw_input_contents[dice.randrange(3)] = dice.randbytes(dice.randrange(64))
    elif twist == 1:
        message.inputs[dice.randrange(3)].shape[dice.randrange(2)] = dice.randrange(1, 9)
    elif twist == 2:
        return _flipped(dice, message.SerializeToString())
    return message.SerializeToString()


def twisted_steps(seed: int) -> Iterator[tuple[str, bytes]]:
    """What is twisted about each step of one session, and the step."""
    dice, requests = random.Random(seed), Requests()
    session, fence = dice.getrandbits(62) | 1 << 61, 1 << 40
    first = Row(session, 0, fence, bytes(CHUNK_BYTES), toolset="home")
    later = first._replace(toolset="")

    def step(row: Row) -> bytes:
        return requests.fill(1, [row]).SerializeToString()

    yield "in order", step(first)
    for chunk in range(1, 4):
        yield "in order", step(later._replace(chunk=chunk))
    for _ in range(3):
        yield "repeated", step(later._replace(chunk=3))
    yield "reordered", step(later._replace(chunk=2))
    yield "of a former owner", step(later._replace(chunk=4, fence=fence - 1))
    yield "in order", step(later._replace(chunk=4))
    yield "in order", step(later._replace(chunk=5, last=True))
    yield "after its end", step(later._replace(chunk=6))
