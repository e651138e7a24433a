"""The Python sources of the wings, the model repository, the chart and deploy/, as syntax trees."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
# By the name that begins the names of their modules.
FOLDERS = {
    "duplexsla": ROOT / "services" / "duplexsla",
    "duplexsla_lab": ROOT / "lab" / "duplexsla_lab",
    "duplexsla_loadtest": ROOT / "loadtest" / "duplexsla_loadtest",
    "model_repository": ROOT / "model_repository" / "duplexsla" / "1",
    "helm": ROOT / "helm" / "duplexsla" / "files",
    "deploy": ROOT / "deploy",
}
GENERATED = FOLDERS["duplexsla"] / "v1"
GENERATED_PACKAGE = "duplexsla.v1"


class Module(NamedTuple):
    name: str  # dotted; a package's own file has the package's name
    path: Path
    tree: ast.Module

    @property
    def package(self) -> list[str]:
        """What its relative imports start from."""
        parts = self.name.split(".")
        return parts if self.path.name == "__init__.py" else parts[:-1]


@cache
def modules() -> Mapping[str, Module]:
    """Every hand-written module, by name."""
    found = {}
    for top, folder in FOLDERS.items():
        for path in sorted(folder.rglob("*.py")):
            if not path.is_relative_to(GENERATED):
                parts = [top, *path.relative_to(folder).with_suffix("").parts]
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                found[name] = Module(name, path, ast.parse(path.read_text(), str(path)))
    return found


def imports(module: Module, *, inside_functions: bool = True) -> set[str]:
    """Dotted names of all modules that one names in its imports, those for type checkers too.

    For `from package import name` that is package.name where it is a module of ours, else package.
    """
    found: set[str] = set()
    for node in _statements(module.tree, inside_functions):
        if isinstance(node, ast.Import):
            found.update(_ours_beside(module, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = module.package[: len(module.package) - node.level + 1] if node.level else []
            target = _ours_beside(module, ".".join([*start, *([node.module] if node.module else [])]))
            found.update(
                inner
                if (inner := f"{target}.{alias.name}") in modules() or inner == GENERATED_PACKAGE
                else target
                for alias in node.names
            )
    return found


def _ours_beside(module: Module, name: str) -> str:
    """Triton and the chart's Jobs start files, whose siblings are modules without a package."""
    beside = f"{module.name.partition('.')[0]}.{name}"
    return beside if module.name.startswith(("model_repository.", "helm.")) and beside in modules() else name


def _statements(node: ast.AST, inside_functions: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if inside_functions or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _statements(child, inside_functions)


def written_by_hand(*suffixes: str) -> list[Path]:
    """Files of the repository with one of these endings, generated ones left out."""
    tops = (
        "services",
        "lab",
        "loadtest",
        "model_repository",
        "helm",
        "deploy",
        "tests",
        "benchmarks",
        "scripts",
    )
    return [
        path
        for top in tops
        for path in sorted((ROOT / top).rglob("*"))
        if path.suffix in suffixes and path.is_file() and not path.is_relative_to(GENERATED)
    ]
