"""A home at a real Mosquitto, with a device program that speaks MQTT 5: the contract, and silent devices."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.support.device_contract import HOME, LEFT_S, DeviceContract, DeviceSite
from tests.support.fake_mqtt_light import COMMANDS, CONFIG, LIGHT, STATES, THERE, FakeLight

from duplexsla.clock import unix_ms
from duplexsla.errors import (
    ActionExpired,
    AnswerLost,
    DeviceRefused,
    DeviceUnavailable,
)
from duplexsla.executor.backends.mqtt import mqtt_home
from duplexsla.executor.backends.mqtt.mqtt_home import MqttHome
from duplexsla.local.health import listens
from duplexsla.local.process import Process, await_ready, free_port, launch
from duplexsla.v1 import home_pb2 as pb

pytestmark = pytest.mark.conformance


class Broker:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.start()

    def start(self) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        config = self.folder / "mosquitto.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n")
        address = f"127.0.0.1:{self.port}"
        process = launch("mosquitto", [program, "-c", str(config)], log=self.folder / "log", address=address)
        self.process: Process = await_ready(process, lambda: listens(address), timeout_s=20.0)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = Broker(tmp_path_factory.mktemp("mosquitto"))
    yield broker
    broker.process.stop()


@pytest.fixture
def light(broker: Broker) -> Iterator[FakeLight]:
    light = FakeLight("127.0.0.1", broker.port)
    yield light
    light.close()


@asynccontextmanager
async def opened(broker: Broker, light: FakeLight) -> AsyncIterator[DeviceSite]:
    home = MqttHome(f"mqtt://127.0.0.1:{broker.port}", str, now_ms=unix_ms, time_zone="Europe/Berlin")

    async def by_hand(on: bool) -> None:
        light.state["state"] = "ON" if on else "OFF"
        await asyncio.to_thread(light.publish, STATES, light.state, retain=True)
        await asyncio.sleep(0.1)  # on its way

    async def take_away() -> None:
        await asyncio.to_thread(light.publish, THERE, {"state": "offline"}, retain=True)
        await asyncio.sleep(0.1)

    try:
        yield DeviceSite(home, LIGHT, by_hand, take_away, lambda: len(light.told))
    finally:
        await home.close()


class TestMqttHome(DeviceContract):
    @pytest.fixture(autouse=True)
    def _parts(self, broker: Broker, light: FakeLight) -> None:
        self.parts = broker, light

    def open(self):
        return opened(*self.parts)


def run(broker: Broker, light: FakeLight, scene: Callable[[DeviceSite], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        async with opened(broker, light) as site:
            await scene(site)

    asyncio.run(all_of_it())


def test_a_command_carries_its_action_and_expires_with_it(broker: Broker, light: FakeLight) -> None:
    async def scene(site: DeviceSite) -> None:
        await site.do(1, pb.COMMAND_TURN_ON)
        [told] = light.told
        users = dict(told.properties.UserProperty)
        assert users["action-id"] == told.properties.CorrelationData.decode() == "0000000000000001-1-0"
        assert users["fence"] == "5" and told.qos == 1 and not told.retain
        assert 1 <= told.properties.MessageExpiryInterval <= 5
        with pytest.raises(ActionExpired):
            await site.do(2, pb.COMMAND_TURN_OFF, left_ms=900)
        [area] = (await site.device.registry(HOME, timeout_s=LEFT_S)).areas
        assert area.name == "Kitchen"

    run(broker, light, scene)


@pytest.mark.parametrize(
    ("mode", "error"), [("silent", AnswerLost), ("other", AnswerLost), ("refuses", DeviceRefused)]
)
def test_what_a_device_does_not_show_is_not_done(
    broker: Broker, light: FakeLight, mode: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_home, "PROOF_S", 0.2)

    async def scene(site: DeviceSite) -> None:
        await site.device.registry(HOME, timeout_s=LEFT_S)
        light.mode = mode
        with pytest.raises(error):
            await site.do(1, pb.COMMAND_TURN_ON)

    run(broker, light, scene)


def test_an_answer_of_the_device_itself_is_a_proof(broker: Broker, light: FakeLight) -> None:
    async def scene(site: DeviceSite) -> None:
        light.mode = "answers"
        await site.do(1, pb.COMMAND_TURN_ON)

    run(broker, light, scene)


def test_a_command_that_nobody_has_subscribed_to_was_certainly_not_done(
    broker: Broker, light: FakeLight
) -> None:
    async def scene(site: DeviceSite) -> None:
        await asyncio.to_thread(light.deaf)
        with pytest.raises(DeviceUnavailable, match="nobody"):
            await site.do(1, pb.COMMAND_TURN_ON)
        await asyncio.to_thread(light.listen)
        assert light.told == []  # nothing waited for it
        assert (await site.do(2, pb.COMMAND_TURN_ON)).result["on"] is True

    run(broker, light, scene)


def test_what_cannot_be_read_is_no_device_and_touches_no_other(broker: Broker, light: FakeLight) -> None:
    async def scene(site: DeviceSite) -> None:
        for topic, payload in ((CONFIG.replace("kitchen", "x"), {"state_topic": 5}), (STATES, ["?"])):
            await asyncio.to_thread(light.publish, topic, payload)
        registry = await site.device.registry(HOME, timeout_s=LEFT_S)
        assert [each.id for each in registry.entities] == [LIGHT]
        assert (await site.do(1, pb.COMMAND_TURN_ON)).result["on"] is True

    run(broker, light, scene)


def test_a_broker_that_was_away_is_found_again(broker: Broker, light: FakeLight) -> None:
    async def scene(site: DeviceSite) -> None:
        await site.do(1, pb.COMMAND_TURN_ON)
        await asyncio.to_thread(broker.process.stop)
        with pytest.raises((DeviceUnavailable, AnswerLost)):  # its end may come later
            await site.do(2, pb.COMMAND_TURN_OFF)
        await asyncio.to_thread(broker.start)
        other = await asyncio.to_thread(FakeLight, "127.0.0.1", broker.port)
        for _ in range(100):
            try:
                await site.do(3, pb.COMMAND_TURN_ON)
                break
            except (DeviceUnavailable, DeviceRefused, AnswerLost):
                await asyncio.sleep(0.1)
        assert other.state["state"] == "ON"
        assert COMMANDS and len(other.told) == 1
        await asyncio.to_thread(other.close)

    run(broker, light, scene)


def test_an_effect_takes_milliseconds(broker: Broker, light: FakeLight) -> None:
    """The figure of docs/devices.md; what is asserted is that all of them are done."""

    async def scene(site: DeviceSite) -> None:
        await site.device.registry(HOME, timeout_s=LEFT_S)
        taken = []
        for nth in range(200):
            began = time.monotonic()
            await site.do(nth, pb.COMMAND_TURN_OFF if nth % 2 else pb.COMMAND_TURN_ON)
            taken.append(1_000 * (time.monotonic() - began))
        taken.sort()
        print(f"MQTT, call to proof: p50 {taken[99]:.1f} ms, p99 {taken[197]:.1f} ms of {len(taken)}")

    run(broker, light, scene)
