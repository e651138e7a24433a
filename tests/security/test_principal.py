"""What a principal reaches."""

import pytest

from duplexsla.errors import Forbidden
from duplexsla.security.principal import (
    ANYBODY,
    Principal,
    checked_subject,
    checked_tenant,
    patterns,
)


def _one(*homes: str, scopes: str = "converse", toolsets: tuple[str, ...] = ("home",)) -> Principal:
    return Principal("alice", "acme", homes, toolsets, frozenset(scopes.split()))


def test_homes_are_names_and_beginnings_of_names() -> None:
    one = _one("h1", "flat-*")
    for home in ("h1", "flat-", "flat-7"):
        one.reaches(home, "home")
    for home in ("h2", "h11", "fla", "*", ""):
        with pytest.raises(Forbidden):
            one.reaches(home, "home")


def test_a_toolset_and_the_scope_are_needed_as_well() -> None:
    with pytest.raises(Forbidden, match="toolset"):
        _one("*").reaches("h1", "car")
    with pytest.raises(Forbidden, match="scope"):
        _one("*", scopes="act admin").reaches("h1", "home")


def test_a_refusal_is_the_same_for_every_home() -> None:
    told = set()
    for home in ("h2", "there-is-none"):
        with pytest.raises(Forbidden) as refused:
            _one("h1").reaches(home, "home")
        told.add(str(refused.value))
    assert len(told) == 1


def test_a_session_belongs_to_one_tenant_and_subject() -> None:
    assert _one().owns("acme", "alice") and ANYBODY.owns("acme", "alice")
    assert not _one().owns("acme", "bob") and not _one().owns("other", "alice")


@pytest.mark.parametrize("name", ["", "a/b", "A", "-a", "a" * 65, "a\n", None, 7])
def test_what_is_no_tenant(name: object) -> None:
    with pytest.raises(ValueError):
        checked_tenant(name)


@pytest.mark.parametrize("name", ["", "a\nb", "a\x1b[2J", "a\u2028b", "a" * 256, None, 7])
def test_a_subject_is_one_line(name: object) -> None:
    with pytest.raises(ValueError):
        checked_subject(name)


@pytest.mark.parametrize("names", [["../a"], ["a*b"], ["**"], [""], [7], ["a\n"], ["a"] * 1_001])
def test_what_names_no_homes(names: list[object]) -> None:
    with pytest.raises(ValueError):
        patterns(names)
