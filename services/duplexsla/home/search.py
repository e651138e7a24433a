"""What the car looks up, writes and calls: fourteen functions of the `car` toolset.

The world is made up, and steady: the same question at the same time has the same answer.
"""

from datetime import UTC, date, datetime, timedelta

from duplexsla.home.navigation import distance_km, hashed, show_options
from duplexsla.home.state import Arguments, HomeFunction, State, StateChange, changed

MAX_DOCUMENTS = 20  # the oldest makes room
SKIES = ("sunny", "cloudy", "rainy", "windy", "foggy")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
HOLIDAYS = {
    "new year": (1, 1), "valentine's day": (2, 14), "halloween": (10, 31), "christmas": (12, 25),
    "christmas eve": (12, 24), "independence day": (7, 4), "labor day": (9, 7), "thanksgiving": (11, 26),
}  # fmt: skip


def _listed(kind: str, *shapes: str) -> HomeFunction:
    """A search that offers names made of the question, nearest first where they are places."""

    def search(state: State, arguments: Arguments, now_ms: int) -> StateChange:
        query = arguments.get("query") or "city"
        found = [shape.format(query) for shape in shapes]
        if kind == "place":
            found.sort(key=lambda name: distance_km(name, arguments.get("place", "")))
        result = {"query": query, "options": found, "value": found[0]}
        return StateChange(result, show_options(state, kind, found))

    return search


def search_scenic_spot(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    name = arguments["query"]
    facts = {
        "introduction": "a famous place with a view",
        "opening hours": f"{8 + hashed(name, of=3)} to {17 + hashed(name, of=4)}",
        "ticket price": f"{5 * hashed(name, 'price', of=6)} dollars",
    }
    value = facts[arguments.get("detail", "introduction")]
    return StateChange({"query": name, "value": value}, show_options(state, "place", [name]))


def search_building(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    name = arguments["query"]
    facts = {
        "location": f"{distance_km(name)} kilometers away",
        "history": f"built in {1_850 + hashed(name, of=170)}",
        "height": f"{20 + hashed(name, 'height', of=300)} meters",
        "architect": ("anna berg", "tom rivers", "mia stone")[hashed(name, "by", of=3)],
    }
    value = facts[arguments.get("detail", "location")]
    return StateChange({"query": name, "value": value}, show_options(state, "place", [name]))


def search_travel(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Three departures of the day."""
    transport, destination = arguments["transport"], arguments["destination"]
    hours = sorted(6 + hashed(transport, destination, arguments.get("day"), each, of=16) for each in range(3))
    found = [f"{transport} to {destination} at {hour}" for hour in hours]
    return StateChange(
        {"options": found, "value": f"at {hours[0]}"}, show_options(state, "connection", found)
    )


def search_recognition(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    found = [f"{arguments['query']}"]
    return StateChange(
        {"query": found[0], "options": found, "value": found[0]}, show_options(state, "song", found)
    )


def weather(place: str, day: date) -> tuple[str, int]:
    """(sky, degrees Celsius) of a day."""
    return SKIES[hashed(place, day, of=len(SKIES))], 8 + hashed(place, day, "degrees", of=20)


def query_weather(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    place, day = arguments.get("place", "here"), _day(arguments.get("day", "today"), now_ms)
    sky, degrees = weather(place, day.date())
    result = {"place": place, "sky": sky, "degrees": degrees}
    return StateChange({**result, "value": f"{sky} {degrees}", "unit": "degrees"})


def query_calendar(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """The date of a holiday or event; without one, the weekday and date of the day."""
    event = arguments.get("event", "").lower()
    day = _day(arguments.get("day", "today"), now_ms)
    if event:
        month, date = HOLIDAYS.get(event) or (1 + hashed(event, of=12), 1 + hashed(event, "day", of=28))
        return StateChange({"event": event, "value": f"{_MONTHS[month - 1]} {date}"})
    value = f"{_WEEKDAYS[day.weekday()]} {_MONTHS[day.month - 1]} {day.day}"
    return StateChange({"day": arguments.get("day", "today"), "value": value})


def query_stock(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Prices move by at most 5 dollars from day to day."""
    company, today = arguments["company"], now_ms // 86_400_000
    price = 20 + hashed(company, of=400) + hashed(company, today, of=6)
    yesterday = 20 + hashed(company, of=400) + hashed(company, today - 1, of=6)
    if arguments.get("detail") == "trend":
        return StateChange({"company": company, "value": "up" if price >= yesterday else "down"})
    return StateChange({"company": company, "value": price, "unit": "dollars"})


def generate_text_resource(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    kind, topic = arguments["kind"], arguments["topic"]
    made = {"kind": kind, "topic": topic, "text": f"A {kind} about {topic}.", "made_ms": now_ms}
    items = [*state["car documents"]["items"], made][-MAX_DOCUMENTS:]
    return StateChange({"kind": kind, "topic": topic}, changed(state, "car documents", items=items))


def make_call(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Media wait while somebody is on the phone."""
    contact = arguments["contact"]
    updates = changed(state, "car phone", state="calling", contact=contact, since_ms=now_ms)
    if state["car media"]["state"] == "playing":
        updates |= changed(state, "car media", state="paused")
    return StateChange({"contact": contact, "state": "calling"}, updates)


FUNCTIONS: dict[str, HomeFunction] = {
    "search_food": _listed("place", "{} house", "the golden {}", "{} corner"),
    "search_entertainment": _listed("event", "{} tonight", "{} festival", "{} live"),
    "search_lifestyle": _listed("place", "{} center", "{} service", "downtown {}"),
    "search_shopping": _listed("place", "{} store", "{} outlet", "{} market"),
    "search_hotel": _listed("place", "{} hotel", "grand hotel {}", "{} inn"),
    **{
        effect.__name__: effect
        for effect in (
            search_scenic_spot, search_travel, search_building, search_recognition, query_weather,
            query_calendar, query_stock, generate_text_resource, make_call,
        )
    },
}  # fmt: skip


def _day(day: str, now_ms: int) -> datetime:
    """The day that is meant, in UTC: the next one of that name."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    ahead = {"tomorrow": 1, "next week": 7, "this weekend": (5 - now.weekday()) % 7}
    if day in _WEEKDAYS:
        ahead[day] = (_WEEKDAYS.index(day) - now.weekday()) % 7 or 7
    return now + timedelta(days=ahead.get(day, 0))
