"""Requests to vacuums, mops and mowers, and scenes."""

from duplexsla_lab.data.home2 import mentions, names
from duplexsla_lab.data.home2.mentions import CLEANERS, device
from duplexsla_lab.data.language.intent_pattern import IntentPattern, joined

START = joined("""
(<chance>) (start/run/launch) {x}|(<want>) {x} (to clean/running/to start/to go)
(<get>) {x} (running/started)|(<mind>) (starting/running) {x}|(<lets>) (start/run) {x}
(<better>) to have {x} run|(<forgot>) to start {x} (do it for me/can you do it)|start {x}|(run/launch) {x}
start {x} (up/now/again)|let {x} (run/work/clean/start)|send {x} (out/off/to work)
get {x} (going/to work/started)|have {x} (run/start/clean up)|(<want>) {x} (to run/to start/to clean/running)
we need {x} to run|put {x} to work|{x} can start|{x} should (start/run/clean)|it is {x_bare} time
could {x} do its job|tell {x} to (start/clean/go)|there are crumbs everywhere start {x}
the floor is dirty (start/run) {x}|the dog made a mess (start/run) {x}|(<how>) running {x}
(<mind>) starting {x}|(<lets>) run {x}|{x} go|go {x} go|the guests come soon start {x}|turn {x} loose
""")
CLEAN_ROOM = joined("""
(<want>) {r} (cleaned/vacuumed/done) by {x}|(<chance>) (send/run) {x} (to/in) {r}
(<lets>) have {x} (do/clean) {r}|(<mind>) sending {x} to {r}|(vacuum/clean/hoover/mop/sweep) {r} with {x}
let {x} (clean/do/vacuum/mop) {r}|send {x} (to/into) {r}|have {x} (clean/do/vacuum) {r}|start {x} in {r}
run {x} in {r}|{r} needs {x}|(<want>) {x} to (clean/do) {r}|{x} should (clean/do) {r}|get {x} to clean {r}
tell {x} to (clean/do/vacuum) {r}|{r} is dirty send {x}|there is sand in {r} start {x}
""")
STOP = joined("""
(<chance>) (stop/pause/halt) {x}|(<want>) {x} (to stop/stopped/paused)|(<mind>) (stopping/pausing) {x}
(<lets>) (stop/pause) {x}|(<better>) to stop {x}|(<done>) {x} stop {x_it}|stop {x}|(pause/halt/freeze) {x}
stop {x} (now/right there/at once)|make {x} stop|{x} stop|hold {x}|tell {x} to (stop/wait)|{x} should stop
i am on the phone stop {x}|{x} {x_is} too loud stop {x_it}|that is enough {x_bare}|the baby sleeps stop {x}
(<want>) {x} to stop|let {x} stop (there/where it is)|(<mind>) stopping {x}|{x} {x_is} stuck stop {x_it}
""")
DOCK = joined("""
(<chance>) (dock/park) {x}|(<chance>) send {x} (home/back)
(<want>) {x} (docked/home/back in its base/charging)|(<mind>) (docking/parking) {x}
(<lets>) send {x} (home/back)|(<better>) to have {x} back|(dock/park) {x}
send {x} (home/back/back home/to its base/to the dock/to charge/back to the base/to its station)
{x} (home/go home)|let {x} (go home/charge/go back to its base)|return {x} (to the dock/to its base/home)
bring {x} (home/back/back to its base)|{x} should (go home/charge/go back)
tell {x} to (go home/charge/return)|(<want>) {x} (docked/back in its base)
get {x} back to (its/the) (dock/base)|{x} {x_is} done send {x_it} home|put {x} on the charger
{x} (back to the dock/to the dock)|call {x} (back/home)
""")
SCENE = joined("""
(<want>) the {s} scene|(<get>) the {s} scene|(<how>) the {s} scene
(<chance>) (start/run/activate/set) the {s} scene|(<mind>) (starting/running) the {s} scene
(<lets>) (start/have/do) the {s} scene|(<better>) to have the {s} scene
(<chance>) (switch/change) to the {s} scene|(<want>) (everything/the house) (set/ready) for {s}
(start/run/activate/begin/trigger/launch) {s} (now/)
(start/run/activate/set/begin/trigger) (the/) {s} (scene/)|(start/run/activate/trigger) (the/) {s} scene
turn on (the/) {s} scene|(switch/change/go) to (the/) {s} scene|put on (the/) {s} scene
give me (the/) {s} scene|{s} scene|time for the {s} scene|(<lets>) have the {s} scene
set the (mood/house/room) (for/to) {s}|{s} mode|get the house ready for {s}|make it {s} in here
prepare (the house/everything) for {s}|bring up the {s} scene|{s} scene (on/now)|everything for {s}
we are ready for {s}|use the {s} scene|do the {s} scene
""")

_X = {"x": device(CLEANERS, several=0.05)}
PATTERNS = (
    IntentPattern(
        "start_home_device",
        START,
        "okay {x_told} starts|starting {x_told}|{x_told} is on its way|off it goes",
        _X,
    ),
    IntentPattern(
        "start_home_device",
        CLEAN_ROOM,
        "okay {x_told} does {r}|{x_told} is on its way to {r}|starting {x_told} in {r}",
        {"x": mentions.one(CLEANERS), "r": mentions.room},
    ),
    IntentPattern("stop_home_device", STOP, "okay {x_told} stopped|i stopped {x_told}|stopped", _X),
    IntentPattern(
        "dock_home_device",
        DOCK,
        "okay {x_told} goes home|{x_told} is going back|sending {x_told} home",
        {"x": mentions.one(CLEANERS)},
    ),
    IntentPattern(
        "run_home_scene",
        SCENE,
        "okay {s}|the {s} scene is on|starting {s}|here is {s}|{s} it is",
        {"s": mentions.words(names.SCENES.draw, "scene")},
    ),
)
