"""What people say at home without asking for anything, and the short answer: no call follows."""

import random

from duplexsla.tools.home import ROOMS
from duplexsla_lab.data.home.devices import SWITCHED
from duplexsla_lab.data.home.lists import ITEMS
from duplexsla_lab.data.language.exchange import Exchange

SMALL_TALK = (
    ("hello", "hello"),
    ("hello there", "hello"),
    ("good morning", "good morning"),
    ("good evening", "good evening"),
    ("good night", "good night"),
    ("how are you", "i am fine thank you"),
    ("how was your day", "it was good thank you"),
    ("thank you", "you are welcome"),
    ("thanks a lot", "you are welcome"),
    ("thank you that is all", "you are welcome"),
    ("that was very kind", "you are welcome"),
    ("never mind", "okay"),
    ("forget it", "okay"),
    ("who are you", "i am your home assistant"),
    ("what can you do", "i can control your home"),
    ("can you hear me", "yes i can hear you"),
    ("are you there", "yes i am here"),
    ("that is great", "i am glad"),
    ("you are very good", "thank you"),
    ("i am tired", "you should take a rest"),
    ("it was a long day", "you should take a rest"),
    ("what a nice day", "yes it is"),
    ("it is cold outside", "yes take warm clothes"),
    ("i am back", "welcome home"),
    ("we are home", "welcome home"),
    ("see you later", "see you later"),
    ("i am going to bed", "good night"),
    ("i am going to work", "have a nice day"),
    ("i am hungry", "what would you like to eat"),
    ("the kids are asleep", "okay i will be quiet"),
    ("i had {item} for dinner", "that sounds good"),
    ("i like {item}", "that is nice"),
    ("we had {item} last night", "that sounds good"),
    ("my sister bought {item} today", "that is nice"),
    ("i do not like {item}", "i understand"),
    ("the {room} looks great", "i am glad you like it"),
    ("i like the {room}", "that is nice"),
    ("i cleaned the {room} today", "that is great"),
    ("the kids are playing in the {room}", "that sounds like fun"),
    ("the {room} is my favorite room", "i am glad you like it"),
    ("i was in the {room} all day", "i hope you had a good time"),
    ("we painted the {room} last year", "that sounds nice"),
    ("my old {device} broke", "i am sorry to hear that"),
    ("the {device} in the {room} is nice", "i am glad you like it"),
    ("i like the {room} {device}", "that is nice"),
    ("i cleaned the {device} today", "that is great"),
    ("we bought a new {device}", "that sounds good"),
    ("the {device} was cheap", "that is good to know"),
    ("my sister has the same {device}", "that is interesting"),
    ("the {device} in the {room} is new", "that is good to know"),
    ("i turned the {device} off already", "okay thank you"),
    ("my friend likes the {room} {device}", "that is nice"),
    ("the cat sleeps on the {device}", "that is funny"),
    ("the {device} is older than me", "that is interesting"),
    ("i dreamed of a {device}", "that is funny"),
    ("the front door looks good", "i am glad you like it"),
    ("the curtains are beautiful", "i am glad you like them"),
    ("i washed the curtains last week", "that is great"),
    ("the window in the {room} is dirty", "maybe you can clean it tomorrow"),
    ("the shopping list is long", "yes it is"),
    ("the movie was very good", "i am glad you liked it"),
    ("the party was great fun", "that is great"),
)


def remark(rng: random.Random) -> Exchange:
    said, reply = rng.choice(SMALL_TALK)
    filled = said.format(room=rng.choice(ROOMS), device=rng.choice(SWITCHED), item=rng.choice(ITEMS))
    return Exchange(filled, None, {}, "", reply, said)
