"""How numbers are said in English."""

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def spoken(number: int) -> str:
    """0..100 in words: 21 is "twenty one". Raises ValueError outside."""
    if not 0 <= number <= 100:
        raise ValueError(f"{number} is not within 0..100")
    if number < 20:
        return _SMALL[number]
    if number == 100:
        return "one hundred"
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]} {_SMALL[ones]}" if ones else _TENS[tens]


_ORDINALS = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth", "twentieth",
)  # fmt: skip


def ordinal(number: int) -> str:
    """0 to 99 as an ordinal: 3 -> "third", 21 -> "twenty first"."""
    if number < len(_ORDINALS):
        return _ORDINALS[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]} {_ORDINALS[ones]}" if ones else f"{_TENS[tens].removesuffix('y')}ieth"


def spoken_value(value: str | int | float) -> str:
    """A text as it is; a number below 10,000 in words, decimals digit by digit: 98.5 -> "ninety eight point
    five"."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value != int(value):
        whole, _, decimals = f"{value:g}".partition(".")
        return " ".join([spoken_value(int(whole)), "point", *(spoken(int(digit)) for digit in decimals)])
    return _spoken_large(int(value))


def _spoken_large(number: int) -> str:
    for size, name in ((1_000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {_spoken_large(number % size)}" if number % size else ""
            return f"{_spoken_large(number // size)} {name}{rest}"
    return spoken(number)
