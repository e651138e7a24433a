"""docs/configuration.md is what the table of settings makes."""

from duplexsla.runtime.configuration import COMMANDS, PAGE, page
from duplexsla.runtime.service_settings import SERVICES


def test_the_page_in_docs_is_the_one_that_the_table_makes() -> None:
    assert PAGE.read_text() == page(), "python -m duplexsla.runtime.configuration"


def test_every_service_has_its_section() -> None:
    assert COMMANDS.keys() == SERVICES.keys()
