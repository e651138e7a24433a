"""Shows the devices of a simulated home, or the log of what moved them; checks a home behind a real hub.

Examples:
  duplexsla home                     every device of the home "demo" in the running system
  duplexsla home kitchen             those whose name holds "kitchen"
  duplexsla home --effects           what moved them: time, action, before and after
  duplexsla home check --home-assistant http://hub:8123 --token-file token --say "turn on the kitchen light"
  duplexsla home check --homes-file homes.json --home acme/villa

`check` connects as an executor does, lists what it finds and what a speaker can do with each thing, and says
what a sentence (on, off, open, close, lock, unlock) would come to. It moves nothing.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from duplexsla.cli.home_view import HomeView, line


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("filter", nargs="?", default="", help="show names that hold this text; or: check")
    parser.add_argument("--home", default="demo", help="which home (default: demo)")
    parser.add_argument("--effects", action="store_true", help="the log of effects in place of the devices")
    parser.add_argument(
        "--address", help="host:port of the home service (default: that of the running system)"
    )
    parser.add_argument("--name", default="local", help="which running system (default: local)")
    checked = parser.add_argument_group("check")
    checked.add_argument(
        "--homes-file", type=Path, help="which backend holds which home, as executors read it"
    )
    checked.add_argument("--home-assistant", metavar="URL", help="a hub, without such a file")
    checked.add_argument("--token-file", type=Path, help="its long-lived token")
    checked.add_argument("--say", action="append", default=[], help="what this sentence would come to")
    checked.add_argument("--room", default="", help="where it is said: a room's name")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(options: argparse.Namespace) -> int:
    from duplexsla.cli.part_addresses import address_of, home_of

    if options.filter == "check":
        from duplexsla.cli.home_check import check

        return check(options)
    home = options.home if options.address else home_of(options.home, options.name)
    view = HomeView(options.address or address_of("home", options.name), home)
    if options.effects:
        effects = [effect for effect in view.effects() if options.filter in json.dumps(effect)]
        lines = [json.dumps(effect) if options.json else _effect_line(effect) for effect in effects]
    else:
        devices = {name: properties for name, properties in view.devices().items() if options.filter in name}
        lines = [json.dumps({n: devices[n]}) if options.json else line(n, devices) for n in devices]
    print("\n".join(lines) or "nothing to show")
    return 0


def _effect_line(effect: dict[str, Any]) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(effect["at_ms"] / 1000))
    arguments = ", ".join(f"{key}={value}" for key, value in effect["arguments"].items())
    return f"{clock}  {effect['function']}({arguments})  action {effect['action_id']}"
