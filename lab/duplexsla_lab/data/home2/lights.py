"""Requests about brightness, colors and the warmth of light."""

from duplexsla_lab.data.home2 import mentions
from duplexsla_lab.data.home2.mentions import LIGHTS, device, step
from duplexsla_lab.data.language.intent_pattern import IntentPattern, joined, number_of

SET_BRIGHTNESS = joined("""
(<want>) {x} (at/on/dimmed to/set to) {v}|(<get>) {x} (at/on/dimmed to) {v}
(<chance>) (set/dim/turn/bring/put) {x} to {v}|(<how>) {x} at {v}
(<mind>) (setting/dimming/turning) {x} to {v}|(<lets>) (set/dim/turn) {x} to {v}
(<sure>) {x_bare} {x_is} at {v}|{x} (<should>) at {v}|(<better>) to have {x} at {v}
(<want>) the brightness of {x} at {v}|(dim/set/turn/put/bring/change/adjust) {x} to {v}
(dim/turn/bring) {x} (down/up) to {v}|dim down {x} to {v}
(set/put/change/adjust) the brightness of {x} to {v}|(set/put) the brightness to {v} (on/for) {x}
set {x} to {v} brightness|{x} (to/at) {v}|{x} at {v} brightness|(make/get) {x} {v} bright|(<want>) {x} at {v}
(<want>) {x} (at/on/to be at) {v}|keep {x} at {v}|brighten {x} (up to/to) {v}
(lower/raise/reduce/increase) {x} to {v}|(lower/raise) the brightness of {x} to {v}|turn {x} on (at/to) {v}
(switch/turn) on {x} (at/to) {v}|{v} (brightness/light) (on/for) {x}|{x} should be at {v}
{x} (should/can) only be at {v}|give me {x} at {v}|let {x} shine at {v}|{v} for {x}|(<get>) {x} at {v}
{x} at about {v}|roughly {v} on {x}
""")
BRIGHTER = joined("""
(<want>) {x} (<bit>) brighter|(<get>) {x} (<bit>) brighter
(<chance>) (make {x} brighter/turn {x} up/brighten {x}) (<bit>/)
(<mind>) (brightening {x}/turning {x} up) (<bit>/)|(<lets>) (brighten {x}/turn {x} up) (<bit>/)
{x} {x_is} (<too>) (dark/dim/weak)|(turn/put/bring) {x} up (<bit>/)|(<better>) to have {x} (<bit>) brighter
{x} (<should>) (<bit>) brighter|make {x} (<bit>) brighter|(brighten/brighten up) {x} (<bit>/)
make {x} (<bit>/much/slightly/) brighter|turn {x} up|turn {x} up (<bit>/a notch/some more)
turn up {x} (<bit>/a notch/)|{x} a bit brighter|(<want>) {x} (brighter/a bit brighter/a little brighter)
{x} brighter|{x} {x_is} (<too>) (dark/dim)|{x} {x_is} not bright enough|{x} could be brighter
(increase/raise) (the brightness of {x}/{x}) (<bit>/slightly/)|more light from {x}|pump up {x}
more brightness (on/from/for) {x}|can you get more out of {x}|give me more light from {x}
{x} {x_is} so dim i can not read|i can barely read with {x} make {x_it} brighter|a notch up on {x}
""")
DIMMER = joined("""
(<want>) {x} (<bit>) (dimmer/darker)|(<get>) {x} (<bit>) (dimmer/darker)
(<chance>) (dim {x}/turn {x} down/make {x} darker) (<bit>/)|(<mind>) (dimming {x}/turning {x} down) (<bit>/)
(<lets>) (dim {x}/turn {x} down) (<bit>/)|{x} {x_is} (<too>) (bright/strong/harsh)
(turn/put/bring) {x} down (<bit>/)|(<better>) to have {x} (<bit>) darker
{x} (<should>) (<bit>) (darker/dimmer)|make {x} (<bit>) (darker/dimmer)|dim {x} (<bit>/some/slightly/)
dim down {x}|make {x} (<bit>/much/slightly/) (dimmer/darker)|turn {x} down (<bit>/a notch/some/)
turn down {x} (<bit>/a notch/)|soften {x} (a bit/)|(<want>) {x} (dimmer/a bit dimmer/a little darker/darker)
{x} a bit (darker/dimmer)|{x} {x_is} (<too>) bright|{x} {x_is} (blinding me/hurting my eyes/in my eyes)
(decrease/lower/reduce) (the brightness of {x}/{x}) (<bit>/slightly/)|less light from {x}
less brightness (on/from/for) {x}|tone {x} down (a bit/)|take {x} down (a bit/a notch/a little)
{x} could be (darker/dimmer)|not so bright with {x}|a bit less of {x}|a notch down on {x}
""")
BRIGHTER_BY = joined("""
(<want>) {x} {v} brighter|(<get>) {x} {v} brighter|(<chance>) (turn {x} up/brighten {x}/raise {x}) by {v}
(<mind>) (turning {x} up/brightening {x}) by {v}|(<lets>) turn {x} up by {v}|{x} (<should>) {v} brighter
(increase/raise/brighten/turn up) {x} by {v}|turn {x} up (by/) {v}|make {x} {v} brighter|{x} up by {v}
(increase/raise) the brightness of {x} by {v}|{x} {v} brighter|{v} more on {x}|add {v} to {x}
another {v} on {x}|bump {x} up by {v}|give {x} {v} more|{v} up on {x}
""")
DIMMER_BY = joined("""
(<want>) {x} {v} (darker/dimmer)|(<get>) {x} {v} darker|(<chance>) (turn {x} down/dim {x}/lower {x}) by {v}
(<mind>) (turning {x} down/dimming {x}) by {v}|(<lets>) turn {x} down by {v}|{x} (<should>) {v} darker
(decrease/lower/reduce/dim/turn down) {x} by {v}|turn {x} down (by/) {v}|make {x} {v} (darker/dimmer)
(decrease/lower/reduce) the brightness of {x} by {v}|{x} {v} (darker/dimmer)|{x} down by {v}|{v} less on {x}
take {v} off {x}|take {x} down {v}|{v} down on {x}
""")
BRIGHTER_HERE = joined("""
(<want>) it (<bit>) brighter {p}|(<get>) it (<bit>) brighter {p}|(<chance>) make it (<bit>) brighter {p}
it (could/should) be (<bit>) brighter {p}|(<bit>) (brighter/more light) {p}|make it (<bit>) brighter {p}
make it (brighter/a bit brighter/a little brighter/much brighter) {p}|brighten (things/it/) up {p}
it could be (brighter/a bit brighter) {p}|it is a (bit/little) (dim/gloomy/dark) {p} make it brighter
a bit more light {p}|a little brighter {p}|brighter {p} please|we need it brighter {p}|more brightness {p}
""")
DIMMER_HERE = joined("""
(<want>) it (<bit>) (darker/dimmer) {p}|(<get>) it (<bit>) darker {p}|(<chance>) make it (<bit>) darker {p}
it (could/should) be (<bit>) darker {p}|(<bit>) (darker/less light) {p}|make it (<bit>) (darker/dimmer) {p}
the light is (<too>) (bright/strong/harsh) {p}
make it (dimmer/darker/a bit darker/a little darker/less bright/a bit dimmer) {p}|dim it (down/a bit/) {p}
it could be (darker/dimmer/less bright) {p}|the light is too (strong/harsh/much) {p}|softer light {p}
a bit less light {p}|a little darker {p}|not so bright {p}|less light {p}|my eyes hurt it is too bright {p}
""")
COLOR = joined("""
(<want>) {x} (in {c}/{c}/to be {c}/to glow {c})|(<get>) {x} in {c}|(<chance>) (make/turn) {x} {c}
(<chance>) (set/change/switch) {x} to {c}|(<how>) (making/turning) {x} {c}|(<mind>) (making/turning) {x} {c}
(<lets>) (make/turn) {x} {c}|(<better>) to have {x} in {c}|{x} (<should>) {c}|(make/turn/paint/color) {x} {c}
(set/change/switch/turn/put) {x} to {c}|(change/set) the color of {x} to {c}|(switch/turn) {x} color to {c}
(<want>) {x} (in/to be/) {c}|(<want>) {x} (in/to be) {c}|{x} {c}|{x} in {c}|{x} should be {c}
let {x} (glow/shine/be) {c}|give {x} a {c} (color/glow/tone)|have {x} in {c}|use {c} for {x}|{c} for {x}
(<how>) {c} for {x}|(go/get) {c} with {x}|turn {x} on in {c}|i feel like {c} for {x}|{c} light from {x}
make {x} look {c}|the color of {x} should be {c}|my favorite color is {c} set {x} to that|{x} color {c}
all {c} for {x}
""")
KELVIN = joined("""
(set/change/turn/put/adjust) {x} to {k}|(set/change) the color temperature of {x} to {k}|{x} (at/to) {k}
(<want>) {x} at {k}|set the white of {x} to {k}|make {x} {k}|{k} (on/for) {x}|color temperature {k} on {x}
""")
WARMER_LIGHT = joined("""
make {x} warmer|make the light of {x} (warmer/a bit warmer/softer and warmer)|{x} a bit warmer
(i want/i would like) warmer light from {x}|{x} {x_is} too (cold/blue/white) make {x_it} warmer
warmer light on {x}
""")
COOLER_LIGHT = joined("""
make {x} (cooler/colder)|make the light of {x} (cooler/a bit cooler/colder)|{x} a bit cooler
(i want/i would like) (cooler/colder) light from {x}|{x} {x_is} too (yellow/orange) make {x_it} cooler
""")

_AT = joined("""
{x_told} {x_is} at {v_told}|{x_told} {x_is} now at {v_told}|i set {x_told} to {v_told}|okay {v_told}
""")
_UP = joined("""
{x_told} {x_is} brighter now|i turned {x_told} up|turning up {x_told}|okay brighter
{x_told} {x_is} at {result}|{result} now
""")
_DOWN = joined("""
{x_told} {x_is} dimmer now|i dimmed {x_told}|dimming {x_told}|okay darker|{x_told} {x_is} at {result}
{result} now
""")
_BRIGHTNESS = {"property": "brightness"}
_X = {"x": device(LIGHTS)}
_HERE = {"p": mentions.place}
_LIGHTS = {"device": "lights", "property": "brightness"}
_BY = {**_X, "v": step("percent", range(5, 55, 5))}
_WHITE = {"property": "color temperature"}
_WARM = {"property": "color", "value": "warm white"}
_COOL = {"property": "color", "value": "cool white"}
_NOW_AT = number_of(range(10, 101, 5), "percent")

PATTERNS = (
    IntentPattern("set_home_device", SET_BRIGHTNESS, _AT, {**_X, "v": mentions.percent}, _BRIGHTNESS),
    IntentPattern("increase_home_device", BRIGHTER, _UP, _X, _BRIGHTNESS, _NOW_AT),
    IntentPattern("decrease_home_device", DIMMER, _DOWN, _X, _BRIGHTNESS, _NOW_AT),
    IntentPattern("increase_home_device", BRIGHTER_BY, _UP, _BY, _BRIGHTNESS, _NOW_AT),
    IntentPattern("decrease_home_device", DIMMER_BY, _DOWN, _BY, _BRIGHTNESS, _NOW_AT),
    IntentPattern("increase_home_device", BRIGHTER_HERE, "okay brighter|brighter now", _HERE, _LIGHTS),
    IntentPattern("decrease_home_device", DIMMER_HERE, "okay darker|i dimmed the lights", _HERE, _LIGHTS),
    IntentPattern(
        "set_home_device",
        COLOR,
        "{x_told} {x_is} {c} now|{x_told} {x_is} now {c}|i made {x_told} {c}|okay {c}",
        {**_X, "c": mentions.color},
        {"property": "color"},
    ),
    IntentPattern(
        "set_home_device", KELVIN, "{x_told} {x_is} at {k}|okay {k}", {**_X, "k": mentions.kelvin}, _WHITE
    ),
    IntentPattern(
        "set_home_device",
        WARMER_LIGHT,
        "okay warmer light|warmer now",
        _X,
        {"property": "color", "value": "warm white"},
    ),
    IntentPattern(
        "set_home_device",
        COOLER_LIGHT,
        "okay cooler light|cooler now",
        _X,
        {"property": "color", "value": "cool white"},
    ),
)
