"""Charts: every value inside the frame, every name in the legend, round ticks that cover."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from duplexsla.report.line_chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, lines, ticks


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.2, 3_700), (-4, 5), (7, 7), (0, 0), (0.001, 0.0013)])
def test_ticks_cover_and_are_few(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found[0] <= low and found[-1] >= high
    assert 2 <= len(found) <= 8 and found == sorted(set(found))


@pytest.mark.parametrize("log_y", [False, True])
def test_lines_stay_inside_the_frame_and_are_named(log_y: bool) -> None:
    chart = lines("a < b", {"one": [(0, 1), (10, 900)], "two": [(5, 30)]}, x="step", y="nats", log_y=log_y)
    root = ElementTree.fromstring(chart)
    assert {"one", "two", "a < b"} <= {node.text for node in root.iter()}
    for path in re.findall(r'points="([^"]+)"', chart):
        for x, y in (pair.split(",") for pair in path.split()):
            assert LEFT <= float(x) <= WIDTH - RIGHT and TOP <= float(y) <= HEIGHT - BOTTOM
