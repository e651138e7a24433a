"""Requests about lists: what is put on, taken off, done, and asked."""

import random

from duplexsla_lab.data.home import lists as home_lists
from duplexsla_lab.data.home2 import names
from duplexsla_lab.data.language.exchange import Arguments
from duplexsla_lab.data.language.intent_pattern import IntentPattern, Mention, ResultText, joined

ITEMS = (
    *home_lists.ITEMS,
    "oat milk", "almond milk", "cream", "sour cream", "cream cheese", "ham", "bacon", "sausages", "beef",
    "tuna", "shrimp", "tofu", "beans", "lentils", "corn", "peas", "cucumbers", "lettuce", "avocados",
    "peppers", "zucchini", "broccoli", "ginger", "parsley", "pears", "grapes", "strawberries", "blueberries",
    "limes", "oranges", "kiwis", "peanut butter", "jam", "mustard", "ketchup", "mayonnaise", "soy sauce",
    "crackers", "chips", "popcorn", "granola", "oatmeal", "raisins", "walnuts", "almonds", "beer", "wine",
    "red wine", "sparkling water", "lemonade", "apple juice", "toilet paper", "tissues", "trash bags",
    "detergent", "sponges", "foil", "baking paper", "diapers", "wipes", "sunscreen", "toothbrushes",
    "razors", "band aids", "aspirin", "cat litter", "bird seed", "stamps", "envelopes", "birthday cards",
    "wrapping paper", "nails", "screws", "paint", "a lightbulb", "a hammer", "tape", "string", "fertilizer",
    "tulip bulbs", "tomato plants", "passports", "a toothbrush", "swimsuits", "sunglasses", "rain jackets",
    "socks", "hats", "a tent", "sleeping bags", "firewood", "matches", "charcoal", "balloons",
    "paper plates", "a cake",
)  # fmt: skip
ADD = joined("""
(<want>) {i} on (the/my/our) {l} list|(<get>) {i} on (the/my/our) {l} list
(<chance>) (add/put) {i} (to/on) the {l} list|(<lets>) (add/put) {i} (to/on) the {l} list
(<sure>) {i} is on the {l} list|(<how>) {i} for the {l} list|(<forgot>) {i} put it on the {l} list
(<mind>) (adding/putting) {i} (to/on) the {l} list
we (have run out of/have no more/are almost out of) {i} (put it on/add it to) the {l} list
(buy/get) {i} (put that on/add that to) the {l} list|(add/put) {i} (to/on) (the/my/our) {l} list
(write/note) {i} (down/) on (the/my/our) {l} list|(add/put) {i} on the list for {l}
{i} (to/on/on the/for the) {l} list|put down {i} on the {l} list
(we need/i need) {i} (on/put it on) the {l} list|get {i} on the {l} list
we are (out of/running out of/low on) {i} (add it to/put it on) the {l} list
i am out of {i} put it on the {l} list|the {l} list needs {i}
i (forgot/almost forgot) {i} (add it to/put it on) the {l} list|(<want>) {i} on the {l} list
(<get>) {i} on the {l} list|do not forget {i} (for/on) the {l} list|remember {i} for the {l} list
there is no {i} left put it on the {l} list|i also need {i} on the {l} list|my {l} list should have {i}
one more for the {l} list {i}|we used up the {i} add it to the {l} list|(<how>) adding {i} to the {l} list
(<mind>) adding {i} to the {l} list|(<lets>) put {i} on the {l} list
i used the last of the {i} put it on the {l} list
""")
REMOVE = joined("""
(<chance>) (take/cross/strike) {i} off the {l} list|(<want>) {i} off the {l} list
(<lets>) (take/cross) {i} off the {l} list|(<mind>) taking {i} off the {l} list
(<done>) {i} take it off the {l} list|(remove/delete/take/cross/strike) {i} (from/off) (the/my/our) {l} list
(take/get/cross) {i} off (the/my/our) {l} list|{i} off the {l} list
we do not need {i} (on the {l} list any more/take it off the {l} list)
i do not want {i} on the {l} list (any more/)|no {i} on the {l} list
(forget/drop/scratch) {i} (on/from) the {l} list|{i} can come off the {l} list
could you take {i} off the {l} list|get rid of {i} on the {l} list
""")
DONE = joined("""
(<chance>) (check/tick) off {i} on the {l} list|(<want>) {i} (ticked/checked) off on the {l} list
(<lets>) tick off {i} on the {l} list|(<mind>) ticking off {i} on the {l} list
(check/tick) (off/) {i} (on/off) (the/my/our) {l} list
mark {i} (as done/done/as bought) on (the/my/our) {l} list|{i} (is/are) done on the {l} list
i (bought/got/have) {i} (check it off/tick it off) the {l} list|we (bought/have) {i} mark it on the {l} list
{i} done on the {l} list|complete {i} on the {l} list|i did {i} check it off the {l} list
set {i} to done on the {l} list|{i} (is/are) taken care of tick it off the {l} list
""").replace("(off/) {i} (on/off)", "{i} (on/off)")
ASK = joined("""
(<know>) what is on (the/my/our) {l} list|(<check>) what is (on/left on) the {l} list
(<chance>) read me the {l} list|(<get>) the {l} list|what is on (the/my/our) {l} list
read (me/us/out/) (the/my/our) {l} list|what do (i/we) have on (the/my/our) {l} list
what does the {l} list say|what (is still/is left/else is) on the {l} list
(tell/show) me (the/my/our) {l} list|how long is the {l} list|is (there anything/anything) on the {l} list
go through the {l} list with me|what do we (need/still need) from the {l} list|give me the {l} list
what did i put on the {l} list|how many things are on the {l} list|let me hear the {l} list
do i have anything on my {l} list|the {l} list (out loud/please)
""")


def _items(rng: random.Random) -> Mention:
    """One, two or three: "milk eggs and bread"."""
    count = rng.choices((1, 2, 3), (6, 3, 2))[0]
    items = rng.sample(ITEMS, count)
    arguments: Arguments = dict(zip(("item", "second_item", "third_item"), items, strict=False))
    said = (
        " and ".join(items) if count == 2 or rng.random() < 0.2 else f"{' '.join(items[:-1])} and {items[-1]}"
    )
    return Mention(said if count > 1 else items[0], arguments)


def _told(rng: random.Random, arguments: Arguments) -> ResultText:
    """What is on a list, as the outcome tells it."""
    items = rng.sample([item for item in ITEMS if " " not in item], rng.choice((1, 2, 3)))
    written = " ".join(items)
    return written, " and ".join(items)


def _list_name(rng: random.Random) -> Mention:
    name = names.LISTS.draw(rng)
    return Mention(name, {"list": name})


_IL = {"i": _items, "l": _list_name}
PATTERNS = (
    IntentPattern(
        "add_list_item", ADD, "okay {i} on the {l} list|i added {i}|{i} added|added to the {l} list", _IL
    ),
    IntentPattern(
        "remove_list_item", REMOVE, "okay {i} off the {l} list|i took {i} off|removed from the {l} list", _IL
    ),
    IntentPattern("complete_list_item", DONE, "okay {i} done|checked off|marked as done", _IL),
    IntentPattern(
        "query_list",
        ASK,
        "there is {result}|{result}|you have {result}|on the {l} list {result}",
        {"l": _list_name},
        result=_told,
    ),
)
