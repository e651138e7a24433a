import asyncio
from collections.abc import Callable

import httpx
import pytest

from duplexsla.errors import Retriable, UnknownHome
from duplexsla.gateway.homes import REMEMBER_S, REMEMBERED_HOMES, HttpHomes


def _homes(answer: Callable[[httpx.Request], httpx.Response], clock: Callable[[], float]) -> HttpHomes:
    return HttpHomes("http://home", transport=httpx.MockTransport(answer), clock=clock)


def test_a_known_home_is_asked_once_and_again_after_a_while() -> None:
    async def scenario() -> None:
        asked: list[str] = []
        now = 0.0

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            return httpx.Response(200)

        homes = _homes(answer, lambda: now)
        for _ in range(3):
            await homes.check("h1")
        assert asked == ["/homes/h1"]
        now = REMEMBER_S + 1
        await homes.check("h1")
        assert len(asked) == 2
        await homes.close()

    asyncio.run(scenario())


def test_an_unknown_home_is_refused_and_not_remembered() -> None:
    async def scenario() -> None:
        there = False
        homes = _homes(lambda _: httpx.Response(200 if there else 404), lambda: 0.0)
        with pytest.raises(UnknownHome, match="h1"):
            await homes.check("h1")
        there = True
        await homes.check("h1")
        await homes.close()

    asyncio.run(scenario())


def test_a_directory_that_cannot_tell_is_retriable() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    async def scenario() -> None:
        for answer in (broken, lambda _: httpx.Response(503)):
            homes = _homes(answer, lambda: 0.0)
            with pytest.raises(Retriable):
                await homes.check("h1")
            await homes.close()

    asyncio.run(scenario())


def test_what_is_remembered_is_bounded() -> None:
    async def scenario() -> None:
        homes = _homes(lambda _: httpx.Response(200), lambda: 0.0)
        for number in range(REMEMBERED_HOMES + 50):
            homes._remember(str(number))
        assert len(homes._known) == REMEMBERED_HOMES and "0" not in homes._known
        await homes.close()

    asyncio.run(scenario())
