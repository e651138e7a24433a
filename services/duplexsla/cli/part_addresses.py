"""Where the parts of the running system listen."""

from duplexsla.errors import SettingError
from duplexsla.local import state
from duplexsla.local.authority import TENANT, LocalAccess, access_in
from duplexsla.local.stack import ACCESS
from duplexsla.runtime.checkout import run_directory


def address_of(part: str, name: str) -> str:
    """host:port of a part of the system called `name`. Raises SettingError when it does not run."""
    return addresses_of(part, name)[0]


def access_of(name: str) -> LocalAccess | None:
    """What callers of the system called `name` show; None where they are asked nothing."""
    return access_in(run_directory(name) / ACCESS)


def home_of(home: str, name: str) -> str:
    """As the home service of that system calls it."""
    return f"{TENANT}~{home}" if access_of(name) is not None else home


def addresses_of(part: str, name: str) -> list[str]:
    """Of all parts of that kind ("gateway", "gateway-2" ...) that run; at least one."""
    processes = state.read(run_directory(name)).items()
    found = [each.address for key, each in processes if key.partition("-")[0] == part and each.alive()]
    if not found:
        raise SettingError(f"no {part} runs here: `duplexsla up` starts one, --address names another")
    return found
