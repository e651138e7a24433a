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
