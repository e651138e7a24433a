from duplexsla.errors import AudioError, DuplexSLAError
from duplexsla.gateway.call.failures import cause


def test_our_own_error_is_the_cause_of_a_group_however_deep() -> None:
    ours = AudioError("odd")
    assert cause(ExceptionGroup("x", [KeyError("k"), ExceptionGroup("y", [ours])])) is ours
    assert cause(ours) is ours


def test_an_unforeseen_error_is_internal_and_keeps_its_name() -> None:
    found = cause(ExceptionGroup("x", [ExceptionGroup("y", [KeyError("k")])]))
    assert type(found) is DuplexSLAError and found.code == "internal" and "KeyError" in str(found)
