from tick_watch import STUCK_S, TickWatch


def test_a_tick_that_takes_too_long_is_not_well_until_it_ends() -> None:
    now = [100.0]
    watch = TickWatch(lambda: now[0])
    now[0] += 1_000
    assert watch.well  # nobody talks
    with watch.tick():
        now[0] += STUCK_S - 0.1
        assert watch.well
        now[0] += 0.2
        assert not watch.well
    assert watch.well


def test_a_tick_that_failed_has_ended() -> None:
    now = [0.0]
    watch = TickWatch(lambda: now[0])
    try:
        with watch.tick():
            raise RuntimeError("failed")
    except RuntimeError:
        now[0] += 2 * STUCK_S
    assert watch.well
