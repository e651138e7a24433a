"""The gateway's bus on a real broker: events out with their key and trace, outcomes back to their session."""

import asyncio
import socket
import uuid
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaConnectionError
from tests.support.fake_decoder import FakeDecoder, Held, Reply
from tests.support.gateway_process import until, world
from tests.support.kafka_executor import KafkaExecutor

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.executor.broker.topics import make_topics
from duplexsla.gateway.actions.kafka_bus import KafkaBus
from duplexsla.local.process import Process
from duplexsla.local.process import until as is_so
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.runtime.tasks import Supervisor
from duplexsla.telemetry import setup
from duplexsla.v1.action_pb2 import OUTCOME_STATE_DONE, Action, ActionEvent, ActionOutcome
from duplexsla.v1.session_pb2 import NOTICE_KIND_ACTION_UNAVAILABLE

pytestmark = pytest.mark.integration

CHUNK = b"\1\2" * CHUNK_SAMPLES
LAMP = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "lamp"}), tokens.TOOLCALL_END)


def _act_first(held: Held, chunk: int) -> Reply:
    return Reply(LAMP if chunk == 0 else ())


@asynccontextmanager
async def _executor(servers: str) -> AsyncIterator[KafkaExecutor]:
    executor = await asyncio.to_thread(KafkaExecutor, servers)
    try:
        yield executor
    finally:
        await asyncio.to_thread(executor.close)


def _outcome(event: ActionEvent, value: str = "on") -> bytes:
    return ActionOutcome(
        action_id=event.action.id,
        session_id=event.session_id,
        home=event.home,
        state=OUTCOME_STATE_DONE,
        result_json=f'{{"value":"{value}"}}',
    ).SerializeToString()


def test_an_action_travels_to_the_topic_and_its_outcome_back_to_its_own_session(kafka: Process) -> None:
    first, second = f"home-{uuid.uuid4().hex}", f"home-{uuid.uuid4().hex}"

    async def scenario() -> None:
        async with (
            _executor(kafka.address) as executor,
            world(FakeDecoder(_act_first), bus=KafkaBus(kafka.address)) as here,
            here.client.converse(first, clock="file") as one,
            here.client.converse(second, clock="file") as two,
        ):
            for conversation, home in ((one, first), (two, second)):
                await conversation.send(CHUNK)
                iterator = aiter(conversation)
                action = (await anext(iterator)).chunk.actions[0]
                event, record = await asyncio.to_thread(executor.event, home)
                assert event.action == action and event.session_id == conversation.opened.session_id
                assert dict(record.headers)["traceparent"].startswith(b"00-")
                await asyncio.to_thread(executor.tell, event, b"\xff garbage", _outcome(event, home[-3:]))
                outcome = (await anext(iterator)).outcome
                assert (outcome.action_id, outcome.home) == (action.id, home)
                await conversation.end()
                assert [r.WhichOneof("message") async for r in iterator] == ["closed"]

    asyncio.run(scenario())


def test_events_that_no_broker_takes_come_back_as_unavailable() -> None:
    async def scenario(silent: str) -> None:
        bus = KafkaBus(silent)
        bus._ready.set()  # do not wait for it
        async with (
            world(FakeDecoder(_act_first), bus=bus) as here,
            here.client.converse("h1", clock="file") as conversation,
        ):
            await conversation.send(CHUNK)
            iterator = aiter(conversation)
            assert (await anext(iterator)).chunk.actions
            assert (await anext(iterator)).notice.kind == NOTICE_KIND_ACTION_UNAVAILABLE

    with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # takes connections and says nothing
        asyncio.run(scenario(f"127.0.0.1:{silent.getsockname()[1]}"))


def test_an_event_that_expired_before_a_broker_came_is_never_sent(kafka: Process) -> None:
    home = f"home-{uuid.uuid4().hex}"

    async def scenario() -> None:
        failed: list[str] = []
        span = setup("x").start("publish")
        bus = KafkaBus(kafka.address)
        async with _executor(kafka.address) as executor:
            await bus.start(lambda outcome: None, Supervisor())
            late = ActionEvent(home=home, action=Action(id="late"), expires_at_ms=1)
            bus.publish(late, span, failed.append)
            await until(lambda: bool(failed))
            fresh = ActionEvent(home=home, action=Action(id="fresh"), expires_at_ms=1 << 60)
            bus.publish(fresh, span, failed.append)
            event, _ = await asyncio.to_thread(executor.event, home)
            assert event.action.id == "fresh" and len(failed) == 1
            await bus.close()

    asyncio.run(scenario())


class LostOnce(KafkaBus):
    """Loses its consumer with the first batch that it was given."""

    lost = False

    def _hand_over(self, payloads: list[bytes]) -> None:
        super()._hand_over(payloads)
        if payloads and not self.lost:
            self.lost = True
            raise KafkaConnectionError("lost")


def _sent(home: str, id: str) -> ActionEvent:
    return ActionEvent(home=home, action=Action(id=id), expires_at_ms=1 << 60)


def test_each_gateway_reads_the_outcomes_that_its_own_events_asked_for(kafka: Process) -> None:
    home, span = f"home-{uuid.uuid4().hex}", setup("x").start("publish")

    async def scenario() -> None:
        told: dict[str, list[str]] = {"left": [], "right": []}
        buses = {
            "left": KafkaBus(kafka.address, name="left"),
            "right": KafkaBus(kafka.address, name="right 2"),
        }
        async with _executor(kafka.address) as executor:
            for name, bus in buses.items():
                await bus.start(lambda outcome, name=name: told[name].append(outcome.action_id), Supervisor())
            addresses = []
            for name, bus in buses.items():
                bus.publish(_sent(home, name), span, print)
                event, _ = await asyncio.to_thread(executor.event, home)
                addresses.append(event.reply_to)
                await asyncio.to_thread(executor.tell, event, _outcome(event))
            await until(lambda: all(told.values()))
            assert len(set(addresses)) == 2 and told == {"left": ["left"], "right": ["right"]}
            for bus in buses.values():
                await bus.close()

    asyncio.run(scenario())


def test_outcomes_that_come_while_a_consumer_is_replaced_are_told_all_the_same(kafka: Process) -> None:
    home, span = f"home-{uuid.uuid4().hex}", setup("x").start("publish")

    async def scenario() -> None:
        told: list[str] = []
        bus = LostOnce(kafka.address, name="one")
        async with _executor(kafka.address) as executor:
            await bus.start(lambda outcome: told.append(outcome.action_id), Supervisor())
            bus.publish(_sent(home, "first"), span, print)
            event, _ = await asyncio.to_thread(executor.event, home)
            await asyncio.to_thread(executor.tell, event, _outcome(event))
            await until(lambda: bus.lost)
            event.action.id = "second"
            await asyncio.to_thread(executor.tell, event, _outcome(event))
            await until(lambda: "second" in told)
            await bus.close()

    asyncio.run(scenario())


def test_a_gateway_whose_partition_is_gone_reads_another_one(kafka: Process) -> None:
    """The topic was made anew with fewer: outcomes in between are lost, later ones are not."""
    home, topic, span = (
        f"home-{uuid.uuid4().hex}",
        f"outcomes-{uuid.uuid4().hex}",
        setup("x").start("publish"),
    )
    name = next(name for name in map(str, range(99)) if zlib.crc32(name.encode()) % 8 == 7)
    make_topics(kafka.address, topics={topic: 8}, copies=1)

    async def scenario() -> None:
        told: list[str] = []
        bus = KafkaBus(kafka.address, name=name, outcomes_topic=topic)
        async with _executor(kafka.address) as executor:

            async def asked(id: str) -> ActionEvent:
                bus.publish(_sent(home, id), span, print)
                event, _ = await asyncio.to_thread(executor.event, home)
                return event

            await bus.start(lambda outcome: told.append(outcome.action_id), Supervisor())
            assert (await asked("before")).reply_to == 7
            with closing(KafkaAdminClient(bootstrap_servers=kafka.address)) as admin:
                admin.delete_topics([topic])
            await asyncio.to_thread(_make_again, kafka.address, topic)
            async with asyncio.timeout(30):
                while (event := await asked("after")).reply_to == 7:
                    pass
            await asyncio.to_thread(executor.tell, event, _outcome(event), topic=topic)
            await until(lambda: "after" in told)
            await bus.close()

    asyncio.run(scenario())


def _make_again(servers: str, topic: str) -> None:
    """Once the broker has forgotten it."""
    assert is_so(lambda: topic in make_topics(servers, topics={topic: 2}, copies=1), 20.0)
