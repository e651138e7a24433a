"""Journals into the archive, in batches, off the path of the steps.

Between two batches the gateway is the only one who knows the newest chunks: its death costs at most those.
When the archive does not answer nothing piles up beyond the journals' own rings; later it gets them whole.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from duplexsla.errors import StaleFence, StoreLost
from duplexsla.gateway.call.call import Call
from duplexsla.gateway.decoders import load_shedding
from duplexsla.gateway.metrics import GatewayMetrics
from duplexsla.runtime.tasks import Condition
from duplexsla.session.store.archive import Archive, Saved, Saving
from duplexsla.v1.journal_pb2 import SessionRecord

logger = logging.getLogger(__name__)

EVERY_S = 1.0
PARTS = 20  # of a round: a twentieth of the calls at once, so that no step waits for all their journals
PACK_AT_ONCE = 8  # sessions between two looks at the event loop: less than a ms each


class JournalWriter:
    """One writer at a time; `save_soon` asks for a call before its part of the round is due."""

    def __init__(
        self, archive: Archive, counts: GatewayMetrics, *, resume_ms: int, every_s: float = EVERY_S
    ) -> None:
        self.archive, self._counts = archive, counts
        self._resume_ms, self._every_s = resume_ms, every_s
        self._pause_s = every_s
        self._urgent: set[Call] = set()
        self._changed = Condition()
        self._writing = asyncio.Lock()

    def on_load(self, level: int) -> None:
        """From load_shedding.JOURNALS on all calls are written once in SAVE_S, if that is longer."""
        shed = level >= load_shedding.JOURNALS
        self._pause_s = max(self._every_s, load_shedding.SAVE_S) if shed else self._every_s

    def save_soon(self, call: Call) -> None:
        """What this call just did must not be forgotten: it acted."""
        if call.token is not None:
            self._urgent.add(call)
            self._changed.notify()

    async def run(self, calls: Iterable[Call]) -> None:
        """For ever: all `calls`, whoever they are then, once in `every_s`, urgent ones at once.

        Cancelling is safe, as of `save`.
        """
        parts = itertools.cycle(range(PARTS))
        due = time.monotonic() + self._every_s / PARTS
        while True:
            await self._changed.wait_for(lambda: self._urgent, due)
            wanted, self._urgent = self._urgent, set()
            if time.monotonic() < due:
                await self.save(wanted)
                continue
            part = next(parts)
            wanted |= {each for each in calls if each.session_id % PARTS == part}
            await self._pack(list(wanted))
            kept = await self.save(wanted)
            self._counts.shed["savings"] += part == 0 and self._pause_s > self._every_s
            now = time.monotonic()
            due = max(now, due + self._pause_s / PARTS) if kept else now + self._pause_s

    async def save(self, calls: Iterable[Call]) -> bool:
        """Writes what is new of those that can be resumed; False when the archive did not take all of it.

        Cancelling is safe: what was under way is written again, whole.
        """
        async with self._writing:
            wanted = [call for call in calls if call.token is not None]
            torn = await self._save(wanted)
            return torn is not None and not (torn and await self._save(torn))

    async def _save(self, calls: Sequence[Call]) -> list[Call] | None:
        """Those that must be given again, whole; None when the archive is lost."""
        savings = {call: saving for call in calls if (saving := _saving(call)) is not None}
        if not savings:
            return []
        keep = calls[0].journal.capacity
        try:
            results = await self.archive.save(list(savings.values()), keep=keep, ttl_ms=self._resume_ms)
        except BaseException as error:
            for call in savings:
                call.stored = 0  # what of it was written is not known
            if not isinstance(error, StoreLost):
                raise
            self._counts.journal_failures += 1
            logger.warning("journals_unwritten count=%d error=%s", len(savings), error)
            return None
        for (call, saving), result in zip(savings.items(), results, strict=True):
            self._note(call, saving, result)
        return [each for each, result in zip(savings, results, strict=True) if result is Saved.TORN]

    def _note(self, call: Call, saving: Saving, result: Saved) -> None:
        if result is Saved.FENCED:
            call.fail(StaleFence("another gateway owns this session now"))
        elif result is Saved.TORN:
            call.stored = 0
        else:
            call.stored = min(call.journal.capacity, saving.stored + len(saving.chunks))
            self._counts.journal_chunks += len(saving.chunks)

    async def _pack(self, calls: Sequence[Call]) -> None:
        for number, call in enumerate(calls):
            with _fault_ends(call):
                call.journal.pack()
            if number % PACK_AT_ONCE == PACK_AT_ONCE - 1:
                await asyncio.sleep(0)


def _saving(call: Call) -> Saving | None:
    """What is new of a call; None for one that ends because that cannot be written down."""
    with _fault_ends(call):
        call.journal.pack()
        record = record_of(call).SerializeToString()
        chunks = call.journal.unsaved(whole=not call.stored)
        return Saving(call.session_id, call.lease.fence, record, chunks, call.stored)
    return None


@contextmanager
def _fault_ends(call: Call) -> Iterator[None]:
    """What goes wrong with one call's journal ends that call, not its batch."""
    try:
        yield
    except Exception as error:  # outermost frame of one call's journal
        logger.exception("journal_failed_internally session=%016x", call.session_id)
        call.fail(error)


def record_of(call: Call) -> SessionRecord:
    """What another gateway needs beside the chunks, as of the last answered one."""
    record = call.dialogue.record()
    record.secret_digest = call.secret_digest
    record.next_chunk = call.journal.next_chunk
    record.pending_forced = call.journal.pending_injected_text
    record.waited_chunks = call.journal.waited_chunks
    record.model, record.model_since = call.journal.model, call.journal.model_since
    record.forced = "".join(flight.forced for flight in call.in_flight) + record.forced
    record.audio_over = call.audio.ended
    record.subject, record.opened_at_ms = call.rights.principal.subject, call.rights.opened_at_ms
    return record
