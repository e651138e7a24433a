"""Words of English by what they do in a sentence, and how a text becomes words. Pure."""

import re

from duplexsla.tools.spoken import EVERY


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


NEGATIONS = _words(
    "not no never nope nah cannot without nobody none neither nor",
    "cancel forget nevermind instead rather wrong",
    "wait unless avoid dont didnt doesnt isnt arent wasnt werent wont wouldnt shouldnt couldnt cant mustnt",
    "aint don didn doesn isn aren wasn weren wouldn shouldn couldn mustn t",  # "don t"
)
DENIALS = NEGATIONS - _words(  # what a negation denies is what is said, and not something of before
    "cancel forget nevermind instead rather wrong wait unless avoid without"
)
QUESTIONS = _words("who what whats why how whether if where which when whose wonder wondering")
TELLING = _words(
    "said say says saying told tells heard hear saw read reads remember forgot wrote sings called asked asks",
    "thought think thinks yesterday earlier ago already always usually often sometimes story movie film song",
    "book joke dream left kept was were been had did",
)
LATER = _words(
    "later tomorrow tonight soon second seconds minute minutes hour hours",
    "noon midnight clock o'clock after before",
    "until once monday tuesday wednesday thursday friday saturday sunday weekday weekdays sunset sunrise",
)
AUXILIARIES = _words("is are was were did does do has have had am should shall may might must")
REQUESTS = _words("can could will would")  # before "you"
WISHES = _words("want need like")  # before "you to"
OTHERS = _words(  # who does it, where no machine is told to
    "i we they he she it somebody someone anybody anyone everybody everyone people"
)
SUBJECTS = OTHERS | _words(
    "you the my our your his her their this that these those there a an nobody all any im"
)
GREETINGS = _words("okay ok hey hi hello")  # a name may follow
LEADS = GREETINGS | _words(  # a command may follow
    "so um uh oh er erm hm hmm well alright right yes yeah yep sure",
    "please and then now just also quickly kindly",
    "immediately actually quick thanks",
)
NO_PAST = _words("need indeed hundred speed feed seed weed shed shared naked")  # they only end like it
ASSURE = ("make sure", "be sure", "ensure", "see to it")  # of a state, or to do something
ASSURED = ("to", "you", "that you")  # between one of them and a verb
WANTED = (  # a state, of what is named between
    *("get", "i want", "we want", "i need", "we need"),
    *("i'd like", "we'd like", "i would like", "we would like"),
)
ARE = _words("is are stays stay")  # between a name and its state
LITTLE = _words("the a an my our your his her their of in on at to for and or")  # said or left out
BESIDE = (
    (LITTLE - {"and", "or"})
    | EVERY
    | _words(  # between a verb and what it is about
        "up down off that this these those again all please me us scene mode"
    )
)
PRONOUNS = _words("it them")
ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_PARTED = ("un", "dis", "de")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def spoken_words(text: str) -> list[str]:
    """Lower-case words of a text; "un lock" is one."""
    found = _WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    if not any(part in found for part in _PARTED):
        return found
    joined: list[str] = []
    for word in found:
        if joined and joined[-1] in _PARTED:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def singular(word: str) -> str:
    """Of a word, or of its genitive; it need not be one, only the same for both numbers."""
    return word.removesuffix("'s").removesuffix("s") if len(word) > 3 else word


def number_words(value: object) -> list[str]:
    """How a whole number below a thousand is said. Anything else is said in too many ways: words nobody
    says.
    """
    if not isinstance(value, int | float) or value != int(value) or not 0 <= value < 1_000:
        return ["a number that nobody says"]
    hundreds, rest = divmod(int(value), 100)
    words = ([] if hundreds < 2 else [ONES[hundreds]]) + (["hundred"] if hundreds else [])
    if rest < len(ONES):
        return words + ([ONES[rest]] if rest or not hundreds else [])
    tens, ones = divmod(rest, 10)
    return [*words, TENS[tens], *([ONES[ones]] if ones else [])]


def is_negated(heard: list[str], by: frozenset[str] = NEGATIONS) -> bool:
    return not by.isdisjoint(heard) or any(word.endswith("n't") for word in heard)
