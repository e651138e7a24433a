"""The car's media."""

from tests.support.simulated_car import Car


def test_a_selected_song_plays_and_tracks_skip(car: Car) -> None:
    found = car("search_music", query="rain")
    car("select_option", option=1)
    assert car["car media"]["title"] == found["options"][0]
    car("play_media", artist="the blue tigers")
    assert car("next_track")["title"] == "neon rain"
    assert car("previous_track")["title"] == "midnight run"
