"""Real Redis and real Kafka keep the contracts that their stand-ins keep."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.support.broker_contract import LogContract
from tests.support.ledger_contract import LedgerContract, RaiseFence

from duplexsla.executor.broker.kafka import KafkaSink, KafkaSource
from duplexsla.executor.broker.ports import EventSource, OutcomeSink, Revoked
from duplexsla.executor.broker.topics import make_topics
from duplexsla.executor.ledger.ledger import Ledger
from duplexsla.executor.ledger.notes import MAX_NOTES, RedisNotes
from duplexsla.executor.ledger.redis import RedisLedger
from duplexsla.local.process import Process
from duplexsla.session.store.leases import DecoderAddress
from duplexsla.session.store.redis import RedisStore
from duplexsla.v1.plan_pb2 import ActionNote

pytestmark = pytest.mark.integration


class TestRedisLedger(LedgerContract):
    @pytest.fixture(autouse=True)
    def _redis(self, redis_url: str) -> None:
        self.url = redis_url.removesuffix("/0") + "/9"  # a database that no other test uses

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[Ledger, RaiseFence]]:
        """Fences are raised by the session store itself, so that both agree on where they lie."""
        ledger, store = RedisLedger(self.url), RedisStore(self.url)
        await ledger._redis.flushdb()

        async def raise_fence(session_id: int, fence: int) -> None:
            lease = await store.take(session_id, "test", [DecoderAddress("d:1", slots=4)], now_ms=fence >> 10)
            while lease.fence < fence:
                lease = await store.take(
                    session_id, "test", [DecoderAddress("d:1", slots=4)], now_ms=fence >> 10
                )
            assert lease.fence == fence

        await ledger.open()
        yield ledger, raise_fence
        await ledger._redis.flushdb()
        await store.close()
        await ledger.close()


def test_notes_are_kept_by_home_the_newest_first_and_bounded(redis_url: str) -> None:
    async def main() -> None:
        notes, home = RedisNotes(redis_url), f"home-{uuid.uuid4()}"
        for number in range(MAX_NOTES + 3):
            await notes.add(home, ActionNote(action_id=str(number)))
        found = [note.action_id for note in await notes.newest(home)]
        assert found == [str(number) for number in range(MAX_NOTES + 2, 2, -1)]
        assert await notes.newest(f"{home}-2") == []
        await notes.close()

    asyncio.run(main())


class TestKafkaLog(LogContract):
    @pytest.fixture(autouse=True)
    def _kafka(self, kafka: Process) -> None:
        self.address = kafka.address
        self.topic = f"contract-{uuid.uuid4()}"
        make_topics(self.address, topics={self.topic: 3})

    def open_source(self, revoked: Revoked) -> EventSource:
        return KafkaSource(self.address, self.topic, group=f"group-{self.topic}", member="", revoked=revoked)

    def open_sink(self) -> OutcomeSink:
        return KafkaSink(self.address)
