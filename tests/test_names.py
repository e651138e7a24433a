"""One vocabulary: the field's terms (docs/glossary.md), and one meaning for each name of a class."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pytest
from tests.support.source_tree import ROOT, modules, written_by_hand

# Private words, each with the term that stands for it: in no name of a file, a class or a function.
BANNED = {
    "bell": "wakeup event",
    "bury": "to_dead_letter",
    "buried": "dead_lettered",
    "crew": "coordinator, workers",
    "dice": "rng",
    "directions": "pipeline",
    "ears": "audio_frontend",
    "endings": "status",
    "foresee": "draft",
    "foreseen": "drafted",
    "freed": "released",
    "heed": "update, apply",
    "hunt": "capacity_search",
    "hurry": "set_interval",
    "ladder": "load_shedder",
    "ladders": "load_shedders",
    "lexicon": "vocabulary of the drafter",
    "lived": "observe",
    "meters": "metrics",
    "mouth": "code_decoder",
    "pasts": "prefix",
    "patience": "timeouts",
    "patient": "extended",
    "pupil": "student, reference system",
    "readings": "metrics",
    "relive": "restore, prefill",
    "retire": "release",
    "revive": "resume_from_archive",
    "shadow": "standby",
    "tally": "count",
    "telling": "report",
    "welcome": "opened_response",
}
PHRASES = {  # across the words of one name
    "come_back": "resume",
    "give_turn_back": "release_permit",
    "level_with": "caught_up_to",
    "low_water": "watermark",
    "machine_reports": "exporters",
    "own_time": "self_check",
    "settled_in": "on_first_answer",
    "sit_down": "attach_decoder",
    "take_up": "resume",
}
# Plain words that mean something else where a person or a loudspeaker speaks, but not in these folders.
SPOKEN = {
    "alone": "lock, exclusive",
    "gone": "detached",
    "hear": "receive, encode",
    "shown": "exported",
    "speak": "decode",
    "told": "notified",
}
SILENT_FOLDERS = ("duplexsla.engine.", "duplexsla.gateway.", "model_repository.")
# Names of files that say nothing, or something else, of what is in them.
BANNED_FILES = {
    *(
        "acts",
        "cores",
        "expected",
        "feed",
        "floor",
        "fused",
        "judge",
        "known",
        "lanes",
        "life",
        "page",
        "parts",
    ),
    *("past", "places", "played", "sheet", "turn", "voice"),
}
DRAWERS = {"util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"}
WINGS = ("duplexsla", "duplexsla_lab", "duplexsla_loadtest", "model_repository", "helm", "deploy")


@pytest.mark.parametrize("wing", WINGS)
def test_nothing_is_named_with_a_private_word(wing: str) -> None:
    found = {
        f"{name} of {where}: {better}"
        for where, name in _names()
        if where.partition(".")[0] == wing
        for better in _better(name, where)
    }
    assert not found


def test_no_file_has_an_old_name() -> None:
    stems = {path: path.stem.removeprefix("test_") for path in written_by_hand(".py", ".c", ".h")}
    banned = BANNED_FILES | BANNED.keys() | PHRASES.keys()
    assert not [str(path.relative_to(ROOT)) for path, stem in stems.items() if stem in banned]


def test_no_metric_is_named_with_a_private_word() -> None:
    found = {
        f"{text} of {module.name}"
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(text := node.value, str)
        if re.fullmatch(r"duplexsla[_.][a-z0-9_.]+", text) and any(_better(text, module.name))
    }
    assert not found


def test_no_two_classes_have_one_name() -> None:
    homes = defaultdict(list)
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(module.name)
    assert not {name: places for name, places in homes.items() if len(places) > 1}


def test_no_file_and_no_class_is_a_drawer() -> None:
    files = [path for path in written_by_hand(".py", ".c", ".h", ".sh") if DRAWERS & set(_words(path.stem))]
    classes = [
        f"{name} of {where}" for where, name in _names() if name[0].isupper() and DRAWERS & set(_words(name))
    ]
    assert not files and not classes


@cache
def _names() -> list[tuple[str, str]]:
    """Module and name, of every file, folder, class and function."""
    return list(_walked())


def _walked() -> Iterator[tuple[str, str]]:
    for module in modules().values():
        yield module.name, module.path.stem
        yield module.name, module.path.parent.name
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield module.name, node.name


def _better(name: str, where: str) -> list[str]:
    """What stands for each banned word in a name."""
    words = _words(name)
    silent = SPOKEN if where.startswith(SILENT_FOLDERS) else {}
    terms = [term for word, term in (BANNED | silent).items() if word in words]
    return terms + [term for phrase, term in PHRASES.items() if f"_{phrase}_" in f"_{'_'.join(words)}_"]


def _words(name: str) -> list[str]:
    """`_SlotPool.free` is slot, pool, free."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().replace(".", "_").strip("_").split("_")
