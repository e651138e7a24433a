"""What people ask to hear and to see, and what they have said to others: titles, artists, messages.

The titles and artists are made up, so that none has to be known.
"""

import random

from duplexsla_lab.data.home2.names import PEOPLE
from duplexsla_lab.data.language.intent_pattern import Mention, varied

GENRES = (
    "jazz",
    "smooth jazz",
    "classical music",
    "piano music",
    "rock",
    "classic rock",
    "soft rock",
    "pop",
    "techno",
    "house music",
    "reggae",
    "blues",
    "country music",
    "hip hop",
    "salsa",
    "samba",
    "opera",
    "folk",
    "punk",
    "heavy metal",
    "ambient music",
    "chill music",
    "dinner music",
    "dance music",
    "relaxing music",
    "sleep music",
    "kids songs",
    "children's songs",
    "lullabies",
    "christmas songs",
    "christmas music",
    "party music",
    "workout music",
    "study music",
    "meditation music",
    "rain sounds",
    "ocean sounds",
    "white noise",
    "bird songs",
    "forest sounds",
    "eighties music",
    "nineties hits",
    "oldies",
    "disco",
    "soul",
    "gospel",
    "film music",
    "guitar music",
    "violin music",
    "swing",
    "bossa nova",
    "tango",
    "love songs",
    "summer hits",
    "something calm",
    "something cheerful",
    "background music",
    "acoustic music",
    "indie music",
    "electronic music",
    "funk",
    "latin music",
    "cooking music",
)
_FIRST = (
    "blue",
    "silver",
    "golden",
    "broken",
    "midnight",
    "summer",
    "winter",
    "electric",
    "paper",
    "velvet",
    "lonely",
    "crystal",
    "burning",
    "frozen",
    "hidden",
    "lost",
    "quiet",
    "running",
    "secret",
    "sleeping",
    "stolen",
    "wild",
    "dancing",
    "hollow",
    "ivory",
    "northern",
    "purple",
    "rainy",
    "restless",
    "rusty",
    "scarlet",
    "sunday",
)
_SECOND = (
    "river",
    "moon",
    "city",
    "garden",
    "train",
    "heart",
    "letters",
    "morning",
    "road",
    "mirror",
    "island",
    "shadows",
    "summer",
    "kingdom",
    "ocean",
    "station",
    "tigers",
    "window",
    "thunder",
    "parade",
    "harbor",
    "stories",
    "balloon",
    "bridge",
    "castle",
    "feathers",
    "highway",
    "mountain",
    "orchard",
    "planet",
    "streets",
    "violets",
)
_SHAPES = (
    "{a} {b}",
    "{a} {b}",
    "{a} {b}",
    "the {a} {b}",
    "{b} of {c}",
    "{a} in the {b}",
    "under the {b}",
    "{b} and {c}",
    "when the {b} sleeps",
    "back to the {b}",
    "goodbye {a} {b}",
    "the last {b}",
    "dear {b}",
    "no more {c}",
)
_BANDS = (
    "the {a} {c}",
    "the {c}",
    "{b} {c}",
    "{name} and the {c}",
    "{name} {b}",
    "the {b} brothers",
    "{a} {b} trio",
    "the {b} sisters",
    "dj {b}",
)
_MESSAGES = (
    "(dinner/lunch/breakfast/supper/the pizza/the cake) is ready",
    "it is time (to go/for bed/for school/to leave/to eat)",
    "(dinner/lunch) is in (five/ten/twenty) minutes",
    "the (taxi/bus/doctor/pizza/parcel) is here",
    "i am (home/leaving now/on my way)",
    "we are (leaving/going) in (five/ten) minutes",
    "come (down/upstairs/to the kitchen/outside/here) (please/)",
    "everybody to the (car/table/garden)",
    "(grandma/the guests/our friends) (is here/are here)",
    "i need (help/some help) in the kitchen",
    "(put/get) your shoes on",
    "the (film/movie/game) (starts now/is starting)",
    "brush your teeth",
    "wash your hands",
    "turn the music down",
    "good night everyone",
    "good morning everybody",
    "the water will be off for an hour",
    "the washing machine is done",
    "do your homework",
    "the bathroom is free",
    "i can not find my keys",
    "we are out of milk",
    "be quiet the baby is sleeping",
    "who wants ice cream",
    "the dog needs a walk",
    "happy birthday",
    "the party starts at eight",
    "feed the (cat/dog/fish)",
    "take out the trash",
    "tidy up your (room/desk)",
    "there is a parcel at the door",
)


def _slots(rng: random.Random) -> dict[str, str]:
    name = rng.choice([name for name in PEOPLE.train if " " not in name])
    return {
        "a": rng.choice(_FIRST),
        "b": rng.choice(_SECOND),
        "c": rng.choice([w for w in _SECOND if w.endswith("s")]),
        "name": name,
    }


def a_title(rng: random.Random) -> str:
    return rng.choice(_SHAPES).format(**_slots(rng))


def title(rng: random.Random) -> Mention:
    said = a_title(rng)
    return Mention(said, {"query": said})


film = title


def artist(rng: random.Random) -> Mention:
    said = rng.choice(_BANDS).format(**_slots(rng))
    return Mention(said, {"query": said})


def genre(rng: random.Random) -> Mention:
    said = rng.choice(GENRES)
    return Mention(said, {"query": said})


def heard(rng: random.Random) -> str:
    return rng.choice(("song", "album", "playlist", "podcast", "audiobook", "song"))


def watched(rng: random.Random) -> str:
    return rng.choice(("film", "series", "video", "film"))


def message(rng: random.Random) -> Mention:
    """What is to be said elsewhere; behind "that" or alone."""
    said = varied(rng, rng.choice(_MESSAGES))
    return Mention(rng.choice((said, f"that {said}")), {"message": said})
