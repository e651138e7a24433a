"""Requests about the car's system, apps and screen: eleven functions."""

from duplexsla.tools.car import APPS, CONNECTIONS, DIRECTIONS, PAGES
from duplexsla_lab.data.language.intent_pattern import IntentPattern, number_of

SHOWN = (
    "display", "screen", "sound", "bluetooth", "wifi", "hotspot", "mobile data", "location", "notifications",
    "dark mode", "night mode", "voice assistant", "privacy", "updates", "equalizer",
)  # fmt: skip
LOUD = ("volume", "media volume", "navigation volume", "call volume", "alert volume", "sound")
TONES = ("bass", "treble", "contrast", "brightness")
PERCENTS = tuple(range(5, 101, 5))
STEPS = tuple(range(5, 55, 5))

_NOW_AT = (
    "the {setting} is now at {result}|the {setting} is at {result}|i set the {setting} to {result}|"
    "done the {setting} is at {result}"
)
_IS_SET = (
    "the {setting} is set to {value}|the {setting} is now {value}|i set the {setting} to {value}|"
    "done the {setting} is {value}"
)

SYSTEM = (
    IntentPattern(
        "open_system_setting",
        "turn on {setting}|switch on {setting}|turn {setting} on|switch {setting} on|put {setting} on|"
        "activate {setting}|enable {setting}|start {setting}|get {setting} going|i want {setting} on|"
        "i need {setting} on|i would like {setting} on|we need {setting} on|make sure {setting} is on",
        "{setting} is on|i turned on {setting}|done {setting} is on|{setting} is now on",
        {"setting": SHOWN},
    ),
    IntentPattern(
        "open_system_setting",
        "open the {setting} settings|show the {setting} settings|bring up the {setting} settings|"
        "go to the {setting} settings|i want to see the {setting} settings|the {setting} settings|"
        "i need the {setting} settings|get me the {setting} settings|show me the {setting} settings",
        "the {setting} settings are open|here are the {setting} settings|"
        "done the {setting} settings are open",
        {"setting": SHOWN},
    ),
    IntentPattern(
        "close_system_setting",
        "turn off {setting}|switch off {setting}|turn {setting} off|switch {setting} off|shut off {setting}|"
        "deactivate {setting}|disable {setting}|stop {setting}|put {setting} off|i want {setting} off|"
        "i do not need {setting} any more|i would like {setting} off|we do not need {setting} any more|"
        "make sure {setting} is off",
        "{setting} is off|i turned off {setting}|done {setting} is off|{setting} is now off",
        {"setting": SHOWN},
    ),
    IntentPattern(
        "close_system_setting",
        "close the {setting} settings|hide the {setting} settings|"
        "leave the {setting} settings|i am done with the {setting} settings|"
        "get out of the {setting} settings|"
        "exit the {setting} settings",
        "the {setting} settings are closed|i closed the {setting} settings|"
        "done the {setting} settings are closed",
        {"setting": SHOWN},
    ),
    IntentPattern(
        "set_system_setting",
        "set the {setting} to {value} percent|change the {setting} to {value} percent|"
        "put the {setting} at {value} percent|i want the {setting} at {value} percent|"
        "make the {setting} {value} percent|turn the {setting} to {value} percent|"
        "bring the {setting} to {value} percent|i would like the {setting} at {value} percent|"
        "we need the {setting} at {value} percent|the {setting} should be at {value} percent|"
        "the {setting} to {value} percent|i need {value} percent {setting}|"
        "get the {setting} to {value} percent|"
        "give me {value} percent {setting}|put the {setting} on {value} percent",
        "the {setting} is set to {value} percent|the {setting} is at {value} percent|"
        "i set the {setting} to {value} percent|done the {setting} is at {value} percent",
        {"setting": (*LOUD, *TONES), "value": PERCENTS},
        {"unit": "percent"},
    ),
    IntentPattern(
        "set_system_setting",
        "set the {setting} to {value}|change the {setting} to {value}|switch the {setting} to {value}|"
        "i want the {setting} in {value}|i would like the {setting} in {value}|"
        "put the {setting} in {value}|make the {setting} {value}|the {setting} should be {value}",
        _IS_SET,
        {"setting": ("language", "keyboard"), "value": ("english", "french", "german", "spanish", "chinese")},
    ),
    IntentPattern(
        "set_system_setting",
        "set the {setting} to {value}|change the {setting} to {value}|use the {value} {setting}|"
        "switch the {setting} to {value}|i want the {value} {setting}|choose {value} for the {setting}",
        _IS_SET,
        {"setting": ("equalizer",), "value": ("rock", "pop", "jazz", "classical")},
    ),
    IntentPattern(
        "set_system_setting",
        "set the {setting} to {value}|put the {setting} on {value}|change the {setting} to {value}|"
        "switch the {setting} to {value}|i want the {setting} on {value}|the {setting} should be on {value}",
        _IS_SET,
        {"setting": ("display", "dark mode", "night mode"), "value": ("auto", "dark", "light")},
    ),
    IntentPattern(
        "increase_system_setting",
        "turn up the {setting}|turn the {setting} up|raise the {setting}|increase the {setting}|"
        "give me more {setting}|i want more {setting}|i need more {setting}|we need more {setting}|"
        "i would like more {setting}|more {setting}|i want a bit more {setting}|put up the {setting}|"
        "bring up the {setting}|bring the {setting} up|turn the {setting} up a bit|the {setting} is too low|"
        "turn up the {setting} a little|make the {setting} higher|the {setting} should be higher|"
        "i want the {setting} higher",
        _NOW_AT,
        {"setting": (*LOUD, *TONES)},
        result=number_of(PERCENTS[4:], "percent"),
    ),
    IntentPattern(
        "increase_system_setting",
        "turn up the {setting} by {value} percent|raise the {setting} by {value} percent|"
        "increase the {setting} by {value} percent|turn the {setting} up by {value} percent|"
        "i want {value} percent more {setting}|give me {value} percent more {setting}|"
        "put the {setting} up by {value} percent|make the {setting} {value} percent higher",
        _NOW_AT,
        {"setting": (*LOUD, *TONES), "value": STEPS},
        {"unit": "percent"},
        number_of(PERCENTS[4:], "percent"),
    ),
    IntentPattern(
        "decrease_system_setting",
        "turn down the {setting}|turn the {setting} down|lower the {setting}|decrease the {setting}|"
        "reduce the {setting}|give me less {setting}|i want less {setting}|i need less {setting}|"
        "we need less {setting}|i would like less {setting}|less {setting}|put down the {setting}|"
        "bring down the {setting}|bring the {setting} down|turn the {setting} down a bit|"
        "the {setting} is too high|turn down the {setting} a little|make the {setting} lower|"
        "the {setting} should be lower|i want the {setting} lower",
        _NOW_AT,
        {"setting": (*LOUD, *TONES)},
        result=number_of(PERCENTS[:16], "percent"),
    ),
    IntentPattern(
        "decrease_system_setting",
        "turn down the {setting} by {value} percent|lower the {setting} by {value} percent|"
        "decrease the {setting} by {value} percent|turn the {setting} down by {value} percent|"
        "reduce the {setting} by {value} percent|i want {value} percent less {setting}|"
        "give me {value} percent less {setting}|make the {setting} {value} percent lower",
        _NOW_AT,
        {"setting": (*LOUD, *TONES), "value": STEPS},
        {"unit": "percent"},
        number_of(PERCENTS[:16], "percent"),
    ),
    IntentPattern(
        "disconnect_system_setting",
        "disconnect {connection}|disconnect the {connection}|cut the {connection} connection|"
        "end the {connection} connection|drop the {connection} connection|close the {connection} connection|"
        "stop the {connection} connection|disconnect from the {connection}|"
        "disconnect the car from the {connection}|"
        "i want the {connection} disconnected|the {connection} should be disconnected|"
        "i do not need the {connection} connection any more|"
        "shut down the {connection} connection|turn off the {connection} connection|"
        "we are done with the {connection} connection|i would like to disconnect the {connection}|"
        "remove the {connection} connection|i want to end the {connection} connection",
        "{connection} is disconnected|the {connection} connection is closed|i disconnected the {connection}|"
        "done the {connection} is disconnected",
        {"connection": CONNECTIONS},
    ),
    IntentPattern(
        "open_app",
        "open the {app} app|start the {app} app|launch {app}|launch the {app} app|open {app}|open up {app}|"
        "show me the {app} app|bring up the {app} app|i need the {app} app|i want the {app} app|"
        "i would like to use the {app} app|get me the {app} app|the {app} app|switch to the {app} app|"
        "go to the {app} app|put the {app} app on the screen|i want to open {app}|run the {app} app|"
        "we need the {app} app|let me see the {app} app|turn on the {app} app",
        "opening {app}|the {app} app is open|here is the {app} app|i opened {app} for you",
        {"app": APPS},
    ),
    IntentPattern(
        "close_app",
        "close the {app} app|quit the {app} app|quit {app}|exit {app}|exit the {app} app|close {app}|"
        "shut the {app} app|end the {app} app|stop the {app} app|leave the {app} app|get out of {app}|"
        "i am done with the {app} app|we are done with {app}|i do not need the {app} app any more|"
        "i want to close {app}|turn off the {app} app|shut down {app}|hide the {app} app|"
        "the {app} app should be closed|i want the {app} app closed",
        "closing {app}|the {app} app is closed|i closed {app}|done {app} is closed",
        {"app": APPS},
    ),
    IntentPattern(
        "switch_page",
        "go to the {page} page|switch to the {page} page|show the {page} page|open the {page} page|"
        "take me to the {page} page|the {page} page|show me the {page} page|bring up the {page} page|"
        "i want the {page} page|i need the {page} page|i want to see the {page} page|"
        "change to the {page} page|"
        "get me to the {page} page|move to the {page} page|put the {page} page on the screen|"
        "i would like to see the {page} page|we need the {page} page|let me see the {page} page|"
        "change the page to {page}|go back to the {page} page",
        "here is the {page} page|this is the {page} page|you are on the {page} page",
        {"page": PAGES},
    ),
    IntentPattern(
        "scroll",
        "scroll {direction}|scroll {direction} a bit|scroll a little {direction}|move the screen {direction}|"
        "scroll the page {direction}|move the page {direction}|scroll the screen {direction}|"
        "go {direction} on the page|i want to scroll {direction}|roll the page {direction}|"
        "scroll further {direction}|keep scrolling {direction}|go {direction} a bit on the screen|"
        "i need to scroll {direction}|the page a bit {direction}|scroll {direction} again",
        "okay|scrolling {direction}|i scroll {direction}|here is the next part",
        {"direction": DIRECTIONS},
    ),
    IntentPattern(
        "scroll",
        "scroll {direction} {amount} screens|scroll {direction} {amount} pages|"
        "move {direction} {amount} screens|"
        "go {amount} screens {direction}|scroll {amount} screens {direction}|move {amount} pages {direction}",
        "okay|scrolling {direction}|scrolling {amount} screens|okay {amount} screens {direction}",
        {"direction": DIRECTIONS, "amount": tuple(range(2, 11))},
    ),
    IntentPattern(
        "select_option",
        "select option {option}|take the {option_nth} one|choose number {option}|take number {option}|"
        "the {option_nth} option|the {option_nth} one|i want the {option_nth} one|pick option {option}|"
        "select the {option_nth} result|i would like the {option_nth} one|i take the {option_nth} one|"
        "go with the {option_nth} one|go for number {option}|choose the {option_nth} one|"
        "pick the {option_nth} one on the list|use the {option_nth} option|we take number {option}|"
        "i like the {option_nth} one|take option {option}|the {option_nth} result",
        "option {option} is selected|okay the {option_nth} one|i took the {option_nth} one|"
        "done number {option} is selected",
        {"option": tuple(range(1, 11))},
    ),
)
