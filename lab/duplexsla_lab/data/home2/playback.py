"""Requests about music and what else plays, its loudness, and messages to other rooms."""

from duplexsla_lab.data.home2 import mentions, titles
from duplexsla_lab.data.home2.mentions import PLAYERS, device, step
from duplexsla_lab.data.language.intent_pattern import IntentPattern, joined, number_of

PLAY = joined("""
(<want>) (some/a bit of/) {q} {o}|(<get>) (some/a bit of/) {q} {o}|(<how>) (some/a bit of/) {q} {o}
(<chance>) (play/put on) (some/) {q} {o}|(<lets>) (hear/have/listen to) (some/) {q} {o}
(<better>) to (hear/have) (some/) {q} {o}|play (some/) {q} {o}|put on (some/) {q} {o}|put (some/) {q} on {o}
start (some/) {q} {o}|i want to hear (some/) {q} {o}|i would like to (hear/listen to) (some/) {q} {o}
i (feel like/am in the mood for) (some/) {q} {o}|(<lets>) hear (some/) {q} {o}|(<get>) (some/) {q} {o}
could i hear (some/) {q} {o}|(<how>) (some/) {q} {o}|give me (some/) {q} {o}
(<lets>) listen to (some/) {q} {o}|we want to hear (some/) {q} {o}|turn on (some/) {q} {o}
let me hear (some/) {q} {o}
""")
PLAY_TITLE = joined("""
play (the/) {k} {t} {o}|put on the {k} {t} {o}|start the {k} {t} {o}
i want to (hear/listen to) the {k} {t} {o}|can you play the {k} {t} {o}|i would like to hear the {k} {t} {o}
find the {k} {t} and play it {o}|(<lets>) (listen to/hear) the {k} {t} {o}|(<get>) the {k} {t} {o}
the {k} {t} {o} please|play me the {k} {t} {o}
""")
WATCH = joined("""
play the {k} {t} {o}|put on the {k} {t} {o}|start the {k} {t} {o}|i want to (watch/see) the {k} {t} {o}
(<lets>) (watch/see) the {k} {t} {o}|show the {k} {t} {o}|can we (watch/see) the {k} {t} {o}
we want to watch the {k} {t} {o}|i would like to watch the {k} {t} {o}|find the {k} {t} and play it {o}
the kids want to (watch/see) the {k} {t} {o}
""")
PLAY_BY = joined("""
play (something/some music/some songs) by {a} {o}|put on (something/some music) by {a} {o}|play {a} {o}
put on {a} {o}|i want to (hear/listen to) {a} {o}|i would like to (hear/listen to) {a} {o}
do you have anything by {a} {o} play it|play songs (by/from/of) {a} {o}|(<lets>) (hear/listen to) {a} {o}
anything by {a} {o}|i feel like {a} {o}|some {a} {o} please
""")
PLAY_ANY = joined("""
(<want>) (some/a little/a bit of) music {o}|(<get>) (some/a little) music {o}
(<how>) (some/a little) music {o}|(<chance>) play (something/some music) {o}
(<better>) to have (some/a little) music {o}|(<lets>) (hear/have/play) (some music/something) {o}
play (something/anything/some music/music/a song) {o}|put some music on {o}
put on (some music/a song/something) {o}|music {o}|(some/a little) music {o} (please/would be nice)
i want (music/some music) {o}|it is too quiet {o} play something|(<lets>) have some music {o}
i would like some music {o}|(<get>) music {o}|start the music {o}|turn on (the/some) music {o}
surprise me with music {o}|play whatever you like {o}|let the music play {o}|we need music {o}
dj start something {o}
""")
PAUSE = joined("""
(<chance>) pause (it/the music/the film/the song) {o}|(<lets>) pause (it/the music/the film) {o}
(<want>) (the music/the film) paused {o}|(<mind>) pausing (it/the music/the film) {o}|pause
pause (it/that/this/the music/the song/the film/the movie/playback/the video) {o}
hold the (music/song/film) {o}|(take/make) a (music break/break with the music) {o}
put the (music/film/movie) on (hold/pause) {o}|pause {o}|stop the music for a (second/moment/minute) {o}
the phone is ringing pause the (music/film) {o}|wait pause it {o}|freeze the (film/movie/picture) {o}
i need to (go to the toilet/get the door) pause the (film/movie) {o}
""")
RESUME = joined("""
(<chance>) (resume/continue) (it/the music/the film) {o}|(<lets>) (continue/go on with) the (music/film) {o}
(<want>) (the music/the film) to go on {o}|resume (it/the music/the song/playback/the film/the movie/) {o}
(continue/go on) (playing/with the music/with the film) {o}
(unpause/continue) (it/the music/the film/the movie/the song) {o}|keep playing {o}|play on {o}
go on playing {o}|(start/play) (it/the music/the film/the movie) again {o}
where were we with the (film/movie) {o}|back to the (music/film) {o}
i am back (go on/continue/resume) with the (film/movie/music) {o}|let the (music/film) go on {o}
carry on with the (music/film) {o}
""")
STOP = joined("""
(<chance>) stop (it/the music/the film/the radio) {o}|(<lets>) stop the (music/film/radio) {o}
(<want>) (no music/quiet/silence) {o}|(<done>) the (music/film/radio) {o}
(<mind>) stopping the (music/film) {o}|(<better>) to have no music {o}
stop (the music/playing/playback/the song/the film/the movie/the radio/that noise/the podcast) {o}
no more music {o}|(turn/switch/shut) off the music {o}|(turn/switch) the music off {o}|music off {o}
enough music {o}|end the (film/movie/song) {o}|i do not want to hear (this/that/it/music) any more {o}
cut the music {o}|kill the music {o}|quit playing {o}|silence the music {o}|that is enough music {o}
stop what is playing {o}|the music is annoying stop it {o}|could you stop the music {o}
""")
STOP_ALL = joined("""
stop all (the music/players/speakers)|stop the music everywhere|music off everywhere
stop everything that plays
""")
NEXT = joined("""
(<chance>) skip this (song/one/track) {o}|(<lets>) hear (something else/another song/the next one) {o}
(<want>) (another song/a different song/the next song) {o}|(<done>) this song {o}
(<mind>) skipping this one {o}|(<how>) another song {o}|(<get>) another song {o}
(next/skip) (song/track/one/)  {o}|skip (this/it/that/this one/this song/this track/the song) {o}|next {o}
(play/go to) the next (song/track/one) {o}|i do not like this (song/one/track) {o}|another (song/one) {o}
not this one next {o}|change the song {o}|i hate this song skip it {o}|something else {o}
on to the next (song/one) {o}|can we skip this (song/one) {o}|(<lets>) hear the next (song/one) {o}
jump to the next (song/track) {o}
""").replace("  ", " ")
PREVIOUS = joined("""
(<chance>) (play that/go back to that) song again {o}|(<lets>) hear that one again {o}
(<want>) (the last song/that song/the song before) again {o}|(<how>) the last song again {o}
(<get>) the last song again {o}|(<mind>) going back one song {o}|(previous/last) (song/track/one) {o}
go back (a song/one song/one track/one) {o}|(play/go to) the (previous/last) (song/track/one) {o}
play that (song/one) again {o}|what was that last song play it again {o}
back to the (last/previous) (song/one/track) {o}|i want to hear the (last/previous) (song/one) again {o}
one song back {o}|rewind to the last song {o}|go to the song before {o}
""")
MUTE = joined("""
(<chance>) mute {x}|(<want>) {x} (silent/muted/on mute)|(<mind>) muting {x}|(<lets>) mute {x}
(<get>) {x} muted|mute {x}|mute (it/the sound/that) {o}|(turn/switch) off the sound (of/on) {x}
no sound (on/from) {x}|silence {x}|{x} on mute|(turn/switch) the sound of {x} off|put {x} on mute
(<want>) {x} muted|make {x} silent|sound off {o}|shush {x}|set {x} to silent
""")
UNMUTE = joined("""
(<chance>) unmute {x}|(<want>) the sound of {x} back|(<mind>) unmuting {x}|(<lets>) unmute {x}
(<get>) the sound of {x} back|unmute {x}|unmute (it/that) {o}|(turn/switch) the sound (of/on) {x} back on
{x} off mute|take {x} off mute|sound on {o}|i can not hear {x} unmute it|let me hear {x} again
give me the sound back {o}|turn on the sound of {x}|sound back on {o}
""")
SET_VOLUME = joined("""
(<want>) {x} at {v}|(<want>) the volume of {x} at {v}|(<get>) {x} at {v}|(<chance>) (set/put/turn) {x} to {v}
(<chance>) (set/put/turn) the volume of {x} to {v}|(<lets>) have {x} at {v}|(<how>) {x} at {v}
(<mind>) (setting/turning) {x} to {v}|(set/put/turn/change) the volume (of/on) {x} to {v}
(set/put/turn) {x} to {v} volume|{x} (volume/) (to/at) {v}|volume {v} on {x}|turn {x} (up/down) to {v}
(<want>) {x} at {v} volume|play {x} at {v}|(set/turn) {x} volume to {v}|make {x} {v} loud
volume of {x} to {v}|{x} at {v} volume|keep {x} at {v}
""")
VOLUME_HERE = joined("""
(set/turn/put) the volume to {v} {o}|volume (to/) {v} {o}|(set/put) it to {v} volume {o}
volume {v} please {o}
""")
LOUDER = joined("""
(<want>) {x} (<bit>) louder|(<chance>) turn {x} up (<bit>/)|(<mind>) turning {x} up (<bit>/)
(<get>) {x} (<bit>) louder|{x} {x_is} (<too>) (quiet/soft/low)|(<lets>) turn {x} up (<bit>/)
(<better>) to have {x} louder|turn {x} up (<bit>/a notch/some/)|turn up {x} (<bit>/)
make {x} (louder/a bit louder/a little louder)|{x} (louder/up)|i can not hear {x} (turn it up/)
{x} {x_is} too (quiet/soft/low)|(raise/increase) the volume (of/on) {x} (a bit/)|pump up {x}|crank {x} up
(<want>) {x} (louder/a bit louder)|more volume (on/from) {x}|{x} a bit louder|could {x} be a bit louder
""")
QUIETER = joined("""
(<want>) {x} (<bit>) (quieter/softer)|(<chance>) turn {x} down (<bit>/)|(<mind>) turning {x} down (<bit>/)
(<get>) {x} (<bit>) quieter|{x} {x_is} (<too>) loud|(<lets>) turn {x} down (<bit>/)
(<better>) to have {x} quieter|turn {x} down (<bit>/a notch/some/)|turn down {x} (<bit>/)
make {x} (quieter/a bit quieter/softer)|{x} (quieter/softer/down)
{x} {x_is} (too loud/way too loud/a bit loud/hurting my ears/so loud)
(lower/reduce/decrease) the volume (of/on) {x} (a bit/)|(<want>) {x} (quieter/a bit quieter/softer)
less volume (on/from) {x}|{x} a bit quieter|the baby is asleep turn {x} down|not so loud with {x}
i am on the phone turn {x} down|i can not hear myself think turn {x} down|could {x} be a bit quieter
""")
LOUDER_HERE = joined("""
(<want>) it (<bit>) louder|(<chance>) turn (it/the music/the volume) up (<bit>/)|(<bit>) louder
it is (<too>) quiet|(<get>) it (<bit>) louder|(turn/put) (it/the music/the sound) up (<bit>/)|louder
(turn/crank/pump) it up|(turn/put) the (music/volume/sound) up (<bit>/)
turn up the (music/volume/sound) (<bit>/)|volume up|a bit louder|(more/some more) volume
i can not hear (it/the music/a thing)|make it (louder/a bit louder)|it is too quiet
""")
QUIETER_HERE = joined("""
(<want>) it (<bit>) (quieter/softer)|(<chance>) turn (it/the music/the volume) down (<bit>/)
(<bit>) (quieter/softer)|it is (<too>) loud|(<get>) it (<bit>) quieter
(turn/put) (it/the music/the sound) down (<bit>/)|quieter|turn it down (<bit>/)
(turn/put) the (music/volume/sound) down (<bit>/)|turn down the (music/volume/sound) (<bit>/)|volume down
a bit quieter|less volume|it is (too/so/way too) loud|make it (quieter/a bit quieter/softer)
the music is too loud|not so loud
""")
LOUDER_BY = joined("""
turn {x} up by {v}|(raise/increase) the volume of {x} by {v}|{x} {v} louder|{x} up by {v}|{v} louder on {x}
""")
QUIETER_BY = joined("""
turn {x} down by {v}|(lower/reduce) the volume of {x} by {v}|{x} {v} quieter|{x} down by {v}
{v} quieter on {x}
""")
BROADCAST = joined("""
(<chance>) (tell/let) everyone (know/that) {m}|(<lets>) tell everybody {m}|(<want>) everyone to know {m}
(<mind>) announcing {m}|(say/shout/announce) (to the whole house/in all rooms/on every speaker) {m}
(broadcast/announce) {m}|(announce/broadcast) to everyone {m}
tell (everyone/everybody/the family/the whole house) {m}|let (everyone/everybody/them all) know {m}
(say/announce) everywhere {m}|make an announcement {m}|send a message to all rooms {m}
(tell/shout to) the whole family {m}|spread the word {m}|(broadcast/announce) on all speakers {m}
""")
BROADCAST_ROOM = joined("""
(say/announce/broadcast) {m} in {r}|(tell/let) (everyone/them/the people) in {r} know {m}
send a message to {r} {m}|tell them in {r} {m}|announce in {r} {m}|(broadcast/announce) to {r} {m}
say in {r} {m}
""").replace(
    "(tell/let) (everyone/them/the people) in {r} know", "let (everyone/them/the people) in {r} know"
)

_O = mentions.output
_ON = {"o": _O}
_X = {"x": device(PLAYERS, several=0.1)}
_VOLUME = {"property": "volume"}
_PLAYER = {"device": "music", "property": "volume"}
_NOW = number_of(range(10, 101, 5), "percent")


def _media(function: str, phrasings: str, replies: str) -> IntentPattern:
    return IntentPattern(function, phrasings, replies, _ON)


PATTERNS = (
    IntentPattern(
        "play_home_media",
        PLAY,
        "okay here is some {q}|playing {q}|here comes {q}|sure some {q}",
        {"q": titles.genre, **_ON},
        {"kind": "music"},
    ),
    IntentPattern(
        "play_home_media",
        PLAY_TITLE,
        "playing {t}|here is {t}|okay the {k} {t}",
        {"k": mentions.words(titles.heard, "kind"), "t": titles.title, **_ON},
    ),
    IntentPattern(
        "play_home_media",
        WATCH,
        "starting {t}|here is {t}|okay the {k} {t}|enjoy {t}",
        {"k": mentions.words(titles.watched, "kind"), "t": titles.film, **_ON},
    ),
    IntentPattern(
        "play_home_media",
        PLAY_BY,
        "playing {a}|here is something by {a}|okay {a}",
        {"a": titles.artist, **_ON},
        {"kind": "artist"},
    ),
    IntentPattern(
        "play_home_media",
        PLAY_ANY,
        "okay here is some music|here comes the music|playing something nice",
        _ON,
        {"kind": "music"},
    ),
    _media("pause_home_media", PAUSE, "paused|okay paused|i paused it"),
    _media("resume_home_media", RESUME, "okay going on|here we go again|playing again"),
    _media("stop_home_media", STOP, "okay stopped|the music is off|stopped"),
    IntentPattern("stop_home_media", STOP_ALL, "okay all stopped|all players are off", {}, {"scope": "all"}),
    _media("next_home_track", NEXT, "okay the next one|next one|skipped|here is another one"),
    _media("previous_home_track", PREVIOUS, "okay once more|going back|here it is again"),
    IntentPattern(
        "mute_home_media", MUTE, "muted|okay muted|no sound any more", {"x": mentions.one(PLAYERS), **_ON}
    ),
    IntentPattern(
        "unmute_home_media",
        UNMUTE,
        "okay the sound is back|unmuted|sound is on",
        {"x": mentions.one(PLAYERS), **_ON},
    ),
    IntentPattern(
        "set_home_device",
        SET_VOLUME,
        "okay {v_told}|{x_told} {x_is} at {v_told}|volume at {v_told}",
        {**_X, "v": mentions.percent},
        _VOLUME,
    ),
    IntentPattern(
        "set_home_device",
        VOLUME_HERE,
        "okay {v_told}|volume at {v_told}",
        {"v": mentions.percent, "o": mentions.place},
        _PLAYER,
    ),
    IntentPattern(
        "increase_home_device",
        LOUDER,
        "okay louder|{result} now|i turned {x_told} up|louder now",
        _X,
        _VOLUME,
        _NOW,
    ),
    IntentPattern(
        "decrease_home_device",
        QUIETER,
        "okay quieter|{result} now|i turned {x_told} down|quieter now",
        _X,
        _VOLUME,
        _NOW,
    ),
    IntentPattern(
        "increase_home_device", LOUDER_HERE, "okay louder|{result} now|louder now", {}, _PLAYER, _NOW
    ),
    IntentPattern(
        "decrease_home_device", QUIETER_HERE, "okay quieter|{result} now|quieter now", {}, _PLAYER, _NOW
    ),
    IntentPattern(
        "increase_home_device",
        LOUDER_BY,
        "okay {v} louder",
        {**_X, "v": step("percent", range(5, 55, 5))},
        _VOLUME,
        _NOW,
    ),
    IntentPattern(
        "decrease_home_device",
        QUIETER_BY,
        "okay {v} quieter",
        {**_X, "v": step("percent", range(5, 55, 5))},
        _VOLUME,
        _NOW,
    ),
    IntentPattern(
        "broadcast_home_message",
        BROADCAST,
        "okay i told everybody|announced|i said it everywhere",
        {"m": titles.message},
    ),
    IntentPattern(
        "broadcast_home_message",
        BROADCAST_ROOM,
        "okay i said it in {r}|i told them in {r}|announced in {r}",
        {"m": titles.message, "r": mentions.room},
    ),
)
