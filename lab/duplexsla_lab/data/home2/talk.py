"""What is said without a request: to the assistant, which answers briefly, or to others."""

import random

from duplexsla.tools.home import DOORS, ROOMS
from duplexsla_lab.data.home.devices import SWITCHED
from duplexsla_lab.data.home.lists import ITEMS
from duplexsla_lab.data.home.remarks import SMALL_TALK
from duplexsla_lab.data.home2 import overheard
from duplexsla_lab.data.home2.carriers import WAKE_WORDS
from duplexsla_lab.data.home2.names import PEOPLE
from duplexsla_lab.data.language.carrier_phrases import BETWEEN
from duplexsla_lab.data.language.contractions import contracted
from duplexsla_lab.data.language.exchange import Exchange
from duplexsla_lab.data.language.intent_pattern import joined, varied
from duplexsla_lab.data.language.spoken_numbers import spoken

CANNOT = joined("""
(book/find) me a (flight/hotel/train/table/holiday) (to paris/for tonight/for two/for next week/)
(order/get) (me/us) (a pizza/some food/a taxi/sushi/an ambulance/flowers)
(call/phone/text/email) (my boss/{n}/the dentist/the police/the bank)
send (a text/an email/a message/a fax) to {n}|read (me my emails/my messages/the newspaper/my horoscope)
(buy/order) (some shoes/new batteries/me a book/a new {device}) (online/on the internet/)
(transfer/send) (fifty euros/money/a hundred dollars) to {n}|pay my (bills/rent/taxes)
(walk/feed/wash) the (dog/cat/fish)|(make/cook) (dinner/breakfast/me a sandwich/a cake)
(do/fold) (the laundry/my homework/the dishes)|(clean/paint/move) the (windows/{room}/sofa)
(drive/take) (me/the kids) to (school/work/the airport)|where (is my phone/are my keys/did i park/is {n})
who won the (game/election/match/world cup)|what is the (capital/population) of (france/peru)
translate (good morning/thank you/this) into (spanish/french/chinese)
(find/look up) (a recipe/a doctor/a cheap flight/a restaurant) (near here/for me/)
what is (my balance/the stock price/bitcoin at)|(install/update/download) (an app/the software/my phone)
(write/draft) (a letter/a poem/my essay/an email) (for me/to {n}/)|solve (this equation/my crossword)
what is {number} times {number}|(take/make) a (photo/picture/video) (of us/)
(print/scan) (this/the document/my ticket)|(fix/repair) the (roof/car/sink/{device})
bring me (a beer/my slippers/the {i}/a glass of water)
(open/close) (my suitcase/the book/the bottle/my mouth)|(teach/show) me (karate/how to dance/to fly)
(drive/park/wash) the car|turn (back time/me into a frog/the dog off/off the sun/on the moon)
make (it rain/it stop raining/the neighbours quiet/me rich/the baby sleep)
(lock/unlock) (my phone/my bike outside/the neighbour's door)
(change/move) my (appointment/meeting) (to friday/)|(check/schedule) my (flight/calendar/exam results)
add (this/it) to my calendar|(record/delete) the (show/call/video)|(tell/ask) {n} a joke in chinese
call me a cab|post this on the internet|find me a (job/girlfriend/flat/babysitter)
water the plants with a can|dial {digits}|guide me to the station|what did {n} write|play chess with me
hack my neighbour's wifi|fly me to the moon
""")
CANNOT_REPLIES = joined("""
(sorry/) i can not do that|that is something i can not do|(sorry/) that is not something i can do
i am afraid i can not do that|i can only (run the house/look after the house/control the home)
sorry i have no way to do that|i can not help with that
""")
REMARKS = (
    *(each for each in SMALL_TALK if each[0] not in ("never mind", "forget it")),
    ("good afternoon", "good afternoon"),
    ("hi there", "hello"),
    ("hey you", "yes"),
    ("are you awake", "yes i am here"),
    ("what is your name", "i am your home assistant"),
    ("do you understand me", "yes i do"),
    ("i love you", "that is kind"),
    ("you are funny", "thank you"),
    ("sorry", "no problem"),
    ("well done", "thank you"),
    ("thank you so much", "you are welcome"),
    ("thanks", "you are welcome"),
    ("perfect thank you", "you are welcome"),
    ("good job", "thank you"),
    ("nice work", "thank you"),
    ("that was quick", "glad to help"),
    ("cheers", "you are welcome"),
    ("you are the best", "thank you"),
    ("great thanks", "you are welcome"),
    ("that is better", "good"),
    ("much better", "good"),
    ("i am home", "welcome home"),
    ("i am leaving", "see you later"),
    ("we are off", "see you later"),
    ("good night house", "good night"),
    ("sleep well", "good night"),
    ("i am bored", "how about some music"),
    ("i am sad", "i am sorry to hear that"),
    ("tell me a joke", "i know no good ones"),
    ("happy new year", "happy new year"),
    ("merry christmas", "merry christmas"),
    ("you did not understand me", "sorry please say it again"),
    ("that is not what i said", "sorry please say it again"),
    ("you are not listening", "sorry i am listening now"),
    ("what can i ask you", "lights doors heating music timers and lists"),
    ("how do you work", "i listen and i run the house"),
    ("do you ever sleep", "no i am always here"),
    ("i had a bad day", "i am sorry to hear that"),
    ("{n} says hello", "hello {n}"),
    ("this is my friend {n}", "hello {n}"),
    ("i am {n}", "hello {n}"),
)
NOT_UNDERSTOOD = joined("""
sorry|sorry what was that|sorry i did not get that|pardon|could you say that again|i did not catch that
""")
UNADDRESSED = {
    "stories": overheard.STORIES,
    "past": overheard.PAST,
    "others": overheard.TO_OTHERS,
    "negations": overheard.NEGATIONS,
    "phone": overheard.PHONE,
    "songs": overheard.SONGS,
    "numbers": overheard.NUMBERS,
    "halves": overheard.HALF_SENTENCES,
}


def filled(rng: random.Random, phrasing: str) -> str:
    """A phrasing of talk with its choices made and its slots filled."""
    n = PEOPLE.draw(rng)
    slots = {
        "n": n,
        "room": rng.choice(ROOMS),
        "device": rng.choice(SWITCHED),
        "door": rng.choice(DOORS),
        "i": rng.choice(ITEMS),
        "number": spoken(rng.randint(2, 99)),
        "digits": " ".join(spoken(rng.randint(0, 9)) for _ in range(rng.randint(3, 7))),
    }
    said = varied(rng, phrasing).format(**slots)
    return contracted(said) if rng.random() < 0.6 else said


def remark(rng: random.Random) -> Exchange:
    """Said to the assistant and answered in a few words: a remark, what it can not or shall not do, what it
    did not understand."""
    kind = rng.random()
    if kind < 0.45:
        said, reply = rng.choice(REMARKS)
        n, seed = PEOPLE.draw(rng), rng.random()
        words = said.format(n=n, room=rng.choice(ROOMS), device=rng.choice(SWITCHED), item=rng.choice(ITEMS))
        return Exchange(contracted(words) if seed < 0.5 else words, None, {}, "", reply.format(n=n), said)
    if kind < 0.8:
        return cannot(rng)
    if kind < 0.9:
        return _answered(rng, overheard.MUMBLED, NOT_UNDERSTOOD, called=rng.random() < 0.5)
    return _answered(
        rng,
        overheard.NEGATIONS,
        "okay|okay i leave it|all right|okay i will not|okay nothing happens",
        called=True,
    )


def cannot(rng: random.Random) -> Exchange:
    phrasing = rng.choice(CANNOT.split("|"))
    said = filled(rng, phrasing)
    carrier = rng.choice(
        ("{}", "{}", "{}", "could you {}", "can you {}", "please {}", "{} please", "i want you to {}")
    )
    if said.startswith(("what", "where", "who")):
        carrier = "{}"
    carrier = _called(rng, carrier) if rng.random() < 0.3 else carrier
    return Exchange(
        carrier.format(said), None, {}, "", _one(rng, CANNOT_REPLIES), f"{carrier}{BETWEEN}{phrasing}", said
    )


def unaddressed(rng: random.Random, kind: str = "") -> tuple[str, str]:
    """(what is said, its phrasing): nobody asks the assistant."""
    group = (
        UNADDRESSED[kind] if kind else rng.choices(list(UNADDRESSED.values()), (4, 3, 5, 3, 2, 1, 1, 2))[0]
    )
    phrasing = rng.choice(group.split("|"))
    return filled(rng, phrasing), phrasing


def television(rng: random.Random) -> tuple[str, str]:
    phrasing = rng.choice(overheard.TELEVISION.split("|"))
    return filled(rng, phrasing), phrasing


def _answered(rng: random.Random, phrasings: str, replies: str, *, called: bool) -> Exchange:
    phrasing = rng.choice(phrasings.split("|"))
    said, carrier = filled(rng, phrasing), _called(rng, "{}") if called else "{}"
    return Exchange(
        carrier.format(said), None, {}, "", _one(rng, replies), f"{carrier}{BETWEEN}{phrasing}", said
    )


def _called(rng: random.Random, carrier: str) -> str:
    return f"{rng.choice(('hey ', 'okay ', ''))}{rng.choice(WAKE_WORDS)} {carrier}"


def _one(rng: random.Random, replies: str) -> str:
    return varied(rng, rng.choice(replies.split("|")))
