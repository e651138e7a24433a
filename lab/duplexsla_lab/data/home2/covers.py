"""Requests about blinds, curtains, windows, gates, garages and valves."""

from duplexsla_lab.data.home2 import mentions
from duplexsla_lab.data.home2.mentions import COVERS, VALVES, device, step
from duplexsla_lab.data.language.intent_pattern import IntentPattern, joined

OPEN = joined("""
open {x}|open up {x}|open {x} (up/wide/all the way/completely/fully/again/a crack)
(pull/roll/draw/slide) {x} open|(raise/pull up/roll up/draw up) {x}|(pull/roll/draw) {x} up|get {x} open
have {x} open|leave {x} open|(<sure>) {x_bare} {x_is} open|(<want>) {x} (open/opened/up)
(<want>) {x} (open/opened/up/to be open)|{x} open|{x} up|open {x} for (me/us/the cat/some air)
(<get>) {x} open|(<how>) opening {x}|(<mind>) opening {x}|(<chance>) open {x}|(<lets>) open {x}
why {x_is} {x} closed open {x_it}|{x} {x_is} (closed/still closed) open {x_it}
(it is/this room is) stuffy open {x}|(i need/we need) fresh air open {x}|let some (air/light/sun) in open {x}
it is (a nice day/sunny/bright) outside open {x}|good morning open {x}|it is time to open {x}
{x} (should/can) be open|(<better>) to have {x} open|i want to see outside open {x}
let the sun in through {x}
""")
CLOSE = joined("""
(close/shut) {x}|close up {x}|(close/shut) {x} (all the way/completely/fully/again/for the night/tight)
(pull/draw/slide/roll) {x} (shut/closed)|(lower/pull down/roll down/let down) {x}|(pull/roll/let) {x} down
get {x} (closed/shut/down)|have {x} (closed/shut/down)|leave {x} closed
(<sure>) {x_bare} {x_is} (closed/shut)|(<want>) {x} (closed/shut/down)|{x} (closed/shut/down)
(<get>) {x} (closed/shut)|(<how>) closing {x}|(<mind>) (closing/shutting) {x}|(<mind>) closing {x}
(<chance>) (close/shut) {x}|(<lets>) close {x}|why {x_is} {x} open (close/shut) {x_it}
{x} {x_is} (open/still open) (close/shut) {x_it}|somebody left {x} open (close/shut) {x_it}
i left {x} open close {x_it}|it is (raining/snowing/windy/getting cold) (close/shut) {x}
the sun is (blinding me/too strong) close {x}|there is a (draft/storm coming/glare on the screen) close {x}
people can see in close {x}|it is too loud outside close {x}|i am going to (bed/sleep) close {x}
it is time to close {x}|{x} (should/must) be closed|(<forgot>) to close {x}
""")
POSITION = joined("""
(<want>) {x} (at {v}/{v} open/open to {v})|(<get>) {x} {v} open|(<chance>) (open/set/move/pull) {x} to {v}
(<mind>) (opening/setting/moving) {x} to {v}|(<lets>) (open/set) {x} to {v}|{x} (<should>) {v} open
(<how>) {x} {v} open|(<sure>) {x_bare} {x_is} {v} open|(open/set/move/put/bring/roll/pull) {x} to {v}
(open/close) {x} {v}|(raise/lower) {x} to {v}|{x} (to/at) {v}|(set/put) the position of {x} to {v}
(<want>) {x} {v} open|leave {x} {v} open|{x} {v} open|open {x} up to {v}|have {x} {v} open|only open {x} {v}
just {v} with {x}|{x} should be {v} open|keep {x} at {v}
""")
TILT = joined("""
tilt {x} to {v}|set the tilt of {x} to {v}|tilt {x} {v}|set {x} tilt to {v}|turn the slats of {x} to {v}
{x} tilt {v}
""")
MORE_OPEN = joined("""
(<want>) {x} (<bit>) (more open/further open/higher)|(<chance>) open {x} (<more>)|(<get>) {x} open (<more>)
open {x} (<more>)|(<mind>) opening {x} (<more>)|(<lets>) open {x} (<more>)|open {x} (<bit>) (more/further)
open {x} (further/some more)|{x} (<bit>) (higher/further up)|(raise/pull up) {x} (<bit>/a bit more)
{x} up a bit (more/)|(<want>) {x} (<bit>) more open
""")
LESS_OPEN = joined("""
(<want>) {x} (<bit>) (more closed/further closed/lower)|(<chance>) close {x} (<more>)
(<get>) {x} closed (<more>)|close {x} (<more>)|(<mind>) closing {x} (<more>)|(<lets>) close {x} (<more>)
close {x} (<bit>) (more/further)|close {x} (further/some more)|{x} (<bit>) (lower/further down)
(lower/pull down) {x} (<bit>/a bit more)|{x} down a bit (more/)|(<want>) {x} (<bit>) more closed
""")
STOP = joined("""
(<chance>) (stop/halt) {x}|(<want>) {x} (to stop/stopped)|(<mind>) stopping {x}|(<lets>) stop {x} there
stop {x}|(halt/freeze/hold) {x}|stop {x} (right there/there/where {x_is_it}/now/here)|{x} stop
keep {x} where {x_is_it}|make {x} stop|do not move {x} any further|that is far enough with {x}
{x} that is far enough|stop moving {x}
""").replace("{x_is_it}", "it is")
OPEN_VALVE = joined("""
open {x}|(turn/switch) on {x}|(turn/switch) {x} on|let the water run through {x}|get {x} (going/running/on)
start {x}|water the (lawn/garden/plants/roses) with {x}|(<want>) {x} (on/open/running)|{x} (on/open)
the (lawn/garden/grass) is dry start {x}|give the (lawn/plants) some water with {x}|run {x}
""")
CLOSE_VALVE = joined("""
close {x}|(turn/switch/shut) off {x}|(turn/switch/shut) {x} off|stop the water at {x}|cut {x}
{x} (off/closed/shut)|(<want>) {x} (off/closed/shut)|there is a leak (close/shut off/turn off) {x}
that is enough water turn off {x}|the (lawn/garden/grass) is wet enough turn off {x}
it is raining (stop/turn off) {x}|i smell gas (close/shut off) {x}
""")

_X = {"x": device(COVERS)}
_V = {"x": device(VALVES, several=0.1)}
_OPENED = joined("""
{x_told} {x_is} open|opening {x_told}|i opened {x_told}|{x_told} {x_is} open now|okay opening {x_told}
""")
_CLOSED = "{x_told} {x_is} closed|closing {x_told}|i closed {x_told}|{x_told} {x_is} closed now"
_AT = joined("""
{x_told} {x_is} at {v_told}|i set {x_told} to {v_told}|okay {v_told}|moving {x_told} to {v_told}
""")
_POSITION = {"property": "position"}

PATTERNS = (
    IntentPattern("open_home_device", OPEN, _OPENED, _X),
    IntentPattern("close_home_device", CLOSE, _CLOSED, _X),
    IntentPattern("set_home_device", POSITION, _AT, {**_X, "v": mentions.percent}, _POSITION),
    IntentPattern("set_home_device", TILT, _AT, {**_X, "v": mentions.percent}, {"property": "tilt"}),
    IntentPattern(
        "increase_home_device", MORE_OPEN, "okay a bit more|i opened {x_told} a bit more", _X, _POSITION
    ),
    IntentPattern(
        "decrease_home_device", LESS_OPEN, "okay a bit less|i closed {x_told} a bit more", _X, _POSITION
    ),
    IntentPattern("stop_home_device", STOP, "okay stopped|i stopped {x_told}|{x_told} stopped", _X),
    IntentPattern(
        "open_home_device", OPEN_VALVE, "{x_told} {x_is} on|okay the water runs|i opened {x_told}", _V
    ),
    IntentPattern(
        "close_home_device", CLOSE_VALVE, "{x_told} {x_is} off|i closed {x_told}|okay the water is off", _V
    ),
    IntentPattern(
        "increase_home_device",
        "open {x} by {v}|open {x} {v} (more/further)|(raise/pull up) {x} by {v}|{x} up by {v}",
        "okay {v} more|i opened {x_told} {v} more",
        {**_X, "v": step("percent", range(5, 55, 5))},
        _POSITION,
    ),
    IntentPattern(
        "decrease_home_device",
        "close {x} by {v}|close {x} {v} (more/further)|(lower/pull down) {x} by {v}|{x} down by {v}",
        "okay {v} less|i closed {x_told} {v} more",
        {**_X, "v": step("percent", range(5, 55, 5))},
        _POSITION,
    ),
)
