"""Talks about a question, a stop, and attention, through the real Triton, Kafka, Redis, home and executor.

The model is a script. All talks are held at once, each in a home of its own.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.kafka_executor import KafkaExecutor
from tests.support.scripted_calls import PATIENCE_S, React, ScriptedSite, Told, nothing, talk
from tests.support.scripted_decoder.script import naming_chunk

from duplexsla.cli.home_view import HomeView
from duplexsla.client import Client, connect
from duplexsla.client.conversation import Conversation
from duplexsla.clock import SILENCE
from duplexsla.local import services
from duplexsla.protocol.channel_lines import event_text
from duplexsla.session.store.room_hints import RedisRoomHints, partitions_for
from duplexsla.v1.action_pb2 import (
    OUTCOME_STATE_CONFIRM,
    OUTCOME_STATE_DONE,
    OUTCOME_STATE_UNKNOWN,
    ActionEvent,
    ActionOutcome,
    RoomEvent,
)
from duplexsla.v1.session_pb2 import NOTICE_KIND_ATTENTION_AWAITED, ConverseResponse

pytestmark = pytest.mark.integration

CONFIRM = " [ confirm front door]"
CODE, KEY = "0815471147", "a key"  # so long that no time or id holds it by chance


def is_question(message: ConverseResponse) -> bool:
    return message.HasField("outcome") and message.outcome.state == OUTCOME_STATE_CONFIRM


async def press_yes(conversation: Conversation, message: ConverseResponse) -> None:
    if is_question(message):
        await conversation.confirm(message.outcome.action_id, yes=True)


async def press_no(conversation: Conversation, message: ConverseResponse) -> None:
    if is_question(message):
        await conversation.confirm(message.outcome.action_id, yes=False)


async def send_code(conversation: Conversation, message: ConverseResponse) -> None:
    if is_question(message) and message.outcome.code_asked:
        await conversation.confirm(message.outcome.action_id, yes=True, code=CODE)


async def stop(conversation: Conversation, message: ConverseResponse) -> None:
    if message.chunk.text.strip() == "shall":
        await conversation.stop()


async def type_words(conversation: Conversation, message: ConverseResponse) -> None:
    if message.HasField("chunk") and message.chunk.index == 0:
        await conversation.send_text("Kitchen light!")


async def cut_off(conversation: Conversation, message: ConverseResponse) -> None:
    if message.chunk.text == " is":
        await conversation.played(message.chunk.index - 2, 2_000)


def test_a_question_that_nobody_answers_in_time_is_late(scripted: ScriptedSite) -> None:
    """The executor is the test's own: its questions stand for a second. The first test: no other one runs."""
    (gateway,) = scripted.gateways(1)
    executor = KafkaExecutor(scripted.addresses["kafka"])

    def ask() -> None:
        event, _ = executor.event("dialog-late")
        outcome = ActionOutcome(
            action_id=event.action.id,
            session_id=event.session_id,
            home=event.home,
            state=OUTCOME_STATE_CONFIRM,
            candidates=["front door"],
            due_at_ms=time.time_ns() // 1_000_000 + 1_000,
        )
        executor.tell(event, outcome.SerializeToString())

    async def call() -> str:
        written, sent, asked = "", 0, False
        async with connect(gateway.address) as client, asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(ask))
            async with client.converse("dialog-late", clock="file", attention="always") as conversation:
                messages = aiter(conversation)
                async with asyncio.timeout(PATIENCE_S):
                    while " [ late]" not in written:
                        if sent < 8 or asked:
                            await conversation.send(SILENCE if sent else naming_chunk("dialog question"))
                            sent += 1
                        message = await anext(messages)
                        written += message.chunk.action_channel
                        asked = asked or message.outcome.state == OUTCOME_STATE_CONFIRM
        return written

    written = asyncio.run(call())
    executor.close()
    assert written.index(CONFIRM) < written.index(" [ late]")


def test_what_was_done_after_it_was_given_up_is_told_as_late(scripted: ScriptedSite) -> None:
    """The executor answers once the client was told that nobody knows."""
    (gateway,) = scripted.gateways(1)
    executor = KafkaExecutor(scripted.addresses["kafka"])

    async def call() -> Told:
        asked = asyncio.create_task(asyncio.to_thread(executor.event, "dialog-given-up"))

        async def answer(conversation: Conversation, message: ConverseResponse) -> None:
            if message.outcome.state == OUTCOME_STATE_UNKNOWN:
                event, _ = await asked
                done = ActionOutcome(action_id=event.action.id, session_id=event.session_id)
                done.state = OUTCOME_STATE_DONE
                await asyncio.to_thread(executor.tell, event, done.SerializeToString())

        async with (
            connect(gateway.address) as client,
            client.converse("dialog-given-up", clock="file") as each,
        ):
            return await talk(each, "effect_late", react=answer, outcomes=2)

    told = asyncio.run(call())
    executor.close()
    assert told.states == ["unknown", "done"] and told.said == "the garage door did open after all"
    assert told.written.count(" [ silent]") == told.written.count(" [ late done garage door]") == 1


def test_what_happens_in_a_room_reaches_the_session_there_or_the_next_one(
    scripted: ScriptedSite, redis_url: str
) -> None:
    (gateway,) = scripted.gateways(1)
    executor, now_ms = KafkaExecutor(scripted.addresses["kafka"]), time.time_ns() // 1_000_000
    event = RoomEvent(id="pasta", home="dialog-room", room="kitchen", kind="timer_over", at_ms=now_ms)
    event.about = "pasta"

    async def tell(hints: RedisRoomHints) -> set[int]:
        found = await partitions_for(hints, event.home, event, now_ms=time.time_ns() // 1_000_000)
        for partition in found:
            where = ActionEvent(reply_to=partition)
            executor.tell(where, ActionOutcome(home=event.home, room_event=event).SerializeToString())
        return found

    async def read(client: Client, hints: RedisRoomHints, *, tells: bool) -> None:
        """Until the model reads the line: in a session that is there, or in one that comes afterwards."""
        written, sent, found = "", 0, set[int]()
        async with client.converse(event.home, clock="file", room="kitchen") as conversation:
            messages = aiter(conversation)
            async with asyncio.timeout(PATIENCE_S):
                while event_text(event.kind, event.about) not in written:
                    await conversation.send(SILENCE if sent else naming_chunk("nobody asks"))
                    sent += 1
                    written += (await anext(messages)).chunk.action_channel
                    if tells and not found:
                        found = await tell(hints)

    async def main() -> None:
        hints = RedisRoomHints(redis_url)
        async with connect(gateway.address) as client:
            assert await tell(hints) == set()
            await read(client, hints, tells=False)
            event.id = "pasta again"
            await read(client, hints, tells=True)
            event.id, event.kind, event.about = "answer", "client_tool", "3 new messages"
            await read(client, hints, tells=True)
        await hints.close()

    asyncio.run(main())
    executor.close()


@dataclass(frozen=True)
class Dialog:
    """A script, what the client does, and what becomes of it: states, lines in order, effects."""

    script: str
    states: list[str]
    lines: list[str]
    effects: int = 0
    react: React = nothing
    attention: str = "always"
    turned: bool = False


DIALOGS = {
    "yes": Dialog("yes", ["confirm", "done"], [CONFIRM, " [ done]"], 1),
    "no": Dialog("no", ["confirm", "done"], [CONFIRM, " [ done]"]),
    "yes too early": Dialog("yes at once", ["confirm", "not_found"], [CONFIRM, " [ nothing asked]"]),
    "button yes": Dialog("question", ["confirm", "done"], [CONFIRM, " [ done]"], 1, press_yes),
    "button no": Dialog("question", ["confirm", "done"], [CONFIRM, " [ done]"], 0, press_no),
    "code": Dialog("code", ["confirm", "done"], [" [ code front door]", " [ done]"], 1, send_code),
    "stop": Dialog(
        "yes after a stop",
        ["confirm", "retracted", "not_found"],
        [CONFIRM, " [ stopped]", " [ nothing asked]"],
        0,
        stop,
    ),
    "never mind": Dialog("never mind", ["confirm", "retracted"], [CONFIRM, " [ taken back]"]),
    "typed": Dialog("typed", ["done"], [" [ typed kitchen light]", " [ done"], 1, type_words),
    "cut": Dialog("cut", ["done"], [" [ cut the kitchen]", " [ done"], 1, cut_off),
    "overheard": Dialog("light", ["inattentive"], [], 0, attention="wake"),
    "turned to": Dialog("light", ["done"], [" [ done"], 1, attention="wake", turned=True),
}


@dataclass(frozen=True)
class Held:
    told: dict[str, Told]
    views: dict[str, HomeView]
    gateway_folder: str


async def hold(client: Client, home: str, dialog: Dialog) -> Told:
    async with client.converse(home, clock="file", attention=dialog.attention) as conversation:
        if dialog.turned:
            await conversation.turn_to(for_ms=60_000)
        script, outcomes = f"dialog {dialog.script}", len(dialog.states)
        return await talk(conversation, script, react=dialog.react, outcomes=outcomes)


@pytest.fixture(scope="module")
def held(scripted: ScriptedSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    folder = tmp_path_factory.mktemp("dialogs")
    homes = {name: f"dialog-{number}" for number, name in enumerate(DIALOGS)}
    (folder / "codes.json").write_text(json.dumps(dict.fromkeys(homes.values(), CODE)))
    views = {name: scripted.home(home) for name, home in homes.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUPLEXSLA_CODES_FILE", str(folder / "codes.json"))
        patch.setenv("DUPLEXSLA_CODE_KEY", KEY)
        executor = services.start_executor(folder, scripted.addresses, name="executor-dialogs")
        others = {name: address for name, address in scripted.addresses.items() if name != "home"}
        gateway = services.start_gateway(folder, others, slots=64, name="gateway-dialogs")

    async def hold_all() -> dict[str, Told]:
        async with connect(gateway.address) as client, asyncio.TaskGroup() as group:
            talks = {
                name: group.create_task(hold(client, homes[name], dialog)) for name, dialog in DIALOGS.items()
            }
        return {name: each.result() for name, each in talks.items()}

    try:
        yield Held(asyncio.run(hold_all()), views, str(folder))
    finally:
        for process in (gateway, executor):
            process.stop()


@pytest.mark.parametrize("name", DIALOGS)
def test_a_talk_comes_to_its_end(held: Held, name: str) -> None:
    dialog, told = DIALOGS[name], held.told[name]
    assert sorted(told.states) == sorted(dialog.states), told.written
    places = [told.written.find(line) for line in dialog.lines]
    assert -1 not in places and places == sorted(places), told.written
    assert told.written.count(" [") == len(dialog.lines), told.written
    moved = [each for each in held.views[name].effects() if each["function"] != "query"]
    assert len(moved) == dialog.effects


def test_what_is_said_to_nobody_is_not_heard_and_the_client_is_told_once_why(held: Held) -> None:
    overheard, answered = held.told["overheard"], held.told["turned to"]
    kinds = [each.notice.kind for each in overheard.messages if each.HasField("notice")]
    assert kinds == [NOTICE_KIND_ATTENTION_AWAITED]
    assert overheard.said == "" and not any(each.chunk.sound for each in overheard.messages)
    assert answered.said == "okay the light" and any(each.chunk.sound for each in answered.messages)


def test_after_a_stop_nothing_more_is_heard_until_the_next_response(held: Held) -> None:
    assert held.told["stop"].said in ("shall to what", "shall i to what")


def test_the_code_is_nowhere_but_in_the_clients_message(held: Held) -> None:
    texts = [path.read_bytes() for path in Path(held.gateway_folder).glob("*.log")]
    texts += [path.read_bytes() for path in Path(held.gateway_folder).glob("*.jsonl")]
    assert texts and not any(CODE.encode() in text for text in texts)
