"""The states of a call, and the one table of what changes them.

    STARTING --answered--> LIVE --drain asked--> MIGRATING --changed over--> LIVE
        any of these --decoder lost--> REBUILDING --answered--> LIVE
        any of these --leave--> LEAVING --departed--> RESUMABLE, or --stay--> LIVE
        any of these --decoded--> CLOSING --closed--> ENDED

Whether a client is attached is no state: a call goes on for a while without one, in whatever state it is.
"""

from enum import StrEnum


class CallState(StrEnum):
    STARTING = "starting"  # its first decoder on this gateway has not answered yet
    LIVE = "live"
    MIGRATING = "migrating"  # live; its decoder drains, and another one is prepared
    REBUILDING = "rebuilding"  # its decoder was lost, and no other one has answered yet
    LEAVING = "leaving"  # the chunks in flight are answered, then another gateway goes on with it
    CLOSING = "closing"  # every chunk is answered; outcomes of its actions may still come
    RESUMABLE = "resumable"  # over here; from the archive it can go on
    ENDED = "ended"  # over, and nothing is left to go on from


class CallEvent(StrEnum):
    ANSWERED = "answered"  # by a decoder, for the first time
    DRAIN_ASKED = "drain asked"  # the decoder wants to be rid of it
    CHANGED_OVER = "changed over"  # to the decoder that was prepared
    DECODER_LOST = "decoder lost"
    LEAVE = "leave"  # the gateway drains
    STAY = "stay"  # it cannot leave now
    DECODED = "decoded"  # the client's audio is over, and all of it answered
    DEPARTED = "departed"  # the archive has all of it, and its client is told where to go
    CLOSED = "closed"  # the last outcome is told
    FAILED = "failed"  # for good
    INTERRUPTED = "interrupted"  # by what need not happen again elsewhere
    HUNG_UP = "hung up"  # the client does not come back
    DISMISSED = "dismissed"  # the client did not come back in time


OVER = (CallState.RESUMABLE, CallState.ENDED)


class IllegalTransition(RuntimeError):
    """An event that cannot happen in this state: a fault of this program."""


S, E = CallState, CallEvent
TRANSITIONS: dict[tuple[CallState, CallEvent], CallState] = {
    (S.STARTING, E.ANSWERED): S.LIVE,
    (S.STARTING, E.DECODER_LOST): S.REBUILDING,
    (S.STARTING, E.LEAVE): S.LEAVING,
    (S.STARTING, E.DECODED): S.CLOSING,  # no audio at all
    (S.LIVE, E.ANSWERED): S.LIVE,  # it stayed before its decoder had answered
    (S.LIVE, E.DRAIN_ASKED): S.MIGRATING,
    (S.LIVE, E.DECODER_LOST): S.REBUILDING,
    (S.LIVE, E.LEAVE): S.LEAVING,
    (S.LIVE, E.DECODED): S.CLOSING,
    (S.MIGRATING, E.DRAIN_ASKED): S.MIGRATING,
    (S.MIGRATING, E.CHANGED_OVER): S.LIVE,
    (S.MIGRATING, E.DECODER_LOST): S.REBUILDING,
    (S.MIGRATING, E.LEAVE): S.LEAVING,
    (S.MIGRATING, E.DECODED): S.CLOSING,
    (S.REBUILDING, E.ANSWERED): S.LIVE,
    (S.REBUILDING, E.DECODER_LOST): S.REBUILDING,
    (S.REBUILDING, E.LEAVE): S.LEAVING,
    (S.REBUILDING, E.DECODED): S.CLOSING,  # nothing was in flight
    (S.LEAVING, E.ANSWERED): S.LEAVING,
    (S.LEAVING, E.DRAIN_ASKED): S.LEAVING,
    (S.LEAVING, E.DECODER_LOST): S.LEAVING,  # rebuilt for the chunks in flight
    (S.LEAVING, E.LEAVE): S.LEAVING,
    (S.LEAVING, E.STAY): S.LIVE,
    (S.LEAVING, E.DEPARTED): S.RESUMABLE,
    (S.CLOSING, E.LEAVE): S.CLOSING,
    (S.CLOSING, E.CLOSED): S.ENDED,
    (S.RESUMABLE, E.LEAVE): S.RESUMABLE,
    (S.RESUMABLE, E.HUNG_UP): S.ENDED,
    (S.RESUMABLE, E.DISMISSED): S.RESUMABLE,
    (S.ENDED, E.LEAVE): S.ENDED,
    (S.ENDED, E.HUNG_UP): S.ENDED,
    (S.ENDED, E.DISMISSED): S.ENDED,
    **{(state, E.FAILED): S.ENDED for state in S if state not in OVER},
    **{(state, E.INTERRUPTED): S.RESUMABLE for state in S if state not in OVER},
    **{(state, E.HUNG_UP): S.ENDED for state in S if state not in OVER},
    **{(state, E.DISMISSED): S.RESUMABLE for state in S if state not in OVER},
}


def after(state: CallState, event: CallEvent) -> CallState:
    """The state that follows; IllegalTransition for an event that cannot happen in this one."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(f"a call that is {state} cannot see: {event}") from None
