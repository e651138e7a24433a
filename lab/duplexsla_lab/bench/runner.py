"""Runs cases side by side: a system that hangs or dies costs its case, never the run.

Each conversation has a thread of its own, so that one that hangs can be left behind. Systems are used again,
case after case, until they fail. What no thread survives (the process is killed) loses the cases under way
and nothing else: the results file has all that were over, and the next run goes on from there.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.conversation import Heartbeat, PlaySettings, converse
from duplexsla_lab.bench.event_log import EventLog
from duplexsla_lab.bench.results import CaseResult, ResultsFile
from duplexsla_lab.bench.system_interface import System, SystemFactory

LOOK_S = 0.05  # between two looks at who hangs
DEADLINE_S = 30.0  # for any one answer of a system

Clock = Callable[[], float]


class _Attempt(Heartbeat):
    """One conversation in its thread, and what it waits for."""

    def __init__(self, case: Case, now: Clock) -> None:
        self.case, self._now = case, now
        self.doing, self.since_s = "start", now()
        self.slowest_s = 0.0  # of all steps
        self.system: System | None = None

    def beat(self, doing: str) -> None:
        now_s = self._now()
        if self.doing.startswith("step"):
            self.slowest_s = max(self.slowest_s, now_s - self.since_s)
        self.doing, self.since_s = doing, now_s

    def waited_s(self) -> float:
        return self._now() - self.since_s

    def hang_up(self) -> None:
        """Gives back what a system that hangs may hold elsewhere, as a slot of a service; may hang, too."""
        with suppress(Exception):  # its case is over, whatever this does
            if self.system:
                self.system.close()

    def failure(self, reason: str) -> CaseResult:
        return CaseResult(self.case.id, EventLog(), failed=f"{self.doing or 'scoring'}: {reason}")


class Runner:
    """Plays cases on systems that `make` makes. `lanes` conversations at once; `now` in seconds."""

    def __init__(
        self,
        make: SystemFactory,
        settings: PlaySettings,
        *,
        now: Clock,
        lanes: int = 1,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._make, self._settings, self._now = make, settings, now
        self._lanes, self._deadline_s = lanes, deadline_s
        self._idle: deque[System] = deque()
        self._over: queue.SimpleQueue[tuple[_Attempt, CaseResult]] = queue.SimpleQueue()

    def run(self, cases: Sequence[Case], file: ResultsFile, *, again: bool = False) -> Iterator[CaseResult]:
        """Plays what `file` lacks, and what failed if `again`; a result that comes is in the file already."""
        waiting = deque(case for case in cases if _wanted(file.done.get(case.id), again))
        under_way: set[_Attempt] = set()
        while waiting or under_way:
            while waiting and len(under_way) < self._lanes:
                under_way.add(self._start(waiting.popleft()))
            for attempt, result in self._finished(under_way):
                under_way.discard(attempt)
                file.add(result)
                yield result

    def _start(self, case: Case) -> _Attempt:
        attempt = _Attempt(case, self._now)
        threading.Thread(target=self._play, args=(attempt,), daemon=True, name=f"case {case.id}").start()
        return attempt

    def _finished(self, under_way: set[_Attempt]) -> Iterator[tuple[_Attempt, CaseResult]]:
        """Waits a moment for a conversation to end; then those that hang are over, too."""
        try:
            attempt, result = self._over.get(timeout=LOOK_S)
        except queue.Empty:
            pass
        else:
            if attempt in under_way:  # or it was given up before
                yield attempt, result
        for attempt in [each for each in under_way if each.waited_s() > self._deadline_s]:
            threading.Thread(target=attempt.hang_up, daemon=True).start()
            yield attempt, attempt.failure(f"no answer within {self._deadline_s:g} s")

    def _system(self) -> System:
        with suppress(IndexError):
            return self._idle.pop()
        return self._make()

    def _play(self, attempt: _Attempt) -> None:
        """The thread of one conversation; its system is used again if nothing went wrong."""
        try:
            attempt.system = system = self._system()
            result = converse(attempt.case, system, self._settings, attempt)
            self._idle.append(system)
        except Exception as error:  # whatever a system under test dies of is the case's result
            result = attempt.failure(f"{type(error).__name__}: {error}")
        else:
            result = replace(result, slowest_step_ms=1_000 * attempt.slowest_s)
        self._over.put((attempt, result))


def _wanted(done: CaseResult | None, again: bool) -> bool:
    return done is None or (again and bool(done.failed))
