"""Requests about music, radio and video: seven functions."""

from duplexsla.data.car_pattern import Pattern, one_of
from duplexsla.data.car_words import ARTISTS, GENRES, SHOWS, SONGS, STATIONS, VIDEOS

FM_MHZ = tuple(87.5 + 0.5 * i for i in range(41))  # to 107.5
AM_KHZ = tuple(range(540, 1_700, 10))

MEDIA = (
    Pattern(
        "play_media",
        "play {title}|play {title} by {artist}|play something by {artist}|i want to hear {title}|"
        "put on {title}|put on {title} by {artist}|play some songs by {artist}",
        "here is {title}|playing {title}|here is some music by {artist}|playing {artist}",
        {"title": SONGS, "artist": ARTISTS},
    ),
    Pattern(
        "play_media",
        "play some {title}|i am in the mood for {title}|put on some {title}|i would like some {title}",
        "playing {title}|here is some {title}",
        {"title": GENRES},
    ),
    Pattern(
        "play_media",
        "play some music|play a song|put on some music|start the music",
        "here is some music|playing a song",
    ),
    Pattern(
        "play_media",
        "play the podcast {title}|start the podcast {title}|i want to listen to the podcast {title}",
        "playing {title}|here is {title}",
        {"title": SHOWS},
        {"kind": "podcast"},
    ),
    Pattern(
        "play_media",
        "play the album {title}|play the album {title} by {artist}|put on the album {title}",
        "playing the album {title}",
        {"title": SONGS, "artist": ARTISTS},
        {"kind": "album"},
    ),
    Pattern(
        "play_broadcast",
        "turn on {station}|tune to {station}|play the station {station}|i want to listen to {station}|"
        "switch the radio to {station}|put on {station}",
        "this is {station}|playing {station}",
        {"station": STATIONS},
    ),
    Pattern(
        "play_broadcast",
        "tune to {frequency} fm|play {frequency} fm|set the radio to {frequency} fm|go to {frequency} fm",
        "tuned to {frequency} fm|this is {frequency} fm",
        {"frequency": FM_MHZ},
        {"band": "fm"},
    ),
    Pattern(
        "play_broadcast",
        "tune to {frequency} am|play {frequency} am|set the radio to {frequency} am",
        "tuned to {frequency} am",
        {"frequency": AM_KHZ},
        {"band": "am"},
    ),
    Pattern(
        "play_online_video",
        "play a video about {title}|show me the video {title}|watch {title}|i want to watch {title}|"
        "start the video {title}|play the video {title}",
        "playing the video {title}|here is {title}",
        {"title": VIDEOS},
    ),
    Pattern(
        "search_music",
        "search music by {query}|find songs by {query}|look for music by {query}|search for songs by {query}|"
        "do you have songs by {query}|find albums by {query}",
        "i found songs by {query}|here are songs by {query}",
        {"query": ARTISTS},
        told=one_of(*SONGS[:8]),
    ),
    Pattern(
        "search_music",
        "search for the song {query}|find the song {query}|look for the song {query}",
        "i found {query}|here is what i found for {query}",
        {"query": SONGS},
    ),
    Pattern(
        "search_online_video",
        "search videos about {query}|find videos about {query}|look for videos about {query}|"
        "are there videos about {query}|search online for videos of {query}|find me a clip about {query}",
        "here are videos about {query}|i found videos about {query}",
        {"query": VIDEOS},
    ),
    Pattern(
        "next_track",
        "next song|next track please|skip this song|play the next one|go to the next track|skip this|"
        "i do not like this song",
        "okay the next one|here is the next song",
    ),
    Pattern(
        "previous_track",
        "previous song|go back to the last song|play the previous track|play that song again|"
        "one track back|go to the previous track",
        "okay the song before|here is the song before",
    ),
)
