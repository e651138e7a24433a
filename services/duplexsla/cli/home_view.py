"""A simulated home seen from outside: its devices, what moved them, and what differs between two looks."""

import json
import urllib.error
import urllib.request
from typing import Any

from duplexsla.errors import DeviceUnavailable, UnknownHome

TIMEOUT_S = 5.0
UNSEEN = ("used_ms",)  # bookkeeping of the home, no property of a device

Devices = dict[str, dict[str, Any]]  # {"kitchen/light": {"power": "off", ...}}


class HomeView:
    """`address` is host:port of the home service. Raises DeviceUnavailable when it does not answer."""

    def __init__(self, address: str, home: str) -> None:
        self._url = f"http://{address}/homes/{home}"
        self._home = home

    def create(self) -> None:
        """Makes the home; one that is there stays as it is."""
        self._ask("PUT", self._url)

    def devices(self) -> Devices:
        state: Devices = self._ask("GET", self._url)["state"]
        return {name: {k: v for k, v in state[name].items() if k not in UNSEEN} for name in state}

    def effects(self) -> list[dict[str, Any]]:
        """The newest effects, oldest first, each with the action that caused it."""
        effects: list[dict[str, Any]] = self._ask("GET", f"{self._url}/effects")["effects"]
        return effects

    def _ask(self, method: str, url: str) -> Any:
        request = urllib.request.Request(url, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                raise UnknownHome(f"there is no home {self._home!r}") from error
            raise DeviceUnavailable(f"the home service answers {error.code}") from error
        except OSError as error:
            raise DeviceUnavailable(f"the home service does not answer at {url}: {error}") from error


def changed(before: Devices, after: Devices) -> list[str]:
    """Names of the devices that differ, sorted."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def line(name: str, devices: Devices) -> str:
    """ "kitchen/light  power off, brightness 80"."""
    properties = devices.get(name)
    shown = (
        "not there"
        if properties is None
        else ", ".join(f"{key} {value}" for key, value in properties.items())
    )
    return f"{name}  {shown}"
