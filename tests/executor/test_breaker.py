"""When a device is left alone, and when it is tried again."""

from duplexsla.executor.breaker import Breakers, Target

LAMP, FAN = Target("home", "lamp"), Target("home", "fan")


def opened(**options: int) -> tuple[Breakers, list[tuple[Target, str]]]:
    """Breakers of which that of the lamp opened at 0 ms, and what they told."""
    told: list[tuple[Target, str]] = []
    breakers = Breakers(failures=3, open_ms=1_000, changed=lambda *change: told.append(change), **options)
    for _ in range(3):
        breakers.failed(LAMP, 0)
    return breakers, told


def test_only_failures_in_a_row_open_it() -> None:
    breakers = Breakers(failures=3)
    for _ in range(10):
        breakers.failed(LAMP, 0)
        breakers.failed(LAMP, 0)
        breakers.answered(LAMP)
    assert breakers.allows(LAMP, 0)


def test_an_open_one_lets_nobody_through_and_its_neighbour_is_closed() -> None:
    breakers, _ = opened()
    assert not breakers.allows(LAMP, 999)
    assert breakers.allows(FAN, 0)
    assert breakers.open == 1


def test_half_open_it_lets_one_through_at_a_time() -> None:
    breakers, _ = opened()
    assert [breakers.allows(LAMP, at) for at in (1_000, 1_001, 1_999, 2_000)] == [True, False, False, True]


def test_an_answer_closes_it_and_a_failure_opens_it_again() -> None:
    breakers, told = opened()
    assert breakers.allows(LAMP, 1_000)
    breakers.failed(LAMP, 1_500)
    assert not breakers.allows(LAMP, 2_400)
    breakers.answered(LAMP)
    assert breakers.allows(LAMP, 2_400)
    assert told == [(LAMP, "open"), (LAMP, "closed")]
    assert breakers.open == 0


def test_a_bounded_number_of_them_is_held() -> None:
    breakers, _ = opened(max_breakers=2)
    for device in ("a", "b"):
        breakers.failed(Target("home", device), 0)
    assert breakers.allows(LAMP, 0)
