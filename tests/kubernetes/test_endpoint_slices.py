"""The cache of EndpointSlices: what changes make of it, and which addresses are ready."""

import random

from tests.support.kubernetes_api import slice_of

from duplexsla.kubernetes.endpoint_slices import EndpointSliceCache


def test_changes_in_any_order_lead_to_what_a_list_would_say() -> None:
    rng = random.Random(7)
    known, truth = EndpointSliceCache(), {}
    for _ in range(500):
        name = rng.choice("abc")
        if rng.random() < 0.2 and name in truth:
            known.change("DELETED", truth.pop(name))
        else:
            addresses = [f"10.0.0.{rng.randrange(9)}" for _ in range(rng.randrange(4))]
            truth[name] = slice_of(name, *addresses, ready=rng.random() < 0.8)
            known.change(rng.choice(("ADDED", "MODIFIED")), truth[name])
        listed = EndpointSliceCache()
        listed.replace(list(truth.values()))
        assert known.ready() == listed.ready()
        known.change("BOOKMARK", {})
    assert len(set(known.ready())) == len(known.ready())


def test_an_address_of_ip_version_6_has_brackets_and_no_condition_means_ready() -> None:
    known = EndpointSliceCache()
    endpoint = {"addresses": ["fd00::1"]}
    known.replace(
        [{"metadata": {"name": "a"}, "endpoints": [endpoint], "ports": [{"name": "grpc", "port": 1}]}]
    )
    assert known.ready() == ("[fd00::1]:1",)
