"""The four directions of one session, one coroutine each: hear, pace, answer, deliver.

    client --hear--> backlog --pace--> decoder --answer--> outbox --deliver--> client

`hear` and `deliver` live as long as a client's stream, `pace` and `answer` as long as a decoder. Every queue
between them is bounded. A live session never waits for a slow neighbour: it drops the oldest and says so. A
file session drops nothing: each direction waits for the next one, down to the client's flow control.
"""

import time

from google.protobuf.message import DecodeError
from grpc.aio import EOF, InternalError, ServicerContext, UsageError

from duplexsla.clock import SILENCE
from duplexsla.errors import DecoderLost, ProtocolError
from duplexsla.gateway.call import migration
from duplexsla.gateway.call.call import IN_FLIGHT, Call, InFlight
from duplexsla.gateway.decoders import load_shedding
from duplexsla.history import NO_HISTORY, events
from duplexsla.history.events import Row
from duplexsla.session.backlog import BufferedChunk
from duplexsla.session.clocks import ClockDecision
from duplexsla.session.dialogue import ChunkOutput, DecodedStep
from duplexsla.session.inbound import Stage
from duplexsla.telemetry import UNTRACED, StepContext, inject, names
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_AUDIO_GAP,
    NOTICE_KIND_CHUNKS_DROPPED,
    NOTICE_KIND_RESUMED,
    NOTICE_KIND_UNKNOWN_FIELDS,
    ConverseRequest,
    ConverseResponse,
    Notice,
)

UNKNOWN_FIELDS = ConverseResponse(
    notice=Notice(kind=NOTICE_KIND_UNKNOWN_FIELDS, detail="fields unknown to this server were ignored")
)

GAPS: dict[int, str] = {
    NOTICE_KIND_AUDIO_GAP: "sound",
    NOTICE_KIND_CHUNKS_DROPPED: "chunks",
    NOTICE_KIND_RESUMED: "chunks",
}


async def read(context: ServicerContext) -> ConverseRequest | None:
    """The client's next message; None after the last. ProtocolError for bytes that are none."""
    try:
        message = await context.read()
    except DecodeError as error:
        raise ProtocolError("a message that is no ConverseRequest") from error
    return None if message is EOF else message


async def hear(session: Call, context: ServicerContext) -> None:
    """Client to backlog, until its end. A client that may come back ends its audio by saying so alone."""
    while session.inbound.stage is not Stage.ENDED and (message := await read(context)) is not None:
        await _hear_one(session, message)
    if session.inbound.hung_up:
        session.hang_up()
        return
    if session.token is not None and session.inbound.stage is not Stage.ENDED:
        return
    if rest := session.chunker.flush():
        await _keep(session, rest)
    session.audio_over = True
    session.heard.ring()


async def _hear_one(session: Call, message: ConverseRequest) -> None:
    warned = session.inbound.unknown_fields
    samples = session.inbound.take(message)
    session.heard_at = time.monotonic()
    if session.inbound.unknown_fields and not warned:
        session.post(UNKNOWN_FIELDS)
    if isinstance(samples, bytes):
        for chunk in session.chunker.push(samples):
            await _keep(session, chunk)


async def _keep(session: Call, samples: bytes) -> None:
    """Into the backlog: a file session waits for room, a live one drops the oldest."""
    while not session.live and session.backlog.full:
        await session.taken.wait()
    if session.backlog.put(BufferedChunk(samples, time.monotonic())):
        session.gaps.lose(session.next_chunk)
        session.counts.lost_samples += len(samples) // 2
        session.history.write(events.dropped("lost_samples", len(samples) // 2, session.session_id))
    session.heard.ring()


async def pace(session: Call) -> None:
    """Backlog to decoder: first what another decoder left unanswered, then one chunk per turn of the
    session's clock, until the audio is over.
    """
    for flight in list(session.in_flight):
        session.sent.ring()
        _submit(session, flight)
    while not session.leaving and (len(session.backlog) or not session.audio_over):
        await _pace_one(session)
    _declare_gap(session, over=True)
    session.sent_all = True
    session.sent.ring()


async def _pace_one(session: Call) -> None:
    """Sends one chunk, or waits once."""
    if len(session.in_flight) >= IN_FLIGHT or not _settled(session):
        await session.answered.wait()
        return
    if session.ladder.holds_files and not session.live:
        session.counts.shed["file_turns"] += 1
        await session.answered.wait(time.monotonic() + load_shedding.HOLD_S)
        return
    if session.line is None and not len(session.backlog):  # nobody is there: time stands still
        session.restart_clock()
        await session.heard.wait()
        return
    now = time.monotonic()
    turn, at = session.clock.decide(now, session.backlog.oldest_at)
    if turn is ClockDecision.WAIT:
        await session.heard.wait(at)
        return
    if turn is ClockDecision.TAKE:
        samples = session.backlog.take().samples
        session.taken.ring()
    else:
        samples = SILENCE
        session.gaps.conceal(session.next_chunk)
        session.counts.concealed_samples += len(samples) // 2
    _declare_gap(session, over=turn is ClockDecision.TAKE)
    session.clock.advance()
    _send(session, samples, at, concealed=turn is ClockDecision.CONCEAL)


def _settled(session: Call) -> bool:
    """Whether the next chunk may be sent; between two decoders not before both have said the same."""
    shadow, now = session.shadow, time.monotonic()
    if shadow is None or not shadow.worth_waiting_for(session.next_chunk, now, live=session.live):
        return True
    if session.in_flight or shadow.level_with < session.next_chunk:
        return False
    migration.end(session, shadow)
    return True


def _send(session: Call, samples: bytes, due: float, *, concealed: bool) -> None:
    chunk = session.next_chunk
    session.next_chunk += 1
    flight = InFlight(chunk, due, concealed, _traced(session, due), samples, session.conversation.forced())
    session.in_flight.append(flight)
    session.sent.ring()
    if session.shadow is not None:
        session.shadow.hear(flight)
    _submit(session, flight)


def _traced(session: Call, due: float) -> StepContext:
    if session.ladder.traces(session.session_id):
        return session.trace.step(due)
    session.counts.shed["traced_steps"] += 1
    return UNTRACED


def _submit(session: Call, flight: InFlight) -> None:
    traceparent = inject(flight.step.context) if flight.step.recorded else ""
    session.decoder.send(flight.chunk, flight.samples, forced=flight.forced, traceparent=traceparent)


def _declare_gap(session: Call, *, over: bool) -> None:
    notice = session.gaps.declare(over=over)
    if notice is not None:
        session.post(notice)


async def answer(session: Call) -> None:
    """Decoder to outbox and bus, until all is answered."""
    while await _expects_answer(session):
        await _answer_one(session)


async def _expects_answer(session: Call) -> bool:
    while not session.in_flight:
        if session.sent_all:
            return False
        await session.sent.wait()
    return True


async def _answer_one(session: Call) -> None:
    """One answer. A file session's chunks wait for each other: theirs is the time since the answer before."""
    session.waiting_since = time.monotonic()
    chunk, step = await session.decoder.receive()
    session.waiting_since, now = None, time.monotonic()
    flight = session.in_flight[0]
    if chunk != flight.chunk:
        raise DecoderLost(f"decoder {session.decoder.address} answered chunk {chunk}, not {flight.chunk}")
    session.in_flight.popleft()
    due = flight.due if session.live else max(flight.due, session.answered_at)
    _settle(session, chunk, step, now)
    session.answered_at = now
    session.answered.ring()
    session.journal.add(chunk, flight.samples, step)
    spoken = session.conversation.speak(
        chunk, step, step_us=int((now - due) * 1e6), now_ms=time.time_ns() // 1_000_000
    )
    _record(session, flight, step, spoken, now - due, now)
    if session.history is not NO_HISTORY and chunk >= session.muted_below:
        session.history.write(_told(session, chunk, step))
    for message in spoken.messages if chunk >= session.muted_below else spoken.messages[1:]:
        session.post(message)
    for event in spoken.events:
        session.act(event, flight.step.context)
    if spoken.events:
        session.save_soon(session)
    while not session.live and session.outbox.full and not session.leaving:
        await session.delivered.wait()


def _settle(session: Call, chunk: int, step: DecodedStep, now: float) -> None:
    """What an answer says of the decoder that gave it."""
    if session.starting:
        session.settled_in(chunk, now)
    if session.shadow is not None:
        session.shadow.compare(chunk, step)
    if step.draining:
        migration.begin(session)


def _record(
    session: Call, flight: InFlight, step: DecodedStep, spoken: ChunkOutput, step_s: float, now: float
) -> None:
    """Counts a step and ends its span."""
    session.counts.steps += 1
    session.counts.misses += spoken.missed
    if session.live:
        session.ladder.count(spoken.missed)
    recorded = flight.step.recorded
    session.counts.step_s.observe(step_s, flight.step.context if recorded else None)
    if not recorded:
        return
    attributes: dict[str, int | float | bool] = {
        names.ATTR_CHUNK: flight.chunk,
        names.ATTR_STEP_MS: round(step_s * 1e3, 3),
        names.ATTR_TICK_MS: step.tick_us / 1e3,
        names.ATTR_BATCH: step.batch,
    }
    if flight.concealed:
        attributes[names.ATTR_CONCEALED] = True
    if spoken.missed:
        attributes[names.ATTR_MISS] = True
    if spoken.events:
        attributes[names.ATTR_ACTIONS] = len(spoken.events)
    session.trace.record(flight.step, flight.due, now, attributes)


def _told(session: Call, chunk: int, step: DecodedStep) -> Row:
    return events.chunk_sent(
        session.session_id,
        chunk,
        fence=session.lease.fence,
        placement=session.decoder.placement,
        digest=events.digest_of(step.anchor, step.codes, step.pieces),
    )


async def deliver(session: Call, context: ServicerContext) -> None:
    """Outbox to client, until nothing more comes."""
    while len(session.outbox) or not session.spoken_all:
        await _deliver_one(session, context)


async def _deliver_one(session: Call, context: ServicerContext) -> None:
    if not len(session.outbox):
        await session.posted.wait()
        return
    message = session.dropped.declare() or session.outbox.take()
    session.writing_since = time.monotonic()
    try:
        await context.write(message)
    except (InternalError, UsageError) as error:
        raise ProtocolError("the client went away") from error
    session.writing_since = None
    session.delivered.ring()
    if message.HasField("notice"):
        _record_gap(session, message.notice)


def _record_gap(session: Call, notice: Notice) -> None:
    """What the client was told is missing."""
    what, first = GAPS.get(notice.kind, ""), notice.first_chunk
    if notice.kind == NOTICE_KIND_RESUMED:
        first -= notice.chunks
    if what and (notice.chunks or notice.samples):
        gap = events.gap_declared(session.session_id, what=what, first_chunk=first, chunks=notice.chunks)
        session.history.write(gap)
