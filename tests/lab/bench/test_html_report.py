"""The page: what it shows is there, it is well-formed, and nothing in it is fetched."""

import re
import xml.dom.minidom
from dataclasses import replace
from html.parser import HTMLParser

from tests.lab.bench.test_report import HEAD, oracle_results
from tests.support.bench_cases import all_kinds

from duplexsla_lab.bench.html_report import page
from duplexsla_lab.bench.report import report


def whole_page() -> str:
    cases = all_kinds()
    alone = report(HEAD, cases, oracle_results(cases))
    prefilled = report(replace(HEAD, prefill=True), cases, oracle_results(cases))
    return page([prefilled, alone], command="duplexsla bench play")


class Tags(HTMLParser):
    """Holds that every tag that opens closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "line", "rect", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None: ...

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect", "path"):
            assert self.open.pop() == tag


def test_all_three_tables_stand_beside_the_papers_figures() -> None:
    shown = whole_page()
    for title in (
        "Table 5: tool calls, home toolset",
        "Table 6",
        "Table 7",
        "gemini-3.1-flash-live",
        "Freeze-Omni",
    ):
        assert title in shown


def test_every_family_has_a_plot_and_every_bad_case_its_command() -> None:
    shown = whole_page()
    assert shown.count("<svg") == 2 + 2 * 7
    assert "duplexsla bench play CASE" in shown and "duplexsla bench play --alone CASE" in shown
    assert "<td>backchannel_action</td>" in shown


def test_the_page_is_whole_and_needs_nothing_beside_it() -> None:
    shown = whole_page()
    tags = Tags()
    tags.feed(shown)
    assert not tags.open
    assert not re.search(r"(src|href)=|url\(|<script|<link|<img", shown)
    for plot in re.findall(r"<svg.*?</svg>", shown):
        xml.dom.minidom.parseString(plot)


def test_what_a_system_is_called_cannot_break_the_page() -> None:
    cases = all_kinds()
    shown = page([report(replace(HEAD, system="<b>&"), cases, {})], command="play")
    assert "<b>" not in shown and "&lt;b&gt;&amp;" in shown
