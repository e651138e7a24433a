"""Requests about lists, and what people write on them."""

import random

from duplexsla.tools.home import LISTS
from duplexsla_lab.data.language.exchange import ExchangeDraft, pick

ITEMS = (
    "milk", "bread", "eggs", "butter", "apples", "bananas", "coffee", "cheese", "rice", "pasta",
    "tomatoes", "chicken", "sugar", "onions", "orange juice", "paper towels", "dog food", "toothpaste",
    "batteries", "soap", "potatoes", "carrots", "yogurt", "honey", "lemons", "salt", "pepper",
    "olive oil", "flour", "mushrooms", "cat food", "light bulbs", "shampoo", "candles", "tea bags",
    "cereal", "salmon", "garlic", "spinach", "ice cream", "tea", "oranges", "pizza", "fresh bread",
    "apple juice", "tomato sauce", "coffee beans", "baking soda", "vinegar", "basil", "cherries", "salad",
    "noodles", "sandwiches", "steak", "seafood", "sushi", "pancakes", "brown sugar", "white bread",
    "goat cheese", "chicken soup", "potato salad", "lemon cake", "chocolate", "cookies", "water",
    "baby food", "napkins", "paper cups", "paper bags", "flowers", "warm clothes", "towels", "gloves",
    "a tent", "a book", "dish soap", "cat toys", "dog toys",
)  # fmt: skip
ADD = (
    "add {item} to the {list} list|add {item} to my {list} list|add {item} on the {list} list|"
    "put {item} on the {list} list|put {item} on my {list} list|put {item} down on the {list} list|"
    "write {item} on the {list} list|write {item} down on the {list} list|note {item} on the {list} list|"
    "enter {item} on the {list} list|get {item} on the {list} list|get {item} onto the {list} list|"
    "include {item} on the {list} list|have {item} on the {list} list|save {item} on the {list} list|"
    "append {item} to the {list} list|place {item} on the {list} list|remember {item} for the {list} list|"
    "do not forget {item} for the {list} list|make sure {item} is on the {list} list|"
    "we need {item} on the {list} list|i need {item} on the {list} list|i want {item} on the {list} list|"
    "i would like {item} on the {list} list|i want to add {item} to the {list} list|"
    "i would like to add {item} to the {list} list|i need to put {item} on the {list} list|"
    "we should put {item} on the {list} list|we should have {item} on the {list} list|"
    "we are out of {item} add it to the {list} list|i am out of {item} put it on the {list} list|"
    "there is no {item} put it on the {list} list|we have no {item} add it to the {list} list|"
    "i forgot {item} add it to the {list} list|the {list} list needs {item}|my {list} list needs {item}|"
    "the {list} list should have {item}|the {list} list is missing {item}|"
    "one more thing for the {list} list {item}"
)


def item(rng: random.Random) -> ExchangeDraft:
    thing, name = rng.choice(ITEMS), rng.choice(LISTS)
    said, phrasing = pick(rng, ADD, item=thing, list=name)
    replies = (
        f"i added {thing} to the {name} list", f"i added {thing} to your {name} list",
        f"added {thing} to the {name} list", f"i put {thing} on the {name} list",
        f"{thing} is on your {name} list" if not thing.endswith("s") else f"{thing} are on your {name} list",
    )  # fmt: skip
    return ExchangeDraft(
        said, phrasing, "add_list_item", {"item": thing, "list": name}, "", rng.choice(replies)
    )
