"""A request and its answer as a line of a conversation."""

from duplexsla_lab.data.language.exchange import Exchange
from duplexsla_lab.data.scenarios.scenario import ScenarioAction, ScenarioLine


def call(drawn: Exchange, word: int) -> ScenarioAction:
    return ScenarioAction(drawn.function or "", word, drawn.arguments, outcome=drawn.outcome)


def answered(said: str, drawn: Exchange, *, actions: tuple[ScenarioAction, ...] = ()) -> ScenarioLine:
    """A line that is answered when it ends: the response label, and the call if there is one."""
    words = tuple(said.split())
    last = len(words) - 1
    calls = (call(drawn, last),) if drawn.function else ()
    return ScenarioLine(
        words,
        (*actions, ScenarioAction("response", last), *calls),
        (drawn.reply,) if drawn.reply else (),
        phrasings=(drawn.phrasing,),
    )
