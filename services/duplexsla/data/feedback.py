"""What people say while somebody else talks: short feedback, and how they cut in."""

BACKCHANNELS = (
    "uh huh", "mm hm", "yes", "yeah", "right", "okay", "i see", "sure", "true", "exactly", "of course",
    "got it", "all right", "that is right", "you are right", "that is true", "i agree", "makes sense",
    "that makes sense", "good to know", "interesting", "really", "oh really", "wow", "nice", "great", "cool",
    "sounds good", "very good", "good", "fine", "i know", "i understand", "oh", "oh i see", "no way",
    "that is interesting", "that is funny", "fair enough", "go on", "yes exactly", "yes i know", "okay i see",
    "yeah right", "sure sure", "perfect", "lovely", "absolutely", "definitely", "indeed",
)  # fmt: skip

# Before a new request or statement: the interrupt is clear at their last word.
CUT_INS = (
    "wait", "hold on", "stop", "no", "no wait", "hang on", "one moment", "excuse me", "sorry", "actually",
    "hey stop", "okay stop", "wait a second", "never mind that", "forget that", "that is enough", "enough",
    "okay enough", "let me stop you", "not that",
)  # fmt: skip
# Feedback that turns into a new thought: clear at the word behind it (appendix A.4).
TURNS = (
    "you are right but", "yes but", "okay but", "i know but", "right but", "true but", "i see but",
    "sure but", "that is right but", "yeah but", "i agree but", "good but",
)  # fmt: skip
STATEMENTS = (
    ("i do not have the time", "okay we can talk later"),
    ("i have to go now", "okay see you later"),
    ("that is not what i asked", "sorry what would you like to know"),
    ("i have heard that before", "okay i will stop"),
    ("i do not believe it", "i understand"),
    ("my sister says something else", "oh what does she say"),
    ("it is too late for that", "okay maybe tomorrow"),
    ("somebody is at the door", "okay i will wait"),
    ("the baby is sleeping", "okay i will be quiet"),
    ("i want to sleep now", "good night"),
    ("my phone is ringing", "okay i will wait"),
    ("i changed my mind", "okay no problem"),
    ("that is too much for me", "okay i will keep it short"),
    ("i need a break", "of course take your time"),
    ("we should talk about dinner", "good idea what would you like to eat"),
    ("it did not work the last time", "i am sorry to hear that"),
    ("i am not so sure about that", "what do you think"),
    ("that was last year", "you are right i am sorry"),
    ("i would rather hear about something else", "sure what would you like to hear"),
    ("the kids are waiting for me", "okay have fun"),
)
BE_QUIET = (
    "stop talking", "be quiet", "please be quiet", "stop it", "shut up", "stop please", "quiet please",
    "that is enough", "okay that is enough", "stop stop stop",
)  # fmt: skip
