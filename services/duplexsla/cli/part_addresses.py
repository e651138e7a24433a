"""Where the parts of the running system listen."""

from duplexsla.errors import SettingError
from duplexsla.local import state
from duplexsla.runtime.checkout import run_directory


def address_of(part: str, name: str) -> str:
    """host:port of a part of the system called `name`. Raises SettingError when it does not run."""
    return addresses_of(part, name)[0]


def addresses_of(part: str, name: str) -> list[str]:
    """Of all parts of that kind ("gateway", "gateway-2" ...) that run; at least one."""
    processes = state.read(run_directory(name)).items()
    found = [each.address for key, each in processes if key.partition("-")[0] == part and each.alive()]
    if not found:
        raise SettingError(f"no {part} runs here: `duplexsla up` starts one, --address names another")
    return found
