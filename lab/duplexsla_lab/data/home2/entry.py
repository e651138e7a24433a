"""Requests about locks and the alarm: here nothing is asked by a negation, a hint or a question."""

from duplexsla_lab.data.home2 import mentions
from duplexsla_lab.data.language.intent_pattern import IntentPattern, joined

LOCK = joined("""
(<want>) {x} (locked/locked up/bolted)|(<get>) {x} (locked/locked up)|(<chance>) (lock/bolt/lock up) {x}
(<mind>) (locking/bolting) {x}|(<lets>) (lock/lock up) {x}|(<sure>) {x_bare} {x_is} locked
(<better>) to have {x} locked|(<leave>) (lock/please lock) {x}|(<bed>) (lock/please lock) {x}
{x} (<should>) locked|(<forgot>) to lock {x} (do it for me/can you do it/lock {x_it})|lock {x}|lock up {x}
lock {x} (up/again/now/for the night/behind me/after me/tight)|(bolt/secure) {x}|put the lock on {x}
get {x} locked|have {x} locked|keep {x} locked|make sure to lock {x}|make sure you lock {x}
(<want>) {x} locked|(<want>) {x} (locked/to be locked)|i would like to lock {x}
lock {x} (when you can/as soon as it is closed)|could you check and lock {x}|(<leave>) lock {x}
good night lock {x}|(<forgot>) to lock {x} (lock it/can you lock it/do it for me)
{x} {x_is} (unlocked/open/not locked) lock {x_it}|(<mind>) locking {x}|(<how>) locking {x}|time to lock {x}
(<lets>) lock {x}|lock {x} and keep {x_it} locked|(<chance>) lock {x}|(<chance>) lock {x} from here
(<get>) {x} locked|do me a favour and lock {x}|before i forget lock {x}|quickly lock {x}
lock {x} the kids are outside|do not forget to lock {x}
""")
UNLOCK = joined("""
(<want>) {x} unlocked|(<get>) {x} unlocked|(<chance>) (unlock/unbolt) {x}|(<mind>) (unlocking/unbolting) {x}
(<lets>) unlock {x}|(<better>) to have {x} unlocked|(<home>) (unlock/please unlock) {x}
{x} (<should>) unlocked|(let/allow) {n} (in/inside) (and unlock/unlock) {x}
i am (waiting/standing) (outside/at the door) unlock {x}|unlock {x}
unlock {x} (now/again/for me/for us/for a minute)|unbolt {x}|release the lock (on/of) {x}
open the lock (on/of) {x}|get {x} unlocked|have {x} unlocked|keep {x} unlocked
(<sure>) {x_bare} {x_is} unlocked|take the lock off {x}|(<want>) {x} (unlocked/to be unlocked)
i would like to unlock {x}|{x} {x_is} locked unlock {x_it}|{x} {x_is} still locked unlock {x_it}
i (forgot/lost/can not find) my key unlock {x}|i am (at the door/outside/locked out/home/back) unlock {x}
my hands are full unlock {x}|the (guests/kids/plumber/cleaner/neighbours) (are/will be) here unlock {x}
{n} {n_is} (here/outside/at the door/waiting outside) unlock {x}|let {n} in unlock {x}|unlock {x} for {n}
(<mind>) unlocking {x}|(<how>) unlocking {x}|(<chance>) unlock {x}|(<chance>) unlock {x} from here
do me a favour and unlock {x}
""")
ARM = joined("""
(<want>) the alarm (on {m}/in {m} mode/set to {m})|(<get>) the alarm (on {m}/in {m} mode)
(<chance>) (arm/set/switch on) the alarm in {m} mode|(<chance>) set the alarm to {m}
(<mind>) (arming/setting) the alarm in {m} mode|(<lets>) (arm/set) the alarm in {m} mode
(<sure>) the alarm is (on {m}/in {m} mode)|the alarm (<should>) (on {m}/in {m} mode)
(<better>) to have the alarm on {m}|arm the (alarm/house/system/security system) (in {m} mode/for {m}/to {m})
(set/switch/put) the alarm (to {m}/to {m} mode/on {m})|(arm/activate/turn on/switch on/start) the {m} alarm
(turn/switch) on the alarm (in {m} mode/for {m})|alarm (on {m}/to {m}/to {m} mode)
put the (house/alarm/security system) in {m} mode|(<want>) the alarm (on {m}/in {m} mode)|{m} alarm on
i would like the alarm (on {m}/in {m} mode)|activate the alarm in {m} mode|set the security system to {m}
use {m} mode for the alarm|(<lets>) have the alarm on {m}|(<get>) the alarm in {m} mode
change the alarm to {m}|the alarm should be (on {m}/in {m} mode)|(<mind>) arming the alarm in {m} mode
""")
ARM_AWAY = joined("""
(<leave>) (arm the alarm/arm the house/set the alarm/turn on the alarm)|(<leave>) arm the alarm
everybody is out arm the house|nobody is home arm the alarm|the house is empty set the alarm
""")
ARM_NIGHT = joined("""
(<bed>) (arm the alarm/arm the house/turn on the alarm)|we are going to bed arm the alarm
i am going to (bed/sleep) arm the alarm|good night arm the alarm|time to sleep set the alarm for the house
arm the house for the night|arm the alarm for the night
""")
DISARM = joined("""
(<home>) (disarm the alarm/disarm the house/turn off the house alarm)
(<want>) the (alarm/house/security system) disarmed|(<get>) the alarm disarmed
(<chance>) disarm the (alarm/house/system)|(<mind>) disarming the (alarm/house/system)
(<lets>) disarm the (alarm/house)|the (alarm/security system) (<should>) disarmed
disarm the (alarm/house/system/security system)|disarm (it/everything/my alarm/our alarm)
(turn/switch/shut) off the (house alarm/security system)
(turn/switch) the (house alarm/security system/alarm system) off
(deactivate/shut down) the (alarm/alarm system/security system)|(<home>) disarm the alarm
it is (me/us) disarm the alarm|{n} {n_is} home disarm the alarm|(<want>) the alarm disarmed
i would like the alarm (disarmed/off)|the alarm should be disarmed|take the alarm off
(<mind>) disarming the alarm|disarm the alarm (now/quick/for me)|get the alarm disarmed
false alarm disarm the system
""")
_LOCKED = joined("""
{x_told} {x_is} locked|{x_told} {x_is} locked now|i locked {x_told}|locking {x_told}|okay locked
""")
_UNLOCKED = "{x_told} {x_is} unlocked|{x_told} {x_is} unlocked now|i unlocked {x_told}|unlocking {x_told}"
_MODES = ("home", "away", "night")
_ARMED = "the alarm is on|the alarm is armed|okay the alarm is armed"

PATTERNS = (
    IntentPattern("lock_home_door", LOCK, _LOCKED, {"x": mentions.door()}),
    IntentPattern("unlock_home_door", UNLOCK, _UNLOCKED, {"x": mentions.door(), "n": mentions.person}),
    IntentPattern(
        "arm_home_alarm",
        ARM,
        "the alarm is in {m} mode|okay the {m} alarm is on|the alarm is set to {m}",
        {"m": mentions.words_of(_MODES, "mode")},
    ),
    IntentPattern("arm_home_alarm", ARM_AWAY, _ARMED, fixed={"mode": "away"}),
    IntentPattern("arm_home_alarm", ARM_NIGHT, _ARMED, fixed={"mode": "night"}),
    IntentPattern(
        "disarm_home_alarm",
        DISARM,
        "the alarm is off|the alarm is disarmed|okay the alarm is off",
        {"n": mentions.person},
    ),
)
