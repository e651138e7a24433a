"""What every service's `__main__` does before it serves: help, settings, log."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from duplexsla.errors import SettingError
from duplexsla.runtime.settings import described, read

S = TypeVar("S")

EXIT_WRONG_SETTING = 2
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def parser_of(package: str, text: str, settings: type[Any]) -> argparse.ArgumentParser:
    """The parser of `python -m PACKAGE`, whose help is `text` and every setting."""
    return argparse.ArgumentParser(
        prog=f"python -m {package}",
        description=f"{text.strip()}\n\nSettings (environment):\n{described(settings)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def start(package: str, settings: type[S], serve: Callable[[S], int]) -> int:
    """Serves with the environment's settings; the process's exit status.

    A setting that is missing or wrong, or an address that cannot be listened on, is told on stderr and ends
    it with EXIT_WRONG_SETTING before anybody is served.
    """
    try:
        given = read(settings, os.environ)
        logging.basicConfig(level=given.log.upper(), format=LOG_FORMAT)  # type: ignore[attr-defined]
        return serve(given)
    except (SettingError, OSError) as error:
        print(f"{package}: {error}", file=sys.stderr)
        return EXIT_WRONG_SETTING
