"""The registries of homes: fetched once, asked for again at intervals, indexed once per version."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from duplexsla.errors import DeviceUnavailable
from duplexsla.executor.backends.device import Device
from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.v1.home_pb2 import HomeRegistry

FRESH_MS = 30_000  # no question about a registry that was fetched so lately
STALE_MS = 600_000  # one that cannot be fetched is used for so long
FETCH_S = 2.0
RETRY_S = 0.1
MAX_HOMES = 1_024  # the one that was used longest ago is forgotten
INDEX_IN_THREAD = 1_000  # entities; building the names of more would hold others up


@dataclass
class _Known:
    names: HomeNames
    fetched_ms: int


class Registries:
    """Names of homes. Two calls for one home may both fetch."""

    def __init__(
        self,
        device: Device,
        *,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`now_ms` is Unix time; `sleep` takes seconds."""
        self._device, self._now_ms, self._sleep = device, now_ms, sleep
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._indexes: WeakValueDictionary[bytes, HomeNames] = WeakValueDictionary()

    async def names(self, home: str, *, until_ms: int, newer: bool = False) -> HomeNames:
        """Of a home; with `newer` the registry is asked for, unless that was done just now.

        Raises DeviceRefused for a home without a registry, DeviceUnavailable when none can be had in time.
        """
        known = self._known.get(home)
        fresh_ms = 0 if newer else FRESH_MS
        if known is not None and self._now_ms() - known.fetched_ms <= fresh_ms:
            self._known.move_to_end(home)
            return known.names
        while True:
            try:
                return await self._fetch(home, known)
            except DeviceUnavailable:
                if known is not None and self._now_ms() - known.fetched_ms <= STALE_MS:
                    return known.names
                if self._now_ms() + RETRY_S * 1_000 >= until_ms:
                    raise
                await self._sleep(RETRY_S)

    async def _fetch(self, home: str, known: _Known | None) -> HomeNames:
        registry = await self._device.registry(home, timeout_s=FETCH_S)
        same = known is not None and known.names.version == registry.version
        names = known.names if known is not None and same else await self._indexed(registry)
        self._known[home] = _Known(names, self._now_ms())
        self._known.move_to_end(home)
        if len(self._known) > MAX_HOMES:
            self._known.popitem(last=False)
        return names

    async def _indexed(self, registry: HomeRegistry) -> HomeNames:
        """Homes that are all alike share an index."""
        content = hashlib.sha256(registry.SerializeToString(deterministic=True)).digest()
        names = self._indexes.get(content)
        if names is None:
            large = len(registry.entities) > INDEX_IN_THREAD
            names = await asyncio.to_thread(HomeNames, registry) if large else HomeNames(registry)
            self._indexes[content] = names
        return names
