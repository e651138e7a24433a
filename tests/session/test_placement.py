from duplexsla.session.placement import DecoderAddress, preference


def test_the_emptiest_decoder_comes_first_and_a_full_one_not_at_all() -> None:
    full, half, empty, other = (
        DecoderAddress("full", 4, 4),
        DecoderAddress("half", 4, 2),
        DecoderAddress("empty", 8, 0),
        DecoderAddress("a", 2, 0),
    )
    assert preference([full, half, empty, other]) == [empty, other, half]
    assert preference([full, half, empty, other], first="half") == [half, empty, other]
    assert preference([full, half], first="full") == [half]
