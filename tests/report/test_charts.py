"""Charts: every value inside the frame, every name in the legend, round ticks that cover."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from duplexsla.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Bar,
    bars,
    histogram,
    lines,
    ticks,
)


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


def test_a_bar_is_as_long_as_its_share() -> None:
    plot = bars("shares", [Bar("all", 1.0, (0.9, 1.0)), Bar("half", 0.5, (0.4, 0.6), reference=0.75)])
    widths = [float(each) for each in re.findall(r'<rect [^>]*?width="([\d.]+)"', plot)]
    assert widths[1] * 2 == widths[0]
    assert plot.count("stroke-width") == 1  # the reference's mark


def test_late_times_share_the_last_bin() -> None:
    plot = histogram("x", {"0.16": 2, "9.60": 1}, bin_s=0.16, max_bins=4, expected_s=None)
    bins = re.findall(r"<rect.*?<title>(.*?)</title>", plot)
    assert bins == ["0.00 s: 0", "0.16 s: 2", "0.32 s: 0", "0.48 s: 1"]
