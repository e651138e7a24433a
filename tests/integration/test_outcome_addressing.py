"""Each outcome reaches its session once, whatever becomes of the gateway that asked for it.

Real gateways, Kafka, Redis and Triton; the executor is the test's own, so that it decides when it answers.
Every outcome is written twice. Once means: the client is told once, and the model reads one line.
"""

import asyncio
import os
import signal
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.support.kafka_executor import KafkaExecutor
from tests.support.scripted_calls import PATIENCE_S, ScriptedSite, Told, talk

from duplexsla.client import connect
from duplexsla.client.conversation import FORMAT, Conversation
from duplexsla.errors import DuplexSLAError
from duplexsla.local.process import Process
from duplexsla.session.store.redis import RedisArchive
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.journal_pb2 import SessionRecord
from duplexsla.v1.session_pb2 import CLOCK_FILE, Open

pytestmark = pytest.mark.integration

CALLS = 6
DRAIN_S = 30


def done(event: pb.ActionEvent) -> bytes:
    return pb.ActionOutcome(
        action_id=event.action.id,
        session_id=event.session_id,
        home=event.home,
        function=event.action.function,
        state=pb.OUTCOME_STATE_DONE,
        result_json='{"value":21,"unit":"degrees"}',
    ).SerializeToString()


@asynccontextmanager
async def executor_of(site: ScriptedSite) -> AsyncIterator[KafkaExecutor]:
    executor = await asyncio.to_thread(KafkaExecutor, site.addresses["kafka"])
    try:
        yield executor
    finally:
        await asyncio.to_thread(executor.close)


async def answer(executor: KafkaExecutor, *events: pb.ActionEvent) -> None:
    for event in events:
        await asyncio.to_thread(executor.tell, event, done(event), done(event))


def check_once(told: Told) -> None:
    assert told.states == ["done"]
    assert told.written.count(" [") == told.written.count(" [ done 21 degrees]") == 1
    assert told.said == "it is twenty one degrees" and told.messages[-1].HasField("closed")


def test_an_action_whose_gateway_was_killed_has_its_outcome_once_at_the_next_one(
    scripted: ScriptedSite,
) -> None:
    scripted.home("killed")
    first, second = scripted.gateways(2)

    async def scenario() -> None:
        async with (
            executor_of(scripted) as executor,
            connect(first.address, second.address) as client,
            client.converse("killed", clock="file") as conversation,
        ):
            talking = asyncio.create_task(talk(conversation, "done"))
            asked, _ = await asyncio.to_thread(executor.event, "killed")
            os.killpg(first.pid, signal.SIGKILL)
            again, _ = await asyncio.to_thread(executor.event, "killed")
            assert again.action.id == asked.action.id and again.fence > asked.fence
            await answer(executor, asked, again)
            check_once(await talking)
            assert conversation.reconnects == 1

    asyncio.run(scenario())


def returning(client: object, token: bytes, told: Told) -> Conversation:
    """A stream that takes a session up again, and does not come back a second time."""
    opening = Open(resume_token=token, next_chunk=told.chunks, audio=FORMAT, clock=CLOCK_FILE)
    return Conversation(client, opening, {})  # type: ignore[arg-type]


async def race(gateway: Process, token: bytes, told: Told) -> Told | DuplexSLAError:
    """A resume at a gateway: what it was told, or what ended it."""
    async with connect(gateway.address) as client:
        try:
            async with returning(client, token, told) as conversation:
                return await talk(conversation, "done", told)
        except DuplexSLAError as error:
            return error


@pytest.mark.parametrize("apart", [False, True], ids=["one gateway", "two gateways"])
def test_of_two_resumes_at_once_one_has_the_outcome(scripted: ScriptedSite, apart: bool) -> None:
    home = "race-apart" if apart else "race-together"
    scripted.home(home)
    first, second, third = scripted.gateways(3)

    async def scenario() -> None:
        async with executor_of(scripted) as executor:
            told = Told()
            async with connect(first.address) as client:
                conversation = await client.converse(home, clock="file").__aenter__()
                talking = asyncio.create_task(talk(conversation, "done", told))
                asked, _ = await asyncio.to_thread(executor.event, home)
                token = conversation.opened.resume_token
                conversation._stream.cancel()  # its client is away, and comes back twice
                talking.cancel()
                await asyncio.wait([talking])
            racing = [
                asyncio.create_task(race(gateway, token, Told(list(told.messages))))
                for gateway in (second, third if apart else second)
            ]
            await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
            events = await asyncio.to_thread(executor.poll_until_quiet, home)
            await answer(executor, asked, *events)
            ends = await asyncio.gather(*racing)
            (winner,) = [each for each in ends if isinstance(each, Told)]
            check_once(winner)

    asyncio.run(scenario())


def test_an_outcome_that_came_while_nobody_listened_is_told_by_the_next_gateway(
    scripted: ScriptedSite, redis_url: str
) -> None:
    """The model of the first gateway's call has it; its client goes on at the second."""
    scripted.home("away")
    first, second = scripted.gateways(2)

    async def scenario() -> None:
        told = Told()
        async with executor_of(scripted) as executor, connect(first.address) as client:
            conversation = await client.converse("away", clock="file").__aenter__()
            talking = asyncio.create_task(talk(conversation, "done", told))
            asked, _ = await asyncio.to_thread(executor.event, "away")
            token = conversation.opened.resume_token
            conversation._stream.cancel()
            talking.cancel()
            await asyncio.wait([talking])
            await answer(executor, asked)
            await archived(redis_url, asked.session_id)
            ended = await race(second, token, told)
            assert isinstance(ended, Told), ended
            check_once(ended)
            assert not await asyncio.to_thread(executor.poll, "away")

    asyncio.run(scenario())


async def archived(redis_url: str, session: int) -> None:
    """Until the archive has an outcome of this session."""
    archive = RedisArchive(redis_url)
    async with asyncio.timeout(PATIENCE_S):
        while not SessionRecord.FromString(await archive.peek(session) or b"").outcomes:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await archive.close()


def test_a_rolling_update_loses_no_outcome_and_tells_none_twice(scripted: ScriptedSite) -> None:
    """Some outcomes come while the old gateway drains, some when it has gone."""
    homes = [f"rolling-{n}" for n in range(CALLS)]
    for home in homes:
        scripted.home(home)
    old, new = scripted.gateways(2)

    async def scenario() -> None:
        async with (
            executor_of(scripted) as executor,
            connect(old.address, new.address) as client,
            asyncio.TaskGroup() as group,
        ):
            conversations = [await client.converse(home, clock="file").__aenter__() for home in homes]
            talks = [group.create_task(talk(each, "done")) for each in conversations]
            asked = await asyncio.to_thread(lambda: [each for each, _ in executor.events("rolling-", CALLS)])
            early, late = asked[: CALLS // 2], asked[CALLS // 2 :]
            draining = group.create_task(asyncio.to_thread(drain, old))
            await answer(executor, *early)
            await draining
            await answer(executor, *late)  # to a gateway that holds nobody any more
            while not all(each.done() for each in talks):
                await answer(executor, *await asyncio.to_thread(executor.poll, "rolling-"))
            moved = {event.home for event in late}  # another may have ended before it was to move
            for home, conversation, talking in zip(homes, conversations, talks, strict=True):
                check_once(talking.result())
                assert conversation.reconnects == 1 or (home not in moved and not conversation.reconnects)
                await conversation.__aexit__(None, None, None)

    asyncio.run(scenario())
    old.stop()


def drain(gateway: Process) -> None:
    request = urllib.request.Request(f"http://{gateway.control}/drain?deadline_s={DRAIN_S}", method="POST")
    urllib.request.urlopen(request, timeout=2 * DRAIN_S).close()
