"""Requests about the car's system, apps and screen: eleven functions."""

from duplexsla.data.car_pattern import Pattern, number_of
from duplexsla.tools.car import APPS, CONNECTIONS, DIRECTIONS, PAGES

SHOWN = (
    "display", "screen", "sound", "bluetooth", "wifi", "hotspot", "mobile data", "location", "notifications",
    "dark mode", "night mode", "voice assistant", "privacy", "updates", "equalizer",
)  # fmt: skip
LOUD = ("volume", "media volume", "navigation volume", "call volume", "alert volume", "sound")
TONES = ("bass", "treble", "contrast", "brightness")
PERCENTS = tuple(range(5, 101, 5))
STEPS = tuple(range(5, 55, 5))

_NOW_AT = "the {setting} is now at {told}|the {setting} is at {told}"

SYSTEM = (
    Pattern(
        "open_system_setting",
        "turn on {setting}|switch on {setting}|open the {setting} settings|show the {setting} settings|"
        "activate {setting}|bring up the {setting} settings|enable {setting}",
        "the {setting} settings are open|{setting} is on",
        {"setting": SHOWN},
    ),
    Pattern(
        "close_system_setting",
        "turn off {setting}|switch off {setting}|close the {setting} settings|hide the {setting} settings|"
        "deactivate {setting}|disable {setting}|leave the {setting} settings",
        "the {setting} settings are closed|{setting} is off",
        {"setting": SHOWN},
    ),
    Pattern(
        "set_system_setting",
        "set the {setting} to {value} percent|change the {setting} to {value} percent|"
        "put the {setting} at {value} percent|i want the {setting} at {value} percent|"
        "make the {setting} {value} percent",
        "the {setting} is set to {value} percent|the {setting} is at {value} percent",
        {"setting": (*LOUD, *TONES), "value": PERCENTS},
        {"unit": "percent"},
    ),
    Pattern(
        "set_system_setting",
        "set the {setting} to {value}|change the {setting} to {value}|switch the {setting} to {value}|"
        "i want the {setting} in {value}",
        "the {setting} is set to {value}",
        {"setting": ("language", "keyboard"), "value": ("english", "french", "german", "spanish", "chinese")},
    ),
    Pattern(
        "set_system_setting",
        "set the {setting} to {value}|change the {setting} to {value}|use the {value} {setting}",
        "the {setting} is set to {value}",
        {"setting": ("equalizer",), "value": ("rock", "pop", "jazz", "classical")},
    ),
    Pattern(
        "set_system_setting",
        "set the {setting} to {value}|put the {setting} on {value}|change the {setting} to {value}",
        "the {setting} is set to {value}",
        {"setting": ("display", "dark mode", "night mode"), "value": ("auto", "dark", "light")},
    ),
    Pattern(
        "increase_system_setting",
        "turn up the {setting}|raise the {setting}|increase the {setting}|more {setting} please|"
        "give me more {setting}|turn the {setting} up",
        _NOW_AT,
        {"setting": (*LOUD, *TONES)},
        told=number_of(PERCENTS[4:], "percent"),
    ),
    Pattern(
        "increase_system_setting",
        "turn up the {setting} by {value} percent|raise the {setting} by {value} percent|"
        "increase the {setting} by {value} percent",
        _NOW_AT,
        {"setting": (*LOUD, *TONES), "value": STEPS},
        {"unit": "percent"},
        number_of(PERCENTS[4:], "percent"),
    ),
    Pattern(
        "decrease_system_setting",
        "turn down the {setting}|lower the {setting}|decrease the {setting}|less {setting} please|"
        "reduce the {setting}|turn the {setting} down",
        _NOW_AT,
        {"setting": (*LOUD, *TONES)},
        told=number_of(PERCENTS[:16], "percent"),
    ),
    Pattern(
        "decrease_system_setting",
        "turn down the {setting} by {value} percent|lower the {setting} by {value} percent|"
        "decrease the {setting} by {value} percent",
        _NOW_AT,
        {"setting": (*LOUD, *TONES), "value": STEPS},
        {"unit": "percent"},
        number_of(PERCENTS[:16], "percent"),
    ),
    Pattern(
        "disconnect_system_setting",
        "disconnect {connection}|disconnect the {connection}|cut the {connection} connection|"
        "end the {connection} connection|drop the {connection} connection|close the {connection} connection",
        "{connection} is disconnected|the {connection} connection is closed",
        {"connection": CONNECTIONS},
    ),
    Pattern(
        "open_app",
        "open the {app} app|start the {app} app|launch {app}|open {app}|show me the {app} app|"
        "bring up the {app} app|i need the {app} app",
        "opening {app}|the {app} app is open",
        {"app": APPS},
    ),
    Pattern(
        "close_app",
        "close the {app} app|quit the {app} app|exit {app}|close {app}|shut the {app} app|end the {app} app",
        "closing {app}|the {app} app is closed",
        {"app": APPS},
    ),
    Pattern(
        "switch_page",
        "go to the {page} page|switch to the {page} page|show the {page} page|open the {page} page|"
        "take me to the {page} page|{page} page please",
        "here is the {page} page|this is the {page} page",
        {"page": PAGES},
    ),
    Pattern(
        "scroll",
        "scroll {direction}|please scroll {direction}|scroll {direction} a bit|move the screen {direction}|"
        "scroll the page {direction}|scroll {direction} {amount} screens|scroll {direction} {amount} pages",
        "okay|scrolling {direction}",
        {"direction": DIRECTIONS, "amount": tuple(range(2, 11))},
    ),
    Pattern(
        "select_option",
        "select option {option}|take the {option_nth} one|choose number {option}|"
        "the {option_nth} option please|"
        "i want the {option_nth} one|pick option {option}|select the {option_nth} result",
        "option {option} is selected|okay the {option_nth} one",
        {"option": tuple(range(1, 11))},
    ),
)
