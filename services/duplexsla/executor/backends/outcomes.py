"""What a backend finds out about a call, and the error that it raises for it: one table for all backends.

A call that returns has a proof of its effect. Whatever else can be known of it stands here; what calls.py
makes of each error, and what a speaker is told, follows from the class.

    certainly no effect, not yet    DeviceUnavailable   tried again until it expires, then UNAVAILABLE
    certainly no effect, for good   DeviceRefused       FAILED
                                    ActionRefused       REFUSED
                                    ActionExpired       EXPIRED
                                    StaleFence          FENCED
    nobody knows                    AnswerLost          idempotent: tried again, else and at last UNKNOWN
                                    EffectUnproven      UNKNOWN at once: another call would prove no more
"""

from collections.abc import Mapping
from enum import Enum

from duplexsla.errors import (
    ActionExpired,
    ActionRefused,
    AnswerLost,
    DeviceRefused,
    DeviceUnavailable,
    DuplexSLAError,
    EffectUnproven,
    HubTokenRefused,
    StaleFence,
)


class CallFinding(Enum):
    NEVER_SENT = "the backend cannot be reached"
    TOKEN_REFUSED = "the hub does not take the token"
    DEVICE_AWAY = "the hub says that the device is away; nothing was sent"
    NOBODY_LISTENS = "the broker says that nobody took the command"
    NO_SUCH_HOME = "the backend does not have this home"
    NO_SUCH_DEVICE = "the backend does not have this entity, or it does not take this command"
    BAD_VALUE = "the backend does not take this value"
    TOO_LATE = "its time was over, or too short for this device"
    OLDER_FENCE = "the backend knows a newer owner"
    NO_ANSWER = "it was sent, and no answer came"
    HUB_FAILED = "it was sent, and the hub says that something went wrong"
    NO_EFFECT = "it was sent, the hub says success, and the device shows no effect"
    ASSUMED = "the device tells nobody how it is: the hub assumes it"
    STUCK = "the device says that it stopped on the way"


ERRORS: Mapping[CallFinding, type[DuplexSLAError]] = {
    CallFinding.NEVER_SENT: DeviceUnavailable,
    CallFinding.TOKEN_REFUSED: HubTokenRefused,
    CallFinding.DEVICE_AWAY: DeviceUnavailable,
    CallFinding.NOBODY_LISTENS: DeviceUnavailable,
    CallFinding.NO_SUCH_HOME: DeviceRefused,
    CallFinding.NO_SUCH_DEVICE: DeviceRefused,
    CallFinding.BAD_VALUE: ActionRefused,
    CallFinding.TOO_LATE: ActionExpired,
    CallFinding.OLDER_FENCE: StaleFence,
    CallFinding.NO_ANSWER: AnswerLost,
    CallFinding.HUB_FAILED: AnswerLost,
    CallFinding.NO_EFFECT: AnswerLost,
    CallFinding.ASSUMED: EffectUnproven,
    CallFinding.STUCK: EffectUnproven,
}


def failure(finding: CallFinding, reason: str = "") -> DuplexSLAError:
    """The error to raise; `reason` takes the place of the finding's own words."""
    return ERRORS[finding](reason or finding.value)
