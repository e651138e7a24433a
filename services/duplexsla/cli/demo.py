"""Shows the whole system once: starts it, plays a recording in real time, shows what it heard and moved.

Redis, Kafka, Triton with the model, the simulated homes, the tool executor and the gateway run as real
processes on free ports, and are stopped at the end. The gateway asks for an API key, over TLS, as it does
in production; both are made for this run. The last line is one JSON object; its "ok" is true
when an action moved a device and a reply was spoken. `make demo` installs what is missing first.

With --home-assistant the devices are those of a real hub, which has to expose a light of the kitchen that is
off: docs/devices.md.

Example:
  duplexsla demo
  duplexsla demo --recording my_request.wav
  duplexsla demo --home-assistant http://homeassistant.local:8123 --token-file token
"""

import argparse
import asyncio
import json
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from duplexsla.audio.wav import read_wav_converted, write_wav
from duplexsla.cli.chunk_table import ChunkTable
from duplexsla.cli.home_view import Devices, HomeView, changed, line
from duplexsla.errors import DuplexSLAError, SettingError
from duplexsla.local.progress import Progress
from duplexsla.runtime.checkout import ROOT, run_directory

if TYPE_CHECKING:  # imported when needed, so that --help is instant
    from duplexsla.local.authority import LocalAccess

RECORDING = ROOT / "examples" / "turn_on_the_kitchen_light.wav"
HOME, TENANT = "demo", "local"  # the tenant of local/authority.py
TAIL_S = 4.0  # silence after the recording, in which the reply is heard


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recording", type=Path, default=RECORDING, help="a WAV file (default: %(default)s)")
    parser.add_argument("--reply", type=Path, help="default: reply.wav beside the logs, in .cache/run/demo")
    parser.add_argument(
        "--weights", type=Path, metavar="DIR", help="a decoder's files in place of the shipped ones"
    )
    parser.add_argument(
        "--home-assistant", metavar="URL", help="act on this hub's devices, not on simulated ones"
    )
    parser.add_argument("--token-file", type=Path, help="with --home-assistant: holds a long-lived token")
    parser.add_argument("--name", default="demo", help="its folder in .cache/run (default: demo)")


def run(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite end stops what was started
    directory = run_directory(options.name)
    try:
        reply = options.reply or directory / "reply.wav"
        hub = _hub(directory, options.home_assistant, options.token_file) if options.home_assistant else None
        result = _demo(directory, options.recording, reply, options.weights, hub)
    except DuplexSLAError as error:
        result = {"ok": False, "reason": f"{error.code}: {error}"}
    print(json.dumps(result))
    return 0 if result["ok"] else 1


def _hub(directory: Path, url: str, token: Path | None) -> Path:
    """A file of homes in which the demonstration's home stands behind this hub. Raises SettingError."""
    if token is None or not token.is_file():
        raise SettingError("--home-assistant needs --token-file, a file with a long-lived token")
    backend = {"kind": "home_assistant", "url": url, "token_file": str(token.resolve())}
    file = directory / "homes.json"
    directory.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"homes": {f"{TENANT}/{HOME}": {"backends": [backend]}}}))
    return file


def _demo(
    directory: Path, recording: Path, reply: Path, weights: Path | None, hub: Path | None
) -> dict[str, Any]:
    from duplexsla.local import stack
    from duplexsla.local.authority import access_in

    say = Progress()
    samples = read_wav_converted(recording, tail_s=TAIL_S)
    say("starting Redis, Kafka, Triton, home, executor and gateway")
    options = stack.Options(weights=weights, fresh=True, homes_file=hub, secure=True)
    with stack.running(directory, say=say, options=options) as parts:
        access = access_in(directory / stack.ACCESS)
        assert access is not None
        simulated = HomeView(parts["home"].address, f"{TENANT}~{HOME}")
        simulated.create()
        devices = simulated.devices if hub is None else partial(_real_devices, hub)
        result = _request(parts["gateway"].address, devices, access, samples, reply, say)
    say("everything is stopped")
    return result


def _real_devices(homes: Path) -> Devices:
    from duplexsla.cli.home_check import devices_of

    return asyncio.run(devices_of(homes, f"{TENANT}/{HOME}"))


def _request(
    gateway: str,
    devices: Callable[[], Devices],
    access: "LocalAccess",
    samples: bytes,
    reply: Path,
    say: Progress,
) -> dict[str, Any]:
    from duplexsla.cli.recorded_call import converse
    from duplexsla.client.channels import ClientTls
    from duplexsla.client.credentials import token_from

    before = devices()
    say(f"playing {len(samples) / 32_000:.1f} s to the gateway at {gateway}, over TLS, in real time")
    record = converse(
        gateway,
        home=HOME,
        samples=samples,
        live=True,
        show=ChunkTable(samples),
        token=token_from(access.token),
        tls=ClientTls(access.authority),
    )
    after = devices()
    write_wav(reply, bytes(record.reply))
    result = {**record.summary(), "reply_wav": str(reply)}
    _print_changes(before, after, result)
    return demo_result(result, moved=changed(before, after), spoken=any(record.reply))


def _print_changes(before: Devices, after: Devices, result: dict[str, Any]) -> None:
    moved = changed(before, after)
    print(
        "\n".join(f"before  {line(name, before)}\nafter   {line(name, after)}" for name in moved)
        or "nothing moved"
    )
    print(f"heard   {result['heard']}\nsaid    {result['said']}\nreply   {result['reply_wav']}")
    print(
        f"step    p50 {result['step_ms']['p50']} ms, p99 {result['step_ms']['p99']} ms of 160 ms", flush=True
    )


def demo_result(result: dict[str, Any], *, moved: list[str], spoken: bool) -> dict[str, Any]:
    """`result`, with "ok" false and a "reason" where the demonstration did not show what it should."""
    if not result["ok"]:
        return result
    if not any(action["state"] == "done" for action in result["actions"]):
        return {**result, "ok": False, "reason": "no action was done"}
    if not moved:
        return {**result, "ok": False, "reason": "no device moved"}
    return result if spoken else {**result, "ok": False, "reason": "the reply is silence"}
