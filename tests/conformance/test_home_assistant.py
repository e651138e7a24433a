"""A home behind a real Home Assistant 2024.3, with the devices of its demonstration."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.conformance.home_assistant_server import HomeAssistantServer, home_assistant_server
from tests.support.action_events import event
from tests.support.device_contract import HOME, DeviceContract, DeviceSite

from duplexsla.clock import unix_ms
from duplexsla.errors import (
    ActionRefused,
    AnswerLost,
    DeviceUnavailable,
    DuplexSLAError,
    EffectUnproven,
    HubTokenRefused,
)
from duplexsla.executor.backends.device import DeviceCall
from duplexsla.executor.backends.home_assistant.home_assistant import HomeAssistantHome
from duplexsla.v1 import home_pb2 as pb

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(600)]

BED, KITCHEN = "light.bed_light", "light.kitchen_lights"
# What a command takes where its entity has no other need.
NUMBERS = {
    pb.COMMAND_SET_LEVEL: 40.0,
    pb.COMMAND_STEP_LEVEL: 10.0,
    pb.COMMAND_SET_COLOR_TEMPERATURE: 4_000.0,
    pb.COMMAND_SET_TEMPERATURE: 22.0,
    pb.COMMAND_STEP_TEMPERATURE: 1.0,
}
TEXTS = {pb.COMMAND_SET_COLOR: "blue", pb.COMMAND_SET_MODE: "auto", pb.COMMAND_ARM: "night"}
# The demonstration's devices that cannot do, or cannot show, what they say that they take.
NOT_DONE: dict[tuple[str, str], type[DuplexSLAError]] = {
    ("climate.heatpump", "SET_MODE"): ActionRefused,  # it has no auto
    ("humidifier.hygrostat", "SET_MODE"): ActionRefused,
    ("water_heater.demo_water_heater", "SET_TEMPERATURE"): ActionRefused,  # from 43.3 degrees on
    ("water_heater.demo_water_heater_celsius", "SET_TEMPERATURE"): ActionRefused,
    ("lock.poorly_installed_door", "LOCK"): EffectUnproven,  # it jams
    ("switch.decorative_lights", "TURN_ON"): EffectUnproven,  # the hub assumes its state
    ("switch.decorative_lights", "TURN_OFF"): EffectUnproven,
    ("switch.dead_plug", "TURN_ON"): AnswerLost,  # success, and nothing happens
}
UNTOLD = "STOP"  # its covers stop, and tell it with their next move


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeAssistantServer]:
    with home_assistant_server(tmp_path_factory.mktemp("hub")) as server:
        yield server


@asynccontextmanager
async def opened(hub: HomeAssistantServer, *, token: str = "") -> AsyncIterator[HomeAssistantHome]:
    home = HomeAssistantHome(hub.url, lambda: token or hub.token, now_ms=unix_ms)
    try:
        yield home
    finally:
        await home.close()


def call(nth: int, entity: str, command: pb.Command) -> DeviceCall:
    told = pb.EntityCommand(entity=entity, command=command, text=TEXTS.get(command, ""))
    if command in NUMBERS:
        told.number = NUMBERS[command]
    return DeviceCall(event(nth, expires_at_ms=unix_ms() + 5_000), {}, told)


class TestRealHomeAssistant(DeviceContract):
    @pytest.fixture(autouse=True)
    def _hub(self, hub: HomeAssistantServer) -> None:
        self.hub = hub
        hub.by_hand("light", "turn_off", BED)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[DeviceSite]:
        async def by_hand(on: bool) -> None:
            self.hub.by_hand("light", "turn_on" if on else "turn_off", BED)
            await asyncio.sleep(0.2)  # on its way

        async def take_away() -> None:
            self.hub.set_state(BED, "unavailable")
            await asyncio.sleep(0.2)

        async with opened(self.hub) as home:
            yield DeviceSite(home, BED, by_hand, take_away, lambda: 0)


def test_each_command_that_a_device_says_it_takes_is_done_or_told_as_what_it_is(
    hub: HomeAssistantServer,
) -> None:
    async def of_entity(
        home: HomeAssistantHome, nth: int, entity: pb.Entity
    ) -> dict[tuple[str, str], object]:
        found: dict[tuple[str, str], object] = {}
        for command in entity.commands:
            key = (entity.id, pb.Command.Name(command).removeprefix("COMMAND_"))
            nth += 1
            try:
                await home.call(call(nth, entity.id, command), timeout_s=5.0)
            except DuplexSLAError as error:
                found[key] = type(error)
        return found

    async def all_of_them() -> dict[tuple[str, str], object]:
        async with opened(hub) as home:
            registry = await home.registry(HOME, timeout_s=5.0)
            assert {"scene.movie", "script.good_night", BED} <= {each.id for each in registry.entities}
            found = await asyncio.gather(
                *(of_entity(home, 100 * n, each) for n, each in enumerate(registry.entities))
            )
            return {key: value for each in found for key, value in each.items()}

    hub.by_hand("light", "turn_off", BED)
    found = asyncio.run(all_of_them())
    assert {key: error for key, error in found.items() if key[1] != UNTOLD} == NOT_DONE


def test_a_hub_that_restarts_is_found_again_and_a_revoked_token_is_told(hub: HomeAssistantServer) -> None:
    async def scene() -> None:
        async with opened(hub) as home:
            await home.call(call(1, BED, pb.COMMAND_TURN_ON), timeout_s=5.0)
            await asyncio.to_thread(hub.stop)
            with pytest.raises(DeviceUnavailable):
                await home.call(call(2, BED, pb.COMMAND_TURN_OFF), timeout_s=1.0)
            await asyncio.to_thread(hub.start)
            assert (await _patiently(home, call(3, BED, pb.COMMAND_TURN_ON)))["on"] is True
        made = {"type": "auth/long_lived_access_token", "client_name": "short", "lifespan": 1}
        [token] = hub.ask(made)
        async with opened(hub, token=token) as home:
            await home.call(call(4, BED, pb.COMMAND_TURN_OFF), timeout_s=5.0)
            [tokens] = hub.ask({"type": "auth/refresh_tokens"})
            [short] = [each["id"] for each in tokens if each["client_name"] == "short"]
            hub.ask({"type": "auth/delete_refresh_token", "refresh_token_id": short})
            with pytest.raises(HubTokenRefused):
                await _patiently(home, call(5, BED, pb.COMMAND_TURN_ON))

    asyncio.run(scene())


async def _patiently(home: HomeAssistantHome, wanted: DeviceCall) -> dict[str, object]:
    """Calls until the hub is there again; a refused token is no reason to."""
    until = time.monotonic() + 30.0
    while True:
        try:
            wanted.event.expires_at_ms = unix_ms() + 5_000
            return dict((await home.call(wanted, timeout_s=5.0)).result)
        except HubTokenRefused:
            raise
        except (DeviceUnavailable, AnswerLost):
            assert time.monotonic() < until
            await asyncio.sleep(0.2)


def test_an_effect_takes_milliseconds(hub: HomeAssistantServer) -> None:
    """The figure of docs/devices.md; what is asserted is that all of them are done."""

    async def timed() -> list[float]:
        async with opened(hub) as home:
            await home.registry(HOME, timeout_s=5.0)
            taken = []
            for nth in range(200):
                began = time.monotonic()
                command = pb.COMMAND_TURN_OFF if nth % 2 else pb.COMMAND_TURN_ON
                await home.call(call(nth, BED, command), timeout_s=5.0)
                taken.append(1_000 * (time.monotonic() - began))
            return sorted(taken)

    taken = asyncio.run(timed())
    print(f"Home Assistant, call to proof: p50 {taken[99]:.1f} ms, p99 {taken[197]:.1f} ms of {len(taken)}")


def test_a_spoken_recording_turns_on_its_light(hub: HomeAssistantServer, tmp_path: Path) -> None:
    """The whole system: `make demo ARGS="--home-assistant URL --token-file FILE"`."""
    hub.by_hand("light", "turn_off", KITCHEN)
    (tmp_path / "token").write_text(hub.token)
    options = ["--home-assistant", hub.url, "--token-file", str(tmp_path / "token"), "--name", "hub-demo"]
    done = subprocess.run(
        [sys.executable, "-m", "duplexsla", "demo", *options, "--reply", str(tmp_path / "reply.wav")],
        capture_output=True,
        text=True,
        timeout=400,
    )
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["ok"], done.stdout[-3_000:] + done.stderr[-1_000:]
    assert [action["state"] for action in result["actions"]] == ["done"]
    assert hub.get(f"/api/states/{KITCHEN}")["state"] == "on"
