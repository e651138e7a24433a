"""What a step reports of the service's text is what a past of that session must hold."""

from tests.support.scripted_session import live, past_at
from tests.support.tiny_engine import noise, tiny_engine

OUTCOME = " [ done 21 degrees]"
FORCED = {2: OUTCOME, 9: OUTCOME * 3, 20: OUTCOME, 21: OUTCOME, 35: " [ done]", 44: OUTCOME * 2}
CHUNKS = 60


def test_every_step_tells_what_of_the_services_text_it_wrote_and_what_still_waits() -> None:
    waited = wrote = 0
    for session in (7, 9, 14):
        engine, heard = tiny_engine(), noise(session, CHUNKS)
        engine.open(session, "home")
        said = live(engine, session, heard, FORCED)
        for cut in range(1, CHUNKS):
            past, last = past_at(cut, heard, said, FORCED), said[cut - 1]
            assert (last.pending_forced, last.waited_chunks) == (past.pending_forced, past.waited_chunks)
            assert last.forced_tokens == past.chunks[-1].forced_tokens
            waited += past.pending_forced != ""
            wrote += last.forced_tokens > 0
    assert min(waited, wrote) > 10
