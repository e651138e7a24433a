"""A mix of callers as YAML says it: who calls, how often, for how long, and what each says when.

    about: one line for the report
    recordings: [examples]            folders of WAV files: beside the mix, else in the working directory
    length_s: {exponential: 60, least: 10, most: 300}   of a conversation; left out: until the run ends
    between_s: 2                      before the next conversation of a caller
    arrivals_per_s: 0.5               instead of a number of sessions: conversations begin at random
    noise_dbfs: -60                   of the room; left out: digital silence
    callers:
      commands:                       a kind of caller; the name is yours
        share: 3                      of all conversations
        say: ["turn_on_*", {files: "lock_*", asks: lock_home_door}]
        pause_s: {uniform: [4, 8]}    before the first and after each utterance
        while_it_speaks:              left out: listens to the end
          say: ["stop*"]
          after_s: {uniform: [0.3, 1]}
          chance: 0.5
          yields: true                a new thought, after which it is the assistant's turn again

Every number may be a distribution (`duplexsla_loadtest.distribution`). `asks` names the function that the
utterance should lead to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from duplexsla.errors import SettingError
from duplexsla_loadtest.distribution import Distribution, distribution
from duplexsla_loadtest.recordings import Recording, find_folder, matching, recording

SHIPPED = Path(__file__).parent / "mixes"
KEYS = {"about", "recordings", "length_s", "between_s", "arrivals_per_s", "noise_dbfs", "callers"}
KIND_KEYS = {"share", "say", "pause_s", "while_it_speaks"}
REACTION_KEYS = {"say", "after_s", "chance", "yields"}


@dataclass(frozen=True)
class ScriptLine:
    """Something to say; `asks` is the function that it should lead to, or empty."""

    recording: Recording
    asks: str = ""


@dataclass(frozen=True)
class Reaction:
    """What a caller does when the assistant begins to speak."""

    say: tuple[ScriptLine, ...]
    after_s: Distribution
    chance: float
    yields: bool  # afterwards a reply is awaited; a backchannel awaits none


@dataclass(frozen=True)
class CallerKind:
    name: str
    share: float
    say: tuple[ScriptLine, ...]  # empty: never says anything
    pause_s: Distribution
    reaction: Reaction | None = None


@dataclass(frozen=True)
class Mix:
    name: str
    about: str
    kinds: tuple[CallerKind, ...]
    length_s: Distribution | None  # None: until the run ends
    between_s: Distribution
    arrivals_per_s: float | None  # None: a number of sessions is held
    noise_dbfs: float | None


def shipped() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def read_mix(name: str, recordings: Sequence[Path] = ()) -> Mix:
    """A shipped mix by name, or any YAML file; `recordings` replace the folders that it names.

    SettingError says which line of it is wrong, AudioError which recording.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else SHIPPED / f"{name}.yaml"
    try:
        row = yaml.safe_load(path.read_text())
    except OSError as error:
        raise SettingError(
            f"no mix {name}: there are {', '.join(shipped())}, or give a .yaml file"
        ) from error
    except yaml.YAMLError as error:
        raise SettingError(f"{path}: {error}") from error
    try:
        return _mix(row, path, recordings)
    except SettingError as error:
        raise SettingError(f"{path}: {error}") from error


def _mix(row: Any, path: Path, recordings: Sequence[Path]) -> Mix:
    _check(row, KEYS, {"callers"}, "the mix")
    named = row.get("recordings", [])
    folders = list(recordings) or [
        find_folder(each, path.parent) for each in (named if isinstance(named, list) else [named])
    ]
    rate, noise = row.get("arrivals_per_s"), row.get("noise_dbfs")
    _check(row["callers"], set(row["callers"]), set(), "callers")
    return Mix(
        name=path.stem,
        about=str(row.get("about", "")),
        kinds=tuple(_kind(name, each, folders) for name, each in row["callers"].items()),
        length_s=distribution(row["length_s"], "length_s") if "length_s" in row else None,
        between_s=distribution(row.get("between_s", 0), "between_s"),
        arrivals_per_s=None if rate is None else _number(rate, "arrivals_per_s"),
        noise_dbfs=None if noise is None else _number(noise, "noise_dbfs"),
    )


def _kind(name: str, row: Any, folders: Sequence[Path]) -> CallerKind:
    _check(row, KIND_KEYS, set(), name)
    reaction = row.get("while_it_speaks")
    return CallerKind(
        name=str(name),
        share=_number(row.get("share", 1), f"{name}: share"),
        say=_lines(row.get("say", []), folders, name),
        pause_s=distribution(row.get("pause_s", 5), f"{name}: pause_s"),
        reaction=None if reaction is None else _reaction(reaction, folders, f"{name}: while_it_speaks"),
    )


def _reaction(row: Any, folders: Sequence[Path], name: str) -> Reaction:
    _check(row, REACTION_KEYS, {"say"}, name)
    return Reaction(
        say=_lines(row["say"], folders, name),
        after_s=distribution(row.get("after_s", 0.5), f"{name}: after_s"),
        chance=_number(row.get("chance", 1), f"{name}: chance"),
        yields=bool(row.get("yields", False)),
    )


def _lines(rows: Any, folders: Sequence[Path], name: str) -> tuple[ScriptLine, ...]:
    lines: list[ScriptLine] = []
    for row in rows if isinstance(rows, list) else [rows]:
        entry = {"files": row} if isinstance(row, str) else row
        _check(entry, {"files", "asks"}, {"files"}, f"{name}: say")
        asks = str(entry.get("asks", ""))
        lines += [ScriptLine(recording(path), asks) for path in matching(folders, [entry["files"]])]
    return tuple(lines)


def _check(row: Any, known: set[str], needed: set[str], name: str) -> None:
    if not isinstance(row, dict):
        raise SettingError(f"{name}: a mapping is wanted, not {row!r}")
    if unknown := set(row) - known:
        raise SettingError(
            f"{name}: there is no key {min(map(str, unknown))}; there are {', '.join(sorted(known))}"
        )
    if missing := needed - set(row):
        raise SettingError(f"{name}: {min(missing)} is missing")


def _number(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise SettingError(f"{name}: a number is wanted, not {value!r}")
    return float(value)
