"""Journals are written behind: every session in its turn, none in a crowd."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest
from tests.support.fake_decoder import FakeDecoder
from tests.support.gateway_process import until, world

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import DuplexSLAError
from duplexsla.session.store.archive import Saved, Saving
from duplexsla.session.store.memory import MemoryArchive

SESSIONS = 40


class Watched(MemoryArchive):
    """Remembers whom each batch was about."""

    def __init__(self) -> None:
        super().__init__(capacity=2 * SESSIONS, shared=True)
        self.batches: list[set[int]] = []

    async def save(self, savings: Sequence[Saving], *, keep: int, ttl_ms: int) -> list[Saved]:
        self.batches.append({saving.session_id for saving in savings})
        return await super().save(savings, keep=keep, ttl_ms=ttl_ms)


def test_a_round_writes_every_session_once_in_many_small_turns() -> None:
    async def scenario() -> None:
        archive = Watched()
        async with (
            world(FakeDecoder(slots=SESSIONS), archive=archive, slots=SESSIONS) as here,
            AsyncExitStack() as stack,
        ):
            for number in range(SESSIONS):
                call = await stack.enter_async_context(here.client.converse(f"h{number}", clock="file"))
                await call.send(bytes(CHUNK_BYTES))
            everybody = {call.session_id for call in here.gateway.calls}
            await until(lambda: all(each.journal.next_chunk for each in here.gateway.calls))
            archive.batches.clear()
            await until(lambda: set[int]().union(*archive.batches) == everybody)
            assert max(map(len, archive.batches)) < SESSIONS / 2

    asyncio.run(scenario())


def test_a_journal_that_cannot_be_written_ends_its_own_call_and_the_others_are_saved() -> None:
    async def scenario() -> None:
        archive = MemoryArchive(shared=True)
        async with (
            world(archive=archive) as here,
            here.client.converse("bad", clock="file") as bad,
            here.client.converse("good", clock="file") as good,
        ):
            for conversation in (bad, good):
                await conversation.send(bytes(CHUNK_BYTES))
            calls = {call.dialogue.terms.home: call for call in here.gateway.calls}
            await until(lambda: all(call.journal.next_chunk for call in calls.values()))
            await here.gateway.journals.save(calls.values())
            calls["bad"].journal.next_chunk = -1  # a fault of ours: no such number can be written
            await here.gateway.journals.save(calls.values())
            with pytest.raises(DuplexSLAError, match="something is wrong"):
                assert [message async for message in bad]
            await good.end()
            assert [message async for message in good][-1].closed.chunks == 1
            assert not here.gateway.tasks.deaths

    asyncio.run(scenario())
