"""Calls come and go by identity, whatever happens between two awaits of those who make and end them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.support.gateway_process import World, until, world

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import ClientSilent, StaleFence
from duplexsla.gateway.call.call import Attachment, Call
from duplexsla.gateway.call.state import CallEvent, CallState
from duplexsla.gateway.gateway import FINAL_MESSAGES_S
from duplexsla.session.client_sound import FORMAT
from duplexsla.session.messages import Inbound
from duplexsla.session.store.leases import Lease
from duplexsla.session.store.memory import MemoryArchive, MemoryStore
from duplexsla.v1.session_pb2 import CLOCK_FILE, Open

OPEN = Open(home="h1", audio=FORMAT, clock=CLOCK_FILE, resumable=True)
Opened = tuple[Call, Attachment]


async def _cancelled(work: Coroutine[Any, Any, Opened], step: int) -> bool:
    """Runs so many steps of the event loop, then cancels; False when `work` had come to its end by then."""
    task = asyncio.create_task(work)
    for _ in range(step):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    return task.cancelled()


@asynccontextmanager
async def _gateway() -> AsyncIterator[tuple[World, MemoryStore, MemoryArchive]]:
    store, archive = MemoryStore(), MemoryArchive(shared=True)
    async with world(store=store, archive=archive) as here:
        yield here, store, archive
        for call in here.gateway.calls:
            here.gateway.calls.remove(call)


async def _parked_in_the_archive(here: World) -> bytes:
    """The token of a call that this gateway had, and has no more."""
    call, client = await here.gateway.open(OPEN, {}, Inbound())
    assert call.token is not None
    here.gateway.calls.detach(call, client)
    here.gateway.calls.remove(call)
    await here.gateway.tasks.finish(FINAL_MESSAGES_S)
    return call.token.to_bytes()


def test_an_admission_that_is_cancelled_at_any_await_leaves_no_slot_held() -> None:
    async def scenario() -> None:
        async with _gateway() as (here, store, _):
            step = 0
            while await _cancelled(here.gateway.open(OPEN, {}, Inbound()), step):
                await here.gateway.tasks.finish(FINAL_MESSAGES_S)
                assert not store._entries and not here.gateway.calls and not here.gateway.tasks.jobs
                step += 1
            assert step >= 3 and len(here.gateway.calls) == len(store._entries) == 1

    asyncio.run(scenario())


def test_a_resume_that_is_cancelled_at_any_await_leaves_no_slot_held_and_can_be_tried_again() -> None:
    async def scenario() -> None:
        async with _gateway() as (here, store, _):
            token, step = await _parked_in_the_archive(here), 0
            again = Open(resume_token=token)
            while await _cancelled(here.gateway.open(again, {}, Inbound()), step):
                await here.gateway.tasks.finish(FINAL_MESSAGES_S)
                assert not store._entries and not here.gateway.calls and not here.gateway.tasks.jobs
                step += 1
            assert step >= 8 and len(here.gateway.calls) == len(store._entries) == 1

    asyncio.run(scenario())


def test_two_resumes_at_once_make_one_call_and_the_later_one_has_it() -> None:
    """However far the first one is when the second one begins."""

    async def scenario(head_start: int) -> bool:
        async with _gateway() as (here, store, _):
            again = Open(resume_token=await _parked_in_the_archive(here))

            async def stream() -> Opened:
                """As an edge does: it lets go of the call when the call lets go of it."""
                call, client = await here.gateway.open(again, {}, Inbound())
                serving.append(asyncio.create_task(_serve(here, call, client)))
                return call, client

            serving: list[asyncio.Task[None]] = []
            first = asyncio.create_task(stream())
            for _ in range(head_start):
                await asyncio.sleep(0)
            early = not first.done()
            second = asyncio.create_task(stream())
            (call, old), (same, new) = await asyncio.gather(first, second)
            assert call is same and list(here.gateway.calls) == [call] and call.attachment is new
            assert isinstance(old.ended.result(), StaleFence) and not new.ended.done()
            assert len(store._entries) == 1 and here.gateway.counts.resumed == 2
            here.gateway.calls.remove(call)
            await asyncio.wait(serving)
            return early

    async def scenarios() -> None:
        head_start = 0
        while await scenario(head_start):
            head_start += 1
        assert head_start > 6

    asyncio.run(scenarios())


async def _serve(here: World, call: Call, client: Attachment) -> None:
    await asyncio.wait({client.ended, call.finished}, return_when=asyncio.FIRST_COMPLETED)
    here.gateway.calls.detach(call, client)


def test_a_removal_that_comes_late_leaves_another_call_of_the_same_session_alone() -> None:
    async def scenario() -> None:
        async with _gateway() as (here, store, _):
            calls = here.gateway.calls
            call, client = await here.gateway.open(OPEN, {}, Inbound())
            assert call.token is not None
            calls.detach(call, client)
            calls.remove(call)
            again = Open(resume_token=call.token.to_bytes())
            newer, _ = await here.gateway.open(again, {}, Inbound())
            assert newer is not call and newer.session_id == call.session_id
            calls.detach(call, client)
            calls.remove(call)
            await here.gateway.tasks.finish(FINAL_MESSAGES_S)
            assert list(calls) == [newer] and newer in calls and call not in calls
            assert len(store._entries) == 1 and not newer.over

    asyncio.run(scenario())


def test_a_call_that_was_just_let_go_is_resumed_with_all_that_it_had() -> None:
    """The archive gets the last of it before anybody reads there."""

    async def scenario() -> None:
        async with _gateway() as (here, _, _), here.client.converse("h1", clock="file") as conversation:
            for _ in range(3):
                await conversation.send(bytes(CHUNK_BYTES))
            (call,) = here.gateway.calls
            await until(lambda: call.journal.next_chunk == 3)
            here.gateway.calls.remove(call)
            again = Open(resume_token=conversation.opened.resume_token, next_chunk=3)
            newer, _ = await here.gateway.open(again, {}, Inbound())
            assert newer is not call and newer.journal.next_chunk == 3

    asyncio.run(scenario())


@pytest.mark.parametrize("steps", range(4))
def test_a_journal_is_whole_in_the_archive_at_whatever_await_its_writer_is_cancelled(steps: int) -> None:
    async def scenario() -> None:
        async with _gateway() as (here, _, archive), here.client.converse("h1", clock="file") as conversation:
            (call,) = here.gateway.calls
            cancelled = 0
            for number in range(12):
                await conversation.send(bytes([number]) * CHUNK_BYTES)
                await until(lambda count=number: call.journal.next_chunk > count)  # type: ignore[misc]
                saving = asyncio.create_task(here.gateway.journals.save([call]))
                for _ in range(steps if number % 2 else 8):
                    await asyncio.sleep(0)
                cancelled += saving.cancel()
                await asyncio.wait({saving})
            assert cancelled <= 6 and await here.gateway.journals.save([call])
            archived = await archive.load(call.session_id)
            assert archived is not None and len(archived.chunks) == 12
            assert len(set(archived.chunks)) == 12

    asyncio.run(scenario())


def test_a_lease_that_moves_while_it_is_renewed_is_not_renewed_at_its_old_decoder() -> None:
    class Overtaken(MemoryStore):
        """While leases are renewed, a call moves."""

        overtake: Callable[[], Awaitable[None]] | None = None

        async def renew(self, leases: list[Lease], *, now_ms: int) -> list[Lease]:  # type: ignore[override]
            if self.overtake is not None:
                overtake, self.overtake = self.overtake, None
                await overtake()
            return await super().renew(leases, now_ms=now_ms)

    async def scenario() -> None:
        store = Overtaken()
        async with world(store=store) as here:
            call, _ = await here.gateway.open(OPEN, {}, Inbound())
            (decoder,) = here.gateway.pool.decoders
            here.gateway.pool.decoders = [decoder, decoder._replace(address="127.0.0.1:1")]

            async def move() -> None:
                call.lease = await here.gateway.pool.move(call.lease, away_from=decoder.address)

            store.overtake = move
            await here.gateway.calls.renew()
            (entry,) = store._entries.values()
            assert entry.decoder == call.lease.decoder == "127.0.0.1:1"

    asyncio.run(scenario())


@pytest.mark.parametrize("event", [CallEvent.HUNG_UP, CallEvent.DISMISSED])
def test_a_call_that_is_stopped_while_it_fails_stays_as_it_was_stopped(event: CallEvent) -> None:
    async def scenario() -> None:
        async with _gateway() as (here, _, _):
            for pauses in range(6):
                call, _ = await here.gateway.open(OPEN, {}, Inbound())
                for _ in range(pauses):
                    await asyncio.sleep(0)
                call.fail(RuntimeError("a fault"))
                call.stop(event)
                over = call.state
                assert call.runner is not None
                await asyncio.wait({call.runner})
                assert call.state is over and call.over
                assert (over is CallState.ENDED) == (event is CallEvent.HUNG_UP)
            assert not here.gateway.tasks.deaths

    asyncio.run(scenario())


def test_a_call_that_cannot_be_watched_ends_and_the_others_are_watched_on() -> None:
    async def scenario() -> None:
        async with _gateway() as (here, _, _):
            bad, _ = await here.gateway.open(OPEN, {}, Inbound())
            good, client = await here.gateway.open(OPEN, {}, Inbound())
            del bad.link  # a fault of ours
            here.gateway.calls.check(client.received_at, 0)
            here.gateway.calls.check(client.received_at + good.timeouts.silence_s + 1, 0)
            assert isinstance(bad.failure.result(), AttributeError)
            assert isinstance(good.failure.result(), ClientSilent)
            bad.link = good.link

    asyncio.run(scenario())
