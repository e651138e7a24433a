"""Removes the CUDA libraries, and the compiler of GPU kernels, that an engine on the CPU does not load.

PyPI's torch brings 4.6 GB. The libraries that it is linked with must be there, used or not; those that it
would open when it met a GPU need not. They are told apart by looking: torch multiplies two matrices, and what
the process has mapped then stays.
"""

import shutil
import sysconfig
from pathlib import Path

import torch

SITE = Path(sysconfig.get_paths()["purelib"])
NEVER = ("triton", "torch/include", "torch/share")  # folders


def mapped() -> set[str]:
    """Paths of the files that this process has mapped."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return {line.split(maxsplit=5)[5] for line in lines if len(line.split(maxsplit=5)) == 6}


def main() -> None:
    torch.mm(torch.ones(2, 2), torch.ones(2, 2))
    kept, removed_bytes = mapped(), 0
    for library in [*SITE.glob("nvidia/**/*.so*"), *SITE.glob("nvidia/**/*.a")]:
        if str(library) not in kept and not library.is_symlink():
            removed_bytes += library.stat().st_size
            library.unlink()
    for folder in NEVER:
        removed_bytes += sum(f.stat().st_size for f in (SITE / folder).rglob("*") if f.is_file())
        shutil.rmtree(SITE / folder, ignore_errors=True)
    print(f"removed {removed_bytes / 1e9:.1f} GB that is never loaded")


if __name__ == "__main__":
    main()
