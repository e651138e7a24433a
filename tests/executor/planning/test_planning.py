"""What is said in a home, and what comes of it."""

from datetime import UTC, datetime

import pytest
from tests.support.family_home import family_registry

from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.executor.planning.planning import PLANNED, plan
from duplexsla.executor.planning.plans import CannotDo, HomePlan
from duplexsla.executor.planning.resolver import Ambiguous, NotFound, Situation
from duplexsla.executor.planning.said_clock import Due, Recurring
from duplexsla.executor.planning.said_time import NotUnderstood
from duplexsla.tools.home2 import DIALOGUE, HOME_2
from duplexsla.v1 import home_pb2 as pb

HOME = HomeNames(family_registry())
NOW_MS = round(datetime(2026, 12, 1, 14, 0, tzinfo=UTC).timestamp() * 1_000)  # 15:00 in Berlin, a Tuesday

# Room of the session | function and arguments ("name=value; ...") | the commands that come of it, or "?" and
# the names of a question, "no X" for what is not found, "cannot", "when" for a time that is not understood.
# "~" in front: it is a guess.
SAID = """
kitchen | open device=light | light.kitchen TURN_ON
bed | open device=light | ? Left lamp, Right lamp
kitchen | open device=the ceiling light | light.kitchen TURN_ON
kitchen | open device=main light | light.kitchen TURN_ON
kitchen | open device=lights | light.kitchen TURN_ON, light.counter TURN_ON
kitchen | open device=the lights; room=here | light.kitchen TURN_ON, light.counter TURN_ON
kitchen | open device=Kitchen Lights | light.kitchen TURN_ON, light.counter TURN_ON
kitchen | open device=reading lamp | light.reading TURN_ON
kitchen | open device=my reading-lamp | light.reading TURN_ON
kitchen | open device=reeding lamp | ~light.reading TURN_ON
kitchen | open device=reading lump | ~light.reading TURN_ON
kitchen | open device=secret lamp | no secret lamp
kitchen | open device=lights; room=kids room | light.kids TURN_ON
kitchen | open device=light; room=the kid's room | light.kids TURN_ON
kitchen | open device=kids' room light | light.kids TURN_ON
kitchen | open device=light in the kids room | light.kids TURN_ON
kitchen | open device=light; room=lounge | light.living TURN_ON
kitchen | open device=light; room=livin room | ~light.living TURN_ON
kitchen | open device=light; room=cellar | no cellar
hall | open device=light | light.hall TURN_ON
hall | open device=lamp | ? Reading lamp, Left lamp, Right lamp
bath | open device=light | light.hall TURN_ON
bath | open device=lights | ? Kitchen ceiling light, Counter, Ceiling light
bed | open device=lamp | ? Left lamp, Right lamp
bed | open device=both lamps | light.bed_left TURN_ON, light.bed_right TURN_ON
bed | close device=lamps; scope=all | light.reading TURN_OFF, light.bed_left TURN_OFF, light.bed_right TURN_OFF
kitchen | close device=both lights; room=living | light.living TURN_OFF, light.reading TURN_OFF
living | close device=lights; room=kitchen; except=counter | light.kitchen TURN_OFF
kitchen | close device=lights; floor=upstairs | light.bed_left TURN_OFF, light.bed_right TURN_OFF, light.kids TURN_OFF
kitchen | close device=lights upstairs; except=the kids' room | light.bed_left TURN_OFF, light.bed_right TURN_OFF
kitchen | close device=lights; floor=upstairs; except=the attic | no the attic
bed | close device=lights; room=kitchen and hallway | light.kitchen TURN_OFF, light.counter TURN_OFF, light.hall TURN_OFF
bed | open device=left lamp and fan | light.bed_left TURN_ON, fan.bed TURN_ON
bed | open device=left lamp and disco ball | no left lamp and disco ball
bed | open device=blinds | cover.bed OPEN
bed | open device=blind | cover.bed OPEN
bed | close device=drapes | cover.curtain CLOSE
kitchen | close device=blinds | ? Living room blinds, Bedroom blinds
kitchen | close device=blinds; scope=all | cover.living CLOSE, cover.bed CLOSE
kitchen | close device=all blinds | cover.living CLOSE, cover.bed CLOSE
hall | open device=front door | lock.front UNLOCK
hall | open device=garage door | cover.garage OPEN
hall | close device=the garage | cover.garage CLOSE
hall | lock door=garage door | lock.garage LOCK
hall | lock door=front door | lock.front LOCK
hall | lock door=frond door | ~lock.front LOCK
hall | lock door=the door | lock.front LOCK
bath | lock door=the door | ? Garage door, Front door, Back door
hall | lock door=front door and back door | lock.front LOCK, lock.back LOCK
hall | lock door=doors; scope=all | ? Front door, Back door, Garage door
hall | unlock door=doors; scope=all | ? Front door, Back door, Garage door
hall | unlock door=cellar door | no cellar door
hall | arm mode=away | alarm ARM away
hall | disarm | alarm DISARM
kitchen | open device=oven | oven TURN_ON
kitchen | set device=oven; property=temperature; value=180; unit=degrees | oven SET_TEMPERATURE 180
kitchen | set device=oven; property=temperature; value=350; unit=fahrenheit | oven SET_TEMPERATURE 176.7
living | set device=ceiling light; property=brightness; value=40 | light.living SET_LEVEL 40 brightness
living | set device=ceiling light; property=brightness; value=a third | light.living SET_LEVEL 33 brightness
living | set device=ceiling light; property=brightness; value=minimum | light.living SET_LEVEL 1 brightness
living | set device=ceiling light; property=brightness; value=140 | cannot
living | set device=ceiling light; property=color; value=red | light.living SET_COLOR red
living | set device=light; property=color; value=red | light.living SET_COLOR red
living | set device=lights; property=color; value=red | light.living SET_COLOR red
living | set device=ceiling light; property=color temperature; value=2700 | light.living SET_COLOR_TEMPERATURE 2700
living | set device=ceiling light; property=color temperature; value=daylight | light.living SET_COLOR_TEMPERATURE 6500
living | set device=ceiling light; property=color temperature; value=2 | cannot
hall | set device=rosie; property=color; value=red | cannot
kitchen | set device=counter; property=color; value=red | cannot
bed | set device=blinds; room=here; property=position; value=half | cover.bed SET_LEVEL 50 position
bed | set device=blinds; property=power; value=off | cover.bed CLOSE
bed | set device=fan; property=speed; value=3; unit=level | fan.bed SET_LEVEL 60 speed
bed | set device=fan; property=speed; value=3 | fan.bed SET_LEVEL 60 speed
bed | set device=fan; property=speed; value=high | fan.bed SET_LEVEL 100 speed
bed | set device=fan; property=volume; value=10 | cannot
kitchen | set device=heating; property=temperature; value=21 | climate.living SET_TEMPERATURE 21
living | set device=thermostat; property=mode; value=eco | climate.living SET_MODE eco
living | set device=thermostat; property=mode; value=off | climate.living TURN_OFF
living | increase device=thermostat; property=temperature | climate.living STEP_TEMPERATURE 1
living | decrease device=thermostat; property=temperature; value=9; unit=fahrenheit | climate.living STEP_TEMPERATURE -5
living | increase device=speaker; property=volume; value=15 | media.living STEP_LEVEL 15 volume
living | decrease device=speaker; property=volume | media.living STEP_LEVEL -10 volume
living | decrease device=speaker; property=volume; value=0 | cannot
living | increase device=speaker; property=temperature | cannot
living | query device=front door; property=lock | lock.front QUERY lock
living | query device=garage door; property=state | cover.garage QUERY state
living | query device=lights; property=power; scope=any; room=kitchen | light.kitchen QUERY power, light.counter QUERY power
living | query device=temperature; property=temperature; room=kids room | sensor.kids QUERY temperature
living | start device=robot | vacuum START
living | start device=the vacuum | vacuum START
living | dock device=rosie | vacuum DOCK
living | stop device=rosie | vacuum STOP
living | stop device=blinds | cover.living STOP
living | stop device=tv | media.living_tv PAUSE
living | dock device=tv | cannot
living | scene scene=movie mode | scene.movie ACTIVATE
living | scene scene=coming home | scene.home ACTIVATE
living | scene scene=disco | no disco
living | timer value=1; unit=hours; second_value=15; second_unit=minutes; name=tea | timers START 4500 tea
living | timer value=0; unit=minutes | cannot
living | cancel_timer name=tea | timers STOP tea
living | increase_timer value=2.5; unit=minutes | timers STEP_LEVEL 150
living | decrease_timer value=30; unit=seconds; name=tea | timers STEP_LEVEL -30 tea
living | add item=milk; list=shopping; second_item=eggs | todo.shopping ADD_ITEM milk, todo.shopping ADD_ITEM eggs
living | add item=milk; list=the shopping list | todo.shopping ADD_ITEM milk
living | complete item=dishes; list=chores | todo.chores COMPLETE_ITEM dishes
living | list list=chores | todo.chores QUERY items
living | add item=milk; list=secrets | no secrets list
living | play query=jazz; kind=music | media.living PLAY jazz
living | play query=heat; kind=film | media.living_tv PLAY heat
living | play kind=radio; room=kitchen | media.kitchen PLAY radio
bath | play query=jazz | ? TV, Living room speaker, Kitchen radio
living | pause | ? TV, Living room speaker
kitchen | pause | media.kitchen PAUSE
living | next device=speaker | media.living NEXT
living | mute device=tv | media.living_tv MUTE
living | weather day=tomorrow | weather QUERY tomorrow
living | weather day=friday | weather QUERY 2026-12-04
living | weather place=paris | cannot
kitchen | close device=everything; room=living | light.living TURN_OFF, light.reading TURN_OFF, climate.living TURN_OFF, media.living_tv TURN_OFF, media.living TURN_OFF, plug.tree TURN_OFF
kitchen | close device=everything; room=here | light.kitchen TURN_OFF, light.counter TURN_OFF, media.kitchen TURN_OFF
 | open device=light | light.hall TURN_ON
 | open device=lights; room=here | no here
 | close device=fan | fan.bed TURN_OFF
 | open device=garage door; when=at sunset | when
"""  # noqa: E501
FUNCTIONS = {
    "open": "open_home_device", "close": "close_home_device", "set": "set_home_device",
    "increase": "increase_home_device", "decrease": "decrease_home_device", "query": "query_home_device",
    "start": "start_home_device", "stop": "stop_home_device", "dock": "dock_home_device",
    "lock": "lock_home_door", "unlock": "unlock_home_door", "arm": "arm_home_alarm",
    "disarm": "disarm_home_alarm",
    "scene": "run_home_scene", "timer": "set_timer", "add": "add_list_item", "complete": "complete_list_item",
    "list": "query_list", "play": "play_home_media", "pause": "pause_home_media", "next": "next_home_track",
    "mute": "mute_home_media", "weather": "query_home_weather",
}  # fmt: skip
ROWS = [[cell.strip() for cell in line.split("|")] for line in SAID.strip().splitlines()]


@pytest.mark.parametrize(("room", "call", "expected"), ROWS, ids=[" ".join(row[:2]) for row in ROWS])
def test_what_is_said_comes_to(room: str, call: str, expected: str) -> None:
    assert written(planned(room, call)) == expected


def test_more_than_eighty_situations_are_told() -> None:
    assert len(ROWS) > 80


def planned(room: str, call: str, **more: object):
    word, _, rest = call.partition(" ")
    function = FUNCTIONS.get(word, word)
    arguments = dict(each.split("=") for each in rest.split("; ")) if rest else {}
    valid = HOME_2.validate(function, {name: number(value) for name, value in arguments.items()})
    return plan(function, valid, HOME, Situation(room=room, **more), NOW_MS)


def number(value: str) -> str | float:
    try:
        return float(value)
    except ValueError:
        return value


def written(result: object) -> str:
    if isinstance(result, Ambiguous):
        return f"? {', '.join(each.spoken for each in result.candidates)}"
    if isinstance(result, NotFound):
        return f"no {result.word}"
    if isinstance(result, CannotDo | NotUnderstood):
        return "cannot" if isinstance(result, CannotDo) else "when"
    assert isinstance(result, HomePlan)
    told = []
    for each in result.commands:
        words = [each.entity.id, pb.Command.Name(each.command).removeprefix("COMMAND_")]
        words += [f"{each.number:g}"] if each.number is not None else []
        told.append(" ".join([*words, each.text]).strip())
    return ("" if result.exact else "~") + ", ".join(told)


RISKS = {
    "open device=reading lamp": "comfort", "open device=oven": "mess", "open device=kettle": "mess",
    "close device=oven": "mess", "open device=iron": "mess", "open device=christmas tree": "comfort",
    "open device=skylight": "mess", "close device=skylight": "comfort", "open device=water valve": "mess",
    "open device=garage door": "entry", "close device=garage door": "mess", "open device=front door": "entry",
    "close device=front door": "mess", "lock door=front door": "mess", "unlock door=front door": "entry",
    "set device=garage door; property=position; value=half": "entry",
    "arm mode=night": "mess", "disarm": "entry", "scene scene=movie": "comfort",
    "scene scene=coming home": "entry",
    "scene scene=goodbye": "mess", "scene scene=odd": "mess", "open device=movie": "comfort",
    "query device=front door; property=lock": "read", "start device=mower": "mess",
    "start device=rosie": "comfort",
    "close device=door camera": "mess", "weather": "read", "list list=chores": "read",
}  # fmt: skip


@pytest.mark.parametrize(("call", "risk"), RISKS.items())
def test_the_risk_is_the_highest_of_function_and_devices(call: str, risk: str) -> None:
    result = planned("", call)
    assert isinstance(result, HomePlan) and result.risk == risk


def test_everything_reaches_nothing_that_would_be_mess_or_entry() -> None:
    for call in ("close device=everything", "open device=everything", "close device=all"):
        result = planned("kitchen", call)
        assert isinstance(result, HomePlan) and result.risk == "comfort"
        assert {"Oven", "Kettle", "Iron"} <= set(result.left_out)
        assert not {each.entity.id for each in result.commands} & {
            "alarm",
            "cover.garage",
            "lock.front",
            "cover.bed",
        }


def test_every_function_that_is_not_about_actions_is_planned() -> None:
    assert frozenset(HOME_2.function_names) - {each.name for each in DIALOGUE} == PLANNED


def test_when_is_read_in_the_home_s_zone() -> None:
    assert planned("", "open device=garage door; when=in five minutes").when == Due(NOW_MS + 300_000)
    assert planned("", "open device=fan; when=at nine").when == Due(NOW_MS + 6 * 3_600_000)
    assert planned("", "open device=fan; when=every weekday at seven").when == Recurring(
        frozenset(range(5)), 7, 0
    )
    assert planned("", "set_wake_alarm when=tomorrow at six").when == Due(NOW_MS + 15 * 3_600_000)


def test_what_needs_no_device() -> None:
    assert planned("", "query_home_time").answer == {"time": "15:00"}
    assert planned("", "query_home_time place=New York").answer == {"time": "09:00"}
    assert planned("", "query_home_time place=Atlantis") == NotFound("Atlantis")
    assert planned("", "query_home_date day=tomorrow").answer == {
        "date": "2026-12-02",
        "weekday": "wednesday",
    }
    told = planned("kitchen", "broadcast_home_message message=dinner; floor=upstairs")
    assert (told.message, told.areas, told.risk) == ("dinner", ("bath", "bed", "kids"), "mess")
    reminder = planned("kitchen", "set_reminder message=call mom; when=in an hour")
    assert (reminder.areas, reminder.when) == (("kitchen",), Due(NOW_MS + 3_600_000))


def test_what_is_known_of_the_speaker_decides_between_equals() -> None:
    assert written(planned("living", "pause", playing=["media.living"])) == "media.living PAUSE"
    assert written(planned("bath", "pause", playing=["media.kitchen"])) == "media.kitchen PAUSE"
    assert (
        written(planned("", "open device=lamp", recent=["oven", "light.bed_left"]))
        == "light.bed_left TURN_ON"
    )
    assert written(
        planned("living", "close device=lights; scope=other; room=kitchen", recent=["light.counter"])
    ) == ("light.kitchen TURN_OFF")
    assert (
        written(planned("", "cancel_timer scope=all", timers=["tea", "egg"]))
        == "timers STOP tea, timers STOP egg"
    )
    assert written(planned("", "cancel_timer scope=all")) == "cannot"


def test_several_commands_to_one_entity_are_told_apart() -> None:
    result = planned("", "add item=milk; list=shopping; second_item=eggs; third_item=milk")
    assert [each.part for each in result.commands] == ["todo.shopping", "todo.shopping/2"]


def test_a_message_holds_what_is_planned() -> None:
    (step,) = planned("living", "set device=ceiling light; property=brightness; value=40").commands
    expected = pb.EntityCommand(
        entity="light.living", command=pb.COMMAND_SET_LEVEL, number=40, text="brightness"
    )
    assert step.message() == expected
