"""Executors, homes, a ledger and a log in memory, in virtual time, with everything that may go wrong.

Whatever happens is written as a history. One seed is one story.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tests.support.action_events import ScriptedDevice, event
from tests.support.memory_broker import MemoryLog, MemorySink
from tests.support.memory_ledger import MemoryLedger
from tests.support.scripted_decisions import ByNumber, asks

from duplexsla.errors import ActionExpired, AnswerLost, DeviceRefused, DeviceUnavailable, StoreLost
from duplexsla.executor import messages
from duplexsla.executor.assembly import assembled
from duplexsla.executor.backends.device import DeviceCall, Effect
from duplexsla.executor.breaker import Breakers
from duplexsla.executor.broker.ports import Partition
from duplexsla.executor.crash_points import POINTS
from duplexsla.executor.ledger.ledger import Claim, ClaimLost
from duplexsla.executor.service import Executor
from duplexsla.history import events
from duplexsla.history.events import Row
from duplexsla.history.reader import HistoryLine
from duplexsla.protocol.topics import ACTIONS_TOPIC, DEAD_LETTERS_TOPIC, OUTCOMES_TOPIC, SCHEDULES_TOPIC
from duplexsla.telemetry import setup
from duplexsla.v1 import action_pb2 as pb

TOPIC, PARTITIONS, HOMES, MEMBERS = ACTIONS_TOPIC, 3, 6, 3
TOPICS = {TOPIC: PARTITIONS, SCHEDULES_TOPIC: PARTITIONS, OUTCOMES_TOPIC: 1, DEAD_LETTERS_TOPIC: 1}
START_MS = 1_700_000_000_000
LIFE_S = 5.0  # of an action
ANSWERED = 100_000  # numbers of answers begin here
ANSWERS = (pb.INTENT_YES, pb.INTENT_YES, pb.INTENT_YES, pb.INTENT_NO, pb.INTENT_RETRACT)
BUFFER_MS = 10.0  # of a history, which is lost when its process is killed


class Died(BaseException):
    """SIGKILL."""


class World:
    """What the executors share, and time."""

    def __init__(self, seed: int, ledger: "FlakyLedger | None" = None) -> None:
        self.rng = random.Random(seed)
        self.log = MemoryLog(TOPICS)
        self.ledger = ledger or FlakyLedger()
        self.rows: list[tuple[float, str, Row]] = []
        self.home = DumbHome(self)
        self.members: dict[str, Member] = {}
        self.fences = dict.fromkeys(range(HOMES), 10)
        self._started = 0

    @property
    def now_ms(self) -> float:
        return START_MS + asyncio.get_running_loop().time() * 1000

    def tell(self, by: str, row: Row) -> None:
        self.rows.append((self.now_ms, by, row))

    def lines(self) -> list[HistoryLine]:
        ordered = sorted(self.rows, key=lambda told: told[0])
        return [
            HistoryLine({"at": at, "by": by, **row}, f"story:{number}")
            for number, (at, by, row) in enumerate(ordered)
        ]

    def start_member(self) -> None:
        self._started += 1
        name = f"executor:{self._started}"
        self.members[name] = Member(self, name)

    def ask(self, home: int, number: int, delivery: pb.Delivery, *, stale: bool = False) -> None:
        """A gateway publishes an action, sometimes twice."""
        fence = self.fences[home] - 5 * stale
        asked = event(
            home=f"home-{home}",
            session_id=home + 1,
            fence=fence,
            action=_action(home, number),
            delivery=delivery,
            emitted_at_ms=int(self.now_ms),
            expires_at_ms=int(self.now_ms) + self.rng.choice((1_500, 5_000)),
        )
        named = "idempotent" if delivery == pb.DELIVERY_IDEMPOTENT else "at_most_once"
        self.tell(
            "gateway:0",
            events.action_published(
                asked.action.id,
                session=home + 1,
                home=asked.home,
                fence=fence,
                delivery=named,
                expires_at_ms=asked.expires_at_ms,
            ),
        )
        if self.log.down:
            self.tell("gateway:0", events.action_unavailable(asked.action.id, session=home + 1))
            return
        self._publish(asked)

    def answer(self, home: int, number: int) -> None:
        """What is said about an action of before: mostly yes."""
        about = _action(home, number).id
        self._publish_answer(home, number, about, self.rng.choice(ANSWERS))

    def _publish(self, asked: pb.ActionEvent) -> None:
        for _ in range(1 + (self.rng.random() < 0.1)):
            self.log.append(TOPIC, asked.home.encode(), asked.SerializeToString(), {})
        self.tell("gateway:0", events.action_acknowledged(asked.action.id))

    def _publish_answer(self, home: int, number: int, about: str, intent: pb.Intent) -> None:
        if self.log.down:
            return
        asked = event(
            home=f"home-{home}",
            session_id=home + 1,
            fence=self.fences[home],
            action=pb.Action(id=f"{home + 1:016x}-{ANSWERED + number}-0"),
            intent=intent,
            refers_to=about,
            emitted_at_ms=int(self.now_ms),
            expires_at_ms=int(self.now_ms) + 5_000,
        )
        self._publish(asked)

    def take_over(self, home: int) -> None:
        """Another gateway owns the home's session."""
        self.fences[home] += 10
        self.ledger.fences[home + 1] = self.fences[home]
        row = events.session_resumed(
            home + 1, home=f"home-{home}", fence=self.fences[home], placement=1, decoder="d", next_chunk=0
        )
        self.tell("gateway:0", row)


class Member:
    """One executor process: it reads its partitions, commits, and may be killed."""

    def __init__(self, world: World, name: str) -> None:
        self._world, self._name = world, name
        self._doomed = ""
        self.positions: dict[Partition, int] = {}
        self.dead = False
        parts = assembled(
            world.ledger,
            world.home,
            setup("test"),
            sink=MemorySink(world.log),
            decider=ByNumber(),
            now_ms=lambda: int(world.now_ms),
            rng=world.rng,
            crash_point=self._pass,
            breakers=Breakers(
                open_ms=1_000,
                changed=lambda target, state: self.write(events.breaker(*target, state=state)),
            ),
            history=self,
        )
        self.executor = Executor(
            parts.dispatch,
            parts.scheduler,
            MemorySink(world.log),
            setup("test"),
            now_ms=lambda: int(world.now_ms),
            crash_point=self._pass,
            history=self,
        )
        self.write(events.began("executor"))
        self._reading = asyncio.create_task(self._read())
        self._producing = asyncio.create_task(parts.scheduler.run())

    def write(self, row: Row) -> None:
        if not self.dead:
            self._world.tell(self._name, row)

    def close(self, counts: Any = None) -> None:
        """Nothing is held."""

    def doom(self, point: str) -> None:
        """It will die when it next passes this point."""
        self._doomed = point

    def kill(self) -> None:
        """Nothing of it happens any more; calls that it sent do. The last rows of its history are lost."""
        self.dead = True
        world = self._world
        del world.members[self._name]
        since = world.now_ms - BUFFER_MS
        world.rows = [row for row in world.rows if row[1] != self._name or row[0] <= since]
        for task in (self._reading, self._producing, *self.executor._queue._tasks.values()):
            task.cancel()
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def give_up(self, partitions: Sequence[Partition], *, wait_s: float) -> None:
        for partition in partitions:
            self.positions.pop(partition, None)
        offsets = await self.executor.release(partitions, wait_s=wait_s)
        if not self.dead and wait_s:
            self._world.log.committed.update(offsets)

    def get(self, partitions: Sequence[Partition]) -> None:
        numbers = {partition.number for partition in partitions}
        self.executor.take_over(partitions, self._world.log.table(SCHEDULES_TOPIC)(numbers))
        for partition in partitions:
            self.positions[partition] = self._world.log.committed.get(partition, 0)

    def _pass(self, point: str) -> None:
        if self._doomed == point and not self.dead:
            self.kill()
            raise Died

    async def _read(self) -> None:
        log = self._world.log
        while True:
            fresh = [record for each, at in self.positions.items() for record in log.after(each, at)]
            for record in fresh:
                self.positions[record.partition] = record.offset + 1
            flow = self.executor.accept(fresh)
            log.committed.update({each: at for each, at in flow.commit.items() if each in self.positions})
            await asyncio.sleep(0.05)


class FlakyLedger(MemoryLedger):
    """Away now and then; half of the answers of such a moment are lost after the deed."""

    away = False

    async def claim(self, event: pb.ActionEvent) -> Claim:
        await self._reach()
        claim = await super().claim(event)
        await self._reach()
        return claim

    async def settle(
        self, event: pb.ActionEvent, outcome: pb.ActionOutcome, claim_number: int
    ) -> pb.ActionOutcome | ClaimLost:
        await self._reach()
        return await super().settle(event, outcome, claim_number)

    async def _reach(self) -> None:
        await asyncio.sleep(0.001)
        if self.away:
            raise StoreLost("away")


class DumbHome(ScriptedDevice):
    """Devices that know the time and no more: what reaches one moves it, also when nobody waits for it."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self.broken = ""  # a home of which nothing answers
        self._seen: defaultdict[str, int] = defaultdict(int)

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        acting = asyncio.get_running_loop().create_task(self._act(call))
        acting.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            async with asyncio.timeout(min(timeout_s, 2.0)):
                return await asyncio.shield(acting)
        except TimeoutError:
            raise AnswerLost("hangs") from None

    async def _act(self, call: DeviceCall) -> Effect:
        rng = self._world.rng
        luck = rng.random()
        await asyncio.sleep(rng.uniform(0.005, 0.05))
        if luck < 0.04 or call.event.home == self.broken:
            raise DeviceUnavailable("not now")
        if luck < 0.06:
            raise DeviceRefused("never")
        if luck < 0.08:
            await asyncio.sleep(60)
        if self._world.now_ms >= call.event.expires_at_ms:
            raise ActionExpired("late")
        at_ms = int(self._world.now_ms)
        self._seen[call.event.action.id] += 1
        row = events.effect(
            call.event.action.id,
            home=call.event.home,
            session=f"{call.event.session_id:016x}",
            fence=call.event.fence,
            function=call.event.action.function,
            effect_at_ms=at_ms,
            expires_at_ms=call.event.expires_at_ms,
            repeated=self._seen[call.event.action.id] > 1,
        )
        self._world.tell("home:0", row)
        if luck < 0.11:
            raise AnswerLost("lost")
        return Effect({}, at_ms)


async def story(world: World, *, seconds: float, trouble: bool = True) -> None:
    """Actions for every home, one fault after the other, then peace until all is settled."""
    world.tell("home:0", events.began("home"))
    for _ in range(MEMBERS):
        world.start_member()
    await _rebalance(world)
    asking = asyncio.gather(*(_ask(world, home, seconds) for home in range(HOMES)))
    while trouble and not asking.done():
        await asyncio.sleep(world.rng.uniform(0.05, 1.0))
        await world.rng.choice(TROUBLES)(world)
    await asking
    await _rebalance(world)
    await asyncio.sleep(30)
    for record in world.log.records(OUTCOMES_TOPIC):
        told = pb.ActionOutcome.FromString(record.value)
        state = messages.state_name(told.state)
        world.tell(
            "gateway:0", events.outcome_delivered(told.action_id, session=told.session_id, state=state)
        )


async def _ask(world: World, home: int, seconds: float) -> None:
    for number in range(int(seconds * 4)):
        await asyncio.sleep(world.rng.expovariate(4))
        delivery = world.rng.choice((pb.DELIVERY_IDEMPOTENT, pb.DELIVERY_AT_MOST_ONCE))
        world.ask(home, number, delivery, stale=world.rng.random() < 0.08 and world.fences[home] > 10)
        if asks(number - 1) or world.rng.random() < 0.05:
            world.answer(home, number - 1)


async def _crash(world: World) -> None:
    """Somebody dies at some point of its next action; the group notices after a while."""
    member = world.rng.choice(list(world.members.values()))
    member.doom(world.rng.choice(list(POINTS)))
    await asyncio.sleep(world.rng.uniform(0.1, 2.0))
    member.doom("")
    if len(world.members) < MEMBERS:
        world.start_member()
    await _rebalance(world)


async def _join(world: World) -> None:
    world.start_member()
    await _rebalance(world)


async def _rebalance(world: World) -> None:
    """Partitions are dealt anew; some member lets go too late, and is not waited for."""
    shares: dict[Member, list[Partition]] = {member: [] for member in world.members.values()}
    for partition in world.log.partitions(TOPIC):
        if shares:
            shares[world.rng.choice(list(shares))].append(partition)
    wait_s = world.rng.choice((0.0, 4.0, 4.0, 4.0))
    await asyncio.gather(
        *(
            member.give_up([each for each in member.positions if each not in share], wait_s=wait_s)
            for member, share in shares.items()
        )
    )
    for member, share in shares.items():
        if not member.dead:
            member.get([each for each in share if each not in member.positions])


async def _lose_ledger(world: World) -> None:
    """Nobody dies before it is over and what was done without the ledger has expired: see `ledger_access`."""
    world.ledger.away = True
    await asyncio.sleep(world.rng.choice((0.2, 3.0, 8.0)))
    world.ledger.away = False
    await asyncio.sleep(LIFE_S)


async def _lose_sink(world: World) -> None:
    world.log.down = True
    await asyncio.sleep(world.rng.uniform(0.1, 2.0))
    world.log.down = False


async def _take_over(world: World) -> None:
    if not world.ledger.away:
        world.take_over(world.rng.randrange(HOMES))


async def _break_home(world: World) -> None:
    world.home.broken = f"home-{world.rng.randrange(HOMES)}"
    await asyncio.sleep(world.rng.uniform(0.5, 4.0))
    world.home.broken = ""


TROUBLES = (
    *(_crash, _crash, _crash, _lose_ledger, _lose_sink, _rebalance, _join),
    *(_take_over, _take_over, _take_over, _break_home),
)


def _action(home: int, number: int) -> pb.Action:
    return pb.Action(
        id=f"{home + 1:016x}-{number}-0",
        function="open_home_device",
        arguments_json='{"device":"light","room":"kitchen"}',
    )
