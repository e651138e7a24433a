"""W3C traceparent, and that it is read as the SDK's propagator reads it."""

import random

from opentelemetry.context import Context
from opentelemetry.trace import SpanContext, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from duplexsla.telemetry import extract, inject, links_to

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_traceparent_survives_a_round_trip() -> None:
    context = extract(TRACEPARENT)
    assert context is not None and inject(context) == TRACEPARENT
    assert extract(TRACEPARENT.encode()) == context


def test_a_malformed_traceparent_is_no_parent() -> None:
    for bad in (
        "",
        None,
        b"\xff",
        "00-zz-11-01",
        "00-1",
        "ff-" + TRACEPARENT[3:],
        f"00-{0:032x}-{0:016x}-01",
    ):
        assert extract(bad) is None


def test_links_leave_out_what_names_no_span() -> None:
    assert [inject(link.context) for link in links_to(TRACEPARENT, None, "nonsense")] == [TRACEPARENT]


def _of_sdk(traceparent: str) -> SpanContext | None:
    carrier = {"traceparent": traceparent}
    context = get_current_span(TraceContextTextMapPropagator().extract(carrier, Context())).get_span_context()
    return context if context.is_valid else None


def test_it_is_read_as_the_sdk_reads_it() -> None:
    rng = random.Random(5)
    assert extract(TRACEPARENT) == _of_sdk(TRACEPARENT) is not None
    for _ in range(3_000):
        text = list(TRACEPARENT)
        for _ in range(rng.choice((1, 1, 2, 8))):
            where, what = (
                rng.randrange(len(text)),
                rng.choice(("", "0", "f", "-", "g", "_", "A", "ff", "00-")),
            )
            text[where] = what
        given = "".join(text) + rng.choice(("", "", "-01", "x"))
        assert extract(given) == _of_sdk(given), given
