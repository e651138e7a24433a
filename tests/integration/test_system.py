"""The whole system as `duplexsla up` starts it, asked from outside like a client would."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from duplexsla.audio.wav import read_wav, read_wav_converted
from duplexsla.cli.call_record import CallRecord
from duplexsla.cli.demo import RECORDING, TAIL_S
from duplexsla.cli.home_view import HomeView, changed
from duplexsla.cli.recorded_call import converse
from duplexsla.local import stack
from duplexsla.local.process import Process, processes_with
from duplexsla.runtime.checkout import ROOT, run_directory

pytestmark = pytest.mark.integration

System = dict[str, Process]
LIGHT = "kitchen/light"
CHART = ROOT / "helm" / "duplexsla" / "files"


def test_every_part_answers(system: System) -> None:
    healthy = [part.process.name for part in stack.status(_directory(system)) if part.healthy]
    assert sorted(healthy) == sorted(system) == ["executor", "gateway", "home", "kafka", "redis", "triton"]


def test_one_spoken_request_moves_one_device_and_is_answered_aloud(system: System) -> None:
    home = _home(system, "one")
    before = home.devices()
    record = _call(system, "one")
    summary = record.summary()
    (action,) = summary["actions"]
    assert (summary["ok"], action["function"], action["state"]) == (True, "open_home_device", "done")
    assert changed(before, home.devices()) == [LIGHT]
    assert [effect["action_id"] for effect in home.effects()] == [action["id"]]
    assert any(record.reply) and summary["said"]


def test_a_running_system_is_found_by_its_directory(system: System) -> None:
    assert len(processes_with(stack.RUN_VARIABLE, str(_directory(system)))) >= len(system)


def test_the_demonstration_ends_with_what_was_heard_said_and_done_and_leaves_no_process(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "duplexsla", "demo", "--name", "demo-test"]
    done = subprocess.run([*command, "--reply", tmp_path / "r.wav"], capture_output=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, told["ok"], told["heard"]) == (0, True, "turn on the kitchen light")
    assert told.keys() == {"ok", "heard", "said", "actions", "step_ms", "reply_wav"}
    (action,) = told["actions"]
    assert action.keys() == {"id", "function", "arguments", "state", "trigger_s", "effect_ms"}
    assert action["arguments"] == {"device": "light", "room": "kitchen"}
    assert any(read_wav(Path(told["reply_wav"])))
    assert processes_with(stack.RUN_VARIABLE, str(run_directory("demo-test"))) == []


def test_the_call_of_helm_test_moves_a_device(system: System) -> None:
    address, homes_url = system["gateway"].address, f"http://{system['home'].address}"
    command = [sys.executable, CHART / "call.py", "--address", address, "--homes-url", homes_url]
    command += ["--home", "helm-test", "--recording", CHART / "turn_on_the_kitchen_light.wav"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_calls_at_once_move_only_their_own_homes(system: System) -> None:
    homes = {name: _home(system, name) for name in ("left", "right", "neither")}
    with ThreadPoolExecutor(2) as pool:
        records = dict(
            zip(("left", "right"), pool.map(lambda n: _call(system, n), ("left", "right")), strict=True)
        )
    for name, record in records.items():
        acted = {action["id"] for action in record.actions}
        assert {effect["action_id"] for effect in homes[name].effects()} == acted
    assert any(record.actions for record in records.values())
    assert homes["neither"].effects() == []


def _call(system: System, home: str) -> CallRecord:
    # A file is decoded faster than it lasts: the devices answer many chunks later.
    samples = read_wav_converted(RECORDING, tail_s=3 * TAIL_S)
    return converse(system["gateway"].address, home=home, samples=samples, live=False, show=lambda _: None)


def _home(system: System, name: str) -> HomeView:
    view = HomeView(system["home"].address, name)
    view.create()
    return view


def _directory(system: System) -> Path:
    return system["redis"].log.parent.parent
