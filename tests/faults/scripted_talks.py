"""Rows in which a gateway or a decoder dies in the middle of a talk.

Talks are about a question, a time, an undo, a retraction; the model is a script, so that each comes to the
same points. Whatever dies: each effect happens exactly once, or not at all, and the caller is told.
"""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator

from tests.faults.callers import Caller, Heard
from tests.faults.decisions import TARGET
from tests.faults.rows import Scene, row
from tests.faults.scripts import SCRIPTS
from tests.faults.site import Size
from tests.support.scripted_decoder.script import naming_chunk

from duplexsla.clock import SILENCE

SCRIPTED = Size(decoders=2, gateways=2, executors=1, scripted=True)
CALLS = {name: sum("toolcall" in line.write for line in lines) for name, lines in SCRIPTS.items()}
EFFECTS = {"confirm": 1, "later": 1, "undo": 2, "retract": 0}  # where all goes as it was asked for
MOMENTS: dict[str, Callable[[str, Heard], bool]] = {
    "the first call was written": lambda name, heard: bool(heard.actions),
    "the first outcome was told": lambda name, heard: bool(heard.outcomes),
    "the last call was written": lambda name, heard: len(heard.actions) >= CALLS[name],
    "the last outcome was told": lambda name, heard: len(heard.outcomes) >= CALLS[name],
}
PATIENCE_S, MOMENT_S = 40.0, 6.0


@row(
    "gateway SIGKILL at each point of a talk about a question, a time, an undo, a retraction",
    TARGET,
    SCRIPTED,
)
async def decisions_gateway_killed(scene: Scene) -> None:
    async def kill() -> str:
        return "gateway-1"  # every caller's first one

    await _talks(scene, "a gateway dies", kill)


@row("decoder SIGKILL at each point of such a talk", TARGET, SCRIPTED)
async def decisions_decoder_killed(scene: Scene) -> None:
    await _talks(scene, "a decoder dies", scene.site.busiest)


async def _talks(scene: Scene, what: str, victim: Callable[[], Awaitable[str]]) -> None:
    scene.fault(what)
    for moment in list(MOMENTS)[:: int(scene.s(1, 2))]:
        heard = await _talk(scene, moment, victim)
        ends = [await _end(scene, f"{moment}: {name}", name, each) for name, each in heard.items()]
        scene.result.figures[moment] = "; ".join(ends)
    scene.fault_over(what)


async def _talk(scene: Scene, moment: str, victim: Callable[[], Awaitable[str]]) -> dict[str, Heard]:
    """All talks at once; when all have come to this moment, somebody dies."""
    callers, over, reached = (
        {name: await _caller(scene, name) for name in SCRIPTS},
        asyncio.Event(),
        MOMENTS[moment],
    )
    calling = [asyncio.create_task(each.call(over)) for each in callers.values()]
    heard = {name: each.heard for name, each in callers.items()}
    await _until(lambda: all(reached(name, each) for name, each in heard.items()), PATIENCE_S)
    part = await victim()
    scene.site.signal(part, signal.SIGKILL)
    await scene.site.ended(part)
    await scene.site.start(part)
    last = MOMENTS["the last outcome was told"]
    await _until(lambda: all(last(name, each) for name, each in heard.items()), PATIENCE_S)
    await asyncio.sleep(MOMENT_S)
    over.set()
    await asyncio.gather(*calling)
    scene.calls += heard.values()
    return heard


async def _caller(scene: Scene, script: str) -> Caller:
    [home] = await scene.make_homes(1)
    return Caller(scene.site.gateways, home, scene.site.history, sound=_sound(script), satellite="")


async def _end(scene: Scene, what: str, script: str, heard: Heard) -> str:
    """What was told and done, judged."""
    found = await scene.site.tell_home("GET", f"{heard.home}/effects?limit=100")
    effects = [each["action_id"] for each in found["effects"] if each["function"] != "query"]
    states = [state for _, _, state in heard.outcomes]
    told = {action for _, action, _ in heard.outcomes}
    # A call in chunks that went with a gateway was declared lost with them: it has no effect.
    lost = set(heard.actions) - set(effects) if heard.forgotten else set()
    silent = [action for action in heard.actions if action not in told and action not in lost]
    scene.result.must(f"{what}: {len(silent)} calls were told nothing", not silent)
    scene.result.must(f"{what}: {effects} is too much", len(effects) <= EFFECTS[script])
    scene.result.must(f"{what}: an effect happened twice", len(set(effects)) == len(effects))
    as_asked = len(effects) == EFFECTS[script]
    scene.result.must(f"{what}: neither done nor told otherwise: {states}", as_asked or not_done(states))
    return f"{script} {'+'.join(states)}, {len(effects)} effects"


def not_done(states: list[str]) -> bool:
    """Something was told that means: it did not happen, say it again."""
    return bool({"not_found", "failed", "unknown", "unavailable", "expired", "retracted"} & set(states))


async def _until(fact: Callable[[], bool], limit_s: float) -> None:
    """Or until nobody waits any longer."""
    till = time.monotonic() + limit_s
    while time.monotonic() < till:
        if fact():
            return
        await asyncio.sleep(0.02)


def _sound(script: str) -> Iterator[bytes]:
    yield naming_chunk(script)
    while True:
        yield SILENCE
