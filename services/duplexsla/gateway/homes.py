"""Whether a home exists: asked of the home service once, remembered for a while."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import httpx

from duplexsla.errors import Retriable, UnknownHome

REMEMBERED_HOMES = 4_096
REMEMBER_S = 60.0
TIMEOUT_S = 2.0


class HomeDirectory(Protocol):
    """HTTP, or any home at all."""

    async def check(self, home: str) -> None:
        """UnknownHome when there is none of that name; Retriable when nobody can tell now."""

    async def close(self) -> None: ...


class AnyHome:
    """Every well-formed name is a home."""

    async def check(self, home: str) -> None:
        pass

    async def close(self) -> None:
        pass


class HttpHomes:
    """GET {url}/homes/{id}: 200 or 404. Known homes are remembered, at most REMEMBERED_HOMES for
    REMEMBER_S.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_S, transport=transport)
        self._clock = clock
        self._known: OrderedDict[str, float] = OrderedDict()  # home -> until

    async def check(self, home: str) -> None:
        if self._known.get(home, 0.0) > self._clock():
            return
        try:
            response = await self._http.get(f"/homes/{home}")
        except httpx.HTTPError as error:
            raise Retriable(f"the home directory does not answer: {error}") from error
        if response.status_code == httpx.codes.NOT_FOUND:
            self._known.pop(home, None)
            raise UnknownHome(f"there is no home {home!r}")
        if response.is_error:
            raise Retriable(f"the home directory answers {response.status_code}")
        self._remember(home)

    async def close(self) -> None:
        await self._http.aclose()

    def _remember(self, home: str) -> None:
        self._known[home] = self._clock() + REMEMBER_S
        self._known.move_to_end(home)
        if len(self._known) > REMEMBERED_HOMES:
            self._known.popitem(last=False)
