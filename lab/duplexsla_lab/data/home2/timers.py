"""Requests about timers, reminders and wake alarms."""

import random

from duplexsla_lab.data.home2 import mentions, names
from duplexsla_lab.data.language.exchange import Arguments
from duplexsla_lab.data.language.intent_pattern import DrawMention, IntentPattern, ResultText, joined, varied
from duplexsla_lab.data.language.spoken_numbers import spoken
from duplexsla_lab.data.language.spoken_times import at_a_time, duration, when

SET = joined("""
(<want>) a (timer/countdown) (for/of) {d}|(<get>) a (timer/countdown) (for/of) {d}
(<how>) a (timer/countdown) of {d}|(<chance>) (set/start/run) a timer (for/of) {d}
(<better>) to have a timer (for/of) {d}|(<lets>) (start/set/run) a timer (for/of) {d}
keep an eye on the clock for {d}|{d} (from now/on the timer/countdown)
(beep/ring/call me/buzz) (in/after) {d}|i have to wait {d} (set/start) a timer
set (the kitchen timer/the clock/an egg timer) (for/to) {d}|(tell/warn) me (after/in) {d}
(set/start/make/create/begin) a timer (for/of) {d}|(set/start) the timer (for/to) {d}|timer (for/) {d}
{d} timer|give me {d}|(give me/i need/i want/we need/i would like) a (timer for {d}/{d} timer)|count down {d}
(start/do) a countdown of {d}|time {d}|put {d} on the clock|put a timer on for {d}
(tell me/let me know/shout/ping me) when {d} (are over/are up/have passed)|(<how>) a timer for {d}
(<get>) a timer for {d}|a timer for {d}|{d} on the clock|{d} on a timer|(<lets>) set a timer for {d}
start the clock for {d}|run a timer for {d}|i have {d} start a timer|another timer for {d}
(<mind>) setting a timer for {d}|this takes {d} set a timer|it needs {d} start a timer
the timer should run for {d}
""")
SET_NAMED = joined("""
(<want>) a {n} timer (for/of) {d}|(<get>) a {n} timer (for/of) {d}|(<how>) a {n} timer of {d}
(<chance>) (set/start/run) a {n} timer (for/of) {d}|(<lets>) (start/set/run) a {n} timer for {d}
the {n} (is/goes) in the oven for {d} set a timer|{d} for the {n}
(tell/warn) me when the {n} (is done/is ready) in {d}|(beep/ring) for the {n} (in/after) {d}
(set/start/make) a {n} timer (for/of) {d}|(set/start) the {n} timer (for/to) {d}|{n} timer (for/) {d}
(set/start) a {d} {n} timer|(set/start) a timer (for/of) {d} for the {n}
(set/start) a timer for the {n} for {d}|(set/start) a timer (called/named) {n} for {d}
(i need/i want/give me/i would like) a {n} timer (for/of) {d}|the {n} (takes/needs) {d} (set/start) a timer
time the {n} for {d}|a {n} timer for {d}|a timer for the {n} {d}|count down {d} for the {n}
the {n} has to (cook/bake/rest) for {d} set a timer|put the {n} on a timer for {d}
(<get>) a {n} timer for {d}|(<lets>) have a {n} timer for {d}|the {n} goes in for {d} start a timer
""")
CANCEL = joined("""
(<chance>) (cancel/stop/delete) the timer|(<lets>) (cancel/stop) the timer|(<done>) the timer
(<want>) no timer|(<better>) to stop the timer|(<mind>) (cancelling/stopping) the timer
(cancel/stop/delete/clear/remove/kill/drop/end) (the/my) timer|(turn/switch) off the timer
(turn/switch) the timer off|no timer (any more/)|i do not need (the/that/a) timer (any more/now/)
forget (the/about the) timer|get rid of the timer|(stop/shut) that timer (up/)|timer off|the timer can go
never mind the timer|that timer is not needed any more|i want the timer gone|timer cancel
""")
CANCEL_NAMED = joined("""
(<chance>) (cancel/stop/delete) the {n} timer|(<lets>) (cancel/stop) the {n} timer|(<done>) the {n} timer
(<mind>) (cancelling/stopping) the {n} timer|(<better>) to stop the {n} timer
(cancel/stop/delete/clear/remove/kill/drop/end) (the/my) {n} timer|(turn/switch) off the {n} timer
(turn/switch) the {n} timer off|i do not need the {n} timer (any more/now/)|forget (the/about the) {n} timer
get rid of the {n} timer|no {n} timer any more|{n} timer off
the {n} (is/are) (done/ready/out) cancel the timer|cancel the timer for the {n}
stop the timer (called/named/for the) {n}
""")
CANCEL_ALL = joined("""
(cancel/stop/delete/clear/remove) (all/all the/all my/all of the) timers|no timers any more
get rid of all timers|all timers off
""")
ADD = joined("""
(<want>) {d} more (on the timer/)|(<get>) {d} more (on the timer/)|(<chance>) (add/put) {d} (to/on) the timer
(<how>) {d} more on the timer|(<lets>) add {d} to the timer|(add/put) {d} to (the/my) timer
(add/put) {d} on (the/my) timer|{d} more (on the timer/for the timer)|give (it/the timer) {d} more
(extend/lengthen) the timer by {d}|the timer needs {d} more|make the timer {d} longer
another {d} on the timer|add another {d} to the timer|let the timer run {d} longer
i need {d} more on the timer|increase the timer by {d}|{d} longer on the timer
the timer should run {d} longer
""")
TAKE = joined("""
(<want>) {d} less on the timer|(<chance>) take {d} off the timer|(<how>) {d} less on the timer
(<lets>) take {d} off the timer|reduce the time by {d} on the timer|take {d} (off/from) (the/my) timer
(remove/subtract) {d} from (the/my) timer|{d} less (on/for) the timer
(shorten/reduce/decrease) the timer by {d}|make the timer {d} shorter|cut {d} from the timer
knock {d} off the timer|the timer should be {d} shorter|let the timer end {d} earlier
""")
PAUSE = joined("""
(pause/hold/freeze) (the/my) timer|put the timer on hold|stop the timer for (now/a moment)
wait with the timer|timer pause|hold on with the timer
""")
RESUME = joined("""
(<chance>) (resume/restart/continue) the timer|(<lets>) (resume/continue) the timer
(<want>) the timer (running/back on) again|(resume/continue/unpause/restart) (the/my) timer
let the timer (go on/run again/continue)|(start/run) the timer again|go on with the timer|timer go on
take the timer off hold|the timer can go on|timer continue
""")
ASK = joined("""
(<know>) how (much time/long) is left (on the timer/)|(<check>) the timer
(<check>) how (much time/long) is left (on the timer/)|(<know>) when the timer (is over/ends/rings)
how (much time/long/many minutes) (is/are) left (on the timer/)|how much longer (on the timer/for the timer/)
time left on the timer|what is left on (the/my) timer|how is (the/my) timer (doing/)
when is the timer (over/done/up)|when does the timer (end/go off/ring)
how long does the timer (have/still have/still run)|check (the/my) timer
is the timer (still running/almost over/nearly done)|timer status|what does the timer say
how far is the timer|what timers (do i have/are running/are there)
how long until the timer (ends/goes off/rings)|do i have (a timer/any timers) running|are there any timers
how much time do i have left|how long to go on the timer
""")


def _named(phrasings: str) -> str:
    """The same about a timer by its name."""
    every = [each for each in phrasings.split("|") if "timer" in each and "timers" not in each]
    return "|".join(each.replace("timer", "{n} timer", 1) for each in every)


REMIND = joined("""
(<chance>) remind me {w} to {t}|(<want>) a reminder {w} to {t}|(<get>) a reminder {w} to {t}
(<mind>) reminding me {w} to {t}|i (might/always/usually) forget to {t} (so/please) remind me {w}
{w} tell me to {t}|{w} i (have to/need to/should) {t} remind me|(wake/ping/nudge) me {w} to {t}
remind me {w} (to/that i have to) {t}|remind me to {t} {w}|{w} remind me to {t}|set a reminder {w} to {t}
set a reminder to {t} {w}|(make/create) a reminder to {t} {w}|i (have to/need to/must) {t} {w} remind me
do not let me forget to {t} {w}|tell me {w} to {t}|give me a reminder to {t} {w}
i want to be reminded {w} to {t}|could you remind us {w} to {t}|i should {t} {w} please remind me
i must not forget to {t} {w}|please do not let me forget to {t} {w}|reminder {w} {t}|a reminder to {t} {w}
""")
REMIND_OF = joined("""
(<chance>) remind me of {o} {w}|(<want>) a reminder (for/of/about) {o} {w}
(<get>) a reminder (for/about) {o} {w}|(<mind>) reminding me of {o} {w}|remind me (of/about) {o} {w}
remind me {w} (of/about) {o}|set a reminder for {o} {w}|a reminder (for/about) {o} {w}
{w} remind me (of/about) {o}|i have {o} {w} remind me|do not let me forget {o} {w}
put in a reminder for {o} {w}|i do not want to miss {o} {w} remind me
""")
WAKE = joined("""
(<chance>) wake (me/us) {w}|(<want>) an alarm {w}|(<get>) an alarm {w}|(<want>) a wake up call {w}
(<mind>) waking (me/us) {w}|i have (school/work/an early meeting/a train to catch) wake me {w}
i (must/need to/have to) (be awake/get up/be out of bed) {w}|(<lets>) get up {w} set an alarm
wake me (up/) {w}|wake us up {w}|set an alarm (for/) {w}|set (the/my) alarm clock (for/) {w}
(i need/i want/i would like) to (get up/wake up) {w}|i have to (get up/be up) {w} set an alarm
get me (up/out of bed) {w}|(give me/i need) an alarm {w}|alarm {w}|ring {w}|let the alarm clock ring {w}
a wake up call {w}|do not let me sleep past that wake me {w}|set a wake up alarm {w}|could you wake me {w}
i want to be (woken/woken up) {w}
""")
TASKS = (
    "call (mum/dad/the doctor/the dentist/my sister/grandma/the school/the bank/the office/my boss/the vet)",
    "(water/repot) the (plants/garden/flowers/herbs)", "take out the (trash/bins/rubbish/recycling)",
    "feed the (cat/dog/fish/birds/hamster)", "(take/get) my (pills/medicine/vitamins)",
    "give the (cat/dog) (its/his) medicine", "pick up (the kids/ben/anna/the parcel/the dry cleaning)",
    "(buy/get) (milk/bread/flowers/a present/stamps/cat food)",
    "(pay/check) the (rent/bill/invoice/electricity bill)", "book (a table/the tickets/the hotel)",
    "(start/empty/unload) the (dishwasher/washing machine/dryer)", "hang up the (laundry/washing)",
    "(turn/check) the (roast/chicken/oven/bread)", "(answer/write to) (paul/maria/the landlord/my teacher)",
    "charge my (phone/car/watch/bike)", "(bring/return) the (books/keys) (back/)",
    "(go to bed/go for a run/stretch/drink some water/take a break/stand up)", "lock the (shed/bike)",
    "clean the (windows/fridge/bathroom)", "walk the dog", "do my (homework/taxes/exercises)",
    "send (the report/an email to laura/the form)", "defrost the (chicken/freezer)",
)  # fmt: skip
OCCASIONS = (
    "the (meeting/dentist/appointment/interview/concert/recital/exam/class)",
    "(yoga/football practice/swimming/piano lesson/choir)",
    "my (flight/train/doctor's appointment/medicine/pills)", "(anna's/ben's/grandma's/mum's) birthday",
    "the (bins/laundry/cake/roast/parcel)", "our (anniversary/dinner/call)",
    "the (school play/parents evening/football game)",
)  # fmt: skip


def _words(shapes: tuple[str, ...]) -> DrawMention:
    return mentions.words(lambda rng: varied(rng, rng.choice(shapes)), "message")


def _time_left(rng: random.Random, arguments: Arguments) -> ResultText:
    value = rng.randint(2, 59)
    return f"{value} minutes", f"{spoken(value)} minutes"


_D = {"d": duration}
_N = {"n": mentions.words(names.TIMERS.draw, "name")}
_LEFT = "{result} left|there are {result} left|you have {result} left|{result}"
_SET = "{d} it is|okay {d}|your timer is set for {d}|timer set for {d}|starting now {d}"
_NAMED = joined("""
okay {d} for the {n}|your {n} timer is set for {d}|{d} on the {n} timer|the {n} timer runs for {d}
""")

PATTERNS = (
    IntentPattern("set_timer", SET, _SET, _D),
    IntentPattern("set_timer", SET_NAMED, _NAMED, {**_D, **_N}),
    IntentPattern("cancel_timer", CANCEL, "the timer is cancelled|okay no timer|i stopped the timer"),
    IntentPattern("cancel_timer", CANCEL_NAMED, "the {n} timer is cancelled|i stopped the {n} timer", _N),
    IntentPattern(
        "cancel_timer", CANCEL_ALL, "all timers are cancelled|okay no timers", fixed={"scope": "all"}
    ),
    IntentPattern("increase_timer", ADD, "okay {d} more|{d} more on the timer|i added {d}", _D),
    IntentPattern("increase_timer", _named(ADD), "okay {d} more|{d} more for the {n}", {**_D, **_N}),
    IntentPattern("decrease_timer", TAKE, "okay {d} less|{d} less on the timer", _D),
    IntentPattern("decrease_timer", _named(TAKE), "okay {d} less|{d} less for the {n}", {**_D, **_N}),
    IntentPattern("pause_timer", PAUSE, "the timer is paused|okay paused"),
    IntentPattern("pause_timer", _named(PAUSE), "the {n} timer is paused|okay paused", _N),
    IntentPattern("resume_timer", RESUME, "the timer goes on|okay it runs again"),
    IntentPattern("resume_timer", _named(RESUME), "the {n} timer goes on|okay it runs again", _N),
    IntentPattern("query_timer", ASK, _LEFT, result=_time_left),
    IntentPattern("query_timer", _named(ASK), _LEFT + "|{result} left for the {n}", _N, result=_time_left),
    IntentPattern(
        "set_reminder",
        REMIND,
        "okay i will remind you {w}|i will remind you to {t}",
        {"w": when, "t": _words(TASKS)},
    ),
    IntentPattern(
        "set_reminder",
        REMIND_OF,
        "okay i will remind you {w}|i will remind you of {o}",
        {"w": when, "o": _words(OCCASIONS)},
    ),
    IntentPattern(
        "set_wake_alarm",
        WAKE,
        "okay i will wake you {w}|the alarm is set {w}|good night i will wake you {w}",
        {"w": at_a_time},
    ),
)
