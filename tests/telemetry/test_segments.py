from pathlib import Path

from duplexsla.clock import CHUNK_S
from duplexsla.telemetry import SessionTrace, names, read_spans, setup


def test_a_long_session_is_cut_into_segments_linked_to_it_and_to_each_other(tmp_path: Path) -> None:
    now = 0.0
    telemetry = setup("gateway", trace_file=tmp_path / "t")
    trace = SessionTrace(
        telemetry, {names.ATTR_SESSION: "01"}, clock=lambda: now, wall_ns=lambda: int((1_000 + now) * 1e9)
    )
    for chunk in range(130):  # 20.8 s
        now = chunk * CHUNK_S
        trace.record(trace.step(now), now, now + 0.02, {names.ATTR_CHUNK: chunk})
    trace.close()
    telemetry.shutdown()
    spans = read_spans(tmp_path / "t")
    (session,) = [s for s in spans if s["name"] == names.SPAN_SESSION]
    segments = [s for s in spans if s["name"] == names.SPAN_SEGMENT]
    steps = [s for s in spans if s["name"] == names.SPAN_STEP]
    assert len(segments) == 3 and len(steps) == 130
    assert len({s["trace_id"] for s in segments}) == 3
    for index, segment in enumerate(segments):
        linked = [link["span_id"] for link in segment["links"]]  # type: ignore[attr-defined]
        assert linked[0] == session["span_id"]
        assert linked[1:] == ([segments[index - 1]["span_id"]] if index else [])
    by_id = {s["span_id"]: s for s in segments}
    for step in steps:
        parent = by_id[step["parent_id"]]
        assert parent["trace_id"] == step["trace_id"]
        assert 0 <= step["start_ns"] - parent["start_ns"] < 10e9  # type: ignore[operator]
        assert abs(step["end_ns"] - step["start_ns"] - 20e6) < 1e3  # type: ignore[operator]


def test_without_a_destination_steps_cost_no_span() -> None:
    trace = SessionTrace(setup("gateway"), {})
    assert not trace.step(0.0).recorded
    trace.close()


def test_a_session_whose_traces_the_ratio_drops_records_no_step_and_no_action_below_it(
    tmp_path: Path,
) -> None:
    telemetry = setup("gateway", trace_file=tmp_path / "t", policy=0.0)
    trace = SessionTrace(telemetry, {})
    step = trace.step(0.0)
    assert not step.recorded
    trace.record(step, 0.0, 0.02, {})
    telemetry.start(names.SPAN_PUBLISH, parent=step.context).end()
    trace.close()
    telemetry.shutdown()
    assert not read_spans(tmp_path / "t")


def test_a_ratio_keeps_whole_segments_with_their_steps(tmp_path: Path) -> None:
    telemetry = setup("gateway", trace_file=tmp_path / "t", policy=0.5)
    trace = SessionTrace(telemetry, {}, segment_s=1.0)
    for second in range(60):
        for start in (second, second + 0.5):
            trace.record(trace.step(start), start, start + 0.02, {})
    trace.close()
    telemetry.shutdown()
    spans = read_spans(tmp_path / "t")
    segments = {s["span_id"]: s for s in spans if s["name"] == names.SPAN_SEGMENT}
    steps = [s for s in spans if s["name"] == names.SPAN_STEP]
    assert 0 < len(segments) < 60 and len(steps) == 2 * len(segments)
    assert {s["trace_id"] for s in steps} == {s["trace_id"] for s in segments.values()}
