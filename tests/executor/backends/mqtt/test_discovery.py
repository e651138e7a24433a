"""What devices announce of themselves, in the ways of Zigbee2MQTT, Tasmota and whole devices."""

import json

import pytest

from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.executor.backends.mqtt.device_messages import message, properties
from duplexsla.executor.backends.mqtt.discovery import Announced, announced
from duplexsla.v1 import home_pb2 as pb

TASMOTA = {
    "name": "Lamp", "uniq_id": "A1_LI_1", "~": "lamp/", "cmd_t": "cmnd/~POWER", "stat_t": "tele/~STATE",
    "val_tpl": "{{value_json.POWER}}", "pl_on": "ON", "pl_off": "OFF",
    "avty_t": "tele/~LWT", "pl_avail": "Online", "dev": {"name": "Lamp", "sa": "Study"},
}  # fmt: skip
DEVICE = {
    "device": {"name": "Front Door"},
    "availability_topic": "door/there",
    "components": {
        "lock": {"p": "lock", "command_topic": "door/set", "state_topic": "door/state"},
        "battery": {
            "platform": "sensor", "device_class": "battery", "state_topic": "door/info",
            "value_template": "{{ value_json['battery'] | int }}", "name": "Battery",
        },
        "odd": {"p": "sensor", "state_topic": "door/x", "value_template": "{{ value | round(2) * 3 }}"},
    },
}  # fmt: skip


def found(topic: str, told: object) -> dict[str, Announced]:
    return announced(topic, json.dumps(told).encode())


def command(kind: pb.Command, **fields: object) -> pb.EntityCommand:
    return pb.EntityCommand(command=kind, **fields)


def test_a_tasmota_lamp_says_it_short() -> None:
    [lamp] = found("homeassistant/light/A1_LI_1/config", TASMOTA).values()
    entity = lamp.entity()
    assert (entity.id, entity.name, entity.area) == ("light.A1_LI_1", "Lamp", "Study")
    assert pb.COMMAND_SET_LEVEL not in entity.commands
    told = {"tele/lamp/STATE": b'{"POWER":"ON"}', "tele/lamp/LWT": b"Online"}
    assert properties(lamp, told) == {"on": True}
    assert properties(lamp, told | {"tele/lamp/LWT": b"Offline"}) == {}
    off = message(command(pb.COMMAND_TURN_OFF), lamp, {})
    assert (off.topic, off.payload) == ("cmnd/lamp/POWER", "OFF")
    assert off.proved({"on": False}) and not off.proved({"on": True}) and not off.proved({})


def test_a_whole_device_has_its_components_and_what_cannot_be_read_is_left_out() -> None:
    parts = found("homeassistant/device/door/config", DEVICE)
    assert set(parts) == {"lock.door_lock", "sensor.door_battery"}
    lock, battery = parts["lock.door_lock"], parts["sensor.door_battery"]
    there = {"door/there": b"online", "door/state": b"LOCKED", "door/info": b'{"battery": 80}'}
    assert (lock.name, properties(lock, there)) == ("Front Door", {"locked": True})
    assert (battery.name, properties(battery, there)) == ("Front Door Battery", {"battery": 80.0})
    assert message(command(pb.COMMAND_UNLOCK), lock, {}).payload == "UNLOCK"
    with pytest.raises(DeviceRefused):
        message(command(pb.COMMAND_TURN_ON), lock, {})


def test_a_light_with_brightness_takes_percents_of_its_own_scale() -> None:
    config = {
        "schema": "json", "brightness": True, "brightness_scale": 254,
        "command_topic": "l/set", "state_topic": "l",
    }  # fmt: skip
    [light] = found("homeassistant/light/l/config", config).values()
    half = message(command(pb.COMMAND_SET_LEVEL, number=50.0), light, {})
    assert json.loads(half.payload) == {"state": "ON", "brightness": 127}
    assert half.proved(properties(light, {"l": b'{"state":"ON","brightness":127}'}))
    more = message(command(pb.COMMAND_STEP_LEVEL, number=10.0), light, {"on": True, "level": 95})
    assert json.loads(more.payload)["brightness"] == 254
    with pytest.raises(ActionRefused):
        message(command(pb.COMMAND_SET_LEVEL, number=101.0), light, {})


@pytest.mark.parametrize(
    "told", [b"", b"[]", b"{", b'{"state_topic": 5}', b'{"device": [], "components": 3}']
)
def test_what_is_no_announcement_announces_nothing(told: bytes) -> None:
    assert announced("homeassistant/light/x/config", told) == {}
    assert announced("homeassistant/device/x/config", told) == {}
    assert announced("homeassistant/status", told) == {}
