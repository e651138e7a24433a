"""How people go on with what they have just asked for: "and turn it off again", "a bit more"."""

from duplexsla_lab.data.language.intent_pattern import joined

OFF = joined("""
(<and>) (turn/switch) it off (again/)|(<and>) (turn/switch) it off|(<and>) off again|off again please
i changed my mind turn it off|(<and>) shut it off again|no off again
(could/can) you (turn/switch) it off again|that is enough turn it off|okay you can turn it off now
(<and>) (close/shut) it again|i do not need it any more|we do not need it any more now
switch the thing off again
""")
ON = joined("""
(<and>) (turn/switch) it on (again/)|(<and>) (turn/switch) it back on|on again please
i changed my mind turn it on|no put it back on|(could/can) you (turn/switch) it on again
(<and>) put it on again|no i still need it turn it on|(<and>) start it again|oh leave it on
""")
OPEN = joined("""
(<and>) open it (again/)|open it again please|i changed my mind open it|no open it
(could/can) you open it again|(<and>) up again
""")
CLOSE = joined("""
(<and>) (close/shut) it (again/)|close it again please|i changed my mind close it|no (close/shut) it
(could/can) you close it again|(<and>) down again
""")
MORE = joined("""
(a bit/a little/some/much/even/still) more|more|(<and>) (a bit/a little) more|again|once more|(<and>) again
some more please|more please|that is not enough|not enough|still not enough|keep going|go on
a little bit more|(<and>) once more|one more step|another step
""")
LESS = joined("""
(a bit/a little/some/much) less|less|that is too much|too much|not that much|(<and>) a bit less
(<and>) back a bit|that was too much|(a bit/a little) back|the other way|no less|less please
oh that is too much|half a step back
""")
NEW_VALUE = joined("""
(<and>) make it {v}|make that {v}|{v} is better|no {v}|rather {v}|(<and>) {v}|better {v}|actually {v}
let us try {v}|set it to {v}|i would prefer {v}|no i want {v}|change it to {v}|(<and>) set it to {v}
how about {v}|or no {v}
""")
ROOM = joined("""
(<and>) (the same/do the same) in {r}|(<and>) in {r} (too/as well)|(<and>) {r} too|also in {r}
(<and>) that in {r} too|the one in {r} too|(<and>) in {r}|same for {r}|(do/repeat) that in {r}|what about {r}
{r} as well|(<and>) the one in {r}|{r} also please
""")
UNLOCK = joined("""
(<and>) unlock it (again/)|unlock it again please|i changed my mind unlock it|no unlock it
(could/can) you unlock it again
""")
LOCK = joined("""
(<and>) lock it (again/)|lock it again please|then lock it|well lock it|please lock it then
(could/can) you lock it again
""")
TIMER_MORE = joined("""
(<and>) (add/put) {d} (to it/on it/)|make it {d} longer|{d} more|it needs {d} more|(<and>) give it {d} more
{d} longer please
""")
TIMER_LESS = joined("""
(<and>) take {d} off|{d} less|make it {d} shorter|(<and>) {d} shorter
""")
TIMER_OFF = joined("""
(<and>) cancel it|cancel it again|(<and>) stop it|i do not need it any more|delete it again
forget it cancel that timer
""")
TIMER_ASK = joined("""
(<and>) how long has it left|how much is left|(<and>) how long does it still run|how long to go
is it over soon
""")
TIMER_PAUSE = joined("""
(<and>) pause it|hold it for a moment|pause that|(<and>) hold it|put it on hold
""")
ITEM = joined("""
(<and>) {i}|also {i}|{i} too|(<and>) {i} as well|oh and {i}|add {i} too|put {i} on it too|and also {i}
""")
ITEM_OFF = joined("""
(<and>) take (it/that) off again|no take it off again|(<and>) remove it again|i have that take it off again
""")
LOUDER = (
    "(<and>) louder|a bit louder|(<and>) turn it up|louder please|(<and>) a little louder|i can not hear it"
)
QUIETER = joined("""
(<and>) quieter|a bit quieter|(<and>) turn it down|not so loud|quieter please|(<and>) a little quieter
that is too loud
""")
PAUSE = joined("""
(<and>) pause it|pause that|hold on pause it|(<and>) pause
""")
NEXT = joined("""
(<and>) the next one|not that one next|skip it|(<and>) skip this one|next please|another one
""")
STOP = joined("""
(<and>) stop it (again/)|that is enough stop it|(<and>) turn it off|stop it please|okay enough music
""")
DOCK = "(<and>) send it (home/back)|(<and>) back to the base|it can go home now"
HALT = joined("""
(<and>) stop it|stop it there|stop|stop right there|that is far enough
""")
