"""What happens in homes of its own accord is told by the executor that holds the home's partition."""

from collections.abc import Iterator

import pytest
from tests.support.home_site import HOME, HomeSite

from duplexsla.errors import DeviceUnavailable
from duplexsla.executor.home_watch import HomeWatch
from duplexsla.session.store.room_hints import NOTICE_MS
from duplexsla.v1.home_pb2 import HomeChanges

HELD, OTHER = 3, 4


@pytest.fixture
def site() -> Iterator[HomeSite]:
    site = HomeSite()
    yield site
    site.close()


def watch_of(site: HomeSite) -> HomeWatch:
    return HomeWatch(
        site.homes,
        site.parts.rooms,
        site.parts.registries,
        partition_of=lambda key: HELD if key == HOME.encode() else OTHER,
        now_ms=site.clock,
    )


def told(site: HomeSite) -> list[tuple[int, str, str, str]]:
    return [(number, each.kind, each.about, each.room) for number, each in site.told()]


def test_a_window_that_a_hand_opens_is_told_in_its_room(site: HomeSite) -> None:
    watch = watch_of(site)
    watch.hold([HELD])
    site.enter(1, "bedroom")
    site.enter(2, "kitchen")
    site.by_hand("bedroom/window", open=True)
    for _ in range(2):
        site.do(watch.tell_changes(0))
    assert told(site) == [(1, "opened", "bedroom window", "bedroom")]


def test_what_is_of_no_room_is_told_in_the_whole_home(site: HomeSite) -> None:
    watch = watch_of(site)
    watch.hold([HELD])
    site.enter(1, "bedroom")
    site.enter(2, "")
    heard = "set a pasta timer for ten minutes"
    site.say("set_timer", {"value": 10, "unit": "minutes", "name": "pasta"}, heard=heard)
    site.clock.now_ms += 600_000
    site.enter(1, "bedroom")
    site.enter(2, "")
    site.do(watch.tell_changes(0))
    assert told(site) == [(1, "timer_over", "pasta", ""), (2, "timer_over", "pasta", "")]


def test_nobody_but_the_holder_of_the_home_tells_it_and_its_successor_not_again(site: HomeSite) -> None:
    first, second = watch_of(site), watch_of(site)
    first.hold([HELD])
    second.hold([OTHER])
    site.enter(1, "kitchen")
    site.by_hand("kitchen/light", on=True)
    site.do(second.tell_changes(0))
    assert told(site) == []
    site.do(first.tell_changes(0))
    first.let_go([HELD])
    site.by_hand("kitchen/light", on=False)
    site.do(first.tell_changes(0))
    second.hold([HELD])
    site.do(second.tell_changes(0))
    assert [each[1] for each in told(site)] == ["turned_on", "turned_off"]


def test_what_is_not_for_speakers_or_long_over_is_told_to_nobody(site: HomeSite) -> None:
    watch = watch_of(site)
    watch.hold([HELD])
    site.enter(1, "kitchen")
    site.by_hand("study/router", on=False)
    site.by_hand("kitchen/light", on=True)
    site.clock.now_ms += NOTICE_MS + 1
    site.do(watch.tell_changes(0))
    assert told(site) == [] and site.kept() == []


def test_a_backend_that_is_away_is_asked_again_for_the_same(site: HomeSite) -> None:
    watch = watch_of(site)
    watch.hold([HELD])
    site.enter(1, "kitchen")
    site.by_hand("kitchen/light", on=True)

    class Away:
        async def changes(self, after: str, *, wait_s: float) -> HomeChanges:
            raise DeviceUnavailable("away")

    watch._source, homes = Away(), watch._source
    with pytest.raises(DeviceUnavailable):
        site.do(watch.tell_changes(0))
    watch._source = homes
    site.do(watch.tell_changes(0))
    assert len(told(site)) == 1
