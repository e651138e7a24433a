"""Calls whose model is a script: one for each line of the action channel, and what a client was told.

A script asks for something, waits for its line of the service, and says what the table has as an example.
Calls are on the file clock: a chunk is sent once the one before is answered and no outcome is awaited, so
nothing in them waits for time to pass.
"""

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.load_shedding import shedding_nothing
from tests.support.scripted_decoder.script import Line, call, naming_chunk
from tests.support.scripted_decoder.weights import scripted_weights

from duplexsla.cli.home_view import HomeView
from duplexsla.client import Client
from duplexsla.client.conversation import Conversation
from duplexsla.clock import SILENCE
from duplexsla.enum_names import enum_name
from duplexsla.local import services, triton
from duplexsla.local.process import Process, free_port
from duplexsla.protocol.channel_lines import LINES
from duplexsla.tools import VERSIONS
from duplexsla.v1.action_pb2 import OutcomeState
from duplexsla.v1.session_pb2 import ConverseResponse

React = Callable[[Conversation, ConverseResponse], Awaitable[None]]

SLOTS = 64
REST_CHUNKS = 12  # after the last outcome: for the model to read it and to say something
PATIENCE_S = 60.0
TOOLSETS = {"car": VERSIONS["car", 1], "home": VERSIONS["home", 2]}
ASK = Line(at=1, write=f" kitchen light{call('open_home_device', device='light', room='kitchen')}")
SCRIPTS = {
    kind: [ASK, Line(after=line.example.partition("|")[0], say=line.example.partition("|")[2])]
    for kind, line in LINES.items()
}

SCRIPTS["effect_late"][0] = Line(
    at=1, write=f" garage door{call('query_home_device', device='garage door', property='position')}"
)


def asking(words: str, function: str, sure: float = 1.0, **arguments: object) -> list[Line]:
    """Hears these words, makes the call, and says that it has read what became of it."""
    return [
        Line(at=1, write=f" {words}{call(function, **arguments)}", sure=sure),
        Line(after="]", say="heard"),
    ]


# What a real home and executor are asked for.
REQUESTS = {
    "kitchen light": asking("kitchen light", "open_home_device", device="light", room="kitchen"),
    "how warm": asking("how warm is it", "query_home_device", device="thermostat", property="temperature"),
    "pasta timer": asking("stop the pasta timer", "cancel_timer", name="pasta"),
    "louder": asking("louder", "increase_home_device", device="speaker", property="volume"),
    "volcano": asking("open the volcano", "open_home_device", device="volcano"),
    "64 letters": asking("open it", "open_home_device", device="x" * 64),
    "some door": asking("lock the door", "lock_home_door", door="door"),
    "lock": asking("lock the front door", "lock_home_door", door="front door"),
    "perhaps lock": asking("lock the front door", "lock_home_door", sure=0.1, door="front door"),
    "unlock": asking("unlock the front door", "unlock_home_door", door="front door"),
    "film": asking("play a film", "play_online_video", title="a film"),
    "yes": asking("yes", "confirm"),
}


KITCHEN_LIGHT = call("open_home_device", device="light", room="kitchen")
UNLOCK = Line(at=1, write=f" unlock the front door{call('unlock_home_door', door='front door')}")
LOCK = Line(at=1, write=f" lock the front door{call('lock_home_door', door='front door')}")
QUESTION = Line(after=" [ confirm front door]", write="<response>", say="shall i")
# Talks about a question; what a client does in them is the test's.
DIALOGS = {
    "yes": [LOCK, QUESTION, Line(at=4, write=f" yes please{call('confirm')}"), Line(after="]", say="heard")],
    "no": [LOCK, QUESTION, Line(at=4, write=f" leave it{call('decline')}"), Line(after="]", say="heard")],
    "yes at once": [LOCK, Line(write=call("confirm"))],  # in the chunk of the question
    "yes after a stop": [
        LOCK,
        QUESTION,
        Line(after=" [ stopped]", at=2, write=f" yes please{call('confirm')}"),
        Line(after=" [ nothing asked]", write="<response>"),
        Line(at=1, say="to what"),
    ],
    "question": [LOCK, QUESTION, Line(after="]", say="heard")],
    "code": [UNLOCK, Line(after=" [ code front door]", say="your code"), Line(after="]", say="heard")],
    "never mind": [
        LOCK,
        QUESTION,
        Line(at=4, write=f" never mind{call('never_mind')}"),
        Line(after=" [ taken back]", say="okay i leave it"),
    ],
    "typed": [Line(after=" [ typed kitchen light]", write=KITCHEN_LIGHT), Line(after="]", say="okay")],
    "cut": [
        Line(at=1, write="<response>", say="the kitchen light is on"),
        Line(after=" [ cut the kitchen]", write=f" on{KITCHEN_LIGHT}"),
        Line(after="]", say="heard"),
    ],
    "light": [
        Line(at=6, write=f" kitchen light{call('open_home_device', device='light', room='kitchen')}"),
        Line(at=1, write="<response>", say="okay the light"),
    ],
}


# What happens at home, as the table has it: the line, and what is said then.
HAPPENINGS = {
    kind: LINES[kind].example
    for kind in (
        "opened", "closed", "turned_on", "turned_off", "alarm", "timer_over", "reminder", "wake_alarm",
        "broadcast", "client_tool",
    )
}  # fmt: skip
SOON = "in one second"
SCHEDULED = {
    "reminder": f" remind me {SOON} to call mom{call('set_reminder', message='call mom', when=SOON)}",
    "wake_alarm": f" wake me {SOON}{call('set_wake_alarm', when=SOON)}",
}
LISTENERS = {
    kind: [
        *([Line(at=1, write=SCHEDULED[kind])] if kind in SCHEDULED else []),
        Line(after=example.partition("|")[0], say=example.partition("|")[2]),
    ]
    for kind, example in HAPPENINGS.items()
}
LISTENERS["messenger"] = [
    Line(
        at=1,
        write=f" tell everyone dinner is ready{call('broadcast_home_message', message='dinner is ready')}",
    ),
    Line(after="]", say="heard"),
]


@dataclass
class Told:
    """What one client was told, in order."""

    messages: list[ConverseResponse] = field(default_factory=list)

    @property
    def states(self) -> list[str]:
        outcomes = [each.outcome for each in self.messages if each.HasField("outcome")]
        return [enum_name(OutcomeState, outcome.state) for outcome in outcomes]

    @property
    def written(self) -> str:
        return "".join(each.chunk.action_channel for each in self.messages)

    @property
    def said(self) -> str:
        return "".join(each.chunk.text for each in self.messages).strip()

    @property
    def actions(self) -> list[str]:
        return [action.id for each in self.messages for action in each.chunk.actions]

    @property
    def chunks(self) -> int:
        """Index above the newest one."""
        return max((each.chunk.index + 1 for each in self.messages if each.HasField("chunk")), default=0)

    @property
    def awaits_outcome(self) -> bool:
        answered = {each.outcome.action_id for each in self.messages if each.HasField("outcome")}
        return not set(self.actions) <= answered

    @property
    def rested(self) -> bool:
        """The last outcome is some chunks ago."""
        since = 0
        for each in reversed(self.messages):
            if each.HasField("outcome"):
                return since >= REST_CHUNKS
            since += each.HasField("chunk")
        return False


async def nothing(conversation: Conversation, message: ConverseResponse) -> None:
    """What a client does on a message: only its sound goes on."""


async def talk(
    conversation: Conversation,
    script: str,
    told: Told | None = None,
    *,
    react: React = nothing,
    outcomes: int = 1,
) -> Told:
    """Follows `script` until its last outcome was told and answered, of so many at least. TimeoutError after
    PATIENCE_S.

    `told` of before: the session goes on where the conversation opened it. `react` sees each message first.
    """
    told = told or Told()
    messages, sent = aiter(conversation), int(conversation.opened.next_chunk)
    async with asyncio.timeout(PATIENCE_S):
        while not told.rested or told.awaits_outcome or len(told.states) < outcomes:
            if told.chunks >= sent and not told.awaits_outcome:
                await conversation.send(SILENCE if sent else naming_chunk(script))
                sent += 1
            told.messages.append(await anext(messages))
            await react(conversation, told.messages[-1])
        await conversation.end()
        told.messages += [message async for message in messages]
    return told


async def converse(client: Client, home: str, script: str, *, toolset: str = "home") -> Told:
    async with client.converse(home, clock="file", toolset=toolset) as conversation:
        return await talk(conversation, script)


@dataclass
class ScriptedSite:
    """The real parts around gateways, which know no directory of homes: any name is one.

    `gateways` starts them when asked, and again those that have gone.
    """

    folder: Path
    addresses: dict[str, str]  # of redis, kafka, triton and home
    _gateways: list[Process] = field(default_factory=list)

    def gateways(self, count: int) -> list[Process]:
        living = [each for each in self._gateways if each.alive()]
        ports = [free_port() for _ in range(count - len(living))]
        others = {name: address for name, address in self.addresses.items() if name != "home"}
        with shedding_nothing():
            for port in ports:
                folder = self.folder / f"gateway-{port}"
                living.append(services.start_gateway(folder, others, port=port, slots=SLOTS))
        self._gateways = living
        return living[:count]

    def home(self, name: str) -> HomeView:
        """A new home."""
        view = HomeView(self.addresses["home"], name)
        view.create()
        return view

    def fault(self, home: str, **fault: object) -> None:
        request = urllib.request.Request(
            f"http://{self.addresses['home']}/homes/{home}/faults",
            data=json.dumps(fault).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).close()

    def stop_gateways(self) -> None:
        for gateway in self._gateways:
            gateway.stop()


def _named(what: str, scripts: Mapping[str, list[Line]]) -> dict[str, list[Line]]:
    return {f"{what} {name}": lines for name, lines in scripts.items()}


@contextmanager
def scripted_site(folder: Path, redis: Process, kafka: Process) -> Iterator[ScriptedSite]:
    weights = scripted_weights(
        folder / "weights",
        SCRIPTS | REQUESTS | _named("dialog", DIALOGS) | _named("happening", LISTENERS),
        toolsets=TOOLSETS,
    )
    settings = {"slots": str(SLOTS), "trace_file": str(folder / "decoder.jsonl")}
    decoder = triton.start(folder, weights=weights, parameters=settings).process
    home = services.start_home(folder / "home")
    parts = {"redis": redis, "kafka": kafka, "triton": decoder, "home": home}
    site = ScriptedSite(folder, {name: part.address for name, part in parts.items()})
    try:
        yield site
    finally:
        site.stop_gateways()
        for process in (home, decoder):
            process.stop()
