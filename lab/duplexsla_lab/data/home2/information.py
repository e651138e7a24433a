"""Questions about the time, the date and the weather."""

import random

from duplexsla_lab.data.language.exchange import Arguments
from duplexsla_lab.data.language.intent_pattern import IntentPattern, Mention, ResultText, joined
from duplexsla_lab.data.language.spoken_numbers import ordinal, spoken

CITIES = (
    "london",
    "paris",
    "berlin",
    "tokyo",
    "new york",
    "sydney",
    "rome",
    "madrid",
    "vienna",
    "oslo",
    "chicago",
    "boston",
    "dublin",
    "lisbon",
    "moscow",
    "cairo",
    "mumbai",
    "singapore",
    "toronto",
    "seattle",
    "athens",
    "zurich",
    "hamburg",
    "los angeles",
    "miami",
    "amsterdam",
    "prague",
    "budapest",
    "seoul",
    "shanghai",
    "nairobi",
    "lima",
    "denver",
    "helsinki",
    "naples",
    "porto",
    "edinburgh",
)
TIME = joined("""
(<know>) (what time it is/what the time is/how late it is) {p}|(<check>) the time {p}|(<get>) the time {p}
(<chance>) tell me the time {p}|what time is it {p}|what is the time {p}|(tell/give) me the time {p}
do you (have/know) the time|time {p}|how late is it {p}|what does the clock say|is it (late/already late)
what time do we have|(could i/can i) get the time {p}|the time {p}|what time is it right now {p}
how late is it already|i have no idea what time it is|my watch stopped what time is it|i need the time {p}
let me know the time {p}|is it (noon/six/nine) yet
""")
DATE = joined("""
(<know>) (what day it is/what the date is/what day we have/which day it is/the date)
(<check>) (the date/what day it is)|(<get>) the date (please/)|(<chance>) tell me the date
what (day/date) is (it/it today/today)|what is the date (today/)|what day of the week is it
which day is it today|today's date|is it (monday/friday/sunday) today|what is today's date
which date do we have|tell me the date|what day do we have|what is today|do you know what day it is
what month is it
""")
DATE_OF = joined("""
what (date/day) is {d}|what is the date {d}|which date is {d}|what date do we have {d}
what day of the month is {d}|tell me the date of {d}
""")
WEATHER = joined("""
(<know>) (what the weather will be/how the weather will be/the weather/the forecast) {d} {p}
(<check>) the (weather/forecast) {d} {p}|(<get>) the (weather/forecast) {d} {p}
(<know>) if it will (rain/snow/be cold/be warm/be sunny/be windy) {d} {p}
(<chance>) tell me the weather {d} {p}|(<know>) if (i need an umbrella/we need coats) {d} {p}
(what is/how is) the weather (like/) {d} {p}|what will the weather be (like/) {d} {p}
how (will the weather be/is the weather going to be) {d} {p}|tell me the weather {d} {p}|weather {d} {p}
the weather {d} {p}|what is the (forecast/weather forecast) {d} {p}|give me the forecast {d} {p}
is it going to (rain/snow/be nice/be sunny/be cold/storm/clear up) {d} {p}
is it (raining/snowing/sunny/windy/cold outside/warm outside) {d} {p}
will it (rain/snow/be sunny/be warm/be cold/be windy/freeze/be hot/stay dry) {d} {p}
do i need (an umbrella/a jacket/a coat/sunscreen/boots) {d} {p}
should i take (an umbrella/a coat/a jacket) {d} {p}|how (cold/warm/hot) (is it outside/will it be) {d} {p}
what should i wear {d}|how many degrees (will it be/will we get) {d} {p}|does it look like rain {d} {p}
can we (have a barbecue/eat outside/go to the beach) {d}|any (rain/snow/storms) (coming/expected) {d} {p}
what is it like outside|what is it like out there|is there (rain/snow/frost) {d} {p}|how is it outside {d}
""")


def _day(rng: random.Random) -> Mention:
    if rng.random() < 0.4:
        return Mention("", {})
    said = rng.choice(
        (
            "today",
            "tomorrow",
            "tonight",
            "on monday",
            "on tuesday",
            "on wednesday",
            "on friday",
            "on saturday",
        )
        + ("on sunday", "the day after tomorrow", "next monday", "this saturday")
    )
    return Mention(said, {"day": said.removeprefix("on ")})


def _date_day(rng: random.Random) -> Mention:
    said = rng.choice(
        (
            "tomorrow",
            "next monday",
            "next friday",
            "this saturday",
            "next sunday",
            "the day after tomorrow",
            "next tuesday",
        )
    )
    return Mention(said, {"day": said})


def _place(rng: random.Random) -> Mention:
    if rng.random() < 0.65:
        return Mention("", {})
    city = rng.choice(CITIES)
    return Mention(f"in {city}", {"place": city})


def _time_told(rng: random.Random, arguments: Arguments) -> ResultText:
    hour, minute = rng.randint(1, 12), rng.randint(0, 59)
    minutes = f"oh {spoken(minute)}" if 0 < minute < 10 else spoken(minute) if minute else "o'clock"
    return f"{hour} {minute:02}", f"{spoken(hour)} {minutes}"


def _date_told(rng: random.Random, arguments: Arguments) -> ResultText:
    day = rng.choice(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    month = rng.choice(
        (
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        )
    )
    number = rng.randint(1, 28)
    return f"{day} {month} {number}", f"{day} {month} {ordinal(number)}"


def _weather_told(rng: random.Random, arguments: Arguments) -> ResultText:
    sky = rng.choice(("sunny", "cloudy", "rainy", "partly cloudy", "windy", "foggy", "clear"))
    value = rng.randint(2, 31)
    return f"{sky} {value} degrees", f"{sky} and {spoken(value)} degrees"


PATTERNS = (
    IntentPattern(
        "query_home_time",
        TIME,
        "it is {result}|{result}|it is now {result}",
        {"p": _place},
        result=_time_told,
    ),
    IntentPattern("query_home_date", DATE, "it is {result}|today is {result}|{result}", result=_date_told),
    IntentPattern(
        "query_home_date",
        DATE_OF,
        "that is {result}|{d} is {result}|{result}",
        {"d": _date_day},
        result=_date_told,
    ),
    IntentPattern(
        "query_home_weather",
        WEATHER,
        "{result}|it will be {result}|it looks {result}|expect {result}",
        {"d": _day, "p": _place},
        result=_weather_told,
    ),
)
