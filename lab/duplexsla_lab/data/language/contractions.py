"""Short forms of everyday speech: "it is" is mostly said "it's"."""

import re

_SUBJECTS = (
    "i am:i'm i will:i'll you are:you're you will:you'll we are:we're we will:we'll they are:they're "
    "he is:he's she is:she's it is:it's that is:that's what is:what's where is:where's who is:who's "
    "there is:there's here is:here's how is:how's i would:i'd we would:we'd let us:let's"
)
_NEGATIONS = (
    "do not:don't does not:doesn't did not:didn't is not:isn't are not:aren't was not:wasn't can not:can't "
    "could not:couldn't will not:won't would not:wouldn't should not:shouldn't have not:haven't "
    "has not:hasn't"
)


def _table(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in re.findall(r"[a-z]+ [a-z]+:[a-z']+", text))


_SHORT = {**_table(_NEGATIONS), **_table(_SUBJECTS)}
# "yes it is" and "it is please" keep their verb: a short form leans on a word behind it.
_FORMS = re.compile(
    r"\b(?:(?P<no>" + "|".join(_table(_NEGATIONS)) + r")|(?P<be>" + "|".join(_table(_SUBJECTS)) + r")"
    r"(?= (?!please\b|and\b|right\b|now\b)[a-z]))(?![a-z'])"
)


_LONG = {short: long for long, short in _SHORT.items()}
_SHORT_FORMS = re.compile(r"\b(?:" + "|".join(map(re.escape, _LONG)) + r")(?![a-z'])")


def expanded(text: str) -> str:
    """The words without short forms: "it's on" is "it is on"."""
    return _SHORT_FORMS.sub(lambda match: _LONG[match[0]], text)


def contracted(text: str) -> str:
    """The words with every short form that fits: "it is on and i am not" is "it's on and i'm not"."""
    return _FORMS.sub(lambda match: _SHORT[match[0]], text)
