"""What every archive must do: each fact is a coroutine that takes an archive and a session of its own."""

from collections.abc import Awaitable, Callable

from duplexsla.session.store.archive import Archive, Archived, Saved, Saving

RaiseFence = Callable[[int, int], Awaitable[None]]  # session, fence: another gateway takes it
Fact = Callable[[Archive, int, RaiseFence], Awaitable[None]]


def _chunks(first: int, count: int) -> list[bytes]:
    return [b"chunk %d" % number for number in range(first, first + count)]


async def _save(archive: Archive, *savings: Saving, keep: int = 10, ttl_ms: int = 60_000) -> list[Saved]:
    return await archive.save(savings, keep=keep, ttl_ms=ttl_ms)


async def what_is_saved_in_parts_is_read_as_a_whole(archive: Archive, session: int, _: RaiseFence) -> None:
    assert await archive.load(session) is None
    assert await _save(archive, Saving(session, 5, b"r0", _chunks(0, 3), 0)) == [Saved.KEPT]
    assert await _save(archive, Saving(session, 5, b"r1", _chunks(3, 2), 3)) == [Saved.KEPT]
    assert await _save(archive, Saving(session, 5, b"r2", [], 5)) == [Saved.KEPT]
    assert await archive.load(session) == Archived(b"r2", _chunks(0, 5))


async def only_the_newest_are_kept(archive: Archive, session: int, _: RaiseFence) -> None:
    await _save(archive, Saving(session, 5, b"r", _chunks(0, 8), 0))
    assert await _save(archive, Saving(session, 5, b"r", _chunks(8, 6), 8)) == [Saved.KEPT]
    assert await archive.load(session) == Archived(b"r", _chunks(4, 10))
    assert await _save(archive, Saving(session, 5, b"r", _chunks(14, 1), 10)) == [Saved.KEPT]
    assert await archive.load(session) == Archived(b"r", _chunks(5, 10))


async def a_hole_is_noticed_and_the_whole_replaces_it(archive: Archive, session: int, _: RaiseFence) -> None:
    assert await _save(archive, Saving(session, 5, b"r", _chunks(7, 1), 7)) == [Saved.TORN]
    assert await archive.load(session) is None
    assert await _save(archive, Saving(session, 5, b"r", _chunks(0, 8), 0)) == [Saved.KEPT]
    assert await _save(archive, Saving(session, 5, b"s", _chunks(2, 3), 0)) == [Saved.KEPT]
    assert await archive.load(session) == Archived(b"s", _chunks(2, 3))


async def one_batch_has_an_answer_for_each(archive: Archive, session: int, _: RaiseFence) -> None:
    sessions = [session + number for number in range(150)]
    savings = [Saving(each, 5, b"r%d" % each, _chunks(0, 1), each % 2) for each in sessions]
    answers = await _save(archive, *savings[:50])
    assert answers == [Saved.TORN if each % 2 else Saved.KEPT for each in sessions[:50]]


async def a_former_owner_changes_nothing(archive: Archive, session: int, raise_fence: RaiseFence) -> None:
    await _save(archive, Saving(session, 5, b"mine", _chunks(0, 1), 0))
    await raise_fence(session, 6)
    await _save(archive, Saving(session, 6, b"theirs", _chunks(0, 2), 0))
    assert await _save(archive, Saving(session, 5, b"mine", _chunks(1, 1), 2)) == [Saved.FENCED]
    await archive.drop(session, 5)
    assert await archive.load(session) == Archived(b"theirs", _chunks(0, 2))


async def what_is_dropped_is_gone(archive: Archive, session: int, _: RaiseFence) -> None:
    await _save(archive, Saving(session, 5, b"r", _chunks(0, 1), 0))
    await archive.drop(session, 5)
    assert await archive.load(session) is None
    await archive.drop(session, 5)


FACTS: list[Fact] = [
    what_is_saved_in_parts_is_read_as_a_whole,
    only_the_newest_are_kept,
    a_hole_is_noticed_and_the_whole_replaces_it,
    one_batch_has_an_answer_for_each,
    a_former_owner_changes_nothing,
    what_is_dropped_is_gone,
]
