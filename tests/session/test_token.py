"""The token with which a client resumes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.errors import ResumeRefused
from duplexsla.session.token import ID_BYTES, SECRET_BYTES, new_token, read_token


@given(session_id=st.integers(0, 2**64 - 1))
def test_a_token_is_read_back_and_matches_its_own_digest_alone(session_id: int) -> None:
    token, other = new_token(session_id), new_token(session_id)
    read = read_token(token.to_bytes())
    assert read == token and read.matches(token.digest())
    assert not other.matches(token.digest())
    assert token.secret not in token.digest()


@given(raw=st.binary(max_size=64))
def test_any_bytes_are_a_token_by_their_length_or_refused(raw: bytes) -> None:
    if len(raw) == ID_BYTES + SECRET_BYTES:
        assert read_token(raw).to_bytes() == raw
        return
    with pytest.raises(ResumeRefused, match=str(len(raw))):
        read_token(raw)
