"""The toolsets: typed schemas of every function that a model may call."""

from duplexsla.errors import ActionRefused
from duplexsla.tools.car import CAR
from duplexsla.tools.home import HOME
from duplexsla.tools.home2 import HOME_2
from duplexsla.tools.schema import Argument, Function, Risk, Toolset

VERSIONS = {(each.name, each.version): each for each in (CAR, HOME, HOME_2)}
TOOLSETS = {toolset.name: toolset for toolset in (CAR, HOME)}
"""What is served, by name."""
NEWEST = {name: VERSIONS[name, version] for name, version in sorted(VERSIONS)}
"""The newest version of each toolset: it accepts every call of the versions before."""


def toolset(name: str, version: int) -> Toolset:
    """Raises ActionRefused for one that this version of the service does not know."""
    found = VERSIONS.get((name, version))
    if found is None:
        known = ", ".join(f"{name} {version}" for name, version in VERSIONS)
        raise ActionRefused(f"no toolset {str(name)[:64]!r} in version {str(version)[:16]}; there is {known}")
    return found


__all__ = ["NEWEST", "TOOLSETS", "VERSIONS", "Argument", "Function", "Risk", "Toolset", "toolset"]
