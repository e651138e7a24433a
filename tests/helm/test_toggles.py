"""Every switch of the chart does what it says, both ways."""

from typing import Any

import pytest
from tests.support import helm_chart

from duplexsla import __version__

pytestmark = pytest.mark.slow

KEDA = {"kind": "keda", "prometheus": {"address": "http://prometheus:9090"}}
STORES: dict[str, Any] = {
    "redis": {"deploy": False, "external": {"url": "redis://r:6379/0"}},
    "kafka": {"deploy": False, "external": {"brokers": "k:9092"}},
}
HOME = {"home": {"deploy": False, "externalUrl": "http://homes"}}
ON: list[tuple[str, dict[str, Any], dict[str, Any], set[str]]] = [  # what, on, off, objects that come and go
    ("redis", {}, {"redis": STORES["redis"]}, {"StatefulSet/redis", "Service/redis", "ServiceAccount/redis"}),
    ("kafka", {}, {"kafka": STORES["kafka"]}, {"StatefulSet/kafka", "Service/kafka", "ConfigMap/kafka"}),
    ("home", {}, HOME, {"StatefulSet/home", "Service/home", "ServiceAccount/home"}),
    ("test", {}, {"test": {"enabled": False}}, {"Pod/test", "ConfigMap/test"}),
    ("load", {"loadtest": {"enabled": True}}, {}, {"Job/load-1"}),
    (
        "objectives",
        {"loadtest": {"enabled": True, "objectives": {"refused": 0}}},
        {},
        {"Job/load-1", "ConfigMap/load-1"},
    ),
    (
        "deletion cost",
        {},
        {"deletionCost": {"enabled": False}},
        {"Deployment/deletion-cost", "Role/deletion-cost", "RoleBinding/deletion-cost"},
    ),
    (
        "placement",
        {},
        {"gateway": {"placement": "static", "decoders": ["d:8001"]}},
        {"Role/gateway", "RoleBinding/gateway"},
    ),
    (
        "pod monitors",
        {"monitoring": {"podMonitors": {"enabled": True}}},
        {},
        {f"PodMonitor/{each}" for each in ("decoder", "gateway", "executor", "home", "deletion-cost")},
    ),
    ("rules", {"monitoring": {"rules": {"enabled": True}}}, {}, {"PrometheusRule/alerts"}),
    ("dashboard", {"monitoring": {"dashboard": {"enabled": True}}}, {}, {"ConfigMap/dashboard"}),
    (
        "token keys",
        {"auth": {"methods": ["jwt"], "issuer": "i", "audience": "a", "keysUrl": "https://i/keys"}},
        {},
        {"NetworkPolicy/token-keys"},
    ),
    ("devices", {"devices": {"existingSecret": {"name": "homes"}}}, {}, {"NetworkPolicy/hubs"}),
    ("policies", {}, {"networkPolicy": {"enabled": False}}, {"NetworkPolicy/deny", "NetworkPolicy/dns"}),
    *(
        (
            f"budget of {each}",
            {},
            {each: {"podDisruptionBudget": {"enabled": False}}},
            {f"PodDisruptionBudget/{each}"},
        )
        for each in ("decoder", "gateway", "executor")
    ),
    (
        "hpa",
        {"autoscaling": {"kind": "hpa"}},
        {},
        {f"HorizontalPodAutoscaler/{each}" for each in ("decoder", "gateway", "executor")},
    ),
    (
        "keda",
        {"autoscaling": KEDA},
        {},
        {f"ScaledObject/{each}" for each in ("decoder", "gateway", "executor")},
    ),
]


def _names(values: dict[str, Any]) -> set[str]:
    objects = helm_chart.render(values)
    return {f"{kind}/{name.removeprefix(f'{helm_chart.RELEASE}-')}" for kind, name in objects}


@pytest.mark.parametrize(("on", "off", "objects"), [row[1:] for row in ON], ids=[row[0] for row in ON])
def test_a_switch_makes_its_objects_and_no_others(
    on: dict[str, Any], off: dict[str, Any], objects: set[str]
) -> None:
    assert objects <= _names(on)
    assert not objects & _names(off)


def test_without_policies_there_is_none() -> None:
    assert not any(
        kind == "NetworkPolicy" for kind, _ in helm_chart.render({"networkPolicy": {"enabled": False}})
    )


@pytest.mark.parametrize("kind", ["hpa", "keda"])
def test_who_scales_owns_the_number_of_pods(kind: str) -> None:
    fixed, scaled = helm_chart.render(), helm_chart.render({"autoscaling": {**KEDA, "kind": kind}})
    for each in ("decoder", "gateway", "executor"):
        deployment = ("Deployment", f"{helm_chart.RELEASE}-{each}")
        assert fixed[deployment]["spec"]["replicas"] == 2
        assert "replicas" not in scaled[deployment]["spec"]


def test_topics_are_made_unless_somebody_else_does() -> None:
    name = ("Deployment", f"{helm_chart.RELEASE}-executor")
    made = helm_chart.render()[name]["spec"]["template"]["spec"]
    assert made["initContainers"][0]["command"][-1] == "--make-topics"
    elsewhere = helm_chart.render({"kafka": {"makeTopics": False}})[name]["spec"]["template"]["spec"]
    assert "initContainers" not in elsewhere


def test_external_stores_come_from_secrets() -> None:
    values = {
        "redis": {
            "deploy": False,
            "external": {"existingSecret": {"name": "r", "key": "url"}, "caSecret": {"name": "ca"}},
        },
        "kafka": {
            "deploy": False,
            "external": {"brokers": "k:9093", "existingSecret": {"name": "k", "key": "security.json"}},
        },
    }
    for each in ("gateway", "executor"):
        spec = helm_chart.render(values)["Deployment", f"{helm_chart.RELEASE}-{each}"]["spec"]["template"][
            "spec"
        ]
        env = {entry["name"]: entry for entry in spec["containers"][0]["env"]}
        assert env["DUPLEXSLA_REDIS_URL"]["valueFrom"] == {"secretKeyRef": {"name": "r", "key": "url"}}
        assert env["DUPLEXSLA_KAFKA"]["value"] == "k:9093"
        assert env["DUPLEXSLA_KAFKA_SECURITY"]["value"] == "/etc/duplexsla/kafka/security.json"
        assert {v["secret"]["secretName"] for v in spec["volumes"] if "secret" in v} == {"ca", "k"}


def test_a_policy_and_the_codes_of_homes_are_mounted_where_executors_look_for_them() -> None:
    values = {"gates": {"policy": {"configMap": "ours"}, "codes": {"existingSecret": "secret"}}}
    objects, key = helm_chart.render(values), {"secretKeyRef": {"name": "secret", "key": "key"}}
    specs = {
        each: objects["Deployment", f"{helm_chart.RELEASE}-{each}"]["spec"]["template"]["spec"]
        for each in ("gateway", "executor")
    }
    for spec in specs.values():
        env = {entry["name"]: entry for entry in spec["containers"][0]["env"]}
        assert env["DUPLEXSLA_CODE_KEY"]["valueFrom"] == key
    assert env["DUPLEXSLA_POLICY_FILE"]["value"] == "/etc/duplexsla/policy/policy.json"
    assert env["DUPLEXSLA_CODES_FILE"]["value"] == "/etc/duplexsla/codes/codes.json"
    mounts = {mount["name"] for mount in specs["executor"]["containers"][0]["volumeMounts"]}
    assert {"codes", "policy"} <= mounts & {volume["name"] for volume in specs["executor"]["volumes"]}
    assert "codes" not in {volume["name"] for volume in specs["gateway"].get("volumes", ())}


def test_an_authority_of_redis_is_named_in_its_url() -> None:
    external = {"url": "rediss://r:6380/0", "caSecret": {"name": "ca", "key": "root.pem"}}
    objects = helm_chart.render({"redis": {"deploy": False, "external": external}})
    env = objects["Deployment", f"{helm_chart.RELEASE}-gateway"]["spec"]["template"]["spec"]["containers"][0][
        "env"
    ]
    urls = [each["value"] for each in env if each["name"] == "DUPLEXSLA_REDIS_URL"]
    assert urls == ["rediss://r:6380/0?ssl_ca_certs=/etc/duplexsla/redis/root.pem"]


@pytest.mark.parametrize(
    ("values", "image"),
    [
        ({}, f"duplexsla/gateway:{__version__}"),
        ({"image": {"registry": "m:5000/"}}, f"m:5000/duplexsla/gateway:{__version__}"),
        ({"image": {"tag": "9"}}, "duplexsla/gateway:9"),
        ({"gateway": {"image": {"digest": f"sha256:{'a' * 64}"}}}, f"duplexsla/gateway@sha256:{'a' * 64}"),
    ],
)
def test_images_come_from_where_the_values_say(values: dict[str, Any], image: str) -> None:
    objects = helm_chart.render(values)
    spec = objects["Deployment", f"{helm_chart.RELEASE}-gateway"]["spec"]["template"]["spec"]
    assert spec["containers"][0]["image"] == image


def test_the_recording_of_helm_test_is_the_example() -> None:
    """Twice in the repository, because Helm reads no file outside of a chart."""
    name = "turn_on_the_kitchen_light.wav"
    example = (helm_chart.ROOT / "examples" / name).read_bytes()
    assert (helm_chart.CHART / "files" / name).read_bytes() == example
