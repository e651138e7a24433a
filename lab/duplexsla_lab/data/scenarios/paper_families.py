"""Conversations of the paper's families (section 3.1), as text."""

import random
from collections.abc import Callable
from dataclasses import replace

from duplexsla.protocol.channel_lines import event_text
from duplexsla_lab.data.car import grammar as car_grammar
from duplexsla_lab.data.home import grammar as home_grammar
from duplexsla_lab.data.home2 import grammar as home2_grammar
from duplexsla_lab.data.language.carrier_phrases import without_carrier
from duplexsla_lab.data.language.exchange import Exchange
from duplexsla_lab.data.scenarios.answered_lines import answered, call
from duplexsla_lab.data.scenarios.backchannels import (
    BACKCHANNELS,
    BARGE_INS,
    SILENCE_REQUESTS,
    STATEMENTS,
    TURNING_BACKCHANNELS,
)
from duplexsla_lab.data.scenarios.hesitation import with_hesitations
from duplexsla_lab.data.scenarios.scenario import ScenarioAction, ScenarioLine
from duplexsla_lab.data.scenarios.small_talk import DONE, MORE, TOPICS, Topic

EXCHANGES: dict[str, Callable[..., Exchange]] = {
    "home": home_grammar.exchange,
    "car": car_grammar.exchange,
    "home@2": home2_grammar.exchange,
}
"""By toolset, in version 1 unless a version is named."""
JOINTS = ("and", "and then", "then", "and also", "and please")
ASKING = ("query_", "search_", "what_did")  # functions whose answer must be spoken: such a request cuts in
FIRST_WORDS = 3  # of the assistant, before anybody talks over it
WORDS_OVER_FEEDBACK = 12  # words that the assistant still has to say then: feedback, an interrupt,
WORDS_OVER_REQUEST = 24  # an unrelated request


def request(rng: random.Random, toolset: str, *, asking: bool | None = None) -> Exchange:
    """A request that calls a function; of the asking ones, of the others, or of any."""
    while True:
        drawn = EXCHANGES[toolset](rng, small_talk=0.0)
        if drawn.function and asking in (None, drawn.function.startswith(ASKING)):
            return drawn


Draw = Callable[..., Exchange]
"""Where a scenario's requests come from: `request`, or a function of the same arguments."""


def without_carrier_phrase(drawn: Exchange) -> Exchange:
    """The request as its intent template alone says it, which is a phrasing of its own."""
    return replace(drawn, said=drawn.bare_text, phrasing=without_carrier(drawn.phrasing))


def question(rng: random.Random, topic: Topic, *, sentences: int, after: int = 0) -> ScenarioLine:
    """Small talk with an answer of that many sentences of the topic, from the `after`-th on."""
    said = rng.choice(topic.questions if not after else MORE)
    answer = topic.sentences[after : after + sentences] or (rng.choice(DONE),)
    return answered(said, Exchange(said, None, {}, "", "", said)).answering(answer)


def talk(rng: random.Random, toolset: str, words: int) -> ScenarioLine:
    """A question whose answer has at least that many words."""
    while True:
        topic = rng.choice(TOPICS[toolset])
        line = question(rng, topic, sentences=rng.randint(2, len(topic.sentences)))
        if line.answer_words >= words:
            return line


def single(rng: random.Random, toolset: str, *, draw: Draw = request) -> tuple[ScenarioLine, ...]:
    drawn = draw(rng, toolset)
    return (answered(drawn.said, drawn),)


def asked(rng: random.Random, toolset: str) -> ScenarioLine:
    """One question of small talk, or a remark."""
    if rng.random() < 0.3:
        drawn = EXCHANGES[toolset](rng, small_talk=1.0)
        return answered(drawn.said, drawn)
    return question(rng, rng.choice(TOPICS[toolset]), sentences=rng.randint(1, 3))


def pause(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """A hesitant request or question."""
    line = single(rng, toolset)[0] if rng.random() < 0.5 else asked(rng, toolset)
    return (with_hesitations(line, rng, times=rng.choice((1, 1, 2, 3))),)


def multi(rng: random.Random, toolset: str, *, draw: Draw = request) -> tuple[ScenarioLine, ...]:
    """Two or three requests in one utterance, each called at the end of its own words."""
    drawn = [without_carrier_phrase(draw(rng, toolset)) for _ in range(rng.choice((2, 2, 3)))]
    words = list(drawn[0].said.split())
    actions = [call(drawn[0], len(words) - 1)]
    for each in drawn[1:]:
        words += f"{rng.choice(JOINTS)} {each.said}".split()
        actions.append(call(each, len(words) - 1))
    actions.insert(-1, ScenarioAction("response", len(words) - 1))
    phrasings = tuple(each.phrasing for each in drawn)
    answers = tuple(each.reply for each in drawn if each.reply)
    line = ScenarioLine(tuple(words), tuple(actions), answers, phrasings=phrasings)
    return (with_hesitations(line, rng, times=1) if rng.random() < 0.15 else line,)


def dialogue(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """Two to four turns: greetings, and a topic that is asked on about."""
    topic, after, lines = rng.choice(TOPICS[toolset]), 0, []
    if rng.random() < 0.4:
        drawn = EXCHANGES[toolset](rng, small_talk=1.0)
        lines.append(answered(drawn.said, drawn))
    for _ in range(rng.randint(1, 3)):
        count = rng.randint(1, 3)
        lines.append(question(rng, topic, sentences=count, after=after))
        after += count
    return tuple(lines)


def backchannel(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """Feedback, once or twice, while the assistant goes on talking."""
    first = talk(rng, toolset, words=30)
    at = rng.randint(FIRST_WORDS, first.answer_words - WORDS_OVER_FEEDBACK)
    lines = [first, _feedback(rng, at)]
    if (left := first.answer_words - WORDS_OVER_FEEDBACK) > at + 8 and rng.random() < 0.4:
        lines.append(_feedback(rng, rng.randint(at + 8, left)))
    return tuple(lines)


def _feedback(rng: random.Random, at: int) -> ScenarioLine:
    said = rng.choice(BACKCHANNELS)
    words = tuple(said.split())
    return ScenarioLine(
        words, (ScenarioAction("backchannel", len(words) - 1),), over_words=at, phrasings=(said,)
    ).after(rng, 0.3)


def backchannel_action(rng: random.Random, toolset: str, *, draw: Draw = request) -> tuple[ScenarioLine, ...]:
    """A request that is unrelated to what the assistant says; only a failure is reported, afterwards."""
    first, drawn = (
        talk(rng, toolset, words=FIRST_WORDS + WORDS_OVER_REQUEST),
        draw(rng, toolset, asking=False),
    )
    if rng.random() < 0.6:
        drawn = without_carrier_phrase(drawn)
    words = tuple(drawn.said.split())
    last = len(words) - 1
    answer = () if drawn.outcome.startswith(" [ done") or not drawn.reply else (drawn.reply,)
    at = rng.randint(FIRST_WORDS, first.answer_words - WORDS_OVER_REQUEST)
    actions = (ScenarioAction("backchannel", last), call(drawn, last))
    line = ScenarioLine(words, actions, answer, over_words=at, phrasings=(drawn.phrasing,))
    return first, line.after(rng, 0.3)


def interrupt(rng: random.Random, toolset: str, *, draw: Draw = request) -> tuple[ScenarioLine, ...]:
    """The user takes the floor: with a cut-in and a request or a statement, with feedback that turns into a
    statement, with a question, or by asking for silence."""
    first = talk(rng, toolset, words=30)
    line = rng.choices((_barge_in_request, _barge_in_statement, _turn, _asking, _quiet), (4, 2, 3, 3, 1))[0](
        rng, toolset, draw
    )
    at = rng.randint(FIRST_WORDS, first.answer_words - WORDS_OVER_FEEDBACK)
    told = event_text("cut") if toolset == "home@2" else ""
    return first, replace(line, over_words=at, event=told).after(rng, 0.3)


def _barge_in_request(rng: random.Random, toolset: str, draw: Draw) -> ScenarioLine:
    cut, drawn = rng.choice(BARGE_INS), without_carrier_phrase(draw(rng, toolset))
    line = answered(
        f"{cut} {drawn.said}", drawn, actions=(ScenarioAction("interrupt", len(cut.split()) - 1),)
    )
    return replace(line, phrasings=(*line.phrasings, cut))


def _barge_in_statement(rng: random.Random, toolset: str, draw: Draw) -> ScenarioLine:
    return _stated(rng, rng.choice(BARGE_INS), behind=0)


def _turn(rng: random.Random, toolset: str, draw: Draw) -> ScenarioLine:
    return _stated(rng, rng.choice(TURNING_BACKCHANNELS), behind=1)


def _stated(rng: random.Random, opening: str, *, behind: int) -> ScenarioLine:
    """The interrupt is clear at the opening's last word, or `behind` it."""
    statement, reply = rng.choice(STATEMENTS)
    actions = (ScenarioAction("interrupt", len(opening.split()) - 1 + behind),)
    line = answered(f"{opening} {statement}", Exchange("", None, {}, "", reply, statement), actions=actions)
    return replace(line, phrasings=(opening, statement))


def _asking(rng: random.Random, toolset: str, draw: Draw) -> ScenarioLine:
    drawn = without_carrier_phrase(draw(rng, toolset, asking=True))
    return answered(
        drawn.said, drawn, actions=(ScenarioAction("interrupt", min(1, len(drawn.said.split()) - 1)),)
    )


def _quiet(rng: random.Random, toolset: str, draw: Draw) -> ScenarioLine:
    said = rng.choice(SILENCE_REQUESTS)
    actions = (ScenarioAction("interrupt", min(1, len(said.split()) - 1)),)
    line = answered(said, Exchange("", None, {}, "", "okay", said), actions=actions)
    return line if rng.random() < 0.5 else line.answering(())


PAPER_GENERATORS: dict[str, Callable[..., tuple[ScenarioLine, ...]]] = {
    "dialogue": dialogue,
    "single": single,
    "multi": multi,
    "pause": pause,
    "backchannel": backchannel,
    "backchannel_action": backchannel_action,
    "interrupt": interrupt,
}
