"""Topics of small talk: how many, how long, and that the held-out ones are spread over them."""

import pytest

from duplexsla_lab.data.scenarios.small_talk import DONE, MORE, TOPICS
from duplexsla_lab.data.splits import held_out_phrasing

EACH = [topic for topics in TOPICS.values() for topic in topics]


@pytest.mark.parametrize("toolset", TOPICS)
def test_each_toolset_has_forty_topics_with_many_ways_to_ask(toolset: str) -> None:
    assert len(TOPICS[toolset]) >= 40
    for topic in TOPICS[toolset]:
        assert 6 <= len(topic.questions) <= 10 and 5 <= len(topic.sentences) <= 7
        assert all(4 <= len(question.split()) <= 12 for question in topic.questions)
        assert all(8 <= len(sentence.split()) <= 14 for sentence in topic.sentences)


@pytest.mark.parametrize("toolset", TOPICS)
def test_a_question_belongs_to_one_topic(toolset: str) -> None:
    questions = [question for topic in TOPICS[toolset] for question in topic.questions]
    assert len(set(questions)) == len(questions)


@pytest.mark.parametrize("toolset", TOPICS)
def test_held_out_questions_are_spread_over_topics_that_are_trained_in_other_words(toolset: str) -> None:
    held = [[held_out_phrasing(question) for question in topic.questions] for topic in TOPICS[toolset]]
    assert sum(any(each) for each in held) >= len(held) // 2
    assert all(each.count(False) >= 3 for each in held)


def test_asking_on_has_thirty_ways_some_of_them_held_out() -> None:
    assert len(set(MORE)) == len(MORE) >= 30 and len(set(DONE)) >= 6
    assert sum(map(held_out_phrasing, MORE)) >= 4


def test_texts_are_plain_words() -> None:
    texts = [*MORE, *DONE, *(text for topic in EACH for text in (*topic.questions, *topic.sentences))]
    assert all(text == text.lower().strip() and text.replace(" ", "").isalpha() for text in texts)
