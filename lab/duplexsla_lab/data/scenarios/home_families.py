"""Conversations in a version 2 home: corrected, asked back, confirmed, several devices and one verb."""

import random
from collections.abc import Callable
from dataclasses import replace

from duplexsla.protocol.channel_lines import line_text, outcome_text, question_text
from duplexsla.tools.home2 import HOME_2
from duplexsla_lab.data.home2 import dialogue, mentions, names, talk
from duplexsla_lab.data.home2.carriers import around
from duplexsla_lab.data.home2.grammar import finished, pattern
from duplexsla_lab.data.home2.mentions import LIGHTS
from duplexsla_lab.data.language.exchange import Arguments, Exchange
from duplexsla_lab.data.language.intent_pattern import DrawMention, IntentPattern, Mention, joined, varied
from duplexsla_lab.data.scenarios.answered_lines import answered
from duplexsla_lab.data.scenarios.follow_ups import follow_up
from duplexsla_lab.data.scenarios.happenings import happening
from duplexsla_lab.data.scenarios.overheard_lines import cannot, echo, left_alone, nothing, people, television
from duplexsla_lab.data.scenarios.scenario import ScenarioAction, ScenarioLine

CORRECTIONS = (
    "no",
    "no wait",
    "i mean",
    "no i mean",
    "sorry",
    "sorry i mean",
    "sorry no",
    "uh no",
    "actually",
    "no sorry",
    "or rather",
    "wait no",
    "make that",
    "no make that",
    "well no",
    "hm no",
    "oh no",
    "not that",
    "no actually",
    "i meant",
    "no not that",
    "um i mean",
    "rather",
)
WRONG_ONE = joined("""
no (i meant/i mean/not that/the other one/) {x}|(i meant/i mean) {x}|no no {x}|wrong one {x}|not that one {x}
no {x} (please/i said/not that one)|(sorry/oh sorry/ah) i meant {x}|i said {x}|not this one {x}
that was the wrong one i meant {x}|no that is the wrong one {x}|no {x}|you got the wrong one i meant {x}
that is not it {x}|other one {x}
""")
RETRACTED = (
    "no never mind",
    "no forget it",
    "no do not",
    "wait never mind",
    "no leave it",
    "oh never mind",
    "actually never mind",
    "no stop never mind",
    "no wait forget it",
    "sorry never mind",
    "no not now",
    "never mind",
    "forget it",
)
NOT_RETRACTED = ("never_mind", "undo", "cancel_later")
TAKEN_BACK = joined("""
okay i leave it|okay i do nothing|all right i leave it|okay never mind
""")
TOO_LATE = 0.25  # of what is taken back
SHALL_I_UNDO = joined("""
that is done already shall i undo it|it is done already shall i undo it|too late shall i undo it
i have done that already shall i take it back|sorry that is done shall i undo it
""")
UNDONE = "okay it is as before|done it is as it was|okay i took it back"
OF_A_DEVICE = tuple(f"{verb}_home_device" for verb in ("open", "close", "set", "increase", "decrease"))
PLACED = ("device", "room", "floor", "scope", "except")
WHICH = joined("""
{0} or {1}|the {0} or the {1}|which one the {0} or the {1}|do you mean the {0} or the {1}
there are two the {0} and the {1}
""")
WHICH_OF_THREE = joined("""
the {0} the {1} or the {2}|which one the {0} the {1} or the {2}|{0} {1} or {2}
""")
THIS_ONE = joined("""
the {n}|{n}|the {n} please|{n} please|(i mean/i meant) the {n}|(that/the one) is the {n}|take the {n}
(oh/um/well) the {n}|the {n} of course|i would say the {n}|make it the {n}|the {n} i think
(let us/we) take the {n}|just the {n}|only the {n}|not the {o} the {n}|the {n} not the {o}
""").replace("(that/the one) is the {n}|", "")
MOST_KIND = 14  # characters, of which two names fit into a line
WHICH_ONE = (
    "left",
    "right",
    "small",
    "big",
    "old",
    "new",
    "upstairs",
    "downstairs",
    "front",
    "back",
    "bedroom",
    "kitchen",
)
BOTH = joined("""
both|both of them|both please|all of them|the two of them|do both|both are fine
""")
SHALL_I = {
    "unlock_home_door": "shall i unlock the {0}|unlock the {0}|should i really unlock the {0}",
    "lock_home_door": "shall i lock the {0}|do you want the {0} locked",
    "disarm_home_alarm": "shall i disarm the alarm|do you want the alarm off|really disarm the alarm",
    "arm_home_alarm": "shall i arm the alarm|do you want the alarm on",
    "broadcast_home_message": "shall i say it everywhere|shall i announce that",
    "open_home_device": "shall i open the {0}|do you want the {0} open|should i really open the {0}",
    "close_home_device": "shall i turn off the {0}|do you want the {0} off",
}
DID = {
    "unlock_home_door": "the {0} is unlocked",
    "lock_home_door": "the {0} is locked",
    "disarm_home_alarm": "the alarm is off",
    "arm_home_alarm": "the alarm is on",
    "open_home_device": "the {0} is open",
}
ENTER_CODE = joined("""
please enter your code in the app|i need your code please enter it in the app|please use your code in the app
""")
YES_TO_WHAT = joined("""
yes to what|sorry yes to what|i did not ask anything|to what
""")
SURE = joined("""
yes do it|go ahead|yes please do it|confirm|yes go ahead|i confirm|yes confirm that|please do it|yes do that
""")
_CONFIRMED = "okay done|done|okay it is done|all right done"
_DECLINED = joined("""
okay|okay i leave it|all right|okay i will not|okay then not
""")
UNANSWERED = 0.12  # of the questions: people go on to something else


def correction(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """In the middle of the sentence, behind it, or taken back whole."""
    kind = rng.random()
    if kind < 0.55:
        return (_in_mid_sentence(rng),)
    return _wrong_one(rng) if kind < 0.8 else _retracted(rng)


def _in_mid_sentence(rng: random.Random) -> ScenarioLine:
    """ "turn on the kitchen light, no, the bedroom light": one call, of what is meant in the end."""
    while True:
        drawn = pattern(rng)
        named = [name for name, values in drawn.values.items() if callable(values) and name in "xdvlkcmrsit"]
        if named:
            break
    name = rng.choice(named)
    values = drawn.values[name]
    assert callable(values)
    made = replace(drawn, values={**drawn.values, name: corrected(values)}).draw(rng, HOME_2)
    exchange = finished(rng, made, failure=0.08)
    return answered(exchange.said, exchange)


def corrected(draw: DrawMention) -> DrawMention:
    """A mention that is said wrong first."""

    def twice(rng: random.Random) -> Mention:
        wrong, right = draw(rng), draw(rng)
        if not wrong.said or not right.said or wrong.said == right.said:
            return right
        word = rng.choice(CORRECTIONS)
        bare = f"{wrong.form('bare')} {word} {right.form('bare')}"
        return right._replace(said=f"{wrong.said} {word} {right.said}", bare=bare, told=right.form("told"))

    return twice


def _wrong_one(rng: random.Random) -> tuple[ScenarioLine, ...]:
    """Done to the wrong one: that is taken back, and the right one is told."""
    function = rng.choice(("open_home_device", "close_home_device"))
    drawn = _with_x(rng, function).draw(rng, HOME_2)
    first = finished(rng, drawn, failure=0.0)
    right = mentions.one(LIGHTS)(rng)
    phrasing = rng.choice(WRONG_ONE.split("|"))
    said = varied(rng, phrasing).format(x=right.said)
    words = tuple(said.split())
    last = len(words) - 1
    arguments = dict(HOME_2.validate(function, right.arguments))
    line = ScenarioLine(
        words,
        (
            ScenarioAction("response", last),
            ScenarioAction("undo", last, {}, outcome=outcome_text("done")),
            ScenarioAction(function, last, arguments, outcome=outcome_text("done")),
        ),
        (f"{rng.choice(('sorry', 'okay', 'all right'))} {right.form('told')}",),
        phrasings=(phrasing,),
    )
    return answered(first.said, first), line


def _with_x(rng: random.Random, function: str) -> IntentPattern:
    while "x" not in (drawn := pattern(rng, function)).values:
        pass
    return drawn


def _retracted(rng: random.Random) -> tuple[ScenarioLine, ...]:
    """Asked and taken back in one breath; what is done by then may be undone, by a yes that says `undo`."""
    drawn = pattern(rng)
    while HOME_2.function(drawn.function).risk == "read" or drawn.function in NOT_RETRACTED:
        drawn = pattern(rng)
    first = finished(rng, drawn.draw(rng, HOME_2), failure=0.0, carried=False)
    back = rng.choice(RETRACTED)
    words = tuple(f"{first.said} {back}".split())
    asked, last = len(first.said.split()) - 1, len(words) - 1
    late = rng.random() < TOO_LATE
    actions = (
        ScenarioAction(
            str(first.function), asked, first.arguments, outcome=outcome_text("done" if late else "retracted")
        ),
        ScenarioAction("response", last),
        ScenarioAction(
            "never_mind", last, {}, outcome=line_text("too_late", []) if late else outcome_text("done")
        ),
    )
    reply = _one(rng, SHALL_I_UNDO if late else TAKEN_BACK)
    line = ScenarioLine(words, actions, (reply,), phrasings=(first.phrasing, back))
    if not late or rng.random() < UNANSWERED:
        return (line,)
    yes = rng.choice(SURE.split("|"))
    return line, answered(yes, Exchange(yes, "undo", {}, outcome_text("done"), _one(rng, UNDONE), yes))


def ambiguity(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """Asked back which one is meant; the answer is a whole new call."""
    function = rng.choice(
        (
            "open_home_device",
            "close_home_device",
            "set_home_device",
            "increase_home_device",
            "decrease_home_device",
        )
    )
    drawn = _with_x(rng, function)
    made = drawn.draw(rng, HOME_2)
    candidates = _candidates(rng, str(made.arguments["device"]))
    first = finished(
        rng, made._replace(arguments={k: v for k, v in made.arguments.items() if k != "when"}), failure=0.0
    )
    shapes = WHICH if len(candidates) == 2 else WHICH_OF_THREE
    question = replace(
        first, outcome=question_text("ambiguous", candidates), reply=_one(rng, shapes).format(*candidates)
    )
    asked = answered(question.said, question)
    if rng.random() < UNANSWERED:
        return asked, _other(rng)
    kept = {
        k: v for k, v in first.arguments.items() if k not in ("device", "room", "floor", "scope", "except")
    }
    if rng.random() < 0.1:
        second = _call(
            rng, BOTH, function, {"device": str(first.arguments["device"]), "scope": "both", **kept}
        )
    else:
        meant, other = rng.sample(candidates, 2)
        second = _call(rng, THIS_ONE, function, {"device": meant, **kept}, n=meant, o=other)
    return asked, answered(
        second.said, replace(second, reply=rng.choice(("okay", "okay done", "sure", "all right")))
    )


def _candidates(rng: random.Random, device: str) -> list[str]:
    """Two or three that may be meant, and that the line has room for."""
    kind = "lamp" if "light" in device or "lamp" in device else device.removesuffix("s")
    own = [name for name in names.LIGHTS.train if "'" not in name]
    odd = "'" in kind or len(kind) > MOST_KIND
    shapes = own if kind == "lamp" or odd else [f"{which} {kind}" for which in WHICH_ONE]
    while True:
        found = rng.sample(shapes, rng.choice((2, 2, 2, 3)))
        line = question_text("ambiguous", found)
        if all(name in line for name in found):
            return found


def confirmation(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """Asked before it is done; yes, no, or something else. Or a yes to nothing."""
    if rng.random() < 0.08:
        said = rng.choice(SURE.split("|"))
        drawn = Exchange(said, "confirm", {}, line_text("nothing_asked", []), _one(rng, YES_TO_WHAT), said)
        return (answered(said, drawn),)
    function = rng.choices(list(SHALL_I), (8, 2, 4, 1, 1, 2, 1))[0]
    drawn_pattern = pattern(rng, function)
    first = finished(rng, drawn_pattern.draw(rng, HOME_2), failure=0.0)
    about = _about(first.arguments)
    if function in ("unlock_home_door", "disarm_home_alarm") and rng.random() < 0.2:
        asked = replace(first, outcome=question_text("code", [about]), reply=_one(rng, ENTER_CODE))
        return (answered(asked.said, asked),)
    asked = replace(
        first, outcome=question_text("confirm", [about]), reply=_one(rng, SHALL_I[function]).format(about)
    )
    line, kind = answered(asked.said, asked), rng.random()
    if kind < UNANSWERED:
        return line, _other(rng)
    yes = kind < 0.6
    phrasing = rng.choice((dialogue.YES if yes else dialogue.NO).split("|"))
    said = varied(rng, phrasing)
    outcome, reply = outcome_text("done"), _one(rng, _CONFIRMED if yes else _DECLINED)
    if yes and rng.random() < 0.08:
        outcome, reply = outcome_text("failed"), "that did not work"
    elif yes and rng.random() < 0.4:
        reply = DID.get(function, reply).format(about)
    drawn = Exchange(said, "confirm" if yes else "decline", {}, outcome, reply, phrasing)
    return line, answered(said, drawn)


def _about(arguments: Arguments) -> str:
    other = "message" if "message" in arguments else "alarm"
    return str(arguments.get("door", arguments.get("device", other))).replace("'", "")


def _other(rng: random.Random) -> ScenarioLine:
    """Something that is no answer: nothing is done."""
    return left_alone(*talk.unaddressed(rng, "others"))


def shared_verb(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """Two or three devices with one verb, each called at its last word: "turn off the lamp and the fan"."""
    function = rng.choice(("open_home_device", "close_home_device"))
    while True:
        drawn = _with_x(rng, function)
        templates = [
            each for each in drawn.phrasings.split("|") if each.endswith(" {x}") and each.count("{") == 1
        ]
        if templates:
            break
    draw = drawn.values["x"]
    assert callable(draw)
    made = replace(drawn, phrasings="|".join(templates)).draw(rng, HOME_2)
    others = [mentions_of(draw, rng) for _ in range(rng.choice((1, 1, 1, 2)))]
    said, phrasing = around(rng, made.said, made.phrasing)
    if not said.endswith(made.said):
        said, phrasing = made.said, f"{{}} / {made.phrasing}"
    words = said.split()
    actions = [ScenarioAction(function, len(words) - 1, made.arguments, outcome=outcome_text("done"))]
    for number, other in enumerate(others):
        joint = "and " if number == len(others) - 1 or rng.random() < 0.5 else ""
        words += f"{joint}{other.said}".split()
        arguments = dict(HOME_2.validate(function, {**other.arguments, **drawn.fixed}))
        actions.append(ScenarioAction(function, len(words) - 1, arguments, outcome=outcome_text("done")))
    actions.insert(-1, ScenarioAction("response", len(words) - 1))
    reply = (
        rng.choice(("okay", "done", "okay both", "all done", "sure"))
        if len(others) == 1
        else "okay all of them"
    )
    return (ScenarioLine(tuple(words), tuple(actions), (reply,), phrasings=(phrasing,)),)


def mentions_of(draw: DrawMention, rng: random.Random) -> Mention:
    """One that is said with an article and in no place of its own."""
    while "scope" in (found := draw(rng)).arguments:
        pass
    return found


def _call(rng: random.Random, phrasings: str, function: str, arguments: Arguments, **slots: str) -> Exchange:
    phrasing = rng.choice(phrasings.split("|"))
    said = varied(rng, phrasing).format(**slots)
    return Exchange(
        said, function, dict(HOME_2.validate(function, arguments)), outcome_text("done"), "", phrasing
    )


def _one(rng: random.Random, replies: str) -> str:
    return varied(rng, rng.choice(replies.split("|")))


HOME_2_GENERATORS: dict[str, Callable[[random.Random, str], tuple[ScenarioLine, ...]]] = {
    "nothing": nothing,
    "cannot": cannot,
    "correction": correction,
    "ambiguity": ambiguity,
    "confirmation": confirmation,
    "follow_up": follow_up,
    "shared_verb": shared_verb,
    "happening": happening,
    "people": people,
    "television": television,
    "echo": echo,
}
