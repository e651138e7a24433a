"""The table of a call's states, row by row; a call has one state, which its own folder alone sets."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.source_tree import ROOT

from duplexsla.gateway.call.state import OVER, TRANSITIONS, CallEvent, CallState, IllegalTransition, after

PACKAGE = ROOT / "services" / "duplexsla"
CALL = PACKAGE / "gateway" / "call"

# Each line is a state, then `event -> state`, or `event` alone where it changes nothing. All else is illegal.
ROWS = """
starting: answered -> live, decoder lost -> rebuilding, leave -> leaving, decoded -> closing
live: answered, drain asked -> migrating, decoder lost -> rebuilding, leave -> leaving, decoded -> closing
migrating: drain asked, changed over -> live, decoder lost -> rebuilding, leave -> leaving, decoded -> closing
rebuilding: answered -> live, decoder lost, leave -> leaving, decoded -> closing
leaving: answered, drain asked, decoder lost, leave, stay -> live, departed -> resumable
closing: leave, closed -> ended
resumable: leave, hung up -> ended, dismissed
ended: leave, hung up, dismissed
"""
ANY_BUT_OVER = "failed -> ended, interrupted -> resumable, hung up -> ended, dismissed -> resumable"


def _legal() -> dict[tuple[CallState, CallEvent], CallState]:
    found = {}
    for line in ROWS.strip().splitlines():
        name, _, moves = line.partition(": ")
        state = CallState(name)
        for move in (moves if state in OVER else f"{moves}, {ANY_BUT_OVER}").split(", "):
            event, _, to = move.partition(" -> ")
            found[state, CallEvent(event)] = CallState(to or name)
    return found


LEGAL = _legal()


@pytest.mark.parametrize("state", CallState)
@pytest.mark.parametrize("event", CallEvent)
def test_every_event_in_every_state_is_in_the_table_or_raises(state: CallState, event: CallEvent) -> None:
    if (state, event) in LEGAL:
        assert after(state, event) is LEGAL[state, event]
    else:
        with pytest.raises(IllegalTransition, match=f"{state}.*{event}"):
            after(state, event)


def test_every_state_can_be_reached_and_left_until_the_call_is_over() -> None:
    reached, new = {CallState.STARTING}, {CallState.STARTING}
    while new:
        new = {to for (state, _), to in TRANSITIONS.items() if state in new} - reached
        reached |= new
    assert reached == set(CallState)
    assert all({state, CallState.ENDED} & set(_next(state)) for state in CallState)
    assert all(set(_next(state)) <= set(OVER) for state in OVER)


def _next(state: CallState) -> list[CallState]:
    return [to for (at, _), to in TRANSITIONS.items() if at is state]


def _stored(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Attributes that are assigned to, deleted, or set by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            target, name = node.args[:2]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield ast.Attribute(target, name.value, ast.Store(), lineno=node.lineno, col_offset=0)


def _call_class() -> ast.ClassDef:
    tree = ast.parse((CALL / "call.py").read_text())
    (found,) = [each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == "Call"]
    return found


def test_a_call_has_one_state_set_in_one_place_and_no_booleans_beside_it() -> None:
    assigned = [node for node in ast.walk(_call_class()) if isinstance(node, ast.Assign | ast.AnnAssign)]
    states, booleans = [], []
    for node in assigned:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [t.attr for t in targets if isinstance(t, ast.Attribute)]
        value, annotation = node.value, getattr(node, "annotation", None)
        used = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)} if value else set()
        if "CallState" in used:
            states += names
        if isinstance(value, ast.Constant) and isinstance(value.value, bool):
            booleans += names
        if isinstance(annotation, ast.Name) and annotation.id in ("bool", "CallState"):
            booleans += names
    assert states == ["state"] and not booleans
    moves = [node for node in _stored(_call_class()) if node.attr == "state"]
    assert len(moves) == 2  # its first value, and `apply`


def test_nobody_outside_the_calls_own_folder_sets_a_state_of_a_call() -> None:
    """Nobody else in the gateway sets any attribute of this name; other services do not know calls."""
    strangers = [path for path in PACKAGE.rglob("*.py") if not path.is_relative_to(CALL)]
    setting = {
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in strangers
        if path.is_relative_to(PACKAGE / "gateway")
        for node in _stored(ast.parse(path.read_text()))
        if node.attr == "state"
    }
    assert not setting
    knowing = {str(path.relative_to(PACKAGE)) for path in strangers if _imports_call(path)}
    assert all(name.startswith("gateway/") for name in knowing)


def _imports_call(path: Path) -> bool:
    return "duplexsla.gateway.call" in path.read_text()


def test_inside_the_folder_too_it_is_set_by_the_call_alone() -> None:
    setting = {
        path.name
        for path in CALL.glob("*.py")
        for node in _stored(ast.parse(path.read_text()))
        if node.attr == "state"
    }
    assert setting == {"call.py"}
