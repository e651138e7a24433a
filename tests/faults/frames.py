"""Bad frames: fuzzed ones to gateways and decoders; repeated, reordered and replayed ones to all parts."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence

import grpc
from kafka import KafkaProducer
from tests.faults.hostile import converse_frames, infer_frames, twisted_steps
from tests.faults.orders import CONNECTING, Orders
from tests.faults.rows import FREED_S, WARM_S, Scene, by_state, freed_within_s, row, steps_p99_ms
from tests.faults.site import Site
from tritonclient.grpc.service_pb2 import ModelStreamInferResponse

from duplexsla.errors import DecoderLost, DuplexSLAError
from duplexsla.gateway.decoders.client import read_answers
from duplexsla.protocol.topics import ACTIONS_TOPIC

CONVERSE = "/duplexsla.v1.SessionService/Converse"
INFER = "/inference.GRPCInferenceService/ModelStreamInfer"
NEIGHBOURS = 3
FRAMES = 100_000
TO_DECODERS = 0.05  # of them
AT_ONCE = 4  # hostile streams
STREAM_S = 5.0
REPLAY_EVERY_S = 0.05


@row("duplicated, reordered, replayed frames; 100,000 fuzzed frames", "0 crashes, 0 extra effects")
async def frames(scene: Scene) -> None:
    site, result = scene.site, scene.result
    calls = await scene.call(NEIGHBOURS)
    orders = await scene.order(6)
    await asyncio.sleep(WARM_S + 2)
    tracebacks = _tracebacks(site)
    pids = {name: part.pid for name, part in site.parts.items()}
    wanted, over = int(scene.s(FRAMES, 3_000)), asyncio.Event()
    replaying = asyncio.create_task(asyncio.to_thread(_replay, scene, orders, over))
    since, ends, sent = time.monotonic(), Counter[str](), Counter[str]()
    [home] = await scene.make_homes(1)
    await asyncio.gather(*(_fuzz(scene, home, n, wanted // AT_ONCE, sent, ends) for n in range(AT_ONCE)))
    answers = await _twist(scene)
    till = time.monotonic()
    over.set()
    replayed = await replaying
    freed_s = await freed_within_s(scene, NEIGHBOURS)  # a decoder looks for idle sessions while it works
    await scene.settle()
    figures = result.figures
    figures["frames to gateways, to decoders"] = f"{sent['gateway']}, {sent['decoder']}"
    figures["streams ended"] = " ".join(f"{count} {name}" for name, count in sorted(ends.items()))
    figures["twisted steps answered"] = " ".join(f"{n} {name}" for name, n in sorted(answers.items()))
    figures["records replayed out of order, garbage"] = f"{replayed[0]}, {replayed[1]}"
    figures["neighbours' step p99 ms"] = round(steps_p99_ms(calls, since, till), 1)
    figures["actions"] = by_state(orders)
    crashed = [name for name, part in site.parts.items() if not part.alive() or part.pid != pids[name]]
    result.must(f"{', '.join(crashed)} crashed", not crashed)
    figures["slots free again after s"] = round(freed_s, 1)
    result.aim("slots free again after", freed_s, FREED_S, " s")
    broken = _tracebacks(site) - tracebacks
    result.must(f"{broken} tracebacks in the gateways' logs", not broken)
    result.must("a neighbour's call ended", not any(call.error for call in calls))


def _tracebacks(site: Site) -> int:
    return sum(part.log.read_text(errors="replace").count("Traceback") for part in site.all("gateway"))


async def _fuzz(
    scene: Scene, home: str, number: int, wanted: int, sent: Counter[str], ends: Counter[str]
) -> None:
    """Hostile streams, one after the other, until so many frames have gone."""
    dice, mine = random.Random(f"{scene.seed} {number}"), 0
    gateway = grpc.aio.insecure_channel(scene.site.gateways[number % len(scene.site.gateways)])
    decoder = grpc.aio.insecure_channel(scene.site.parts["decoder-1"].address)
    try:
        while mine < wanted:
            if dice.random() < TO_DECODERS:
                frames, kind, way, method = infer_frames(dice), "decoder", decoder, INFER
            else:
                frames, kind, way, method = converse_frames(dice, home), "gateway", gateway, CONVERSE
            ends[f"{kind}: {await _send(way, method, frames)}"] += 1
            sent[kind] += len(frames)
            mine += len(frames)
    finally:
        await gateway.close()
        await decoder.close()


async def _send(channel: grpc.aio.Channel, method: str, frames: Sequence[bytes]) -> str:
    """How a stream ended that sent these."""
    call = channel.stream_stream(method)()
    reading = asyncio.create_task(_read(call))
    try:
        async with asyncio.timeout(STREAM_S):
            for frame in frames:
                await call.write(frame)
            await call.done_writing()
            return await reading
    except TimeoutError:
        return "left open"  # a client that may come back need not end its stream
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError, grpc.aio.UsageError):
        return await _ended(call)
    finally:
        reading.cancel()
        call.cancel()


async def _read(call: grpc.aio.StreamStreamCall) -> str:
    while await call.read() is not grpc.aio.EOF:
        pass
    return await _ended(call)


async def _ended(call: grpc.aio.StreamStreamCall) -> str:
    code: grpc.StatusCode = await call.code()
    return code.name.lower()


async def _twist(scene: Scene) -> Counter[str]:
    """One session's steps twice, out of order, and of an older owner, straight at a decoder; by answer."""
    answers: Counter[str] = Counter()
    async with grpc.aio.insecure_channel(scene.site.parts["decoder-1"].address) as channel:
        for what, request in twisted_steps(scene.seed):
            try:
                answer = await _ask(channel, request)
            except (DuplexSLAError, grpc.aio.AioRpcError, TimeoutError) as error:
                answer = getattr(error, "code", type(error).__name__)
            answers[f"{what}: {answer}"] += 1
    return answers


async def _ask(channel: grpc.aio.Channel, request: bytes) -> str:
    call = channel.stream_stream(INFER, response_deserializer=ModelStreamInferResponse.FromString)()
    async with asyncio.timeout(STREAM_S):
        await call.write(request)
        await call.done_writing()
        response = await call.read()
    if response.error_message:
        raise DecoderLost(response.error_message)
    [answer] = read_answers(response.infer_response)
    return answer.code if isinstance(answer, DuplexSLAError) else "answered"


def _replay(scene: Scene, orders: Orders, over: asyncio.Event) -> tuple[int, int]:
    """Sends records of actions again, any of them, and some that are none; how many of each."""
    dice, replayed, garbage = random.Random(scene.seed), 0, 0
    producer = KafkaProducer(bootstrap_servers=scene.site.kafka.split(","), **CONNECTING)
    while not over.is_set():
        key, value = dice.choice(list(orders.sent))
        if dice.random() < 0.2:
            value, garbage = dice.randbytes(dice.randrange(200)), garbage + 1
        else:
            replayed += 1
        producer.send(ACTIONS_TOPIC, key=key, value=value)
        time.sleep(REPLAY_EVERY_S)
    producer.close(timeout=5)
    return replayed, garbage
