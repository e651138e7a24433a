"""Sentences that a home or a car says, and random words, to teach a voice: text only, no sound."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from duplexsla_lab.data.language.spoken_numbers import spoken

Choice = TypeVar("Choice")


def _choices(text: str) -> list[str]:
    return text.split("|")


ROOMS = _choices(
    "kitchen|bedroom|living room|bathroom|garage|office|hallway|basement|dining room|nursery|attic|"
    "guest room|laundry room|study|porch|garden|patio"
)
DEVICES = _choices(
    "light|lights|lamp|fan|heater|thermostat|air conditioner|television|speaker|oven|dishwasher|"
    "coffee maker|humidifier|vacuum|blinds|curtains|shutters|window|garage door|lock|alarm|camera|"
    "heating|door|plug|sprinkler"
)
CAR_PARTS = _choices(
    "sunroof|trunk|driver window|passenger window|rear window|seat heating|seat ventilation|"
    "steering wheel heating|wipers|headlights|fog lights|ambient light|navigation|radio|air conditioning|"
    "defroster|mirrors|charging port"
)
DOORS = _choices("front door|back door|garage door")
PLACES = _choices(
    "work|home|the airport|the station|the nearest charger|school|the hospital|downtown|the hotel"
)
PROPERTIES = _choices("brightness|temperature|volume|speed|humidity|colour|mode|position|level|timer")
COLOURS = _choices("red|green|blue|yellow|orange|purple|pink|white|warm white|cool white|turquoise|violet")
MODES = _choices(
    "cool|heat|auto|eco|dry|fan only|sleep|quiet|boost|away|night|day|party|movie|reading|morning"
)
SCENES = _choices(
    "good night|movie night|dinner|party|morning|leaving home|coming home|reading|relax|vacation"
)
ITEMS = _choices(
    "milk|eggs|bread|butter|apples|bananas|coffee|tea|sugar|rice|pasta|cheese|tomatoes|onions|chicken|"
    "paper towels|soap|shampoo|batteries|light bulbs|orange juice|yogurt|cereal|flour|salt|pepper|carrots|"
    "potatoes|cat food"
)
LISTS = _choices("shopping list|to do list|grocery list|packing list|list")
OPENERS = _choices(
    "okay|sure|all right|of course|done|got it|no problem|yes|certainly|right away|one moment|hello|"
    "good morning|good evening|sorry|okay, one moment|sure, just a second|let me check|alright"
)
FAULTS = _choices(
    "did not answer|is not responding|is offline|could not be reached|is already on|is already off|"
    "is already open|is already closed|is locked|is busy|failed|took too long"
)
QUESTIONS = _choices(
    "anything else|which room do you mean|which one do you mean|should I turn it off|shall I go on|"
    "did you mean the lamp or the light|how long should the timer run|what should I call it|"
    "do you want me to try again|to what temperature|how bright should it be"
)


class ReplySentences:
    """An endless source of lower-case sentences, the same for the same seed."""

    def __init__(self, vocabulary: Sequence[str], *, seed: int, random_word_share: float = 0.4) -> None:
        self._random = random.Random(seed)
        self._vocabulary = vocabulary
        self._random_word_share = random_word_share
        self._patterns: tuple[Callable[[], str], ...] = (
            self._switched,
            self._switched,
            self._set,
            self._set,
            self._state,
            self._fault,
            self._timer,
            self._item,
            self._scene,
            self._colour,
            self._car,
            self._question,
            self._numbers,
            self._mixed,
        )

    def next(self) -> str:
        """One sentence without digits, its words separated by single spaces."""
        if self._random.random() < self._random_word_share:
            return self.random_words()
        return self.reply()

    def reply(self) -> str:
        """A sentence that a home or a car would say."""
        text = self._one(self._patterns)()
        if self._random.random() < 0.3:
            text = f"{self._one(OPENERS)}, {text}"
        if self._random.random() < 0.12:
            text = f"{text}. {self._one(self._patterns)()}"
        return text + self._random.choice((".", ".", ".", ""))

    def random_words(self) -> str:
        """Three to nine words of the vocabulary in no order."""
        count = self._random.randint(3, 9)
        words = [self._one(self._vocabulary) for _ in range(count)]
        for _ in range(self._random.randint(0, 2)):
            words.insert(
                self._random.randint(1, len(words) - 1), self._one(("the", "and", "of", "in", "to", "is"))
            )
        if self._random.random() < 0.25:
            words[self._random.randrange(len(words) - 1)] += ","
        return " ".join(words) + "."

    def _one(self, choices: Sequence[Choice]) -> Choice:
        return self._random.choice(choices)

    def _number(self) -> str:
        return spoken(self._random.randint(0, 100))

    def _amount(self) -> str:
        return (
            f"{self._number()} {self._one(('percent', 'degrees', 'percent', 'degrees', 'minutes', 'hours'))}"
        )

    def _device(self) -> str:
        device = self._one(DEVICES)
        shape = self._random.random()
        if shape < 0.6:
            return f"the {self._one(ROOMS)} {device}"
        return f"the {device} in the {self._one(ROOMS)}" if shape < 0.8 else f"the {device}"

    def _switched(self) -> str:
        how = self._one(("on", "off", "on", "off", "open", "closed", "locked", "unlocked", "up", "down"))
        start = self._one(
            ("{} is now {}", "{} is {}", "I turned {1} {0}", "I have turned {} {}", "turning {1} {0}")
        )
        return start.format(self._device(), how)

    def _set(self) -> str:
        start = self._one(
            (
                "{} is set to {}",
                "{} is at {}",
                "I set {} to {}",
                "setting {} to {}",
                "{} is now at {}",
                "{} is {}",
            )
        )
        name = self._device()
        if self._random.random() < 0.3:
            name = f"the {self._one(PROPERTIES)} of {name}"
        return start.format(name, self._amount())

    def _state(self) -> str:
        place = self._one(ROOMS)
        return self._one(
            (
                f"it is {self._number()} degrees in the {place}",
                f"the temperature in the {place} is {self._number()} degrees",
                f"the humidity in the {place} is {self._number()} percent",
                f"no, {self._device()} is {self._one(('on', 'off', 'open', 'closed', 'locked'))}",
                f"yes, {self._device()} is still {self._one(('on', 'off', 'open', 'closed', 'locked'))}",
            )
        )

    def _fault(self) -> str:
        return self._one(
            (
                f"sorry, {self._device()} {self._one(FAULTS)}",
                f"{self._device()} {self._one(FAULTS)}",
                "sorry, that took too long",
                "sorry, I could not do that",
                f"I could not find {self._device()}",
                f"there is no {self._one(DEVICES)} in the {self._one(ROOMS)}",
                "sorry, I did not understand that",
                "that did not work, please try again",
                "okay, I stopped",
                "I cancelled that",
            )
        )

    def _timer(self) -> str:
        unit = self._one(("minutes", "minutes", "hours", "seconds"))
        return self._one(
            (
                f"the timer is set for {self._number()} {unit}",
                f"your {self._number()} minute timer has started",
                "the timer is cancelled",
                "I cancelled the timer",
                f"{self._number()} {unit} left on the {self._one(('timer', 'pasta timer', 'oven timer'))}",
                f"I will remind you in {self._number()} {unit}",
            )
        )

    def _item(self) -> str:
        return self._one(
            (
                f"I added {self._one(ITEMS)} to your {self._one(LISTS)}",
                f"{self._one(ITEMS)} and {self._one(ITEMS)} are on the {self._one(LISTS)}",
                f"added {self._one(ITEMS)} to the {self._one(LISTS)}",
            )
        )

    def _scene(self) -> str:
        return self._one(
            (
                f"the {self._one(SCENES)} scene is on",
                f"running the {self._one(SCENES)} scene",
                f"the alarm is {self._one(('armed', 'disarmed', 'off', 'on', 'armed for the night'))}",
                f"the {self._one(DOORS)} is {self._one(('locked', 'unlocked'))}",
                f"{self._device()} is in {self._one(MODES)} mode",
            )
        )

    def _colour(self) -> str:
        return f"{self._device()} is now {self._one(COLOURS)}"

    def _car(self) -> str:
        part = f"the {self._one(CAR_PARTS)}"
        return self._one(
            (
                f"{part} is {self._one(('on', 'off', 'open', 'closed', 'on', 'off'))}",
                f"{part} is set to {self._one(('level ' + self._number(), self._amount()))}",
                f"navigating to {self._one(PLACES)}, {self._number()} minutes",
                f"you will arrive at {self._one(PLACES)} in {self._number()} minutes",
                f"the battery is at {self._number()} percent",
                f"sorry, {part} {self._one(FAULTS)}",
            )
        )

    def _question(self) -> str:
        return self._one(QUESTIONS)

    def _numbers(self) -> str:
        return " ".join(self._number() for _ in range(self._random.randint(2, 5)))

    def _mixed(self) -> str:
        """A reply with a word of the vocabulary where a name would stand."""
        word, other = self._one(self._vocabulary), self._one(self._vocabulary)
        return self._one(
            (
                f"the {word} is {self._one(('on', 'off', 'open', 'closed'))} in the {self._one(ROOMS)}",
                f"I added {word} and {other} to your {self._one(LISTS)}",
                f"sorry, I could not find {word} {other}",
                f"did you mean {word} or {other}",
                f"playing {word} by {other} on the {self._one(ROOMS)} speaker",
            )
        )
