"""Where the parts of the running system listen."""

from duplexsla.errors import SettingError
from duplexsla.local import state
from duplexsla.local.checkout import run_directory


def address_of(part: str, name: str) -> str:
    """host:port of a part of the system called `name`. Raises SettingError when it does not run."""
    process = state.read(run_directory(name)).get(part)
    if process is None or not process.alive():
        raise SettingError(f"no {part} runs here: `duplexsla up` starts one, --address names another")
    return process.address
