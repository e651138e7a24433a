"""The samples of a gateway's metrics page. Read on the event loop, so nothing changes meanwhile."""

import time
from collections.abc import Mapping

from duplexsla.clock import SAMPLE_RATE
from duplexsla.gateway.edges.opening_streams import OpeningStreams
from duplexsla.gateway.edges.session_port import SessionPort
from duplexsla.gateway.gateway import Gateway
from duplexsla.telemetry import MetricSamples, Telemetry, metrics

# Codes of errors with which an admission may end (errors.py).
REASONS = (
    "slots_exhausted",
    "overloaded",
    "unavailable",
    "store_lost",
    "unknown_home",
    "bad_message",
    "resume_refused",
    "unauthenticated",
    "forbidden",
    "quota_exceeded",
    "session_too_long",
)

EDGES = ("grpc", "realtime")
CALLS_REFUSED = ("json", "schema", "not_found", "inattentive", "too_many")
REQUESTS = ("attention", "confirm", "stop", "playback", "text")
ROOM_EVENTS = ("delivered", "kept", "late", "unknown")
SHED = ("traced_steps", "file_turns", "savings", "sessions")


def samples(
    gateway: Gateway, telemetry: Telemetry, port: SessionPort, *, discovery_away: bool
) -> MetricSamples:
    """`discovery_away`: which decoders there are may be out of date."""
    return {
        metrics.SPANS_DROPPED: telemetry.dropped,
        metrics.DRAINING: gateway.draining,
        metrics.DISCOVERY_AWAY: discovery_away,
        metrics.TASK_DEATHS: gateway.tasks.deaths.total(),
        metrics.EDGE_SESSIONS: dict.fromkeys(EDGES, 0) | port.live,
        **_session_samples(gateway),
        **_access_samples(gateway, port.opening),
        **_step_samples(gateway),
        **_audio_samples(gateway, time.monotonic()),
        **_action_samples(gateway),
    }


def _session_samples(gateway: Gateway) -> MetricSamples:
    counts, pool = gateway.counts, gateway.pool
    return {
        metrics.SESSIONS: counts.live,
        metrics.SESSIONS_OPENED: counts.opened,
        metrics.ADMISSIONS_REFUSED: dict.fromkeys(REASONS, 0) | counts.refusals,
        metrics.SESSIONS_FAILED: counts.failed,
        metrics.SESSIONS_REBUILT: counts.rebuilt,
        metrics.SESSIONS_MIGRATED: counts.migrated,
        metrics.MODELS_CHANGED: counts.models_changed,
        metrics.SESSIONS_PARKED: counts.parked,
        metrics.SESSIONS_RESUMED: counts.resumed,
        metrics.GATEWAY_FENCES_REFUSED: counts.fences_refused,
        metrics.SLOTS: sum(decoder.slots for decoder in pool.decoders),
        metrics.DECODERS: pool.states(),
    }


def _access_samples(gateway: Gateway, opening: OpeningStreams) -> MetricSamples:
    return {
        metrics.LOGINS: gateway.access.admitted,
        metrics.LOGINS_REFUSED: dict.fromkeys(metrics.LOGIN_REASONS, 0) | gateway.access.refusals,
        metrics.QUOTAS_AWAY: gateway.access.quotas.away,
        metrics.UNOPENED_STREAMS: len(opening),
        metrics.STREAMS_GAVE_WAY: opening.gave_way,
    }


def _step_samples(gateway: Gateway) -> MetricSamples:
    counts = gateway.counts
    return {
        metrics.STEPS: counts.steps,
        metrics.STEP_SECONDS: counts.step_s,
        metrics.DEADLINE_MISSES: counts.misses,
        metrics.QUEUE_DEPTH: _queue_depths(gateway),
        metrics.REBUILD_GAP_SECONDS: counts.rebuild_gap_s,
        metrics.CHUNKS_DROPPED: counts.chunks_dropped,
        metrics.CHUNKS_FORGOTTEN: counts.chunks_forgotten,
        metrics.CHUNKS_WITHHELD: counts.chunks_withheld,
        metrics.CLIENT_REQUESTS: dict.fromkeys(REQUESTS, 0) | counts.requests,
        metrics.OVERLOAD_LEVEL: gateway.pool.shedders.level,
        metrics.SHED: dict.fromkeys(SHED, 0) | counts.shed,
    }


def _audio_samples(gateway: Gateway, now: float) -> MetricSamples:
    counts, inputs = gateway.counts, [call.audio for call in gateway.calls]
    waiting = [audio.backlog.oldest_at for audio in inputs]
    drifts = [audio.drift_ppm for audio in inputs]
    return {
        metrics.AUDIO_CONCEALED_SECONDS: counts.concealed_samples / SAMPLE_RATE,
        metrics.AUDIO_LOST_SECONDS: counts.lost_samples / SAMPLE_RATE,
        metrics.AUDIO_WAIT_SECONDS: max((now - at for at in waiting if at is not None), default=0.0),
        metrics.JITTER_TARGET_SECONDS: max((audio.jitter_s for audio in inputs), default=0.0),
        metrics.MICROPHONE_DRIFT: {
            "fast": max([0.0, *drifts]),
            "slow": max([0.0, *(-drift for drift in drifts)]),
        },
    }


def _action_samples(gateway: Gateway) -> MetricSamples:
    counts, journals = gateway.counts, [call.journal for call in gateway.calls]
    return {
        metrics.ACTIONS: {
            "published": counts.actions,
            "unavailable": counts.actions_unavailable,
            "denied": counts.actions_denied,
        },
        metrics.CALLS_REFUSED: dict.fromkeys(CALLS_REFUSED, 0) | counts.calls_refused,
        metrics.OUTCOMES: counts.outcomes,
        metrics.REQUESTS_HEARD: {"called": 0, "ignored": 0} | counts.requests_heard,
        metrics.CLAIMS: {"kept": 0, "broken": 0} | counts.claims,
        metrics.ROOM_EVENTS: dict.fromkeys(ROOM_EVENTS, 0) | counts.room_events,
        metrics.OUTCOMES_ODD: {"unreadable": gateway.unreadable_outcomes, "newer": counts.outcomes_newer},
        metrics.OUTCOMES_UNCLAIMED: counts.outcomes_unclaimed,
        metrics.JOURNAL_CHUNKS: sum(len(journal) for journal in journals),
        metrics.JOURNAL_BYTES: sum(journal.size_bytes for journal in journals),
        metrics.JOURNAL_SAVED: counts.journal_chunks,
        metrics.JOURNAL_FAILURES: counts.journal_failures,
    }


def _queue_depths(gateway: Gateway) -> Mapping[str, float]:
    calls = list(gateway.calls)
    return {
        "backlog": sum(len(call.audio.backlog) for call in calls),
        "in_flight": sum(len(call.in_flight) for call in calls),
        "outbox": sum(len(call.outbox) for call in calls),
        "open_actions": sum(call.dialogue.open_actions for call in calls),
        "publish": gateway.publishing,
    }
