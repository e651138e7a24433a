"""Small talk about a home, a car and the world: questions, and answers of several sentences."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """questions ask for it; an answer is a run of its sentences, in any number and in their order."""

    questions: tuple[str, ...]
    sentences: tuple[str, ...]


def _topic(questions: str, *sentences: str) -> Topic:
    return Topic(tuple(questions.split("|")), sentences)


MORE = (
    "tell me more", "go on", "what else", "and then", "is there more", "please go on", "that is interesting",
    "can you say more about that",
)  # fmt: skip
DONE = ("that is all i know about it", "there is not much more to say", "that was all from me")

HOME_TOPICS = (
    _topic(
        "how can i save energy|how do i use less energy|give me some tips to save energy|"
        "what can i do about my energy bill",
        "a good start is to turn the heating down by one degree",
        "you save about six percent of the energy with every degree",
        "close the curtains and the shutters when it gets dark outside",
        "wash your clothes at thirty degrees and only when the machine is full",
        "turn devices off instead of leaving them in standby all night",
        "old light bulbs use ten times more energy than new ones",
    ),
    _topic(
        "how do i make a good coffee|tell me how to make coffee|what makes a coffee taste good",
        "use fresh beans and grind them just before you make the coffee",
        "the water should be hot but it should not boil any more",
        "take about two spoons of coffee for every cup of water",
        "clean the coffee maker once a week so that it tastes fresh",
        "some people add a little salt because it makes the coffee less bitter",
    ),
    _topic(
        "how should i water my plants|tell me about house plants|my plants look sad what can i do",
        "most plants in a home get too much water and not too little",
        "put your finger into the soil and water it only when it feels dry",
        "plants at a window in the south need water more often than the others",
        "in winter they sleep and need only half of the water",
        "turn the pots a little every week so that they grow straight",
    ),
    _topic(
        "how can i sleep better|i can not sleep what should i do|give me some tips for a good night",
        "go to bed at the same time every evening even on the weekend",
        "a cool and dark bedroom helps your body to rest",
        "put your phone away one hour before you go to bed",
        "do not drink coffee after three in the afternoon",
        "a short walk in the evening makes you tired in a good way",
    ),
    _topic(
        "what should i cook tonight|do you have an idea for dinner|tell me an easy recipe",
        "you could make pasta with tomatoes and a little garlic",
        "cut the tomatoes into small pieces and cook them slowly with olive oil",
        "add salt and pepper and some leaves of basil at the end",
        "the pasta needs about nine minutes in boiling water",
        "keep a cup of the water and pour it into the sauce",
        "it tastes even better with cheese on top and a fresh salad",
    ),
    _topic(
        "how do i clean the oven|the oven is dirty what can i do|how does the oven get clean",
        "mix baking soda with a little water until it is a thick paste",
        "spread it on the walls of the oven and wait for twelve hours",
        "then wipe it away with a wet cloth and some vinegar",
        "the glass of the door gets clean in the same way",
        "do not use strong cleaners because you will smell them for weeks",
    ),
    _topic(
        "how do i make my home safe|is my home safe|how can i protect the house",
        "lock all doors and close all windows when you leave the house",
        "let a lamp turn on in the evening so that it looks like somebody is home",
        "do not hide a key under the mat because everybody looks there",
        "a camera at the front door keeps most burglars away",
        "ask your neighbors to empty your mailbox when you are on vacation",
    ),
    _topic(
        "why is the air so dry|what is good air for a room|how often should i open the windows",
        "the air in winter is dry because cold air holds little water",
        "about fifty percent humidity feels good for most people",
        "open the windows wide for five minutes three times a day",
        "a wet towel on the heater helps when your throat feels dry",
        "too much humidity is bad as well because the walls get wet",
    ),
)
CAR_TOPICS = (
    _topic(
        "how can i drive further with one charge|how do i save battery|what is good for the battery",
        "drive a little slower because the wind takes most of the power",
        "heat the car while it is still on the charger",
        "the seat heating needs much less power than the air conditioner",
        "charge to eighty percent and not to one hundred when you can",
        "a cold battery gives you a third less than a warm one",
    ),
    _topic(
        "how do winter tires work|when do i need winter tires|tell me about winter tires",
        "winter tires are made of a softer rubber that stays soft in the cold",
        "change them when it gets colder than seven degrees",
        "the small cuts in the rubber hold on to the snow",
        "after six winters the rubber gets hard and you need new ones",
        "check the pressure every month because cold air takes less room",
    ),
    _topic(
        "how do i stay awake on a long drive|i am getting tired what can i do|tips for a long drive",
        "take a break of fifteen minutes after every two hours",
        "drink enough water and do not eat too much before you drive",
        "fresh air helps for a short time but it does not replace sleep",
        "a nap of twenty minutes in a parking lot works better than coffee",
        "talk with me if you like and i will tell you a story",
    ),
    _topic(
        "how do i park in a small space|parking is so hard|tell me how to park backwards",
        "stop next to the car in front with half a meter between you",
        "turn the wheel all the way and drive back very slowly",
        "when you see both lights of the car behind you straighten the wheel",
        "turn to the other side as soon as your front is past the other car",
        "the camera in the back shows you how much room is left",
    ),
    _topic(
        "what can we do with the kids in the car|the kids are bored|do you know a game for the road",
        "you could play a game where everybody looks for things of one color",
        "the first one who finds five red cars wins the round",
        "another good game is to make a story with one word from everybody",
        "count the animals on your side of the road and see who has more",
        "a podcast for children makes an hour go by very fast",
    ),
    _topic(
        "what should i do in a traffic jam|i hate traffic jams|why are there traffic jams",
        "most jams come from nowhere because somebody brakes a little too hard",
        "the wave of brake lights moves backwards for many kilometers",
        "keep your distance and roll slowly instead of stopping and starting",
        "leave a way in the middle for the police and the ambulance",
        "changing lanes all the time does not make you any faster",
    ),
)
WORLD_TOPICS = (
    _topic(
        "tell me about the moon|what do you know about the moon|how far away is the moon",
        "the moon is about three hundred eighty thousand kilometers away",
        "it moves away from us by four centimeters every year",
        "we always see the same side of it because it turns with us",
        "twelve people have walked on it and all of them came back",
        "it makes the tides of the sea go up and down twice a day",
    ),
    _topic(
        "tell me about whales|what is the largest animal|what do you know about whales",
        "the blue whale is the largest animal that ever lived",
        "its heart is as big as a small car and beats very slowly",
        "whales sing songs that travel hundreds of kilometers through the sea",
        "a young whale drinks two hundred liters of milk every day",
        "they sleep with only one half of their brain at a time",
    ),
    _topic(
        "tell me a story|please tell me a story|i would like to hear a story",
        "once upon a time there was a small robot who lived in a kitchen",
        "every night it watched the moon through the window and dreamed of the sea",
        "one morning it took the last battery and rolled out of the door",
        "it asked a cat for the way but the cat only laughed",
        "so it followed the river for three days and three nights",
        "and when it saw the sea at last it was too happy to speak",
    ),
    _topic(
        "where should we go on vacation|do you have an idea for the holidays|tell me about a nice place",
        "the mountains are beautiful at this time of the year",
        "you could walk from one lake to the next and swim in each of them",
        "small hotels in the valley are cheap in autumn and very quiet",
        "take warm clothes because the nights are colder than you think",
        "the train brings you there in four hours without any traffic",
    ),
    _topic(
        "tell me about bees|what do bees do all day|why are bees so important",
        "a bee visits about two thousand flowers on a single day",
        "for one glass of honey they fly around the world twice",
        "they tell each other with a dance where the good flowers are",
        "without bees there would be no apples and no cherries",
        "in winter they all sit together in a ball and keep the queen warm",
    ),
    _topic(
        "what happened to the dinosaurs|tell me about dinosaurs|why are there no dinosaurs any more",
        "a large rock from space hit the earth a long time ago",
        "the dust hid the sun for years and most plants died",
        "the big animals had nothing left to eat and died as well",
        "some small ones with feathers lived on and became our birds",
        "so every time you eat a chicken you eat a little dinosaur",
    ),
)
TOPICS = {"home": HOME_TOPICS + WORLD_TOPICS, "car": CAR_TOPICS + WORLD_TOPICS}
