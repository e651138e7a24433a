"""A home as executors see it: what it has, what a speaker can do, and what a sentence would come to."""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from duplexsla.clock import unix_ms
from duplexsla.errors import DuplexSLAError, SettingError
from duplexsla.executor.backends.configured_homes import ConfiguredHomes
from duplexsla.executor.backends.homes_file import HOME_ASSISTANT, HomesFile
from duplexsla.executor.planning.entity_risk import risk_of
from duplexsla.executor.planning.home_names import HomeEntity, HomeNames
from duplexsla.executor.planning.planning import plan
from duplexsla.executor.planning.plans import HomePlan, PlanResult
from duplexsla.executor.planning.resolver import Ambiguous, NotFound, Situation
from duplexsla.v1 import home_pb2 as pb

TIMEOUT_S = 20.0
MAX_LINES = 200
# First words of a sentence, or its last one, and the function that they mean.
_VERBS = {
    "turn on": "open_home_device", "switch on": "open_home_device", "turn off": "close_home_device",
    "switch off": "close_home_device", "open": "open_home_device", "close": "close_home_device",
    "lock": "lock_home_door", "unlock": "unlock_home_door",
}  # fmt: skip
_ENDS = {"on": "open_home_device", "off": "close_home_device"}


def check(options: argparse.Namespace) -> int:
    """0 when the home answers and each sentence comes to something."""
    file = options.homes_file or _file_of(options)
    try:
        return asyncio.run(_check(file, options))
    finally:
        if options.homes_file is None:
            file.unlink()


async def devices_of(file: Path, home: str) -> dict[str, dict[str, Any]]:
    """Its entities with their properties. Raises what `Device.registry` does."""
    homes = _homes(file)
    try:
        await homes.registry(home, timeout_s=TIMEOUT_S)
        states = await homes.states(home, timeout_s=TIMEOUT_S)
        return {each.entity: json.loads(each.state_json) for each in states}
    finally:
        await homes.close()


def _homes(file: Path) -> ConfiguredHomes:
    return ConfiguredHomes(HomesFile(file, now_ms=unix_ms), None, now_ms=unix_ms)


def _file_of(options: argparse.Namespace) -> Path:
    """The file of homes for one hub. Raises SettingError."""
    if not options.home_assistant or options.token_file is None:
        raise SettingError("home check needs --homes-file, or --home-assistant and --token-file")
    from tempfile import NamedTemporaryFile

    token = str(options.token_file.resolve())
    backend = {"kind": HOME_ASSISTANT, "url": options.home_assistant, "token_file": token}
    with NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump({"homes": {options.home: {"backends": [backend]}}}, file)
    return Path(file.name)


async def _check(file: Path, options: argparse.Namespace) -> int:
    homes = _homes(file)
    try:
        registry = await homes.registry(options.home, timeout_s=TIMEOUT_S)
        states = await homes.states(options.home, timeout_s=TIMEOUT_S)
    finally:
        await homes.close()
    names = HomeNames(registry)
    print("\n".join(_summary(options.home, registry, names)))
    print("\n".join(listing(names, states)))
    results = [_said(sentence, names, options.room) for sentence in options.say]
    for sentence, (_, line) in zip(options.say, results, strict=True):
        print(f'"{sentence}": {line}')
    return 0 if names.entities and all(good for good, _ in results) else 1


def _summary(home: str, registry: pb.HomeRegistry, names: HomeNames) -> Sequence[str]:
    kinds = Counter(_kind(each) for each in names.entities.values())
    placeless = sum(not each.area for each in names.entities.values())
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "nothing"
    return (
        f"{home}: {len(registry.areas)} rooms, {len(registry.floors)} floors, {registry.time_zone}",
        f"a speaker can name {len(names.entities)} things: {found}",
        f"{placeless} of them are in no room: only their names find those"
        if placeless
        else "all have a room",
    )


def listing(names: HomeNames, states: Sequence[pb.EntityState]) -> Sequence[str]:
    """A line for each entity, by room."""
    told = {each.entity: each.state_json for each in states}
    entities = sorted(
        names.entities.values(), key=lambda each: (names.area_names.get(each.area, "~"), each.name)
    )
    lines = [_line(each, names, told.get(each.id, "")) for each in entities[:MAX_LINES]]
    left = len(entities) - MAX_LINES
    return [*lines, f"... and {left} more"] if left > 0 else lines


def _line(entity: HomeEntity, names: HomeNames, state: str) -> str:
    room = names.area_names.get(entity.area, "-")
    commands = ", ".join(
        f"{_word(command)}{'' if risk_of(entity, command) in ('read', 'comfort') else '!'}"
        for command in sorted(entity.commands)
    )
    away = "" if state not in ("", "{}") or entity.entity_class == pb.ENTITY_CLASS_SCENE else "  (away)"
    return f"  {room:<14} {entity.name:<28} {_kind(entity):<12} {commands}{away}"


def _said(sentence: str, names: HomeNames, room: str) -> tuple[bool, str]:
    call = call_of(sentence)
    if call is None:
        return False, "understood are sentences with on, off, open, close, lock and unlock"
    function, arguments = call
    try:
        return _told(plan(function, arguments, names, Situation(room), unix_ms()))
    except DuplexSLAError as error:
        return False, str(error)


def call_of(sentence: str) -> tuple[str, dict[str, str]] | None:
    """The call that a model would write for the simplest of sentences."""
    words = [word for word in sentence.casefold().strip(" .!").split() if word != "the"]
    said = " ".join(words)
    for verb, function in _VERBS.items():
        if said.startswith(f"{verb} "):
            name = "door" if function.endswith("door") else "device"
            return function, {name: said.removeprefix(f"{verb} ")}
    if len(words) > 1 and words[-1] in _ENDS:
        return _ENDS[words[-1]], {"device": " ".join(words[:-1])}
    return None


def _told(result: PlanResult) -> tuple[bool, str]:
    match result:
        case HomePlan():
            effects = ", ".join(f"{_word(each.command)} {each.entity.id}" for each in result.commands)
            return True, f"{effects}, risk {result.risk}{'' if result.exact else ', a guess'}"
        case Ambiguous():
            return False, f"which one: {', '.join(each.spoken for each in result.candidates)}?"
        case NotFound():
            return False, f"nothing is called {result.word!r}"
    return False, getattr(result, "reason", "not understood")


def _kind(entity: HomeEntity) -> str:
    return pb.EntityClass.Name(entity.entity_class).removeprefix("ENTITY_CLASS_").lower()


def _word(command: pb.Command) -> str:
    return pb.Command.Name(command).removeprefix("COMMAND_").lower()
