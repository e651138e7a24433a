"""Decoders from EndpointSlices, through list, watch, loss of the API server, and back."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.support.kubernetes_api import FakeApi, fake_api, slice_of

from duplexsla.gateway.decoders.discovery import Discovery
from duplexsla.kubernetes.endpoint_slices import KubernetesEndpointSlices

PATIENCE_S = 20.0


class Told:
    """What the gateway was told, in order."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, ...]] = queue.Queue()

    def __call__(self, addresses: tuple[str, ...]) -> None:
        self._waiting.put(addresses)

    def next(self) -> tuple[str, ...]:
        return self._waiting.get(timeout=PATIENCE_S)

    def nothing(self) -> bool:
        return self._waiting.empty()


def _until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@contextmanager
def following(api: FakeApi) -> Iterator[tuple[Discovery, Told]]:
    told = Told()
    discovery = Discovery(KubernetesEndpointSlices("calls/decoder", url=api.url), told, first_wait_s=0.01)
    threading.Thread(target=discovery.run, daemon=True).start()
    try:
        yield discovery, told
    finally:
        discovery.close()
        api.stop()


def test_a_ready_decoder_is_told_and_one_that_goes_is_not() -> None:
    with fake_api() as api:
        api.put(slice_of("a", "10.0.0.2", "10.0.0.1"))
        with following(api) as (discovery, told):
            assert told.next() == ("10.0.0.1:8001", "10.0.0.2:8001")
            assert discovery.listed.wait(PATIENCE_S)
            api.put(slice_of("b", "10.0.0.3"))
            assert told.next() == ("10.0.0.1:8001", "10.0.0.2:8001", "10.0.0.3:8001")
            api.put(slice_of("b", "10.0.0.3", terminating=True))
            assert told.next() == ("10.0.0.1:8001", "10.0.0.2:8001")
            api.put(slice_of("a", "10.0.0.1"))
            assert told.next() == ("10.0.0.1:8001",)
            api.drop("a")
            assert told.next() == ()


def test_while_the_api_is_away_the_last_list_stands_and_what_was_missed_is_told_after_it() -> None:
    with fake_api() as api:
        api.put(slice_of("a", "10.0.0.1"))
        with following(api) as (discovery, told):
            assert told.next() == ("10.0.0.1:8001",)
            assert api.watched.acquire(timeout=PATIENCE_S)
            api.stop()
            _until(lambda: discovery.away)
            assert told.nothing()
            api.slices = {"a": slice_of("a", "10.0.0.9")}
            api.start()
            assert told.next() == ("10.0.0.9:8001",)
            assert not discovery.away


@pytest.mark.parametrize("error", [False, True])
def test_a_watch_that_ends_is_followed_by_another_list_without_a_word(error: bool) -> None:
    with fake_api() as api:
        api.put(slice_of("a", "10.0.0.1"))
        with following(api) as (_, told):
            assert told.next() == ("10.0.0.1:8001",)
            assert api.watched.acquire(timeout=PATIENCE_S)
            api.end_watches(error=error)
            assert api.watched.acquire(timeout=PATIENCE_S)
            api.put(slice_of("a", "10.0.0.1", "10.0.0.2"))
            assert told.next() == ("10.0.0.1:8001", "10.0.0.2:8001") and told.nothing()


def test_an_api_that_is_not_there_yet_is_asked_again() -> None:
    api = FakeApi()
    api.start()
    api.stop()
    told = Told()
    discovery = Discovery(KubernetesEndpointSlices("calls/decoder", url=api.url), told, first_wait_s=0.001)
    discovery.follow()
    assert discovery.away and not discovery.listed.is_set() and told.nothing()
    api.put(slice_of("a", "10.0.0.1"))
    api.start()
    threading.Thread(target=discovery.run, daemon=True).start()
    assert told.next() == ("10.0.0.1:8001",)
    discovery.close()
    api.stop()
