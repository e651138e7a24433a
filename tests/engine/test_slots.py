"""A slot is free or held once; who is idle can be told by the given time."""

import random

import pytest

from duplexsla.engine.slots import Slots
from duplexsla.errors import SessionForgotten, SlotsExhausted


def test_a_session_more_than_slots_is_refused_and_changes_nothing() -> None:
    slots = Slots(2)
    slots.take(10, 0.0)
    slots.take(11, 0.0)
    with pytest.raises(SlotsExhausted):
        slots.take(12, 0.0)
    assert (slots.num_live, slots.num_free) == (2, 0)
    assert 12 not in slots
    slots.check_integrity()


def test_a_slot_given_back_serves_the_next_session_as_a_new_generation() -> None:
    slots = Slots(1)
    first = slots.take(10, 0.0)
    slots.give_back(10)
    second = slots.take(11, 0.0)
    assert (second.slot, second.generation) == (first.slot, first.generation + 1)


def test_sessions_that_were_never_opened_or_are_closed_are_lost() -> None:
    slots = Slots(1)
    slots.take(10, 0.0)
    slots.give_back(10)
    for session in (10, 99):
        with pytest.raises(SessionForgotten):
            slots.of(session)


def test_idle_sessions_are_told_longest_idle_first() -> None:
    slots = Slots(3)
    for session, seen_s in ((1, 5.0), (2, 3.0), (3, 9.0)):
        slots.take(session, seen_s)
    assert slots.idle_since(9.0) == [2, 1]
    slots.of(2).seen_s = 9.5
    assert slots.idle_since(9.0) == [1]


def test_any_order_of_opening_and_closing_keeps_every_slot_accounted_for() -> None:
    rng, slots = random.Random(0), Slots(5)
    for session in range(500):
        live = [number for number in range(session) if number in slots]
        if live and (not slots.num_free or rng.random() < 0.5):
            slots.give_back(rng.choice(live))
        if slots.num_free:
            slots.take(session, float(session))
        slots.check_integrity()


def test_the_lowest_free_slot_comes_first_so_that_live_ones_are_neighbours() -> None:
    slots = Slots(4)
    for session in range(4):
        slots.take(session, 0.0)
    for session in (2, 0):
        slots.give_back(session)
    assert slots.take(9, 0.0).slot == 0
