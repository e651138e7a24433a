"""Questions and searches of the car, texts it writes and calls it makes: fourteen functions."""

import random

from duplexsla.tools.car import DAYS, RESOURCES, TRANSPORT
from duplexsla_lab.data.car.names import (
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
from duplexsla_lab.data.language.exchange import Arguments
from duplexsla_lab.data.language.intent_pattern import IntentPattern, ResultText, number_of, one_of
from duplexsla_lab.data.language.spoken_numbers import ordinal, spoken, spoken_value

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_SKIES = ("sunny", "cloudy", "rainy", "windy", "foggy")
_FIND = (
    "find {query}|find me {query}|search for {query}|look for {query} nearby|where can i find {query}|"
    "i am looking for {query}|we are looking for {query}|look up {query} nearby|find {query} around here|"
    "search for {query} close to us|i want to find {query}|we need to find {query}|show me {query} nearby|"
    "find {query} in {place}|search for {query} in {place}|look for {query} in {place}|"
    "where can i find {query} in {place}|i am looking for {query} in {place}"
)
_FOUND = (
    "i found something|here is what i found|here is what i found in {place}|"
    "i found {result}|how about {result}|there is {result}"
)
NUMBERS = tuple(f"{a}{b}{c}" for a in range(1, 10) for b in range(10) for c in range(10))
"""Short numbers that can be dialed."""


def weather(rng: random.Random, arguments: Arguments) -> ResultText:
    sky, degrees = rng.choice(_SKIES), rng.randrange(8, 28)
    return f"{sky} {degrees} degrees", f"{sky} with {spoken(degrees)} degrees"


def date(rng: random.Random, arguments: Arguments) -> ResultText:
    month, day = rng.choice(_MONTHS), rng.randrange(1, 29)
    return f"{month} {day}", f"{month} {ordinal(day)}"


def hours(rng: random.Random, arguments: Arguments) -> ResultText:
    opens, closes = rng.randrange(8, 11), rng.randrange(17, 21)
    return f"{opens} to {closes}", f"from {spoken(opens)} to {spoken(closes)}"


def departure(rng: random.Random, arguments: Arguments) -> ResultText:
    hour = rng.randrange(6, 22)
    return f"at {hour}", f"at {spoken(hour)}"


def year(rng: random.Random, arguments: Arguments) -> ResultText:
    century, rest = rng.choice((18, 19)), rng.randrange(10, 100)
    return f"built in {century}{rest}", f"built in {spoken(century)} {spoken(rest)}"


def _search(function: str, queries: tuple[str, ...], own: str, *shapes: str) -> IntentPattern:
    values = {"query": queries, "place": CITIES}
    return IntentPattern(function, f"{_FIND}|{own}", _FOUND, values, result=one_of(*shapes))


SEARCH = (
    _search(
        "search_food",
        FOODS,
        "i am hungry for {query}|where can i get {query}|i would like to eat {query}|"
        "we want {query} for dinner|"
        "where is there good {query}|i feel like eating {query}",
        "golden corner",
        "the corner house",
    ),
    _search(
        "search_entertainment",
        SHOWS_LIVE,
        "i want to see {query}|i would like to go to {query} tonight|we want to go to {query} tonight|"
        "i am in the mood for {query} tonight|where can we see {query}|is there {query} tonight",
        "city festival",
        "lights tonight",
    ),
    _search(
        "search_lifestyle",
        SERVICES,
        "i need {query}|we need {query}|i need {query} nearby|i would like to go to {query}|"
        "is there {query} around here|do you know {query} nearby",
        "downtown center",
        "city service",
    ),
    _search(
        "search_shopping",
        GOODS,
        "where can i buy {query}|i want to buy {query}|we have to buy {query}|which shop has {query}|"
        "i would like to buy {query}|where do they have {query}",
        "city outlet",
        "main street market",
    ),
    IntentPattern(
        "search_scenic_spot",
        "tell me about {query}|what is {query}|search for {query}|i want to know about {query}|"
        "is {query} worth a visit|should we visit {query}|is {query} nice|what can we see at {query}|"
        "look up {query}|give me some information about {query}|what do you know about {query}|"
        "i would like to know more about {query}|why is {query} famous",
        "it is {result}|{query} is {result}",
        {"query": SIGHTS},
        result=one_of("a famous place with a view", "a nice place to visit"),
    ),
    IntentPattern(
        "search_scenic_spot",
        "when does {query} open|what are the opening hours of {query}|is {query} open today|"
        "when does {query} close|how long is {query} open|check the opening hours of {query}",
        "it is open {result}|{query} is open {result}",
        {"query": SIGHTS},
        {"detail": "opening hours"},
        hours,
    ),
    IntentPattern(
        "search_scenic_spot",
        "what is the ticket price of {query}|how much is the ticket for {query}|"
        "how much do we pay at {query}|what does {query} cost|check the ticket price of {query}",
        "a ticket is {result}|the ticket for {query} is {result}",
        {"query": SIGHTS},
        {"detail": "ticket price"},
        number_of(tuple(range(5, 31, 5)), "dollars"),
    ),
    IntentPattern(
        "search_hotel",
        "find {query} in {place}|search for {query} in {place}|i need {query} in {place} for {day}|"
        "book {query} in {place}|look for {query} nearby|find {query} for {day}|we need {query}|"
        "find {query}|search for {query}|book {query} for {day}|i am looking for {query} in {place}|"
        "i would like {query} in {place}|we want to stay at {query}|where can we find {query}|"
        "i need {query} for {day}|look for {query} in {place} for {day}|we are looking for {query} for {day}|"
        "is there {query} in {place}|get us {query} for {day}",
        "i found a hotel|i found a hotel in {place}|there is {result}|how about {result}|"
        "i found {result} for {day}",
        {"query": HOTELS, "place": CITIES, "day": DAYS},
        result=one_of("the grand hotel", "the city inn", "the park hotel"),
    ),
    IntentPattern(
        "search_travel",
        "find a {transport} to {destination}|when is the next {transport} to {destination}|"
        "search for a {transport} to {destination} for {day}|is there a {transport} to {destination} {day}|"
        "find a {transport} from {origin} to {destination}|is there a {transport} to {destination}|"
        "show me a {transport} from {origin} to {destination}|look for a {transport} to {destination}|"
        "i need a {transport} to {destination}|i want to take a {transport} to {destination} {day}|"
        "we need a {transport} from {origin} to {destination}|"
        "i would like a {transport} to {destination} {day}|"
        "when does the {transport} to {destination} leave|what time is the next {transport} to {destination}|"
        "how do i get from {origin} to {destination} by {transport}|"
        "look up the next {transport} to {destination}|"
        "check if there is a {transport} to {destination} {day}|"
        "we want to go to {destination} by {transport}",
        "the next {transport} is {result}|there is a {transport} {result}|it leaves {result}|"
        "i found a {transport} {result}",
        {
            "transport": TRANSPORT,
            "destination": CITIES[::2],
            "origin": CITIES[1::2],
            "day": ("today", "tonight", "tomorrow", "this weekend", "next week"),
        },
        result=departure,
    ),
    IntentPattern(
        "search_building",
        "where is {query}|find {query}|show me where {query} is|which street is {query} on|"
        "find out where {query} is|i want to know where {query} is",
        "it is {result} away|{query} is {result} away",
        {"query": BUILDINGS},
        {"detail": "location"},
        number_of(tuple(range(1, 60)), "kilometers"),
    ),
    IntentPattern(
        "search_building",
        "what is the history of {query}|how old is {query}|when was {query} built|"
        "which year is {query} from|tell me the history of {query}",
        "it was {result}|{query} was {result}",
        {"query": BUILDINGS},
        {"detail": "history"},
        year,
    ),
    IntentPattern(
        "search_building",
        "how high is {query}|what is the height of {query}|how tall is {query}|"
        "how many meters is {query} high|"
        "tell me the height of {query}",
        "it is {result} high|{query} is {result} high",
        {"query": BUILDINGS},
        {"detail": "height"},
        number_of(tuple(range(20, 320)), "meters"),
    ),
    IntentPattern(
        "search_building",
        "who is the architect of {query}|who built {query}|who made {query}|which architect built {query}",
        "it was built by {result}|{query} was built by {result}",
        {"query": BUILDINGS},
        {"detail": "architect"},
        one_of("anna berg", "tom rivers", "mia stone"),
    ),
    IntentPattern(
        "search_recognition",
        "what is {query}|recognize {query}|identify {query}|find out what {query} is|tell me what {query} is|"
        "look up {query}|what is the name of {query}|what do you call {query}|do you know {query}|"
        "i want to know what {query} is|i would like to know what {query} is|do you recognize {query}|"
        "what could {query} be|have you any idea what {query} is|give me the name of {query}|"
        "i do not know {query}|what kind of thing is {query}|"
        "tell me the name of {query}|see what {query} is|i am not sure what {query} is",
        "i am looking it up|let me look at {query}|one moment i will find out|i will tell you in a moment",
        {"query": SOUNDS},
    ),
    IntentPattern(
        "query_weather",
        "how is the weather|what is the weather {day}|how is the weather in {place}|"
        "what is the weather in {place} {day}|will it rain {day}|will it rain in {place} {day}|"
        "tell me the weather for {place}|do i need an umbrella {day}|how warm is it in {place}|"
        "is it cold in {place} {day}|will it snow {day}|what will the weather be like {day}|"
        "check the weather in {place}|the weather in {place}|should i take a jacket {day}|"
        "is it sunny in {place}|how cold will it get {day}|give me the weather for {day}|"
        "is it raining in {place}|how does the weather look {day}|i want to know the weather in {place}|"
        "will it be sunny {day}",
        "it is {result}|it is {result} in {place}|the weather is {result}|i see {result}",
        {"place": CITIES, "day": ("today", "tonight", "tomorrow", "this weekend", "next week")},
        result=weather,
    ),
    IntentPattern(
        "query_calendar",
        "when is {event}|what is the date of {event}|what day is {event}|check the calendar for {event}|"
        "look up {event} in the calendar|tell me when {event} is|which day is {event} on|"
        "i forgot when {event} is|find {event} in my calendar|is {event} in the calendar|"
        "i want to know when {event} is|how soon is {event}|what does the calendar say about {event}",
        "it is on {result}|{event} is on {result}|i see {event} on {result}|the calendar says {result}",
        {"event": EVENTS},
        result=date,
    ),
    IntentPattern(
        "query_calendar",
        "what is the date on {day}|which date is {day}|what do i have in the calendar for {day}|"
        "what is in my calendar on {day}|check my calendar for {day}|do i have any time on {day}|"
        "what are my plans for {day}",
        "it is {result}|{day} is {result}|i see {day} is {result}",
        {"day": DAYS[5:]},
        result=date,
    ),
    IntentPattern(
        "query_stock",
        "what is the stock of {company}|check the {company} stock|how much is one share of {company}|"
        "what is the stock price of {company}|tell me the share price of {company}|"
        "how much is {company} worth|look up the {company} stock|what does a share of {company} cost|"
        "the stock price of {company}|find the share price of {company}|"
        "i want to know the price of {company}|"
        "give me the stock price of {company}|i would like the price of one {company} share",
        "it is at {result}|{company} is at {result}|one share is {result}|"
        "the stock of {company} is at {result}",
        {"company": COMPANIES},
        {"detail": "price"},
        number_of(tuple(range(20, 420)), "dollars"),
    ),
    IntentPattern(
        "query_stock",
        "what is the trend of {company}|is {company} going up|is the {company} stock falling|"
        "how is the {company} stock doing|does {company} go up or down|is {company} going down|"
        "tell me the trend of {company}",
        "it goes {result}|{company} goes {result}|the stock goes {result}",
        {"company": COMPANIES},
        {"detail": "trend"},
        one_of("up", "down"),
    ),
    IntentPattern(
        "generate_text_resource",
        "write a {kind} about {topic}|make a {kind} about {topic}|draft a {kind} about {topic}|"
        "create a {kind} on {topic}|i need a {kind} about {topic}|compose a {kind} about {topic}|"
        "i want a {kind} about {topic}|i would like a {kind} about {topic}|we need a {kind} on {topic}|"
        "write me a {kind} on {topic}|start a {kind} about {topic}|make me a short {kind} about {topic}|"
        "help me write a {kind} about {topic}|i have to write a {kind} about {topic}|"
        "put together a {kind} about {topic}|get me a {kind} about {topic}|"
        "write down a {kind} about {topic}|we have to write a {kind} about {topic}|"
        "let me have a {kind} about {topic}",
        "your {kind} is ready|i wrote a {kind} about {topic}|here is your {kind}|the {kind} is written",
        {"kind": RESOURCES, "topic": TOPICS},
    ),
    IntentPattern(
        "make_call",
        "call {contact}|make a call to {contact}|phone {contact}|ring {contact}|i want to talk to {contact}|"
        "give {contact} a call|i need to call {contact}|get {contact} on the phone|"
        "i have to talk to {contact}|"
        "i would like to speak to {contact}|call up {contact}|start a call with {contact}|"
        "we should call {contact}|try to call {contact}|connect me with {contact}|"
        "get me {contact} on the phone|"
        "let me talk to {contact}|i want {contact} on the phone|we need to talk to {contact}|"
        "give {contact} a ring",
        "calling {contact}|i am calling {contact}|okay i call {contact}|the phone is ringing for {contact}",
        {"contact": CONTACTS},
    ),
)


def dialed(digits: str) -> str:
    """A number as it is dialed: "112" -> "one one two"."""
    return " ".join(spoken_value(int(digit)) for digit in digits)
