"""The home service from outside: makes homes for the callers, and reads what happened in them."""

import json
import urllib.request
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from duplexsla.errors import DeviceUnavailable

TIMEOUT_S = 10.0
THREADS = 8
MAX_EFFECTS = 1_000  # effects in one answer
SKEW_S = 60.0  # between the home's clock and ours


class HomeLog:
    """`url` is http://host:port of the home service. DeviceUnavailable when it does not answer."""

    def __init__(self, url: str, token: str = "", tenant: str = "") -> None:
        """`token`: an API key, where the service asks for one; `tenant`: whose homes, where that is said."""
        self._prefix = f"{tenant}~" if tenant else ""
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._url = (url if "://" in url else f"http://{url}").rstrip("/")

    def create(self, homes: Iterable[str]) -> None:
        """Makes homes; those that are there stay as they are."""
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda home: self._ask("PUT", home), homes))

    def effects(self, homes: Iterable[str], *, since: float) -> dict[str, list[dict[str, Any]]]:
        """Effects in each home, oldest first, none missing since then (Unix time, s); a home that had more
        than can be asked for is left out.
        """
        names = list(homes)
        with ThreadPoolExecutor(THREADS) as pool:
            rows = pool.map(
                lambda home: self._ask("GET", f"{home}/effects?limit={MAX_EFFECTS}")["effects"], names
            )
            return {name: found for name, found in zip(names, rows, strict=True) if _whole(found, since)}

    def _ask(self, method: str, path: str) -> Any:
        request = urllib.request.Request(
            f"{self._url}/homes/{self._prefix}{path}", method=method, headers=self._headers
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                return json.load(response)
        except OSError as error:
            raise DeviceUnavailable(f"{method} {request.full_url}: {error}") from error


def _whole(effects: Sequence[dict[str, Any]], since: float) -> bool:
    return len(effects) < MAX_EFFECTS or effects[0]["at_ms"] < 1e3 * (since - SKEW_S)
