"""Who may import whom: services meet on the wire, wings look one way, and no import goes in a circle."""

from collections.abc import Iterator

import pytest
from tests.support.source_tree import Module, imports, modules

# What every service may import beside its own; each of these may import those before it.
SHARED = ("telemetry", "history", "runtime", "security", "audit")
EVERYBODY = {"backoff", "clock", "enum_names", "errors"}
PURE = {"tools", "protocol", "gates", "audio", "report", "session"}
NETWORK = {"asyncio", "grpc", "redis", "kafka", "httpx", "fastapi", "uvicorn", "tritonclient"}
TRITON = {"triton_python_backend_utils"}

# What each part may import of ours, beside itself and EVERYBODY. A name with a dot is that folder alone.
MAY_IMPORT: dict[str, set[str]] = {
    "backoff": set(),
    "clock": set(),
    "enum_names": set(),
    "errors": set(),
    **{part: {"v1", *SHARED[:place]} for place, part in enumerate(SHARED)},
    "tools": set(),
    "audio": set(),
    "report": set(),
    "protocol": {"tools", "v1"},
    "gates": {"tools"},
    "model": {"protocol"},
    "engine": {"model", "protocol", "tools"},
    "session": {"v1", "protocol", "audio", "gates"},
    "kubernetes": {*SHARED},
    "gateway": {"v1", "session", "protocol", "tools", "gates", "audio", "kubernetes", *SHARED},
    "executor": {"v1", "session.store", "protocol", "tools", "gates", *SHARED},
    "client": {"v1", "audio"},
    "home": {"v1", "client", "protocol", "tools", *SHARED},
    "console": {"v1", "client", "protocol", "tools", *SHARED},
    "local": {"v1", "client", "protocol", "executor.broker", *SHARED},
    "cli": {"v1", "client", "local", "home", "engine", "executor", *PURE, *SHARED},
    "__main__": {"cli"},
    "lab.data": {"model", "engine", "runtime", *PURE},
    "lab.training": {"lab.data", "model", "engine", "runtime", *PURE},
    "lab.bench": {"lab.data", "model", "engine", "client", "runtime", *PURE},
    "loadtest": {"v1", "client", "audio", "report"},
    "model_repository": {"v1", "engine", "protocol", "session", *SHARED},
    "helm": {"v1", "client"},
    "deploy": {"v1", "client", "local", "runtime"},
}

# Foreign modules that a part never loads.
NEVER: dict[str, set[str]] = {
    **{
        part: {"torch", "numpy", *NETWORK, *TRITON}
        for part in ("tools", "gates", "backoff", "clock", "errors")
    },
    **{part: {"torch", *NETWORK, *TRITON} for part in ("protocol", "audio", "report")},
    **{part: {"torch"} for part in ("session", "gateway", "executor", "client", "home", "console", *SHARED)},
    **{part: {"torch"} for part in ("kubernetes", "local", "loadtest", "helm")},
    "model": NETWORK | TRITON,
    "engine": NETWORK | TRITON,
}
KERNEL_LANGUAGE = "triton"  # only where the kernels of the large model are written
KERNELS = "duplexsla.engine.llm"


def part(name: str) -> str:
    """Of the table: `gateway` for duplexsla.gateway.call, `lab.data` for duplexsla_lab.data.shards."""
    top, *rest = name.split(".")
    if top == "duplexsla":
        return rest[0] if rest else ""
    if top == "duplexsla_lab":
        return f"lab.{rest[0]}" if rest else ""
    return top.removeprefix("duplexsla_")


MODULES = [module for module in modules().values() if part(module.name)]


@pytest.mark.parametrize("one", sorted({part(module.name) for module in MODULES}))
def test_every_part_imports_only_what_the_design_allows(one: str) -> None:
    assert one in MAY_IMPORT, f"{one} is a new part: say in MAY_IMPORT what it may import"
    found = {
        f"{module.name} imports {name}"
        for module in MODULES
        if part(module.name) == one
        for name in imports(module)
        if not _allowed(name, one)
    }
    assert not found


def test_the_kernel_language_is_used_in_one_place() -> None:
    users = {module.name for module in MODULES if KERNEL_LANGUAGE in _tops(module)}
    assert all(name.startswith(KERNELS) for name in users), users


def test_no_import_goes_round_in_a_circle() -> None:
    """Imports for type checkers count; those inside a function do not."""
    edges = {
        name: imports(module, inside_functions=False) & modules().keys() for name, module in modules().items()
    }
    assert not circle(edges)


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def circle(edges: dict[str, set[str]]) -> list[str]:
    """The modules of one circle, the first one again at its end; none when there is no circle."""
    done: set[str] = set()

    def follow(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in done:
            for other in sorted(edges[name] - {name}):
                if found := follow(other, [*path, name]):
                    return found
            done.add(name)
        return []

    return next((found for name in sorted(edges) if (found := follow(name, []))), [])


def _allowed(name: str, one: str) -> bool:
    if name.partition(".")[0] not in ("duplexsla", "duplexsla_lab", "duplexsla_loadtest"):
        return name.partition(".")[0] not in NEVER.get(one, set())
    allowed = EVERYBODY | MAY_IMPORT[one]
    ours = name.removeprefix("duplexsla.")
    return part(name) in ({one, ""} | allowed) or any(
        ours == folder or ours.startswith(f"{folder}.") for folder in allowed if "." in folder
    )


def _tops(module: Module) -> Iterator[str]:
    return (name.partition(".")[0] for name in imports(module))
