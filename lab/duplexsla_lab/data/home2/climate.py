"""Requests about heating, cooling, fans and the air."""

from duplexsla_lab.data.home2 import mentions
from duplexsla_lab.data.home2.mentions import CLIMATE, FANS, device, step
from duplexsla_lab.data.language.intent_pattern import IntentPattern, joined, number_of

SET = joined("""
(<want>) {x} (at/on/set to) {d}|(<get>) {x} (at/on) {d}|(<chance>) (set/turn/put) {x} to {d}
(<how>) {x} at {d}|(<mind>) (setting/turning) {x} to {d}|(<lets>) (set/turn/put) {x} to {d}
(<sure>) {x_bare} {x_is} at {d}|{x} (<should>) at {d}|(<better>) to have {x} at {d}
(set/put/turn/change/adjust/bring) {x} to {d}|(set/put/keep/hold/leave) {x} at {d}|{x} (to/at/on) {d}
(set/change/bring) the temperature (of/on/for) {x} to {d}|(heat/warm) up to {d} with {x}|run {x} at {d}
(<want>) {x} at {d}|(<want>) {x} (at/set to/on) {d}|{d} on {x}|turn {x} (up/down) to {d}|let {x} go to {d}
(<get>) {x} at {d}|get {x} to {d}|{x} should be at {d}|{x} {d}|turn {x} on at {d}|switch {x} to {d}
no more than {d} on {x}
""")
SET_ROOM = joined("""
(<want>) it (at/to be) {d} {p}|(<get>) it to {d} {p}|(<chance>) (make/set/keep) it (at/to) {d} {p}
(<how>) {d} {p}|(<lets>) (have/make it/set it to) {d} {p}|it (<should>) {d} {p}|(<better>) to have {d} {p}
make it {d} {p}|set the temperature to {d} {p}|i want it (to be/) {d} {p}|i would like it to be {d} {p}
keep it at {d} {p}|heat it to {d} {p}|bring it to {d} {p}|it should be {d} {p}|we need {d} {p}|{d} {p}
set it to {d} {p}|(<lets>) have {d} {p}|(<get>) {d} {p}|get it up to {d} {p}|cool it down to {d} {p}
(warm/heat) things up to {d} {p}|the temperature should be {d} {p}|change the temperature to {d} {p}
""")
WARMER = joined("""
(<want>) {x} (<bit>) (higher/warmer)|(<get>) {x} (<bit>) (higher/warmer)|(<chance>) turn {x} up (<bit>/)
(<mind>) turning {x} up (<bit>/)|(<lets>) turn {x} up (<bit>/)|{x} {x_is} (<too>) (low/cold)
(turn/put) {x} up (<bit>/)|{x} (<should>) (<bit>) (higher/warmer)|turn {x} up (<bit>/a notch/some/)
turn up {x} (<bit>/a notch/)|(raise/increase) {x} (<bit>/)|make {x} (warmer/a bit warmer/hotter)
put {x} (up/higher) (<bit>/)|more heat from {x}|{x} (up/higher) a bit
{x} {x_is} (too low/set too low/too cold)|(<want>) {x} (higher/warmer/up a bit)|crank up {x}
bring {x} up a bit|(raise/increase) the temperature (of/on) {x} (<bit>/)|{x} a bit (warmer/higher)
could {x} be a bit warmer
""")
COOLER = joined("""
(<want>) {x} (<bit>) (lower/cooler)|(<get>) {x} (<bit>) (lower/cooler)|(<chance>) turn {x} down (<bit>/)
(<mind>) turning {x} down (<bit>/)|(<lets>) turn {x} down (<bit>/)|{x} {x_is} (<too>) (high/warm/hot)
(turn/put) {x} down (<bit>/)|{x} (<should>) (<bit>) (lower/cooler)|turn {x} down (<bit>/a notch/some/)
turn down {x} (<bit>/a notch/)|(lower/reduce) {x} (<bit>/)|make {x} (cooler/a bit cooler/colder)
put {x} (down/lower) (<bit>/)|less heat from {x}|{x} (down/lower) a bit
{x} {x_is} (too high/set too high/too warm/too hot)|(<want>) {x} (lower/cooler/down a bit)
bring {x} down a bit|(lower/reduce/decrease) the temperature (of/on) {x} (<bit>/)|{x} a bit (cooler/lower)
""")
WARMER_BY = joined("""
(<want>) {x} {v} (warmer/higher)|(<get>) {x} {v} (warmer/higher)|(<chance>) (turn {x} up/raise {x}) by {v}
(<mind>) turning {x} up by {v}|(<lets>) turn {x} up by {v}|{x} (<should>) {v} (warmer/higher)
turn {x} up (by/) {v}|turn up {x} by {v}|(raise/increase) {x} by {v}|make {x} {v} (warmer/hotter)|{x} up {v}
(raise/increase) the temperature (of/on) {x} by {v}|{v} (warmer/more) on {x}|put {x} {v} (higher/up)
{x} {v} warmer
""")
COOLER_BY = joined("""
(<want>) {x} {v} (cooler/lower)|(<get>) {x} {v} (cooler/lower)|(<chance>) (turn {x} down/lower {x}) by {v}
(<mind>) turning {x} down by {v}|(<lets>) turn {x} down by {v}|{x} (<should>) {v} (cooler/lower)
turn {x} down (by/) {v}|turn down {x} by {v}|(lower/reduce/decrease) {x} by {v}|make {x} {v} (cooler/colder)
{x} down {v}|(lower/reduce) the temperature (of/on) {x} by {v}|{v} (cooler/less) on {x}
put {x} {v} (lower/down)|{x} {v} cooler
""")
COLD_ROOM = joined("""
it is (<very>) (cold/chilly/cool) {p}|(<want>) it (<bit>) warmer {p}|(<get>) it (<bit>) warmer {p}
(<chance>) make it (<bit>) warmer {p}|it (could/should) be (<bit>) warmer {p}|make it (<bit>) warmer {p}
(<bit>) (warmer/more heat) {p}|(<better>) if it was (<bit>) warmer {p}|it is (<very>) cold {p}
i am (cold/freezing/chilly) {p}|we are (cold/freezing) {p}|it is (chilly/freezing/icy/frosty) {p}
my (feet/hands/fingers) are (cold/freezing) {p}|make it (warmer/a bit warmer/a little warmer/cosier/warm) {p}
warm it up {p}|(warmer/a bit warmer) {p} please|i want it (warmer/a bit warmer/warm) {p}
could it be a bit warmer {p}|(<get>) it warmer {p}|more heat {p}
it could be (warmer/a bit warmer/a little warmer) {p}|it is like a fridge {p}|turn up the heat {p}
heat it up {p}|i am shivering {p}|brr it is cold {p}|the kids are cold {p}|why is it so cold {p}
a bit more heat {p}
""")
HOT_ROOM = joined("""
it is (<very>) (hot/warm/stuffy) {p}|(<want>) it (<bit>) cooler {p}|(<get>) it (<bit>) cooler {p}
(<chance>) make it (<bit>) cooler {p}|it (could/should) be (<bit>) cooler {p}|make it (<bit>) cooler {p}
(<bit>) (cooler/less heat) {p}|(<better>) if it was (<bit>) cooler {p}|it is (<very>) (hot/warm) {p}
i am (hot/sweating/boiling) {p}|we are (melting/boiling/sweating) {p}|it is (boiling/stifling/roasting) {p}
it is like (an oven/a sauna) {p}|make it (cooler/a bit cooler/a little cooler/less warm/less hot) {p}
cool it down {p}|(cooler/a bit cooler) {p} please|i want it (cooler/a bit cooler/cool) {p}
could it be a bit cooler {p}|(<get>) it cooler {p}|less heat {p}
it could be (cooler/a bit cooler/a little cooler) {p}|turn down the heat {p}|why is it so (hot/warm) {p}
i am melting {p}
""")
MODE = joined("""
(<want>) {x} (in/on) {m} mode|(<get>) {x} (in/on) {m} mode|(<chance>) (set/put/switch) {x} to {m} mode
(<mind>) (setting/switching) {x} to {m} mode|(<lets>) (set/put/run) {x} in {m} mode
(<sure>) {x_bare} {x_is} in {m} mode|{x} (<should>) in {m} mode|(<how>) {m} mode for {x}
(set/put/turn/change/switch) {x} to {m} (mode/)|put {x} (in/into/on) {m} mode|{x} (to/in/on) {m} mode
{m} mode (on/for) {x}|(use/start/activate/choose/select) {m} mode (on/for) {x}
(set/change) the mode of {x} to {m}|run {x} in {m} mode|(<want>) {x} in {m} mode
switch {x} over to {m} (mode/)|go to {m} mode on {x}|(<get>) {x} in {m} mode|let {x} run in {m} mode
turn on {m} mode on {x}|{x} {m} mode|have {x} on {m}
""")
FAN_SPEED = joined("""
(<want>) {x} (on/at) {l}|(<get>) {x} on {l}|(<chance>) (set/put/turn) {x} to {l}
(<mind>) (setting/turning) {x} to {l}|(<lets>) (set/put/run) {x} on {l}|{x} (<should>) on {l}
(set/put/turn/change/switch) {x} to {l}|{x} (to/on/at) {l}|(set/change) the speed of {x} to {l}
run {x} (on/at) {l}|(<want>) {x} on {l}|let {x} run at {l}|speed of {x} to {l}|put {x} on {l}
""")
FASTER = joined("""
(<want>) {x} (<bit>) (faster/stronger)|(<chance>) turn {x} up (<bit>/)|(<get>) {x} (<bit>) faster
{x} {x_is} (<too>) (slow/weak)|(<mind>) turning {x} up (<bit>/)|(speed up/turn up) {x} (<bit>/)
(speed/turn) {x} up (<bit>/)|make {x} (faster/stronger/a bit faster)|{x} (faster/a bit faster/stronger)
more (air/wind/speed) from {x}|{x} {x_is} too (slow/weak)|give {x} more (speed/power)
""")
SLOWER = joined("""
(<want>) {x} (<bit>) (slower/weaker)|(<chance>) turn {x} down (<bit>/)|(<get>) {x} (<bit>) slower
{x} {x_is} (<too>) (fast/strong)|(<mind>) turning {x} down (<bit>/)|(slow down/turn down) {x} (<bit>/)
(slow/turn) {x} down (<bit>/)|make {x} (slower/weaker/a bit slower)|{x} (slower/a bit slower/weaker)
less (air/wind/speed) from {x}|{x} {x_is} too (fast/strong/loud)|give {x} less (speed/power)
""")
HUMIDITY = joined("""
(set/put) {x} to {v} humidity|(set/change) the humidity (of/on) {x} to {v}|(<want>) {v} humidity from {x}
keep {x} at {v} humidity|bring the humidity to {v} with {x}|{x} at {v} humidity
the humidity of {x} should be {v}
""")

_X = {"x": device(CLIMATE)}
_F = {"x": device(FANS)}
_P = {"p": mentions.place}
_D = {"x": device(CLIMATE), "d": mentions.degrees}
_T = {"property": "temperature"}
_SPEED = {"property": "speed"}
_AT = joined("""
{x_told} {x_is} at {d_told}|i set {x_told} to {d_told}|okay {d_told}|{d_told} it is
setting {x_told} to {d_told}
""")
_BY = {"x": device(CLIMATE), "v": step("degrees", range(1, 6))}
_NOW = number_of(range(16, 28), "degrees")
_ROOM = {"device": "thermostat", "property": "temperature"}

PATTERNS = (
    IntentPattern("set_home_device", SET, _AT, _D, _T),
    IntentPattern(
        "set_home_device",
        SET_ROOM,
        "okay {d_told}|i set it to {d_told}|{d_told} it is|the thermostat is at {d_told}",
        {**_P, "d": mentions.degrees},
        _ROOM,
    ),
    IntentPattern(
        "increase_home_device",
        WARMER,
        "okay warmer|{result} now|now at {result}|i turned {x_told} up|turning up {x_told}",
        _X,
        _T,
        _NOW,
    ),
    IntentPattern(
        "decrease_home_device",
        COOLER,
        "okay cooler|{result} now|now at {result}|i turned {x_told} down|turning down {x_told}",
        _X,
        _T,
        _NOW,
    ),
    IntentPattern(
        "increase_home_device",
        WARMER_BY,
        "{v} warmer|{result} now|now at {result}|i turned {x_told} up by {v}",
        _BY,
        _T,
        _NOW,
    ),
    IntentPattern(
        "decrease_home_device",
        COOLER_BY,
        "{v} cooler|{result} now|now at {result}|i turned {x_told} down by {v}",
        _BY,
        _T,
        _NOW,
    ),
    IntentPattern(
        "increase_home_device",
        COLD_ROOM,
        "okay i make it warmer|{result} now|now at {result}|turning up the heat|warmer it is",
        _P,
        _ROOM,
        _NOW,
    ),
    IntentPattern(
        "decrease_home_device",
        HOT_ROOM,
        "okay i make it cooler|{result} now|now at {result}|turning down the heat|cooler it is",
        _P,
        _ROOM,
        _NOW,
    ),
    IntentPattern(
        "set_home_device",
        MODE,
        "{x_told} {x_is} in {m} mode|okay {m} mode|i set {x_told} to {m}|{m} mode is on",
        {"x": device(CLIMATE), "m": mentions.mode},
        {"property": "mode"},
    ),
    IntentPattern(
        "set_home_device",
        MODE,
        "{x_told} {x_is} in {m} mode|okay {m} mode|i set {x_told} to {m}",
        {"x": device(FANS), "m": mentions.mode},
        {"property": "mode"},
    ),
    IntentPattern(
        "set_home_device", FAN_SPEED, "okay {l}|{x_told} {x_is} on {l}", {**_F, "l": mentions.level}, _SPEED
    ),
    IntentPattern("increase_home_device", FASTER, "okay faster|i turned {x_told} up", _F, _SPEED),
    IntentPattern("decrease_home_device", SLOWER, "okay slower|i turned {x_told} down", _F, _SPEED),
    IntentPattern(
        "set_home_device",
        HUMIDITY,
        "okay {v_told}|{x_told} {x_is} at {v_told}",
        {"x": mentions.one(FANS), "v": mentions.percent},
        {"property": "humidity"},
    ),
)
