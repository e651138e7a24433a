"""What scripted decoders hear and call: talks about a question, a time, an undo, a retraction."""

from tests.support.scripted_decoder.script import Line, call

LIGHT = call("open_home_device", device="light", room="kitchen")
SOON = call("open_home_device", device="light", room="kitchen", when="in three seconds")
OVEN = call("open_home_device", device="oven", room="kitchen")
ASKED = " [ confirm kitchen oven]"
SCRIPTS = {
    "confirm": [
        Line(at=12, write=f" turn on the kitchen oven{OVEN}"),
        Line(after=ASKED, at=6, write=f" yes please{call('confirm')}"),
    ],
    "later": [Line(at=12, write=f" turn on the kitchen light in three seconds{SOON}")],
    "undo": [
        Line(at=12, write=f" turn on the kitchen light{LIGHT}"),
        Line(after=" [ done]", at=6, write=f" undo that{call('undo')}"),
    ],
    "retract": [
        Line(at=12, write=f" turn on the kitchen oven{OVEN}"),
        Line(after=ASKED, at=6, write=f" never mind{call('never_mind')}"),
    ],
}
