"""Prints requirements.lock: the version of every distribution that `duplexsla[dev]` needs, as installed here.

Run it in the virtual environment whose tests have passed: `make lock`.
"""

import platform
import sys
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OLDEST = "3.11.2"  # Debian 12's Python: what it needs beside newer ones is locked too
HEAD = f"""\
# Tested together on {platform.system()} {platform.machine()}, Python {sys.version_info[0]}.{sys.version_info[1]}. Written by `make lock`; not edited by hand.
# One service: pip install -c requirements.lock '.[gateway]'
"""  # noqa: E501


def needed(root: Requirement) -> dict[str, str]:
    """Version by canonical name for everything that `root` needs, itself left out."""
    versions: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(root, extra) for extra in ("", *sorted(root.extras))]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        found = distribution(name)
        versions[name] = found.version
        for line in found.requires or []:
            child = Requirement(line)
            if child.marker is None or child.marker.evaluate({"extra": extra, "python_full_version": OLDEST}):
                waiting += [(child, of) for of in ("", *sorted(child.extras))]
    versions.pop(canonicalize_name(root.name))
    return versions


if __name__ == "__main__":
    print(HEAD, end="")
    for name, version in sorted(needed(Requirement("duplexsla[dev]")).items()):
        print(f"{name}=={version}")
