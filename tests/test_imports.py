"""Who may import whom: services meet on the wire, and nothing that faces the network loads torch."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "services" / "duplexsla"
LEAVES = ("clock", "control", "errors", "env", "history", "kubernetes_api", "plot", "telemetry", "v1")
NETWORK = {"asyncio", "grpc", "redis", "kafka", "httpx", "fastapi", "uvicorn", "tritonclient"}

# What each part may import of ours, beside itself.
MAY_IMPORT: dict[str, set[str]] = {
    **{leaf: set() for leaf in LEAVES},
    "env": {"errors"},
    "history": {"errors"},
    "kubernetes_api": {"errors"},
    "telemetry": {"clock", "errors", "v1"},
    "tools": {"errors"},
    "protocol": {"tools", "clock", "errors"},
    "model": {"protocol", "clock", "errors"},
    "engine": {"model", "protocol", "tools", "clock", "errors", "telemetry"},
    "session": {"v1", "protocol", "clock", "errors", "telemetry"},
    "gateway": {
        *("v1", "session", "protocol", "clock", "control", "errors", "env", "telemetry", "history"),
        "kubernetes_api",
    },
    "deletion_cost": {"control", "errors", "env", "telemetry", "kubernetes_api"},
    "executor": {"control", "v1", "session", "protocol", "tools", "errors", "env", "telemetry", "history"},
    "client": {"v1", "clock", "errors", "telemetry"},
    "home": {"control", "v1", "client", "protocol", "tools", "errors", "env", "telemetry", "history"},
    "data": {"model", "engine", "protocol", "tools", "clock", "errors"},
    "training": {"model", "engine", "data", "protocol", "tools", "clock", "errors", "plot"},
    "bench": {"engine", "model", "client", "data", "protocol", "tools", "clock", "errors", "plot"},
    "loadtest": {"v1", "client", "clock", "errors", "plot"},
    "local": {"v1", "client", "clock", "errors", "env", "telemetry"},
    "cli": {"local", "client", "history", "v1", "clock", "errors", "env"},
    "talk": {"cli", "local", "session", "home", "engine", "protocol", "v1", "clock", "errors"},
    "__main__": {"cli", "talk", "errors"},
}

# Foreign modules that a part never loads.
NEVER: dict[str, set[str]] = {
    "protocol": {"torch", "numpy", *NETWORK},
    "tools": {"torch", "numpy", *NETWORK},
    "model": NETWORK,
    "engine": NETWORK | {"triton_python_backend_utils"},
    **{part: {"torch"} for part in ("session", "gateway", "executor", "client", "home", *LEAVES)},
    **{part: {"torch"} for part in ("deletion_cost", "local", "cli")},
}


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


SOURCES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("part", sorted({_part(path) for path in SOURCES}))
def test_every_part_imports_only_what_the_design_allows(part: str) -> None:
    assert part in MAY_IMPORT, f"{part} is a new part: say in MAY_IMPORT what it may import"
    allowed = MAY_IMPORT[part] | {part}
    found = {
        (str(path.relative_to(PACKAGE)), name)
        for path in SOURCES
        if _part(path) == part
        for name in _imports(path)
        if _forbidden(name, allowed, NEVER.get(part, set()))
    }
    assert not found


def _forbidden(name: str, allowed: set[str], never: set[str]) -> bool:
    top, *rest = name.split(".")
    return (bool(rest) and rest[0] not in allowed) if top == "duplexsla" else top in never


def _imports(path: Path) -> Iterator[str]:
    """Dotted names of every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, path)
            yield from (
                (f"{module}.{alias.name}" for alias in node.names) if module == "duplexsla" else (module,)
            )


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    if not node.level:
        return node.module or ""
    package = ("duplexsla", *path.relative_to(PACKAGE).parent.parts)
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])
