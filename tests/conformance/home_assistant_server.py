"""A real Home Assistant 2024.3 for the tests: in an environment of its own, set up without a browser.

`python -m tests.conformance.home_assistant_server` installs it: 585 MB in ~/.cache/duplexsla.

The lock beside this file says which versions, with their hashes.
"""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conformance.environments import install
from websockets.sync.client import connect

from duplexsla.errors import StartFailed
from duplexsla.local.process import Process, await_ready, free_port, launch, until

VERSION = "2024.3.3"
NAME = f"home-assistant-{VERSION}"
LOCK = Path(__file__).parent / "home_assistant.lock"
START_S = 90.0
OWNER = "owner"
LAST_DEVICE = "light.kitchen_lights"
CONFIGURATION = """\
homeassistant:
  name: Home
  latitude: 52.5
  longitude: 13.4
  elevation: 30
  unit_system: metric
  time_zone: Europe/Berlin
http:
  server_host: 127.0.0.1
  server_port: {port}
api:
websocket_api:
auth:
config:
demo:
conversation:
intent:
input_boolean:
  never:
switch:
  - platform: template
    switches:
      dead_plug:
        friendly_name: Dead Plug
        value_template: "{{{{ is_state('input_boolean.never', 'on') }}}}"
        turn_on: {{event: nothing}}
        turn_off: {{event: nothing}}
scene:
  - name: Movie
    entities: {{input_boolean.never: "off"}}
script:
  good_night:
    alias: Good Night
    sequence:
      - service: input_boolean.turn_off
        target: {{entity_id: input_boolean.never}}
"""


class HomeAssistantServer:
    """A hub with the demonstration's devices. `token` is long-lived and of an administrator."""

    def __init__(self, directory: Path, environment: Path) -> None:
        self._directory, self._environment = directory, environment
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: Process | None = None
        self.token = ""

    def start(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / "configuration.yaml").write_text(CONFIGURATION.format(port=self._port))
        command = [str(self._environment / "bin" / "python"), "-m", "homeassistant", "--skip-pip"]
        process = launch(
            "home assistant",
            [*command, "-c", str(self._directory)],
            log=self._directory / "hub.log",
            address=f"127.0.0.1:{self._port}",
            environ={"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": ""},
        )
        self._process = await_ready(process, self._answers, timeout_s=START_S)
        if not self.token:
            self.token = self._set_up()
        if not until(self._runs, START_S):
            raise StartFailed(f"Home Assistant does not come up:\n{process.tail()}")

    def stop(self) -> None:
        """It writes its registries last: it ends by itself."""
        if self._process is not None:
            self._process.stop(grace_s=60.0)

    def get(self, path: str) -> Any:
        return self._http(path)

    def set_state(self, entity: str, state: str) -> None:
        """As if the device had told it; the next of its own states takes its place."""
        now = self.get(f"/api/states/{entity}")
        self._http(f"/api/states/{entity}", {"state": state, "attributes": now["attributes"]})

    def by_hand(self, domain: str, service: str, entity: str) -> None:
        self._http(f"/api/services/{domain}/{service}", {"entity_id": entity})

    def ask(self, *commands: dict[str, Any], token: str = "") -> list[Any]:
        """The results of commands of its WebSocket, one after the other."""
        with connect(self.url.replace("http", "ws") + "/api/websocket", max_size=None) as socket:
            socket.recv()
            socket.send(json.dumps({"type": "auth", "access_token": token or self.token}))
            socket.recv()
            return [self._asked(socket, number, each) for number, each in enumerate(commands, 1)]

    def _asked(self, socket: Any, number: int, command: dict[str, Any]) -> Any:
        socket.send(json.dumps({"id": number, **command}))
        while True:
            answer = json.loads(socket.recv())
            if answer.get("id") == number and answer["type"] == "result":
                assert answer["success"], answer
                return answer["result"]

    def _answers(self) -> bool:
        try:
            self._http("/api/onboarding")
        except OSError:
            return False
        return True

    def _runs(self) -> bool:
        """The demonstration's devices come after it says that it runs."""
        runs = self.get("/api/config").get("state") == "RUNNING"
        return runs and any(each["entity_id"] == LAST_DEVICE for each in self.get("/api/states"))

    def _set_up(self) -> str:
        """Its owner, without a browser; rooms for some lights. The token outlives restarts."""
        client = {"client_id": f"{self.url}/"}
        user = {"name": OWNER, "username": OWNER, "password": OWNER, "language": "en"}
        made = self._http("/api/onboarding/users", {**client, **user})
        code = {"grant_type": "authorization_code", "code": made["auth_code"], **client}
        self.token = self._http("/auth/token", form=code)["access_token"]
        for step, body in (("analytics", {}), ("integration", {**client, "redirect_uri": f"{self.url}/"})):
            self._http(f"/api/onboarding/{step}", body)
        rooms = {"light.kitchen_lights": "kitchen", "light.bed_light": "bedroom"}
        until(self._runs, START_S)
        [token, *_] = self.ask(
            {"type": "auth/long_lived_access_token", "client_name": "executor", "lifespan": 30},
            *(
                {"type": "config/entity_registry/update", "entity_id": entity, "area_id": room}
                for entity, room in rooms.items()
            ),
        )
        return str(token)

    def _http(self, path: str, body: Any = None, form: dict[str, str] | None = None) -> Any:
        data = urllib.parse.urlencode(form).encode() if form else None
        headers = {"authorization": f"Bearer {self.token}"} if self.token and not form else {}
        if body is not None:
            data, headers["content-type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.url + path, data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=10.0) as answer:
            return json.load(answer)


@contextmanager
def home_assistant_server(directory: Path) -> Iterator[HomeAssistantServer]:
    server = HomeAssistantServer(directory, install(NAME, LOCK))
    try:
        server.start()
        yield server
    finally:
        server.stop()


if __name__ == "__main__":
    install(NAME, LOCK)
