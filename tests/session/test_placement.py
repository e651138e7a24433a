from duplexsla.session.placement import Decoder, preference


def test_the_emptiest_decoder_comes_first_and_a_full_one_not_at_all() -> None:
    full, half, empty, other = (
        Decoder("full", 4, 4),
        Decoder("half", 4, 2),
        Decoder("empty", 8, 0),
        Decoder("a", 2, 0),
    )
    assert preference([full, half, empty, other]) == [empty, other, half]
    assert preference([full, half, empty, other], first="half") == [half, empty, other]
    assert preference([full, half], first="full") == [half]
