"""Requests about doors, the alarm and scenes."""

import random

from duplexsla.tools.home import ALARM_MODES, DOORS, SCENES
from duplexsla_lab.data.language.exchange import ExchangeDraft, pick

LOCK = (
    "lock the {door}|lock my {door}|lock up the {door}|lock the {door} up|bolt the {door}|secure the {door}|"
    "get the {door} locked|have the {door} locked|keep the {door} locked|leave the {door} locked|"
    "make sure the {door} is locked|make sure you lock the {door}|make sure to lock the {door}|"
    "do not forget to lock the {door}|do not leave the {door} unlocked|put the lock on the {door}|"
    "turn the lock on the {door}|lock the {door} again|lock the {door} behind me|i want the {door} locked|"
    "i would like the {door} locked|i need the {door} locked|we need the {door} locked|"
    "we want the {door} locked|the {door} should be locked|the {door} must be locked|"
    "the {door} has to be locked|the {door} needs to be locked|the {door} is unlocked lock it|"
    "the {door} is not locked lock it|i forgot to lock the {door} lock it|i am leaving lock the {door}|"
    "we are leaving lock the {door}|i am going to bed lock the {door}"
)
UNLOCK = (
    "unlock the {door}|unlock my {door}|unbolt the {door}|get the {door} unlocked|have the {door} unlocked|"
    "keep the {door} unlocked|leave the {door} unlocked|make sure the {door} is unlocked|"
    "make sure the {door} is not locked|do not leave the {door} locked|take the lock off the {door}|"
    "undo the lock on the {door}|unlock the {door} again|release the {door}|release the lock on the {door}|"
    "i want the {door} unlocked|i would like the {door} unlocked|i need the {door} unlocked|"
    "we need the {door} unlocked|we want the {door} unlocked|i do not want the {door} locked any more|"
    "the {door} should be unlocked|the {door} must be unlocked|the {door} has to be unlocked|"
    "the {door} needs to be unlocked|the {door} is locked unlock it|the {door} is still locked unlock it|"
    "somebody is here unlock the {door}|i am at the {door} unlock it|i have no key unlock the {door}|"
    "my friend is at the {door} unlock it|the guests are here unlock the {door}"
)
ARM = (
    "arm the alarm in {mode} mode|set the alarm to {mode}|turn on the alarm in {mode} mode|"
    "activate the {mode} alarm|arm the {mode} alarm|turn on the {mode} alarm|switch on the {mode} alarm|"
    "start the {mode} alarm|set the {mode} alarm|put the alarm on {mode}|put the alarm in {mode} mode|"
    "set the alarm to {mode} mode|set the alarm for {mode}|arm the alarm for {mode}|arm the house for {mode}|"
    "arm the system in {mode} mode|switch the alarm to {mode}|switch the alarm on in {mode} mode|"
    "turn the alarm to {mode} mode|activate the alarm in {mode} mode|use {mode} mode for the alarm|"
    "have the alarm on {mode}|make sure the alarm is on {mode}|make sure the alarm is in {mode} mode|"
    "i want the alarm on {mode}|i want the alarm in {mode} mode|i would like the alarm in {mode} mode|"
    "i need the alarm on {mode}|we need the alarm in {mode} mode|the alarm should be on {mode}|"
    "the alarm should be in {mode} mode|the alarm on {mode}|the {mode} alarm should be on|"
    "the house needs the {mode} alarm"
)
DISARM = (
    "disarm the alarm|turn off the alarm|turn the alarm off|switch the alarm off|switch off the alarm|"
    "deactivate the alarm|shut off the alarm|shut down the alarm|stop the alarm|kill the alarm|"
    "power off the alarm|take the alarm off|disarm the house|disarm the system|have the alarm off|"
    "make sure the alarm is off|make the alarm stop|get the alarm off|disarm my alarm|leave the alarm off|"
    "i am home disarm the alarm|i am back turn off the alarm|we are home switch the alarm off|"
    "i want the alarm off|i would like the alarm off|i need the alarm off|we need the alarm off|"
    "i do not need the alarm any more|i do not want the alarm on any more|the alarm off|"
    "the alarm should be off|the alarm must be off|the alarm has to be off|the alarm can go off now|"
    "the alarm is still on disarm it|the alarm is on turn it off|there is no need for the alarm any more"
)
SCENE = (
    "start the {scene} scene|activate the {scene} scene|run the {scene} scene|set the {scene} scene|"
    "switch to the {scene} scene|switch on the {scene} scene|turn on the {scene} scene|"
    "turn the {scene} scene on|put on the {scene} scene|put the {scene} scene on|play the {scene} scene|"
    "use the {scene} scene|change to the {scene} scene|go to the {scene} scene|begin the {scene} scene|"
    "choose the {scene} scene|bring up the {scene} scene|get the {scene} scene going|"
    "get the {scene} scene started|start up the {scene} scene|fire up the {scene} scene|"
    "make it the {scene} scene|give me the {scene} scene|set the house to the {scene} scene|"
    "set up the house for the {scene} scene|put the house in the {scene} scene|have the {scene} scene on|"
    "i want the {scene} scene|i want the {scene} scene on|i would like the {scene} scene|"
    "i need the {scene} scene|we need the {scene} scene|we want the {scene} scene|"
    "the {scene} scene|the {scene} scene on|the {scene} scene should be on|the {scene} scene should start|"
    "it is time for the {scene} scene|i am ready for the {scene} scene|we are ready for the {scene} scene"
)


def door(rng: random.Random, *, lock: bool) -> ExchangeDraft:
    name = rng.choice(DOORS)
    said, phrasing = pick(rng, LOCK if lock else UNLOCK, door=name)
    verb = "lock" if lock else "unlock"
    replies = (f"the {name} is {verb}ed", f"the {name} is now {verb}ed", f"i {verb}ed the {name}")
    reply = rng.choice((*replies, f"{verb}ing the {name}"))
    return ExchangeDraft(said, phrasing, f"{verb}_home_door", {"door": name}, "", reply)


def alarm(rng: random.Random, *, arm: bool) -> ExchangeDraft:
    if not arm:
        said, phrasing = pick(rng, DISARM)
        replies = (
            "the alarm is off",
            "the alarm is now off",
            "i turned off the alarm",
            "the alarm is disarmed",
        )
        return ExchangeDraft(said, phrasing, "disarm_home_alarm", {}, "", rng.choice(replies))
    mode = rng.choice(ALARM_MODES)
    said, phrasing = pick(rng, ARM, mode=mode)
    armed = (f"the alarm is set to {mode}", f"the alarm is in {mode} mode", f"the {mode} alarm is on")
    return ExchangeDraft(said, phrasing, "arm_home_alarm", {"mode": mode}, "", rng.choice(armed))


def scene(rng: random.Random) -> ExchangeDraft:
    name = rng.choice(SCENES)
    said, phrasing = pick(rng, SCENE, scene=name)
    replies = (
        f"the {name} scene is on", f"the {name} scene is now on", f"starting the {name} scene",
        f"i started the {name} scene",
    )  # fmt: skip
    return ExchangeDraft(said, phrasing, "run_home_scene", {"scene": name}, "", rng.choice(replies))
