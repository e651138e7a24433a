"""The pipeline of a call, one coroutine for each stage: receive, pace, decode, send.

    client --receive--> backlog --pace--> decoder --decode--> outbox --send--> client

`receive` and `send` run as long as a client's stream, `pace` and `decode` as long as the call has a decoder
without a break. Every queue between them is bounded. A live call never waits for a slow neighbour: it drops
the oldest and says so. A file drops nothing: each stage waits for the next one, down to the client's flow
control. All wait on `Call.changed` alone, for facts that they name.

Cancelling: `pace` and `decode` may be cancelled at every await, what was in flight is sent again by the next
`pace`. `receive` too, between two messages and while a file waits for room: with it goes what the client must
send again when it resumes. `send` loses at most the message that the client was not given.
"""

import math
import time
from collections.abc import Awaitable, Callable

from duplexsla.clock import SILENCE
from duplexsla.errors import DecoderLost
from duplexsla.gateway.call.call import LEAVING, Attachment, Call
from duplexsla.gateway.call.standby import IN_FLIGHT, InFlight
from duplexsla.gateway.call.state import CallEvent, CallState
from duplexsla.gateway.decoders import load_shedding
from duplexsla.gateway.decoders.pool import DRAINING_S, DecoderLink
from duplexsla.history import NO_HISTORY, events
from duplexsla.history.events import Row
from duplexsla.session.audio_input import ClockDecision, Decision
from duplexsla.session.dialogue import ChunkOutput, DecodedStep
from duplexsla.session.messages import Stage
from duplexsla.session.turn_words import TurnFindings
from duplexsla.telemetry import UNTRACED, StepContext, inject, names
from duplexsla.v1.decoder_pb2 import DecodedChunk
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_AUDIO_GAP,
    NOTICE_KIND_CHUNKS_DROPPED,
    NOTICE_KIND_RESUMED,
    ConverseRequest,
    ConverseResponse,
    Notice,
    Open,
)

Read = Callable[[], Awaitable[ConverseRequest | None]]  # the client's next message; None after the last
Write = Callable[[ConverseResponse], Awaitable[None]]

GAPS: dict[int, str] = {
    NOTICE_KIND_AUDIO_GAP: "sound",
    NOTICE_KIND_CHUNKS_DROPPED: "chunks",
    NOTICE_KIND_RESUMED: "chunks",
}


# Client to backlog.


async def receive(call: Call, client: Attachment, read: Read) -> None:
    """Until the client's end. One that may resume ends its audio by saying so alone."""
    inbound = client.inbound
    while inbound.stage is not Stage.ENDED and (message := await read()) is not None:
        await _receive_one(call, client, message)
    if inbound.hung_up:
        call.hang_up()
        return
    if call.token is not None and inbound.stage is not Stage.ENDED:
        return
    if rest := client.sound.chunker.flush():
        await _buffer(call, rest)
    call.audio.ended = True
    call.changed.notify()


async def _receive_one(call: Call, client: Attachment, message: ConverseRequest) -> None:
    taken = client.inbound.take(message)
    client.received_at = time.monotonic()
    for notice in client.inbound.take_notices():
        call.post(ConverseResponse(notice=notice))
    kind = message.WhichOneof("message") or ""
    if kind not in ("open", "audio", "end", ""):
        call.counts.requests[kind] += 1
    if isinstance(taken, bytes):
        for chunk in client.sound.chunker.push(taken):
            await _buffer(call, chunk)
    elif taken is not None and not isinstance(taken, Open):
        call.on_control(taken, time.time_ns() // 1_000_000)


async def _buffer(call: Call, samples: bytes) -> None:
    """Into the backlog: a file waits for room, a live call drops the oldest."""
    backlog = call.audio.backlog
    if backlog.full and not call.live:
        await call.changed.wait_for(lambda: not backlog.full)
    if call.audio.put(samples, time.monotonic()):
        call.audio.gaps.lose(call.next_chunk)
        call.counts.lost_samples += len(samples) // 2
        call.history.write(events.dropped("lost_samples", len(samples) // 2, call.session_id))
    call.changed.notify()


# Backlog to decoder.


async def pace(call: Call) -> None:
    """First what another decoder left unanswered, then one chunk for each slot of the call's clock, until the
    audio is over.
    """
    for flight in call.in_flight:
        _submit(call, flight)
    while not call.leaving and not call.audio.exhausted:
        await _pace_one(call)
    _declare_gap(call, over=True)
    call.audio.all_taken = True
    call.changed.notify()


async def _pace_one(call: Call) -> None:
    """Sends one chunk, or waits once."""
    if _is_held(call):
        await call.changed.wait_for(lambda: not _is_held(call))
        return
    if call.link.shedder.holds_files and not call.live:
        call.counts.shed["file_turns"] += 1
        await call.changed.wait_for(lambda: call.leaving, time.monotonic() + load_shedding.HOLD_S)
        return
    if call.attachment is None and not len(call.audio.backlog):  # nobody is there: time stands still
        call.audio.restart_clock()
        await _await_input(call)
        return
    now = time.monotonic()
    decision = call.audio.clock.decide(now, call.audio.backlog.oldest_at)
    if decision.choice is ClockDecision.WAIT:
        await _await_input(call, decision.at)
        return
    _send_chunk(call, decision, now)


def _is_held(call: Call) -> bool:
    """Whether the decoder is to be sent nothing now; a standby that is close must catch up first."""
    if call.state is LEAVING:
        return False
    if len(call.in_flight) >= IN_FLIGHT:
        return True
    standby = call.standby
    if standby is None or call.awaits_silence(standby):
        return False
    return standby.holds_back(call.next_chunk, time.monotonic(), live=call.live)


async def _await_input(call: Call, until: float = math.inf) -> None:
    """Until what the clock decides by has changed."""
    seen = _input(call)
    await call.changed.wait_for(lambda: call.leaving or _input(call) != seen, until)


def _input(call: Call) -> tuple[float | None, bool, Attachment | None]:
    return call.audio.backlog.oldest_at, call.audio.ended, call.attachment


def _send_chunk(call: Call, decision: Decision, now: float) -> None:
    due, concealed = decision.at, decision.choice is ClockDecision.CONCEAL
    if concealed:
        samples = SILENCE
        call.audio.gaps.conceal(call.next_chunk)
        if not call.audio.muted(now):
            call.counts.concealed_samples += len(samples) // 2
    else:
        samples = call.audio.backlog.take().samples
    _declare_gap(call, over=not concealed)
    call.audio.clock.advance(decision, now)
    flight = InFlight(
        call.next_chunk, due, concealed, _traced(call, due), samples, call.dialogue.take_injected_text()
    )
    call.next_chunk += 1
    call.in_flight.append(flight)
    if call.standby is not None:
        call.standby.submit(flight)
    _submit(call, flight)
    call.changed.notify()


def _traced(call: Call, due: float) -> StepContext:
    if call.link.shedder.traces(call.session_id):
        return call.trace.step(due)
    call.counts.shed["traced_steps"] += 1
    return UNTRACED


def _submit(call: Call, flight: InFlight) -> None:
    traceparent = inject(flight.step.context) if flight.step.recorded else ""
    call.link.stream.send(flight.chunk, flight.samples, forced=flight.forced, traceparent=traceparent)


def _declare_gap(call: Call, *, over: bool) -> None:
    notice = call.audio.gaps.declare(over=over)
    if notice is not None:
        call.post(notice)


# Decoder to outbox and bus.


async def decode(call: Call, on_draining: Callable[[], None]) -> None:
    """Until all is answered. Raises what the decoder answers in place of a chunk.

    `on_draining` is called after every answer of a decoder that wants to be rid of the call.
    """
    while True:
        if not call.in_flight:
            await call.changed.wait_for(lambda: call.in_flight or call.audio.all_taken)
            if not call.in_flight:
                return
        await _decode_one(call)
        if call.state is CallState.MIGRATING:
            on_draining()
        if call.outbox.full and not call.live:
            await call.changed.wait_for(lambda: not call.outbox.full or call.leaving)


async def _decode_one(call: Call) -> None:
    """One answer. A file's chunks wait for each other: theirs is the time since the answer before."""
    link = call.link
    chunk, step = await _answer(link)
    now = time.monotonic()
    flight = call.in_flight[0]
    if chunk != flight.chunk:
        raise DecoderLost(f"decoder {link.stream.address} answered chunk {chunk}, not {flight.chunk}")
    call.in_flight.popleft()
    due = flight.due if call.live else max(flight.due, call.answered_at)
    _observe(call, chunk, step, now)
    call.answered_at = now
    if call.journal.model and step.tick.model != call.journal.model:
        call.on_model_changed(chunk)
    call.journal.add(chunk, flight.samples, step)
    output = call.dialogue.on_step(
        chunk, step, step_us=int((now - due) * 1e6), now_ms=time.time_ns() // 1_000_000
    )
    _record(call, flight, step, output, now - due, now)
    _deliver(call, flight, step, output)
    call.changed.notify()


async def _answer(link: DecoderLink) -> tuple[int, DecodedStep]:
    link.waiting_since = time.monotonic()
    try:
        return await link.stream.receive()
    finally:
        link.waiting_since = None


def _observe(call: Call, chunk: int, step: DecodedStep, now: float) -> None:
    """What an answer says of the decoder that gave it."""
    if not call.link.answered:
        call.on_first_answer(chunk, now)
    if call.standby is not None:
        call.standby.compare(chunk, step)
    if step.tick.draining:
        call.pool.avoid(call.link.stream.address, DRAINING_S)
        call.apply(CallEvent.DRAIN_ASKED)


def _deliver(call: Call, flight: InFlight, step: DecodedStep, output: ChunkOutput) -> None:
    """To the client, unless it has the chunk; to the devices in any case."""
    delivered = flight.chunk < call.muted_below
    if call.history is not NO_HISTORY and not delivered:
        call.history.write(_chunk_sent(call, flight.chunk, step.decoded))
    for message in output.messages[1:] if delivered else output.messages:
        call.put(message)
    for event in output.events:
        call.publish(event, flight.step.context)
    if output.events:
        call.save_soon(call)


def _record_findings(call: Call, found: TurnFindings) -> None:
    if found.request:
        call.counts.requests_heard[found.request] += 1
    if found.claim:
        call.counts.claims[found.claim] += 1
        row = events.reply_claimed(
            call.session_id, chunk=found.first_chunk, said=found.said, kept=found.claim == "kept"
        )
        call.history.write(row)


def _record(
    call: Call, flight: InFlight, step: DecodedStep, output: ChunkOutput, step_s: float, now: float
) -> None:
    """Counts a step and ends its span."""
    call.counts.steps += 1
    call.counts.misses += output.missed
    call.counts.chunks_withheld += output.withheld
    call.counts.calls_refused.update(output.refused)
    _record_findings(call, output.findings)
    if call.live:
        call.link.shedder.count(output.missed)
    recorded = flight.step.recorded
    call.counts.step_s.observe(step_s, flight.step.context if recorded else None)
    if not recorded:
        return
    attributes: dict[str, int | float | bool] = {
        names.ATTR_CHUNK: flight.chunk,
        names.ATTR_STEP_MS: round(step_s * 1e3, 3),
        names.ATTR_TICK_MS: step.tick.duration_us / 1e3,
        names.ATTR_BATCH: step.tick.batch,
    }
    if flight.concealed:
        attributes[names.ATTR_CONCEALED] = True
    if output.missed:
        attributes[names.ATTR_MISS] = True
    if output.events:
        attributes[names.ATTR_ACTIONS] = len(output.events)
    call.trace.record(flight.step, flight.due, now, attributes)


def _chunk_sent(call: Call, chunk: int, decoded: DecodedChunk) -> Row:
    return events.chunk_sent(
        call.session_id,
        chunk,
        fence=call.lease.fence,
        placement=call.link.stream.placement,
        digest=events.digest_of(decoded.anchor, decoded.codes, decoded.action),
    )


# Outbox to client.


async def send(call: Call, client: Attachment, write: Write) -> None:
    """Until nothing more comes, or the client's stream is over."""
    while not client.over:
        if not len(call.outbox):
            await call.changed.wait_for(lambda: len(call.outbox) or call.over)
            if not len(call.outbox):
                return
        await _send_one(call, client, write)


async def _send_one(call: Call, client: Attachment, write: Write) -> None:
    message = call.dropped.declare() or call.outbox.take()
    client.writing_since = time.monotonic()
    await write(client.sound.outgoing(message))
    client.writing_since = None
    if not call.live:  # somebody may wait for room
        call.changed.notify()
    if message.HasField("notice"):
        _record_gap(call, message.notice)


def _record_gap(call: Call, notice: Notice) -> None:
    """What the client was told is missing."""
    what, first = GAPS.get(notice.kind, ""), notice.first_chunk
    if notice.kind == NOTICE_KIND_RESUMED:
        first -= notice.chunks
    if what and (notice.chunks or notice.samples):
        gap = events.gap_declared(call.session_id, what=what, first_chunk=first, chunks=notice.chunks)
        call.history.write(gap)
