"""What the car looks up, writes and calls."""

from tests.support.simulated_car import Car


def test_a_call_makes_the_music_wait(car: Car) -> None:
    car("play_broadcast", frequency=101.5, band="fm")
    assert car["car media"]["title"] == "101.5 fm"
    car("make_call", contact="anna")
    assert (car["car phone"]["contact"], car["car media"]["state"]) == ("anna", "paused")


def test_the_calendar_and_the_weather_know_the_day(car: Car) -> None:
    assert car("query_calendar", event="Christmas")["value"] == "december 25"
    assert car("query_calendar", day="tomorrow")["value"] == "wednesday november 15"
    assert car("query_weather", day="today") == car("query_weather")
    assert car("query_weather")["unit"] == "degrees"


def test_the_shelf_of_documents_is_bounded(car: Car) -> None:
    for number in range(25):
        car("generate_text_resource", kind="note", topic=f"topic {number}")
    assert len(car["car documents"]["items"]) == 20
    assert car["car documents"]["items"][-1]["topic"] == "topic 24"
