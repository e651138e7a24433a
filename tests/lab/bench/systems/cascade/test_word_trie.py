import numpy as np

from duplexsla_lab.bench.systems.cascade.word_trie import (
    BLANK,
    FIRST_MERGED,
    Tokenizer,
    TrieNode,
    read_pieces,
    word_trie,
)

MERGED = [BLANK, "l", "i", "t", "m", "L", "M", "i" + "t", BLANK + "l", BLANK + "L", BLANK + "l" + "it"]
TOKENIZER = Tokenizer(["x"] * FIRST_MERGED + MERGED)


def test_pieces_are_joined_lowest_token_first() -> None:
    assert [MERGED[token - FIRST_MERGED] for token in TOKENIZER.encode("lit")] == [BLANK + "lit"]
    assert [MERGED[token - FIRST_MERGED] for token in TOKENIZER.encode("lim")] == [BLANK + "l", "i", "m"]


def test_long_and_short_pieces_are_read_from_the_file() -> None:
    long = "a" * 200
    raw = b"\x02hi" + bytes([128 + 200 % 128, 200 // 128]) + long.encode() + b"\x01b"
    assert read_pieces(raw) == ["hi", long, "b"]


def test_every_word_is_in_the_trie_with_and_without_its_capital() -> None:
    words = ["lim", "lit", "mil"]
    root = word_trie(words, TOKENIZER)
    for number, word in enumerate(words):
        for form in (word, word.capitalize()):
            node = root
            for token in TOKENIZER.encode(form):
                node = node.nodes[node.tokens.tolist().index(token)]
            assert node.word == number


def test_a_node_knows_the_best_word_behind_each_token() -> None:
    words = ["lim", "lit", "mil"]
    values = np.array([-3.0, -1.0, -2.0], np.float32)

    def check(node: TrieNode) -> set[int]:
        below = {node.word} - {-1}
        for child, best in zip(node.nodes, node.best(values) if node.nodes else (), strict=True):
            words_below = check(child)
            assert best == max(values[number] for number in words_below)
            below |= words_below
        return below

    assert check(word_trie(words, TOKENIZER)) == {0, 1, 2}
