"""What happens in a home of its own accord: a line of the service, and what is said to it, if anything."""

import random
from collections.abc import Callable

from duplexsla.protocol.channel_lines import event_text
from duplexsla.tools.home import DOORS, ROOMS
from duplexsla_lab.data.home2 import names, timers, titles
from duplexsla_lab.data.home2.mentions import COVERS
from duplexsla_lab.data.language.intent_pattern import joined, varied
from duplexsla_lab.data.language.spoken_numbers import spoken
from duplexsla_lab.data.scenarios.paper_families import FIRST_WORDS, WORDS_OVER_FEEDBACK, talk
from duplexsla_lab.data.scenarios.scenario import ScenarioLine

TIMER_OVER = joined("""
your {0} timer is over|the {0} timer is done|{0} timer is up|time is up for the {0}
the {0} is due your timer rang
""")
PLAIN_TIMER_OVER = "your timer is over|time is up|the timer is done|your timer rang"
REMINDER = "you wanted to {0}|time to {0}|a reminder {0}|do not forget to {0}|remember to {0}"
WAKE_UP = joined("""
good morning (it is {0}/)|time to get up it is {0}|wake up it is {0}|good morning time to wake up
""")
MESSAGE = "{0}|a message {0}|somebody says {0}"
LATE_DONE = (
    "the {0} did (open/close/work/switch) after all|{0} is done after all|it took a while but the {0} did it"
)
ALARM = "{0} in the {1}|attention {0} in the {1}|there is {0} in the {1}|warning {0} in the {1}"
ANSWERS = (
    ("3 new messages", "three new ones|you have three new messages"),
    ("no new messages", "no new messages|there is nothing new"),
    ("meeting at 9", "a meeting at nine|there is a meeting at nine"),
    ("bus in 7 minutes", "the bus comes in seven minutes|in seven minutes"),
    ("parcel tomorrow", "it comes tomorrow|your parcel comes tomorrow"),
    ("energy 12 kilowatt hours", "twelve kilowatt hours"),
    ("door bell", "somebody rang at the door|there is somebody at the door"),
    ("nothing found", "i found nothing|there is nothing"),
)
DANGERS = ("smoke", "water", "gas", "fire", "carbon monoxide", "movement", "broken glass", "a leak")


def happened(text: str, reply: str = "") -> ScenarioLine:
    """A line of the service at a quiet moment."""
    return ScenarioLine((), (), (reply,) if reply else (), event=text)


def spoken_event(rng: random.Random) -> ScenarioLine:
    """One that the assistant tells in a short sentence."""
    return rng.choice(SPOKEN)(rng)


def silent_event(rng: random.Random) -> ScenarioLine:
    """One that it reads and says nothing of."""
    kind = rng.choice(("opened", "closed", "turned_on", "turned_off"))
    if kind in ("opened", "closed"):
        name = rng.choice(
            (
                rng.choice(DOORS),
                f"{rng.choice(ROOMS)} {rng.choice(('window', 'blinds'))}",
                COVERS.own.draw(rng),
            )
        )
    else:
        name = rng.choice(
            (f"{rng.choice(ROOMS)} {rng.choice(('light', 'fan', 'heater'))}", names.LIGHTS.draw(rng))
        )
    return happened(event_text(kind, name))


def stopped(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """Somebody presses stop while the assistant talks: it is silent until it is asked again."""
    first = talk(rng, toolset, words=30)
    at = rng.randint(FIRST_WORDS, first.answer_words - WORDS_OVER_FEEDBACK)
    return first, ScenarioLine((), (), over_words=at, event=event_text("stopped")).after(rng, 0.3)


def happening(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """One or two events, or a stop."""
    kind = rng.random()
    if kind < 0.12:
        return stopped(rng, toolset)
    if kind < 0.35:
        return tuple(silent_event(rng) for _ in range(rng.choice((1, 2))))
    return (spoken_event(rng),) if kind < 0.9 else (silent_event(rng), spoken_event(rng))


def _said(rng: random.Random, shapes: str, *slots: str) -> str:
    return varied(rng, rng.choice(shapes.split("|"))).format(*slots)


def _timer(rng: random.Random) -> ScenarioLine:
    if rng.random() < 0.35:
        return happened(event_text("timer_over"), _said(rng, PLAIN_TIMER_OVER))
    name = names.TIMERS.draw(rng)
    return happened(event_text("timer_over", name), _said(rng, TIMER_OVER, name))


def _reminder(rng: random.Random) -> ScenarioLine:
    task = varied(rng, rng.choice(timers.TASKS))
    return happened(event_text("reminder", task), _said(rng, REMINDER, task))


def _wake_up(rng: random.Random) -> ScenarioLine:
    return happened(event_text("wake_alarm"), _said(rng, WAKE_UP, spoken(rng.randint(5, 10))))


def _message(rng: random.Random) -> ScenarioLine:
    message = str(titles.message(rng).arguments["message"])
    return happened(event_text("broadcast", message), _said(rng, MESSAGE, message))


def _late(rng: random.Random) -> ScenarioLine:
    name = rng.choice((rng.choice(DOORS), COVERS.own.draw(rng), names.SWITCHES.draw(rng)))
    return happened(event_text("effect_late", name), _said(rng, LATE_DONE, name))


def _alarm(rng: random.Random) -> ScenarioLine:
    danger, room = rng.choice(DANGERS), rng.choice(ROOMS)
    return happened(event_text("alarm", f"{danger} {room}"), _said(rng, ALARM, danger, room))


def _answer(rng: random.Random) -> ScenarioLine:
    told, replies = rng.choice(ANSWERS)
    return happened(event_text("client_tool", told), _said(rng, replies))


SPOKEN: tuple[Callable[[random.Random], ScenarioLine], ...] = (
    _timer,
    _timer,
    _timer,
    _reminder,
    _reminder,
    _wake_up,
    _message,
    _late,
    _alarm,
    _answer,
)
