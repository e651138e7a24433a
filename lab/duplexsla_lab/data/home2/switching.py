"""Requests that turn devices on and off."""

from duplexsla_lab.data.home2 import mentions
from duplexsla_lab.data.home2.mentions import FANS, LIGHTS, PLAYERS, SWITCHES, device
from duplexsla_lab.data.language.intent_pattern import IntentPattern, joined

ON = joined("""
(turn/switch/put/flip) on {x}|(turn/switch/put/flip) {x} on|(turn/switch) {x} on (again/once more)
(turn/switch) {x} back on|(power/fire/start) up {x}|(start/activate/enable) {x}|get {x} (on/going/running)
let {x} run (for a while/for now/)|have {x} (on/running/turned on/switched on)|leave {x} on (for me/for now/)
(<sure>) {x_bare} {x_is} (on/turned on/switched on)|(<sure>) {x_bare} {x_is} on
(<want>) {x} (on/turned on/switched on/running)|(<want>) {x} (on/turned on/switched on)
(<want>) {x} (on/turned on/to be on)|i would love to have {x} on|i would like to (use/have) {x} on
i am going to need {x} (on/soon on/)|i could (use/do with) {x} (right now/now/)|we could use {x} (on/now)
{x} on|{x} on (now/thanks/quick)|on with {x}|{x} (should/must/has to/needs to) be on
(<how>) (turning/switching) {x} on|how about we turn {x} on|(<how>) turning on {x}
(<mind>) (turning/switching) {x} on|(<mind>) turning on {x}|(<mind>) (turning/switching) on {x}
(<chance>) (turn/switch) {x} on|(<chance>) (turn/switch/get) {x} on|(<get>) {x} on
(<get>) {x} (on/switched on/turned on)|(<get>) {x} (on/turned on)|(<lets>) (turn/switch/put) {x} on
(<lets>) have {x} on|(<lets>) get {x} (on/going/running)|why {x_is} {x} off (turn/switch) {x_it} (on/back on)
{x} {x_is} (off/still off) (turn/switch) {x_it} on
somebody (turned/switched) off {x} (turn/switch/put) {x_it} (on again/back on/on)
who turned off {x} (turn/put) {x_it} (back on/on again)|{x} {x_is} not on (turn/switch/put) {x_it} on
(<forgot>) to (turn/switch/put) on {x} (do it for me/can you do it/do that for me)
i did not want {x} off (turn/put) {x_it} back on|bring {x} (on/to life/back on)|set {x} to on
(<better>) to have {x} on|(<better>) if {x} (was/were) on|i want to (use/have) {x} (turn/switch) {x_it} on
we are about to use {x} (turn/switch) {x_it} on|i think we (need/want) {x} on|i guess i need {x} on
i am afraid i need {x} on|you know what (turn/switch/put) {x} on|(<chance>) (turn/switch/put) {x} on
please get {x} (on/running) for (me/us)|{x} please|(turn/switch) on {x} (before it gets dark/before we eat)
""")
OFF = joined("""
(turn/switch/shut/power) off {x}|(turn/switch/shut/power) {x} off|(turn/switch) {x} off (again/once more)
(turn/switch) {x} back off|(shut/power) down {x}|(kill/cut/deactivate/disable) {x}|get {x} off|have {x} off
(turn/switch/shut) {x} off (completely/for now/for the night/for today)|no more {x_bare}
(<sure>) {x_bare} {x_is} (off/turned off/switched off)|(<sure>) {x_bare} {x_is} off
(<want>) {x} (off/turned off/switched off)|(<want>) {x} (off/turned off/to be off)
i would rather have {x} off|i would prefer {x} off|(<done>) {x}|i do not need {x} (any more/right now/on/now)
we do not need {x} (any more/right now/on/now)|nobody (needs/is using/uses) {x} (turn/switch) {x_it} off
no need for {x} (any more/now/to be on)|there is no need to (have/leave/keep) {x} on|{x} off
{x} off (now/thanks/quick)|off with {x}|{x} (should/must/has to/needs to) be off|{x} can go off
(<how>) (turning/switching) {x} off|how about we turn {x} off|(<how>) turning off {x}
(<mind>) (turning/switching) {x} off|(<mind>) turning off {x}|(<mind>) (turning/switching) off {x}
(<chance>) (turn/switch) {x} off|(<chance>) (turn/switch/get) {x} off
(<get>) {x} (off/switched off/turned off)|(<get>) {x} (off/turned off)|(<lets>) (turn/switch) {x} off
(<lets>) have {x} off|(<lets>) save some power and turn {x} off
why {x_is} {x} (on/still on) (turn/switch) {x_it} off|{x} {x_is} (on/still on) (turn/switch) {x_it} off
somebody left {x} on (turn/switch) {x_it} off|who left {x} on (turn/switch) {x_it} off
i (think i/) left {x} on (turn/switch) {x_it} off|(<forgot>) to (turn/switch) off {x} (do it for me/do that)
(<better>) to have {x} off|(<better>) if {x} (was/were) off
i do not want {x} on (any more/right now/at this hour)
i did not mean to leave {x} on (turn/switch) {x_it} off
i am going (out/to bed/to sleep/to work) (turn/switch) off {x}|(<leave>) turn off {x}
you know what (turn/switch) {x} off|{x} {x_is} (wasting/using) (power/energy) turn {x_it} off
(turn/switch) off {x} before (you forget/i forget)|set {x} to off|give {x} a rest|let {x} rest
that is enough of {x}|enough of {x} (turn/switch) {x_it} off
""")
ON_REPLIES = joined("""
{x_told} {x_is} on|{x_told} {x_is} on now|turning on {x_told}|i turned on {x_told}|okay {x_told} {x_is} on
turning {x_told} on|sure turning on {x_told}
""")
OFF_REPLIES = ON_REPLIES.replace(" on", " off")
_GROUPS = (LIGHTS, LIGHTS, SWITCHES, FANS, PLAYERS)

# Nobody names the device: what is wrong with the room says it.
DARK = joined("""
it is (<very>) dark {p}|it is getting dark {p}|it got dark {p}
i can not see (anything/a thing/what i am doing/much/my own hands) {p}|i can hardly see {p}
i can not read {p} in this light|we need (more/some) light {p}|i need (more/some/a bit of) light {p}
(give me/give us) (some/more) light {p}|let there be light {p}
(some/more) light {p} (would be nice/please/now)|make it (bright/light) {p}|(<get>) (some/more) light {p}
why is it so dark {p}|it is pitch black {p}|it is as dark as a cave {p}|i keep bumping into things {p}
i am (sitting/standing/working) in the dark {p}|we are in the dark {p}|light {p}|lights on {p}|lights {p}
lighten it up {p}|the kids are afraid of the dark {p}|it is spooky {p} (<get>) a light|light it up {p}
""")
BRIGHT = joined("""
it is (<very>) bright {p}|lights (out/off) {p}|make it dark {p}|i want it dark {p}
i want to sleep {p} lights off|nobody is {p} any more lights off|no lights {p}|we do not need any light {p}
we are done {p} lights off|time to sleep {p} lights out|it is light enough {p} without lamps
why is everything lit up {p}|(kill/cut) the lights {p}|it is as bright as day {p} turn that off
dark {p} please|the sun is shining {p} we do not need light|there is no one {p} so no light please
leave it dark {p}
""")
EVERYTHING_OFF = joined("""
(turn/switch/shut) (everything/it all) off {p}|(turn/switch/shut) off everything {p}|everything off {p}
(power/shut) down everything {p}|i want everything off {p}|(<sure>) everything is off {p}|all off {p}
we are leaving turn everything off {p}|kill everything {p}|off with everything {p}
i am going to bed turn everything off {p}|nothing should be on {p}|nothing needs to be on {p}
""")


def _group(function: str, phrasings: str, replies: str) -> tuple[IntentPattern, ...]:
    return tuple(IntentPattern(function, phrasings, replies, {"x": device(group)}) for group in _GROUPS)


PATTERNS = (
    *_group("open_home_device", ON, ON_REPLIES),
    *_group("close_home_device", OFF, OFF_REPLIES),
    IntentPattern(
        "open_home_device",
        DARK,
        "turning on the lights|the lights are on|okay here is some light|lights on|there you go",
        {"p": mentions.somewhere},
        {"device": "lights"},
    ),
    IntentPattern(
        "close_home_device",
        BRIGHT,
        "turning off the lights|the lights are off|okay lights off|the lights are out",
        {"p": mentions.somewhere},
        {"device": "lights"},
    ),
    IntentPattern(
        "close_home_device",
        EVERYTHING_OFF,
        "everything is off|turning everything off|okay everything is off now|all off",
        {"p": mentions.place},
        {"device": "everything", "scope": "all"},
    ),
)
