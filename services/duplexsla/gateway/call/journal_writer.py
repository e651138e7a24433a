"""Journals into the archive, in batches, off the path of the steps.

Between two batches the gateway is the only one who knows the newest chunks: its death costs at most those.
When the archive does not answer nothing piles up beyond the journals' own rings; later it gets them whole.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence

from duplexsla.errors import StaleFence, StoreLost
from duplexsla.gateway.call.call import Call
from duplexsla.gateway.call.wakeup import Wakeup
from duplexsla.gateway.decoders import load_shedding
from duplexsla.gateway.metrics import GatewayMetrics
from duplexsla.session.store.archive import Archive, Saved, Saving
from duplexsla.v1.journal_pb2 import SessionRecord

logger = logging.getLogger(__name__)

EVERY_S = 1.0
TURNS = 20  # of a round: a twentieth of the sessions at once, so that no step waits for all their journals
PACK_AT_ONCE = 8  # sessions between two looks at the event loop: less than a ms each


class JournalWriter:
    """One writer at a time; `soon` asks for a session ahead of its turn."""

    def __init__(
        self, archive: Archive, counts: GatewayMetrics, *, resume_ms: int, every_s: float = EVERY_S
    ) -> None:
        self.archive, self._counts = archive, counts
        self._resume_ms, self._every_s = resume_ms, every_s
        self._pause_s = every_s
        self._urgent: set[Call] = set()
        self._asked = Wakeup()
        self._writing = asyncio.Lock()

    def hurry(self, hurry: bool) -> None:
        """Not to hurry: all sessions once in load_shedding.SAVE_S, if that is longer."""
        self._pause_s = self._every_s if hurry else max(self._every_s, load_shedding.SAVE_S)

    def soon(self, session: Call) -> None:
        """What this session just did must not be forgotten: it acted."""
        if session.token is not None:
            self._urgent.add(session)
            self._asked.ring()

    async def run(self, sessions: Callable[[], Collection[Call]]) -> None:
        """For ever: all sessions once in `every_s`, urgent ones at once."""
        turns = itertools.cycle(range(TURNS))
        due = time.monotonic() + self._every_s / TURNS
        while True:
            await self._asked.wait(due)
            wanted, self._urgent = self._urgent, set()
            if time.monotonic() < due:
                await self.save(wanted)
                continue
            turn = next(turns)
            wanted |= {each for each in sessions() if each.session_id % TURNS == turn}
            await self._pack(wanted)
            kept = await self.save(wanted)
            self._counts.shed["savings"] += turn == 0 and self._pause_s > self._every_s
            now = time.monotonic()
            due = max(now, due + self._pause_s / TURNS) if kept else now + self._pause_s

    async def save(self, sessions: Iterable[Call]) -> bool:
        """Writes what is new of those that can be resumed; False when the archive did not take all of it."""
        async with self._writing:
            wanted = [session for session in sessions if session.token is not None]
            torn = await self._save(wanted)
            return torn is not None and not (torn and await self._save(torn))

    async def _save(self, sessions: Sequence[Call]) -> list[Call] | None:
        """Those that must be given again, whole; None when the archive is lost."""
        if not sessions:
            return []
        savings = [_saving(session) for session in sessions]
        keep = sessions[0].journal.capacity
        try:
            answers = await self.archive.save(savings, keep=keep, ttl_ms=self._resume_ms)
        except StoreLost as error:
            self._counts.journal_failures += 1
            logger.warning("%d journals were not written: %s", len(sessions), error)
            for session in sessions:
                session.stored = 0
            return None
        for session, saving, said in zip(sessions, savings, answers, strict=True):
            self._heed(session, saving, said)
        return [each for each, said in zip(sessions, answers, strict=True) if said is Saved.TORN]

    def _heed(self, session: Call, saving: Saving, said: Saved) -> None:
        if said is Saved.FENCED:
            session.fail(StaleFence("another gateway owns this session now"))
        elif said is Saved.TORN:
            session.stored = 0
        else:
            session.stored = min(session.journal.capacity, saving.stored + len(saving.chunks))
            self._counts.journal_chunks += len(saving.chunks)

    async def _pack(self, sessions: Collection[Call]) -> None:
        for number, session in enumerate(list(sessions)):
            session.journal.pack()
            if number % PACK_AT_ONCE == PACK_AT_ONCE - 1:
                await asyncio.sleep(0)


def _saving(session: Call) -> Saving:
    journal = session.journal
    journal.pack()
    chunks = journal.unsaved(whole=not session.stored)
    record = record_of(session).SerializeToString()
    return Saving(session.session_id, session.lease.fence, record, chunks, session.stored)


def record_of(session: Call) -> SessionRecord:
    """What another gateway needs beside the chunks, as of the last answered one."""
    assert session.token is not None
    record = session.conversation.record()
    record.secret_digest = session.token.digest()
    record.next_chunk = session.journal.next_chunk
    record.pending_forced = session.journal.pending_forced
    record.waited_chunks = session.journal.waited_chunks
    record.forced = "".join(flight.forced for flight in session.in_flight) + record.forced
    record.audio_over = session.audio_over
    return record
