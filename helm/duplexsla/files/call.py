"""Plays a recording to the service, as a person speaks, and looks whether the device moved.

Exit status 0 when it did; 1 with the reason when the call failed, or no device did what was asked for.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from typing import Any

CALL_S = 60.0
EFFECT_S = 5.0  # the home may write an effect down a moment after the call has ended


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for flag in ("--address", "--recording", "--home"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--token", default="", help="as `duplexsla call` takes it")
    parser.add_argument("--tenant", default="", help="that of the token")
    parser.add_argument("--ca", default="", help="as `duplexsla call` takes it")
    parser.add_argument("--homes-url", default="", help="the simulated homes; without, outcomes are believed")
    chosen = parser.parse_args()
    home = f"{chosen.home}-{int(time.time())}" if chosen.homes_url else chosen.home
    named = f"{chosen.tenant}~{home}" if chosen.tenant else home
    if chosen.homes_url:
        ask("PUT", f"{chosen.homes_url}/homes/{named}")
    shown = ["--token", chosen.token, *(["--ca", chosen.ca] if chosen.ca else [])]
    summary = call(chosen.address, home, chosen.recording, shown)
    print(json.dumps(summary))
    if not summary["ok"]:
        return say(f"the call failed: {summary.get('reason')}")
    if not any(action["state"] == "done" for action in summary["actions"]):
        return say("the call went well, but no action was done")
    if chosen.homes_url:
        return 0 if moved(f"{chosen.homes_url}/homes/{named}/effects") else say("no device moved")
    return 0


def call(address: str, home: str, recording: str, shown: Sequence[str] = ()) -> dict[str, Any]:
    """What `duplexsla call` sums up; what it printed instead, as the reason."""
    command = [sys.executable, "-m", "duplexsla", "call", "--json", "--reply", "/tmp/reply.wav"]
    command += ["--address", address, "--home", home, *shown, recording]
    done = subprocess.run(command, capture_output=True, text=True, timeout=CALL_S)
    last = done.stdout.strip().rpartition("\n")[2]
    return json.loads(last) if last else {"ok": False, "reason": done.stderr[-2000:], "actions": []}


def moved(url: str) -> bool:
    """Whether the home wrote down an effect that changed something; prints it."""
    deadline = time.monotonic() + EFFECT_S
    while time.monotonic() < deadline:
        for effect in ask("GET", url)["effects"]:
            if effect["before"] != effect["after"]:
                print(json.dumps(effect))
                return True
        time.sleep(0.2)
    return False


def ask(method: str, url: str) -> Any:
    token = os.environ.get("DUPLEXSLA_HOMES_TOKEN", "")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=10.0) as response:
        return json.load(response)


def say(reason: str) -> int:
    print(f"FAILED: {reason}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
