"""Small talk about a home, a car and the world: questions, answers of several sentences, and asking on."""

from duplexsla_lab.data.car.talk import CAR_TOPICS
from duplexsla_lab.data.home.talk import HOME_TOPICS
from duplexsla_lab.data.language.topic import Topic
from duplexsla_lab.data.language.world_talk import WORLD_TOPICS

__all__ = ("DONE", "MORE", "TOPICS", "Topic")

# Asked after some sentences of a topic: the topic goes on.
MORE = (
    "tell me more", "go on", "what else", "and then", "is there more", "please go on",
    "that is interesting", "can you say more about that", "tell me more about it",
    "tell me more about that", "what else do you know", "and what else", "please tell me more",
    "what happened then", "i want to hear more", "i would like to know more", "what more do you know",
    "do you know more about that", "is there anything else", "could you tell me more", "keep on talking",
    "keep talking", "say more about it please", "well go on", "go on please", "and what then",
    "okay and then", "so what else is there", "i like that tell me more", "really tell me more",
    "say some more about it", "and is that all", "wow what else", "that is new to me go on",
    "and what more can you tell me", "i am listening go on",
)  # fmt: skip
# Said when a topic has no more sentences.
DONE = (
    "that is all i know about it", "there is not much more to say", "that was all from me",
    "i do not know more about that", "now you know as much as i do",
    "we could talk about something else now",
)  # fmt: skip

TOPICS = {
    "home": HOME_TOPICS + WORLD_TOPICS,
    "car": CAR_TOPICS + WORLD_TOPICS,
    "home@2": HOME_TOPICS + WORLD_TOPICS,
}
"""By toolset, in version 1 unless a version is named."""
