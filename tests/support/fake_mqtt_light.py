"""A device program at an MQTT broker: a light that announces itself, acts on commands, and tells it."""

import json
import socket
import threading
from typing import Any

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

LIGHT = "light.kitchen_1"
CONFIG = "homeassistant/light/kitchen_1/config"
COMMANDS, STATES, THERE = "zigbee2mqtt/kitchen/set", "zigbee2mqtt/kitchen", "zigbee2mqtt/kitchen/availability"


class FakeLight:
    """As Zigbee2MQTT has one. `mode`: "well", "silent" (takes commands, tells nothing), "answers" (on the
    response topic alone), "refuses", "other" (answers with the correlation of another).
    """

    def __init__(self, host: str, port: int) -> None:
        self.mode, self.told = "well", list[Any]()
        self.state: dict[str, Any] = {"state": "OFF", "brightness": 128}
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._client.on_message = self._commanded
        self._subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_socket_open = self._opened
        self._client.connect(host, port)
        self._client.loop_start()
        self.listen()
        config = {
            "name": None, "unique_id": "kitchen_1", "schema": "json", "brightness": True,
            "command_topic": COMMANDS, "state_topic": STATES,
            "availability": [{"topic": THERE, "value_template": "{{ value_json.state }}"}],
            "device": {"name": "Kitchen Light", "suggested_area": "Kitchen"},
        }  # fmt: skip
        self.publish(CONFIG, config, retain=True)
        self.publish(THERE, {"state": "online"}, retain=True)
        self.publish(STATES, self.state, retain=True)

    def _opened(self, client: Client, _: Any, opened: Any) -> None:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def listen(self) -> None:
        self._subscribed.clear()
        self._client.subscribe(COMMANDS, qos=1)
        assert self._subscribed.wait(5.0)

    def deaf(self) -> None:
        """It is there, and takes no commands."""
        done = threading.Event()
        self._client.on_unsubscribe = lambda *_: done.set()
        self._client.unsubscribe(COMMANDS)
        assert done.wait(5.0)

    def publish(self, topic: str, payload: Any, *, retain: bool = False) -> None:
        self._client.publish(topic, json.dumps(payload), qos=1, retain=retain).wait_for_publish(5.0)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _commanded(self, client: Client, _: Any, message: Any) -> None:
        self.told.append(message)
        if self.mode in ("well", "answers"):
            self.state |= json.loads(message.payload)
        if self.mode == "well":
            client.publish(STATES, json.dumps(self.state), qos=1, retain=True)
        answers = {"answers": "done", "refuses": "refused", "other": "done"}
        if self.mode in answers:
            properties = Properties(PacketTypes.PUBLISH)
            data = message.properties.CorrelationData
            properties.CorrelationData = b"another" if self.mode == "other" else data
            answer = json.dumps({"outcome": answers[self.mode], "reason": "it is too warm"})
            client.publish(message.properties.ResponseTopic, answer, qos=1, properties=properties)
