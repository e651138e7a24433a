from duplexsla_lab.training.codec.evaluation import CodecScores, edit_distance, words_of


def test_words_are_compared_without_case_and_punctuation() -> None:
    assert words_of("Okay, the lamp's on.") == ["okay", "the", "lamp's", "on"]


def test_edit_distance_counts_each_kind_of_error_once() -> None:
    said = words_of("the lamp is on")
    assert edit_distance(said, said) == 0
    assert edit_distance(words_of("the lamb is on"), said) == 1
    assert edit_distance(words_of("the is on"), said) == 1
    assert edit_distance(words_of("the the lamp is on"), said) == 1
    assert edit_distance([], said) == 4


def test_a_tally_reports_percentages() -> None:
    scores = CodecScores(words=50, original_errors=5, decoded_errors=10, stoi=[0.9, 0.8])
    assert (
        scores.line("replies") == "replies: 2 sentences, 50 words, STOI 0.850, WER 20.0 % (original 10.0 %)"
    )
