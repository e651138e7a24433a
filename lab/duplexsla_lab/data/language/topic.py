"""A topic of small talk: several ways to ask for it, and an answer of several sentences."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """questions ask for it; an answer is a run of its sentences, in any number and in their order."""

    questions: tuple[str, ...]
    sentences: tuple[str, ...]


def topic(questions: str, *sentences: str) -> Topic:
    """questions: separated by `|`."""
    return Topic(tuple(questions.split("|")), sentences)
