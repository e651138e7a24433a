"""What is said to the assistant about its own doings: yes, no, take it back, what was that."""

from duplexsla_lab.data.home2 import mentions
from duplexsla_lab.data.language.intent_pattern import IntentPattern, joined, one_of

YES = joined("""
yes|yes please|yeah|yep|yup|sure|do it|go ahead|please do|please|of course|okay|okay do it|yes do it
yes go ahead|that is right|right|correct|absolutely|definitely|exactly|i do|confirm|confirmed|yes i am sure
i am sure|yes i do|yeah go ahead|sure go ahead|sure thing|fine|all right|go for it|by all means|yes that one
yes thank you|uh huh|yes exactly|that is what i want|make it so|you may|yes you may|yes of course
yes of course i am|okay go|yes now|yes that is fine|sounds good|why not|yeah do that|please go ahead
i said so|certainly|indeed|yes really|yes yes|well yes|yes i want that|oh yes|okay yes|yeah please|sure do it
affirmative|it is fine|that is fine|yes that is correct|go on then|yes open it up
""").replace("|yes open it up", "")
NO = joined("""
no|no thanks|no thank you|nope|nah|no do not|do not|do not do it|please do not|better not|rather not|no way
not now|not right now|cancel|cancel that|no wait|no stop|leave it|no leave it|no leave it as it is
absolutely not|of course not|no i do not|i do not want that|i changed my mind|no forget it|no that is wrong
wrong|that is not what i meant|negative|on second thought no|no not that one|no please|never|not at all|oh no
god no|no i did not say that|no no|certainly not|let us not|maybe later|not today|no keep it|no it is okay
no nothing|actually no|no that was not for you|hold off|no do nothing
""")
UNDO = joined("""
(<chance>) undo (that/it)|(<chance>) take that back|(<chance>) (change/put/set) it back
(<want>) it (back/as it was/like before/the way it was)|(<want>) that (undone/reversed/taken back)
(<lets>) undo that|(<mind>) (undoing/reversing) that
(oh no/oops/wait/sorry/hey) (undo that/take that back/change it back/put it back)
undo (that/it/this/the last one/what you did/)|take (that/it) back|(revert/reverse) (that/it/what you did)
put it back (the way it was/as it was/like before/)|change it back
(go/set it/turn it) back to (how/what) it was|that was wrong (undo it/take it back/change it back/)
(i did not want/i did not mean) that (undo it/take it back/)
no that was the wrong one (undo it/take it back/)|make it like before|like it was before please
reverse your last action|undo your last action|undo undo
i did not ask for that (undo it/change it back/take it back)|that was not what i wanted (undo it/put it back)
wrong one (undo/undo that)|oops undo that|back to how it was|restore it|set everything back
can you take that back|please undo what you just did|you did the wrong thing undo it|oh no undo that
""")
CANCEL_LATER = joined("""
(<chance>) (cancel/drop/forget) (the plan/what was planned/the schedule)|(<lets>) cancel what was planned
(<want>) nothing (done later/planned/scheduled)|(<mind>) cancelling what was planned
cancel what (was planned/you planned/is planned/you were going to do)
(cancel/forget/drop) the (schedule/plan) (for later/)|do not do it later (after all/)
(cancel/stop) the scheduled (action/thing/task)|cancel (it/that) for later|i do not need that later any more
call off what was planned|forget what i said about later|nothing has to happen later|no need to do it later
cancel everything (planned/scheduled/for later)|you do not have to do that later|drop what you had planned
""")
CANCEL_WHAT = (
    joined("""
cancel the (scheduled/planned) {w}|do not {v} later|do not {v} tonight after all
forget about the {w} (for later/later/tonight)|cancel the {w} (for tonight/for later/for tomorrow)
call off the {w}|no {w} (later/tonight/tomorrow) after all|the {w} for later can be cancelled
drop the scheduled {w}|the planned {w} is not needed|cancel (my/the) {r} (reminder/)
delete the {r} (reminder/)|i do not need the {r} any more
""")
    .replace("|do not {v} tonight after all", "")
    .replace("|do not {v} later", "")
)
QUERY_LATER = joined("""
(<know>) what is (planned/scheduled/set for later)|(<check>) what is (planned/scheduled)
(<know>) what you (have planned/will do later)|(<know>) which (alarms/reminders) are set
(<check>) my (reminders/alarms)|what is (planned/scheduled/coming up/set for later)
what (are you going to/will you) do later|what have you planned|what is on your schedule
is anything (scheduled/planned)|do you have anything planned|what is going to happen (later/tonight/tomorrow)
which (alarms/reminders) (are set/do i have)|what reminders do i have|what alarms are set
when will you do (it/that)|list (my reminders/the schedules/what is planned)
tell me what is (planned/scheduled)|what did i (schedule/plan)|is there an alarm set
do i have any (reminders/alarms)|what have i asked you to do later|what comes next on the schedule
is the alarm clock set
""")
WHAT = joined("""
(<know>) what you (did/just did/have done)|(<know>) what (happened/just happened)|(<know>) why you did that
(<check>) what you did|(<know>) why that (happened/went on/went off)|what did you (do/just do)|what was that
what have you done|what just happened|why did you do that
why did (that/it) (happen/turn on/turn off/open/go on)|what did you (change/turn on/turn off/open/close)
what are you doing|who did that|was that you|did you do (that/something)|tell me what you did
what did i ask you to do|why (is/was) that|explain what you did|what happened (there/just now)|did it work
did you do it|have you done it|is it done|what was the last thing you did|which one was that
did you just (turn something on/turn something off/do something)|what did you do and why|what did you hear
repeat what you did
""")
NEVER_MIND = joined("""
(sorry/oh/no/wait/actually/hm/ah/okay) (never mind/forget it/leave it/nothing/drop it/forget i said anything)
(that was/i was) (a mistake/just talking/talking to myself/thinking aloud)
(please/just) (forget it/ignore that/leave it/ignore me)|never mind|never mind (that/then/it/me/about it)
forget it|forget (that/about it/what i said/i asked)|(oh/ah/no/actually/well/okay) never mind|nothing
it is nothing|it was nothing|do not worry about it|do not bother|no never mind|scratch that|drop it|leave it
let it be|it is fine leave it|skip it|i take it back|ignore (that/me/what i said)|that was not for you
i was not talking to you|i did not mean you|not you|sorry wrong name|oh nothing sorry|no nothing
it is okay nothing|i changed my mind never mind|i got it never mind|i will do it myself|i have got it
all good never mind|wait no forget it|no forget it|cancel that i changed my mind|sorry never mind
""")
_PLANNED = (
    "light", "lights", "heating", "vacuum", "sprinkler", "porch light", "music", "blinds", "coffee maker",
    "dishwasher", "garage door", "kitchen light", "fan", "awning", "party scene", "movie scene",
    "washing machine", "heater",
)  # fmt: skip
_REMINDERS = (
    "dentist",
    "meeting",
    "birthday",
    "pills",
    "laundry",
    "wake up alarm",
    "alarm at seven",
    "bin",
    "medicine",
    "call mum",
)
_LATER = ("the porch light at nine", "a reminder at six", "the heating at seven", "nothing")
_DID = ("kitchen light on", "bedroom light off", "blinds closed", "nothing")

PATTERNS = (
    IntentPattern("undo", UNDO, "okay i took it back|it is as before|undone|sorry it is as it was"),
    IntentPattern("cancel_later", CANCEL_LATER, "okay cancelled|it is cancelled|okay i will not do it"),
    IntentPattern(
        "cancel_later",
        CANCEL_WHAT,
        "okay cancelled|it is cancelled",
        {"w": mentions.words_of(_PLANNED, "what"), "r": mentions.words_of(_REMINDERS, "what")},
    ),
    IntentPattern("query_later", QUERY_LATER, "{result}|there is {result}", result=one_of(*_LATER)),
    IntentPattern("what_did_you_do", WHAT, "{result}", result=one_of(*_DID)),
    IntentPattern("never_mind", NEVER_MIND, "okay|all right|no problem|sure|okay then"),
)
