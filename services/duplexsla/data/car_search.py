"""Questions and searches of the car, texts it writes and calls it makes: fourteen functions."""

import random

from duplexsla.data.car_pattern import Pattern, Told, number_of, one_of
from duplexsla.data.car_words import (
    BUILDINGS,
    CITIES,
    COMPANIES,
    CONTACTS,
    EVENTS,
    FOODS,
    GOODS,
    HOTELS,
    SERVICES,
    SHOWS_LIVE,
    SIGHTS,
    SOUNDS,
    TOPICS,
)
from duplexsla.data.exchange import Arguments
from duplexsla.data.spoken_numbers import ordinal, spoken, spoken_value
from duplexsla.tools.car import DAYS, RESOURCES, TRANSPORT

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_SKIES = ("sunny", "cloudy", "rainy", "windy", "foggy")
_PLACED = "find {query} in {place}|search for {query} in {place}|is there {query} in {place}"
_FOUND = "i found {told}|how about {told}|there is {told}"
NUMBERS = tuple(f"{a}{b}{c}" for a in range(1, 10) for b in range(10) for c in range(10))
"""Short numbers that can be dialed."""


def weather(rng: random.Random, arguments: Arguments) -> Told:
    sky, degrees = rng.choice(_SKIES), rng.randrange(8, 28)
    return f"{sky} {degrees} degrees", f"{sky} with {spoken(degrees)} degrees"


def date(rng: random.Random, arguments: Arguments) -> Told:
    month, day = rng.choice(_MONTHS), rng.randrange(1, 29)
    return f"{month} {day}", f"{month} {ordinal(day)}"


def hours(rng: random.Random, arguments: Arguments) -> Told:
    opens, closes = rng.randrange(8, 11), rng.randrange(17, 21)
    return f"{opens} to {closes}", f"from {spoken(opens)} to {spoken(closes)}"


def departure(rng: random.Random, arguments: Arguments) -> Told:
    hour = rng.randrange(6, 22)
    return f"at {hour}", f"at {spoken(hour)}"


def year(rng: random.Random, arguments: Arguments) -> Told:
    century, rest = rng.choice((18, 19)), rng.randrange(10, 100)
    return f"built in {century}{rest}", f"built in {spoken(century)} {spoken(rest)}"


def _search(function: str, queries: tuple[str, ...], own: str, *shapes: str) -> Pattern:
    return Pattern(
        function,
        f"find {{query}}|search for {{query}}|look for {{query}} nearby|where can i find {{query}}|{_PLACED}|"
        + own,
        "i found something|here is what i found|here is what i found in {place}|" + _FOUND,
        {"query": queries, "place": CITIES},
        told=one_of(*shapes),
    )


SEARCH = (
    _search(
        "search_food",
        FOODS,
        "i am hungry for {query}|where can i get {query}",
        "golden corner",
        "the corner house",
    ),
    _search(
        "search_entertainment",
        SHOWS_LIVE,
        "i want to see {query}|what about {query} tonight",
        "city festival",
        "lights tonight",
    ),
    _search(
        "search_lifestyle",
        SERVICES,
        "i need {query}|can you find me {query}",
        "downtown center",
        "city service",
    ),
    _search(
        "search_shopping",
        GOODS,
        "where can i buy {query}|i want to buy {query}",
        "city outlet",
        "main street market",
    ),
    Pattern(
        "search_scenic_spot",
        "tell me about {query}|what is {query}|search for {query}|i want to know about {query}|"
        "is {query} worth a visit",
        "it is {told}",
        {"query": SIGHTS},
        told=one_of("a famous place with a view"),
    ),
    Pattern(
        "search_scenic_spot",
        "when does {query} open|what are the opening hours of {query}|is {query} open today",
        "it is open {told}",
        {"query": SIGHTS},
        {"detail": "opening hours"},
        hours,
    ),
    Pattern(
        "search_scenic_spot",
        "what is the ticket price of {query}|how much is the ticket for {query}",
        "a ticket is {told}",
        {"query": SIGHTS},
        {"detail": "ticket price"},
        number_of(tuple(range(5, 31, 5)), "dollars"),
    ),
    Pattern(
        "search_hotel",
        "find {query} in {place}|search for {query} in {place}|i need {query} in {place} for {day}|"
        "book {query} in {place}|look for {query} nearby|find {query} for {day}|we need {query}",
        "i found a hotel|i found a hotel in {place}|there is {told}",
        {"query": HOTELS, "place": CITIES, "day": DAYS},
        told=one_of("the grand hotel", "the city inn", "the park hotel"),
    ),
    Pattern(
        "search_travel",
        "find a {transport} to {destination}|when is the next {transport} to {destination}|"
        "search for a {transport} to {destination} for {day}|is there a {transport} to {destination} {day}|"
        "find a {transport} from {origin} to {destination}|"
        "show me a {transport} from {origin} to {destination}",
        "the next {transport} is {told}|there is a {transport} {told}",
        {
            "transport": TRANSPORT,
            "destination": CITIES[::2],
            "origin": CITIES[1::2],
            "day": ("today", "tonight", "tomorrow", "this weekend", "next week"),
        },
        told=departure,
    ),
    Pattern(
        "search_building",
        "where is {query}|find {query}|show me where {query} is",
        "it is {told} away",
        {"query": BUILDINGS},
        {"detail": "location"},
        number_of(tuple(range(1, 60)), "kilometers"),
    ),
    Pattern(
        "search_building",
        "what is the history of {query}|how old is {query}|when was {query} built",
        "it was {told}",
        {"query": BUILDINGS},
        {"detail": "history"},
        year,
    ),
    Pattern(
        "search_building",
        "how high is {query}|what is the height of {query}|how tall is {query}",
        "it is {told} high",
        {"query": BUILDINGS},
        {"detail": "height"},
        number_of(tuple(range(20, 320)), "meters"),
    ),
    Pattern(
        "search_building",
        "who is the architect of {query}|who built {query}",
        "it was built by {told}",
        {"query": BUILDINGS},
        {"detail": "architect"},
        one_of("anna berg", "tom rivers", "mia stone"),
    ),
    Pattern(
        "search_recognition",
        "what is {query}|recognize {query}|can you identify {query}|find out what {query} is|"
        "tell me what {query} is|look up {query}",
        "i am looking it up|let me look at {query}",
        {"query": SOUNDS},
    ),
    Pattern(
        "query_weather",
        "how is the weather|what is the weather {day}|how is the weather in {place}|"
        "what is the weather in {place} {day}|will it rain {day}|will it rain in {place} {day}|"
        "tell me the weather for {place}|do i need an umbrella {day}",
        "it is {told}|it is {told} in {place}",
        {"place": CITIES, "day": ("today", "tonight", "tomorrow", "this weekend", "next week")},
        told=weather,
    ),
    Pattern(
        "query_calendar",
        "when is {event}|what is the date of {event}|what day is {event}|check the calendar for {event}|"
        "look up {event} in the calendar|tell me when {event} is",
        "it is on {told}|{event} is on {told}",
        {"event": EVENTS},
        told=date,
    ),
    Pattern(
        "query_calendar",
        "what is the date {day}|which date is {day}|what do i have in the calendar for {day}",
        "it is {told}|{day} is {told}",
        {"day": DAYS[5:]},
        told=date,
    ),
    Pattern(
        "query_stock",
        "what is the stock of {company}|check the {company} stock|how much is one share of {company}|"
        "what is the stock price of {company}|tell me the share price of {company}",
        "it is at {told}|{company} is at {told}",
        {"company": COMPANIES},
        {"detail": "price"},
        number_of(tuple(range(20, 420)), "dollars"),
    ),
    Pattern(
        "query_stock",
        "what is the trend of {company}|is {company} going up|is the {company} stock falling",
        "it goes {told}|{company} goes {told}",
        {"company": COMPANIES},
        {"detail": "trend"},
        one_of("up", "down"),
    ),
    Pattern(
        "generate_text_resource",
        "write a {kind} about {topic}|make a {kind} about {topic}|draft a {kind} about {topic}|"
        "create a {kind} on {topic}|i need a {kind} about {topic}|compose a {kind} about {topic}",
        "your {kind} is ready|i wrote a {kind} about {topic}",
        {"kind": RESOURCES, "topic": TOPICS},
    ),
    Pattern(
        "make_call",
        "call {contact}|please call {contact}|make a call to {contact}|phone {contact}|ring {contact}|"
        "i want to talk to {contact}|can you call {contact}",
        "calling {contact}|i am calling {contact}",
        {"contact": CONTACTS},
    ),
)


def dialed(digits: str) -> str:
    """A number as it is dialed: "112" -> "one one two"."""
    return " ".join(spoken_value(int(digit)) for digit in digits)
