"""Requests about music, radio and video: seven functions."""

from duplexsla_lab.data.car.names import ARTISTS, GENRES, SHOWS, SONGS, STATIONS, VIDEOS
from duplexsla_lab.data.language.intent_pattern import IntentPattern, one_of

FM_MHZ = tuple(87.5 + 0.5 * i for i in range(41))  # to 107.5
AM_KHZ = tuple(range(540, 1_700, 10))

MEDIA = (
    IntentPattern(
        "play_media",
        "play {title}|play {title} by {artist}|play something by {artist}|i want to hear {title}|"
        "put on {title}|put on {title} by {artist}|play some songs by {artist}|start {title}|"
        "i would like to hear {title}|we want to hear {title}|let me hear {title}|play the song {title}|"
        "i want to hear {title} by {artist}|i want some music by {artist}|put on something by {artist}|"
        "i would like to hear {artist}|let us hear {title}|we want some songs by {artist}|"
        "i need to hear {artist}",
        "here is {title}|playing {title}|here is some music by {artist}|playing {artist}|this is {title}",
        {"title": SONGS, "artist": ARTISTS},
    ),
    IntentPattern(
        "play_media",
        "play some {title}|i am in the mood for {title}|put on some {title}|i would like some {title}|"
        "i want some {title}|we want to hear some {title}|give me some {title}|i feel like some {title}|"
        "it is time for some {title}|let us hear some {title}|start some {title}|we need some {title}",
        "playing {title}|here is some {title}|okay some {title} for you",
        {"title": GENRES},
    ),
    IntentPattern(
        "play_media",
        "play some music|play a song|put on some music|start the music|i want some music|play something|"
        "we need music|i would like to hear some music|play any music you like|it is too quiet in here",
        "here is some music|playing a song|okay some music for you",
    ),
    IntentPattern(
        "play_media",
        "play the podcast {title}|start the podcast {title}|i want to listen to the podcast {title}|"
        "put on the podcast {title}|i want to hear the podcast {title}|we want the podcast {title}",
        "playing {title}|here is {title}|here is the podcast {title}",
        {"title": SHOWS},
        {"kind": "podcast"},
    ),
    IntentPattern(
        "play_media",
        "play the album {title}|play the album {title} by {artist}|put on the album {title}|"
        "i want to hear the album {title}|start the album {title}",
        "playing the album {title}|here is the album {title}",
        {"title": SONGS, "artist": ARTISTS},
        {"kind": "album"},
    ),
    IntentPattern(
        "play_broadcast",
        "turn on {station}|tune to {station}|play the station {station}|i want to listen to {station}|"
        "switch the radio to {station}|put on {station}|put {station} on|turn the radio to {station}|"
        "switch to {station}|i would like to hear {station}|we want to listen to {station}|"
        "change the station to {station}|play {station} on the radio|let us listen to {station}|"
        "find {station} on the radio|set the radio to {station}|i want {station} on the radio",
        "this is {station}|playing {station}|here is {station}|the radio plays {station}",
        {"station": STATIONS},
    ),
    IntentPattern(
        "play_broadcast",
        "tune to {frequency} fm|play {frequency} fm|set the radio to {frequency} fm|go to {frequency} fm|"
        "switch to {frequency} fm|put on {frequency} fm|i want {frequency} fm on the radio",
        "tuned to {frequency} fm|this is {frequency} fm|here is {frequency} fm",
        {"frequency": FM_MHZ},
        {"band": "fm"},
    ),
    IntentPattern(
        "play_broadcast",
        "tune to {frequency} am|play {frequency} am|set the radio to {frequency} am|go to {frequency} am|"
        "switch to {frequency} am|put on {frequency} am",
        "tuned to {frequency} am|this is {frequency} am|here is {frequency} am",
        {"frequency": AM_KHZ},
        {"band": "am"},
    ),
    IntentPattern(
        "play_online_video",
        "play a video about {title}|show me the video {title}|watch {title}|i want to watch {title}|"
        "start the video {title}|play the video {title}|put on the video {title}|"
        "put on a video about {title}|"
        "we want to watch {title}|i would like to watch {title}|let us watch {title}|"
        "show me a video about {title}|"
        "i want to see a video about {title}|let the kids watch {title}|i would like a video about {title}|"
        "we want to see {title}|let me see the video {title}|put {title} on the screen|"
        "put the video {title} on the screen|i want a video about {title}",
        "playing the video {title}|here is {title}|here is a video about {title}|"
        "the video {title} starts now",
        {"title": VIDEOS},
    ),
    IntentPattern(
        "search_music",
        "search music by {query}|find songs by {query}|look for music by {query}|search for songs by {query}|"
        "do you have songs by {query}|find albums by {query}|is there any music by {query}|"
        "what songs are there by {query}|which songs do you have by {query}|look up songs by {query}|"
        "what music do you have by {query}|find me something by {query}|search for {query} in the music|"
        "i am looking for songs by {query}|show me the songs by {query}|are there albums by {query}",
        "i found songs by {query}|here are songs by {query}|there are some songs by {query}|i found {result}",
        {"query": ARTISTS},
        result=one_of(*SONGS[:8]),
    ),
    IntentPattern(
        "search_music",
        "search for the song {query}|find the song {query}|look for the song {query}|"
        "look up the song {query}|"
        "do you have the song {query}|i am looking for the song {query}|is there a song called {query}",
        "i found {query}|here is what i found for {query}|i found the song {query}",
        {"query": SONGS},
    ),
    IntentPattern(
        "search_online_video",
        "search videos about {query}|find videos about {query}|look for videos about {query}|"
        "are there videos about {query}|search online for videos of {query}|find me a clip about {query}|"
        "search for a video about {query}|look for a clip about {query}|find a video about {query}|"
        "i am looking for videos about {query}|is there a video about {query}|look up videos about {query}|"
        "which videos are there about {query}|what videos do you have about {query}|"
        "do you have a clip about {query}|search online for {query}|find {query} online|"
        "see if there are videos about {query}",
        "here are videos about {query}|i found videos about {query}|there are some videos about {query}|"
        "here is what i found for {query}",
        {"query": VIDEOS},
    ),
    IntentPattern(
        "next_track",
        "next song|next track|skip this song|play the next one|go to the next track|skip this|"
        "i do not like this song|play the next song|skip to the next song|i want the next song|"
        "go on to the next song|the next song|i would like another song|play something else|"
        "we want to hear the next one|skip this track|i have heard this song too often|"
        "one song further|move on to the next track|i want to hear something else",
        "okay the next one|here is the next song|playing the next song|okay here is another song",
    ),
    IntentPattern(
        "previous_track",
        "previous song|previous track|go back to the last song|play the previous track|play that song again|"
        "one track back|go to the previous track|play the last song again|go back one song|one song back|"
        "i want to hear the last song again|i liked the last song|the song before|the last song again|"
        "take me back to the previous song|i would like the previous song|play the song before this one|"
        "we want to hear that song again|play what we had before",
        "okay the song before|here is the song before|playing the last song|okay back to the last song",
    ),
)
