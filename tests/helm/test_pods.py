"""What every pod of the chart keeps to."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support import helm_chart

from duplexsla.runtime.service_settings import KAFKA_FILE, SERVICES
from duplexsla.runtime.settings import settings_of, variable

pytestmark = pytest.mark.slow

ALL = {
    "loadtest": {"enabled": True},
    "autoscaling": {"kind": "keda", "prometheus": {"address": "http://p"}},
    "telemetry": {"otlp": "collector:4317"},
    "gateway": {"comeBackAt": ["a:1"]},
}
USES_API = {"gateway", "deletion-cost"}
OWN_PORTS = {"decoder": 8003, "gateway": 8072, "executor": 8071, "home": 8070, "deletion-cost": 8074}


def _all_pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for place in helm_chart.PLACES:
        for name, spec in helm_chart.pods(helm_chart.render(ALL, place=place)).items():
            yield f"{place}: {name}", spec


def _component(name: str) -> str:
    return name.rpartition("/")[2].removeprefix(f"{helm_chart.RELEASE}-")


def test_every_pod_is_of_the_restricted_level() -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted; a read-only root."""
    for name, spec in _all_pods():
        security = spec["securityContext"]
        assert security["runAsNonRoot"] and security["runAsUser"] > 0, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")), name
        kinds = {kind for volume in spec.get("volumes", ()) for kind in volume if kind != "name"}
        assert kinds <= {"emptyDir", "configMap", "secret"}, name
        for container in helm_chart.containers(spec):
            may = container["securityContext"]
            assert may["allowPrivilegeEscalation"] is False and may["readOnlyRootFilesystem"], name
            assert may["capabilities"] == {"drop": ["ALL"]}, name


def test_only_who_asks_the_api_has_a_token() -> None:
    for name, spec in _all_pods():
        assert spec["automountServiceAccountToken"] == (_component(name) in USES_API), name


def test_rights_are_just_those_used() -> None:
    objects = helm_chart.render()
    roles = {name: each["rules"] for (kind, name), each in objects.items() if kind == "Role"}
    assert roles == {
        f"{helm_chart.RELEASE}-gateway": [
            {
                "apiGroups": ["discovery.k8s.io"],
                "resources": ["endpointslices"],
                "verbs": ["get", "list", "watch"],
            }
        ],
        f"{helm_chart.RELEASE}-deletion-cost": [
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "patch"]}
        ],
    }
    assert not any(kind.startswith("Cluster") for kind, _ in objects)


@pytest.mark.parametrize("component", sorted(OWN_PORTS))
def test_every_variable_that_is_set_is_one_that_the_service_reads(component: str) -> None:
    known = {variable(name) for name, _ in settings_of(SERVICES[component])}
    for name, spec in _all_pods():
        if _component(name) == component:
            given = {each["name"] for c in helm_chart.containers(spec) for each in c.get("env", ())}
            assert given <= known, name


@pytest.mark.parametrize("component", sorted(OWN_PORTS))
def test_every_value_that_is_set_is_one_that_the_service_takes(component: str) -> None:
    stated = {variable(name): setting for name, setting in settings_of(SERVICES[component])}
    for name, spec in _all_pods():
        if _component(name) == component:
            given = [
                each for c in helm_chart.containers(spec) for each in c.get("env", ()) if "value" in each
            ]
            for each in given:
                if stated[each["name"]].kind is not KAFKA_FILE.kind:  # the file is in the pod alone
                    stated[each["name"]].kind.parse(each["value"])


def test_the_three_probes_mean_three_things() -> None:
    for name, spec in _all_pods():
        container = spec["containers"][0]
        if _component(name) not in OWN_PORTS:
            continue
        startup, ready, live = (container[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness"))
        assert live["httpGet"]["path"] == "/livez", name  # passes while it drains, and without anybody else
        assert "livez" not in str(ready), name
        assert startup["periodSeconds"] * startup["failureThreshold"] >= 60, name


def test_pods_have_longer_to_go_than_their_drain_takes() -> None:
    for place in helm_chart.PLACES:
        pods = helm_chart.pods(helm_chart.render(ALL, place=place))
        decoder = pods[f"Deployment/{helm_chart.RELEASE}-decoder"]
        hook = decoder["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1]
        drain_s = int(re.findall(r"deadline_s=(\d+)", hook)[0])
        assert drain_s + 10 < decoder["terminationGracePeriodSeconds"]
        gateway = pods[f"Deployment/{helm_chart.RELEASE}-gateway"]
        leave_s = gateway["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        given = {each["name"]: each.get("value") for each in gateway["containers"][0]["env"]}
        assert leave_s + int(given["DUPLEXSLA_DRAIN_S"]) + 10 <= gateway["terminationGracePeriodSeconds"]


def test_drains_are_written_as_python_understands_them() -> None:
    decoder = helm_chart.pods(helm_chart.render())[f"Deployment/{helm_chart.RELEASE}-decoder"]["containers"][
        0
    ]
    ast.parse(decoder["lifecycle"]["preStop"]["exec"]["command"][-1])


def test_what_never_may_change_does_not_depend_on_values() -> None:
    def selectors(place: str) -> dict[str, Any]:
        objects = helm_chart.render(ALL, place=place)
        return {
            f"{kind}/{name}": o["spec"]["selector"]
            for (kind, name), o in objects.items()
            if kind == "Deployment"
        }

    assert len({str(sorted(selectors(place).items())) for place in helm_chart.PLACES}) == 1


def test_every_pod_is_denied_all_that_no_edge_allows() -> None:
    objects = helm_chart.render(ALL)
    policies = {name: each["spec"] for (kind, name), each in objects.items() if kind == "NetworkPolicy"}
    deny = policies[f"{helm_chart.RELEASE}-deny"]
    assert deny["policyTypes"] == ["Ingress", "Egress"] and "ingress" not in deny and "egress" not in deny
    denied = deny["podSelector"]["matchLabels"].items()
    for (kind, name), each in objects.items():
        if kind in ("Deployment", "StatefulSet", "Job"):
            assert denied <= each["spec"]["template"]["metadata"]["labels"].items(), name
        elif kind == "Pod":
            assert denied <= each["metadata"]["labels"].items(), name


def test_every_edge_has_both_its_ends() -> None:
    objects = helm_chart.render(ALL)
    names = {name.removeprefix(f"{helm_chart.RELEASE}-") for kind, name in objects if kind == "NetworkPolicy"}
    outward = {tuple(name.split("-to-")) for name in names if "-to-" in name}
    inward = {tuple(reversed(name.split("-from-"))) for name in names if "-from-" in name}
    assert outward == inward and ("gateway", "decoder") in outward and ("executor", "home") in outward
    assert ("executor", "decoder") not in outward and ("home", "redis") not in outward


def test_a_service_s_ports_are_those_of_its_pods() -> None:
    objects = helm_chart.render()
    for (kind, name), service in objects.items():
        if kind != "Service":
            continue
        component = service["spec"]["selector"]["app.kubernetes.io/component"]
        spec = next(s for n, s in helm_chart.pods(objects).items() if _component(n) == component)
        ports = {port["name"] for port in spec["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports, name


def test_certificates_and_keys_reach_those_who_need_them() -> None:
    tls = {
        "gateway": {"secret": "g"},
        "clients": {"secret": "c"},
        "decoder": {"secret": "d", "gatewaySecret": "gd"},
    }
    auth = {"methods": ["certificate"], "apiKeysSecret": {"name": "k"}}
    home = {"keysSecret": {"name": "hk"}, "tokenSecret": {"name": "ht"}}
    values = {
        "tls": tls,
        "auth": auth,
        "home": home,
        "callers": {"tokenSecret": {"name": "t"}, "tenant": "acme"},
    }
    pods = helm_chart.pods(helm_chart.render(values))
    secrets = {
        name: {volume["secret"]["secretName"] for volume in spec["volumes"] if "secret" in volume}
        for name, spec in pods.items()
    }
    release = helm_chart.RELEASE
    assert secrets[f"Deployment/{release}-gateway"] == {"g", "c", "gd", "k"}
    assert secrets[f"Deployment/{release}-decoder"] == {"d"}
    assert secrets[f"StatefulSet/{release}-home"] == {"hk"}
    assert secrets[f"Pod/{release}-test"] >= {"t", "g"}
    call = " ".join(pods[f"Pod/{release}-test"]["containers"][0]["command"])
    assert "--ca=/etc/duplexsla/tls/ca.crt" in call and "--tenant=acme" in call
    for name, spec in pods.items():
        for container in helm_chart.containers(spec):
            mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
            assert mounted <= {volume["name"] for volume in spec.get("volumes", [])}, name
