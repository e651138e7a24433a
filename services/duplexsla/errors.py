"""Every error of the project, one class per different reaction.

DuplexSLAError
├── SettingError            stop the process: a setting is missing or wrong, and is named
├── CheckpointError         stop the process: weights are damaged, foreign or do not fit the configuration
├── CorpusError             stop the command: training data is damaged or lacks something; says what to make
├── MissingDependency       stop the command: says which package to install
├── StartFailed             stop the command: a part did not come up; ends with the tail of its log
├── BadInput                end (or warn) this session only: the client sent something that cannot be used
│   ├── AudioError          wrong rate, oversized frame
│   ├── ProtocolError       a message out of order, or of a kind that is not understood
│   ├── UnknownHome         no such home
│   ├── UnknownAction       no such action in these histories
│   ├── ResumeRefused       no such session to come back to: open a new one
│   ├── ClientSilent        nothing has come for as long as a client may be silent
│   ├── SessionTooLong      it has lasted as long as a session may: open a new one
│   ├── NotAuthenticated    nobody knows who calls: come back with other credentials
│   └── Forbidden           the caller is known, and may not do this
├── PolicyError             keep the policy that stands, and say what is wrong with this one
│   └── PolicyLocksOut      the same: it can be read, and nobody could have anything done
├── HomesFileError          keep the homes that stand, and say what is wrong with these
├── ActionRefused           report to the speaker: the call does not fit the schema of its toolset
├── Retriable               try again, here or elsewhere
│   ├── SlotsExhausted      every slot is held: come back after `retry_after_ms`
│   │   ├── Overloaded      there are slots, but steps run late: the same, and not the same alert
│   │   └── QuotaExceeded   this caller, home or tenant has had its share: the same, and no alert
│   ├── DecoderLost         the decoder died or hangs: leave it alone for a while
│   │   └── SessionForgotten  it lives, and does not hold the session: rebuild, there or elsewhere
│   ├── StoreLost           Redis does not answer
│   ├── BrokerLost          Kafka does not answer
│   ├── ClusterLost         the Kubernetes API does not answer
│   ├── DeviceUnavailable   the device did certainly nothing: it cannot be reached, or says that it is broken
│   │   └── HubTokenRefused   the same, and only people can help: the hub takes no token of ours
│   └── AnswerLost          the call was sent and its answer lost: the device may have done it
│       └── EffectUnproven    the same for good: asking again would prove no more
├── NotFinite               end this session only: its model's numbers are not finite, and count it
├── DeviceRefused           the device answered that it will not do this: report, never retry
├── ActionExpired           its time ran out before its effect, and there is none: report, never retry
└── StaleFence              somebody else owns the session now: stop, change nothing
"""


class DuplexSLAError(Exception):
    """Root of the tree; `code` is the stable name that goes on the wire."""

    code = "internal"


class SettingError(DuplexSLAError):
    code = "setting"


class CheckpointError(DuplexSLAError):
    code = "checkpoint"


class CorpusError(DuplexSLAError):
    code = "corpus"


class MissingDependency(DuplexSLAError):
    code = "missing_dependency"


class KernelsMissing(DuplexSLAError):
    """This processor has no compiled kernels, or not the ones that were chosen."""

    code = "kernels_missing"


class StartFailed(DuplexSLAError):
    code = "start_failed"


class BadInput(DuplexSLAError):
    code = "bad_input"


class AudioError(BadInput):
    code = "bad_audio"


class ProtocolError(BadInput):
    code = "bad_message"


class UnknownHome(BadInput):
    code = "unknown_home"


class UnknownAction(BadInput):
    code = "unknown_action"


class ResumeRefused(BadInput):
    code = "resume_refused"


class NotAuthenticated(BadInput):
    """`reason` is one of telemetry's LOGIN_REASONS; the message holds nothing of what was presented."""

    code = "unauthenticated"

    def __init__(self, message: str, *, reason: str = "missing") -> None:
        super().__init__(message)
        self.reason = reason


class Forbidden(BadInput):
    code = "forbidden"


class SessionTooLong(BadInput):
    code = "session_too_long"


class ClientSilent(BadInput):
    code = "client_silent"


class PolicyError(DuplexSLAError):
    code = "bad_policy"


class PolicyLocksOut(PolicyError):
    code = "policy_locks_out"


class HomesFileError(DuplexSLAError):
    code = "bad_homes"


class ActionRefused(DuplexSLAError):
    code = "action_refused"


class Retriable(DuplexSLAError):
    code = "unavailable"


class SlotsExhausted(Retriable):
    """Every slot is held; `retry_after_ms` is a hint, not a promise."""

    code = "slots_exhausted"

    def __init__(self, message: str, *, retry_after_ms: int = 1_000) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms


class Overloaded(SlotsExhausted):
    code = "overloaded"


class QuotaExceeded(SlotsExhausted):
    code = "quota_exceeded"


class DecoderLost(Retriable):
    code = "decoder_lost"


class SessionForgotten(DecoderLost):
    """The decoder lives: nothing speaks against placing others there, or this one again."""


class StoreLost(Retriable):
    code = "store_lost"


class BrokerLost(Retriable):
    code = "broker_lost"


class ClusterLost(Retriable):
    code = "cluster_lost"


class DeviceUnavailable(Retriable):
    code = "device_unavailable"


class HubTokenRefused(DeviceUnavailable):
    code = "hub_token_refused"


class AnswerLost(Retriable):
    code = "answer_lost"


class EffectUnproven(AnswerLost):
    code = "effect_unproven"


class DeviceRefused(DuplexSLAError):
    code = "device_refused"


class ActionExpired(DuplexSLAError):
    code = "expired"


class NotFinite(DuplexSLAError):
    code = "not_finite"


class StaleFence(DuplexSLAError):
    code = "stale_fence"
