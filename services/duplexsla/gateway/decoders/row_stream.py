"""One ModelStreamInfer call for all sessions of one decoder: a message takes a row of every session that has
one waiting.

A message leaves at once while none is on its way; else when the one before is answered, or `gather_s` after
it. So a fast decoder is asked again as soon as it answers, and a slow one gets few, large messages. What a
session sends while its last row is unanswered waits here: at most what it may have in flight.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import grpc
from tritonclient.grpc.service_pb2_grpc import GRPCInferenceServiceStub

from duplexsla.errors import DecoderLost
from duplexsla.gateway.call.wakeup import Wakeup
from duplexsla.gateway.decoders.tensors import MOST_ROWS, Answer, Requests, Row, read_answers

GATHER_S = 0.005


class RowSource(Protocol):
    """A session on this stream."""

    rows: deque[Row]  # that wait
    flying: Row | None  # at the decoder

    def take(self, row: Row, answer: Answer) -> None:
        """The answer to its row."""

    def lose(self, error: DecoderLost) -> None:
        """Nothing more will come."""


class RowStream:
    """Rows of many sessions to one decoder, on the event loop's thread. `lost` says why it is of no use."""

    def __init__(self, stub: GRPCInferenceServiceStub, address: str, *, gather_s: float = GATHER_S) -> None:
        self.address, self._gather_s = address, gather_s
        self.lost = ""
        self._call: grpc.aio.StreamStreamCall = stub.ModelStreamInfer()
        self._requests = Requests()
        self._ready: deque[RowSource] = deque()
        self._flying: dict[str, list[RowSource]] = {}  # by the message's number
        self._number = 0
        self._next_at = 0.0  # of time.monotonic
        self._rung = Wakeup()
        work = (self._send_forever, self._receive_all)
        self._tasks = [asyncio.create_task(self._guarded(each), name="rows") for each in work]

    def put(self, seat: RowSource, row: Row) -> None:
        """Sends a row as soon as the one before it is answered; DecoderLost when the stream is lost."""
        if self.lost:
            raise DecoderLost(self.lost)
        seat.rows.append(row)
        if seat.flying is None and len(seat.rows) == 1:
            self._ready.append(seat)
            self._rung.ring()

    def put_last(self, seat: RowSource, row: Row) -> None:
        """The same, in place of all that waits."""
        waited = bool(seat.rows)
        seat.rows.clear()
        if waited:
            seat.rows.append(row)
        else:
            self.put(seat, row)

    def close(self) -> None:
        self._lose("the stream is closed")

    async def _send_forever(self) -> None:
        while True:
            if not self._ready:
                await self._rung.wait()
            elif self._flying and time.monotonic() < self._next_at:
                await self._rung.wait(self._next_at)
            else:
                await self._send_one()

    async def _send_one(self) -> None:
        seats = [self._ready.popleft() for _ in range(min(len(self._ready), MOST_ROWS))]
        rows = [seat.rows.popleft() for seat in seats]
        for seat, row in zip(seats, rows, strict=True):
            seat.flying = row
        self._number += 1
        self._flying[str(self._number)] = seats
        self._next_at = time.monotonic() + self._gather_s
        await self._call.write(self._requests.fill(self._number, rows))

    async def _receive_all(self) -> None:
        while (response := await self._call.read()) is not grpc.aio.EOF:
            answered = response.infer_response
            seats = self._flying.pop(answered.id, [])
            if response.error_message:
                answers: list[Answer] = [DecoderLost(response.error_message)] * len(seats)
            else:
                answers = read_answers(answered)
            for seat, answer in zip(seats, answers, strict=True):
                self._answered(seat, answer)
            self._rung.ring()
        raise DecoderLost(f"it closed the stream: {await self._call.details()}")

    def _answered(self, seat: RowSource, answer: Answer) -> None:
        row, seat.flying = seat.flying, None
        assert row is not None
        if seat.rows:
            self._ready.append(seat)
        seat.take(row, answer)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Whatever ends this work, every session hears of it."""
        try:
            await work()
        except grpc.aio.AioRpcError as error:
            self._lose(f"{error.code().name.lower()}: {error.details()}")
        except (asyncio.InvalidStateError, grpc.aio.UsageError):
            self._lose("the stream is closed")
        except (DecoderLost, ValueError) as error:
            self._lose(str(error))

    def _lose(self, why: str) -> None:
        if self.lost:
            return
        self.lost = f"decoder {self.address}: {why}"
        here = asyncio.current_task()
        for task in self._tasks:
            if task is not here:
                task.cancel()
        with suppress(grpc.aio.UsageError):
            self._call.cancel()
        for seat in [*self._ready, *(seat for seats in self._flying.values() for seat in seats)]:
            seat.lose(DecoderLost(self.lost))
        self._ready.clear()
        self._flying.clear()
