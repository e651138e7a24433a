"""Charts as SVG text, for reports that are one file. Texts in them are escaped."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 640, 320  # pixels
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 34, 44  # pixels around the plotted area
COLORS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#4d7c0f", "#64748b")
TICKS = 5
MEASURED, REFERENCE, EXPECTED, GRID, INK = "#1f6f8b", "#c1502e", "#8a8f98", "#e5e7eb", "#111827"
BARS_WIDTH, BAR_LEFT, BAR_RIGHT, BAR_STEP = 720, 190, 70, 24
HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT, HISTOGRAM_BASE = 230, 120, 96

Point = tuple[float, float]


def ticks(low: float, high: float, count: int = TICKS) -> list[float]:
    """Round numbers that cover low..high, about `count` of them."""
    span = (high - low) or abs(high) or 1.0
    power = 10 ** math.floor(math.log10(span / count))
    step = next(each * power for each in (1, 2, 5, 10) if span / (each * power) <= count)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(k * step, 12) for k in range(first, max(last, first + 1) + 1)]


def lines(title: str, series: Mapping[str, Sequence[Point]], *, x: str, y: str, log_y: bool = False) -> str:
    """One line per name, through its (x, y) points. With `log_y` values must be above 0."""
    points = [point for each in series.values() for point in each]
    frame = _Frame([p[0] for p in points], [p[1] for p in points], log_y=log_y)
    parts = frame.axes(title, x, y)
    for number, (name, each) in enumerate(series.items()):
        color = COLORS[number % len(COLORS)]
        path = " ".join(f"{frame.x(a):.1f},{frame.y(b):.1f}" for a, b in each)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.8"/>')
        parts.append(_legend(number, name, color))
    return _svg(title, parts, WIDTH, HEIGHT)


class _Frame:
    """Maps values to pixels."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float], *, log_y: bool) -> None:
        self._log = log_y
        ys = [math.log10(each) for each in ys] if log_y else ys
        self.x_ticks = ticks(min(xs, default=0), max(xs, default=1))
        self.y_ticks = ticks(min(ys, default=0), max(ys, default=1))
        self._x = (self.x_ticks[0], self.x_ticks[-1])
        self._y = (self.y_ticks[0], self.y_ticks[-1])

    def x(self, value: float) -> float:
        low, high = self._x
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)

    def y(self, value: float) -> float:
        return self._height(math.log10(value) if self._log else value)

    def _height(self, scaled: float) -> float:
        low, high = self._y
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (scaled - low) / (high - low)

    def axes(self, title: str, x: str, y: str) -> list[str]:
        parts = [_text(LEFT, 18, title, weight="bold")]
        for tick in self.y_ticks:
            at, value = self._height(tick), 10**tick if self._log else tick
            parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>')
            parts.append(_text(LEFT - 6, at + 4, f"{value:g}", anchor="end"))
        for tick in self.x_ticks:
            parts.append(_text(self.x(tick), HEIGHT - BOTTOM + 15, f"{tick:g}", anchor="middle"))
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(_text(middle, HEIGHT - 8, x, anchor="middle"))
        parts.append(_text(LEFT, TOP - 4, y, color="#6b7280"))
        return parts


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal", color: str = INK
) -> str:
    style = f'text-anchor="{anchor}" font-weight="{weight}" fill="{color}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'


def _legend(number: int, name: str, color: str) -> str:
    x, y = WIDTH - RIGHT + 12, TOP + 16 * number
    mark = f'<rect x="{x}" y="{y}" width="10" height="10" fill="{color}"/>'
    return mark + _text(x + 15, y + 9, name)


class Bar(NamedTuple):
    """A share with its interval, and a reference's share where there is one; all 0..1."""

    name: str
    share: float
    interval: tuple[float, float]
    reference: float | None = None


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars, 0 to 100 %, whiskers for the intervals, a mark for the reference."""
    room, height = BARS_WIDTH - BAR_LEFT - BAR_RIGHT, BAR_STEP * len(rows)
    grid = (BAR_LEFT + room * tick / 4 for tick in range(5))
    parts = [f'<path d="M{x} 0V{height}" stroke="{GRID}"/>' for x in grid]
    for number, each in enumerate(rows):
        parts += _bar(each, BAR_STEP * number, room)
    return _svg(title, parts, BARS_WIDTH, height + 4)


def _bar(each: Bar, y: int, room: int) -> list[str]:
    low, high = (BAR_LEFT + room * edge for edge in each.interval)
    size = f'width="{room * each.share:.1f}" height="{BAR_STEP - 10}"'
    whiskers = f"M{low:.1f},{y + 12}H{high:.1f}M{low:.1f},{y + 8}v8M{high:.1f},{y + 8}v8"
    parts = [
        _text(BAR_LEFT - 8, y + 16, each.name, anchor="end"),
        f'<rect x="{BAR_LEFT}" y="{y + 5}" {size} fill="{MEASURED}"/><path d="{whiskers}" stroke="{INK}"/>',
        _text(BAR_LEFT + room + 8, y + 16, f"{100 * each.share:.1f}"),
    ]
    if each.reference is not None:
        x = BAR_LEFT + room * each.reference
        parts.append(f'<path d="M{x:.1f},{y + 2}v{BAR_STEP - 4}" stroke="{REFERENCE}" stroke-width="3"/>')
    return parts


def histogram(
    title: str, counts: Mapping[str, int], *, bin_s: float, max_bins: int, expected_s: float | None
) -> str:
    """Times in bins of `bin_s`, the last bin for all that is later; a dashed mark at `expected_s`."""
    heights = [0] * max_bins
    for start, count in counts.items():
        heights[min(max_bins - 1, round(float(start) / bin_s))] += count
    step = (HISTOGRAM_WIDTH - 20) / max_bins
    parts = [_text(10, 12, title)]
    for place, count in enumerate(heights):
        tall = (HISTOGRAM_BASE - 24) * count / max(1, *heights)
        parts.append(
            f'<rect x="{10 + step * place:.1f}" y="{HISTOGRAM_BASE - tall:.1f}" width="{step - 1:.1f}" '
            f'height="{tall:.1f}" fill="{MEASURED}"><title>{place * bin_s:.2f} s: {count}</title></rect>'
        )
    if expected_s is not None:
        x = 10 + step * min(max_bins, expected_s / bin_s)
        parts.append(f'<path d="M{x:.1f},20V{HISTOGRAM_BASE}" stroke="{EXPECTED}" stroke-dasharray="3 3"/>')
    parts.append(f'<path d="M10,{HISTOGRAM_BASE}H{HISTOGRAM_WIDTH - 10}" stroke="{INK}"/>')
    labelled = range(0, max_bins, max(1, max_bins // 4))
    parts += [_text(10 + step * place, HISTOGRAM_BASE + 14, f"{place * bin_s:.2f}") for place in labelled]
    return _svg(title, parts, HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT)


def _svg(title: str, parts: Sequence[str], width: int, height: int) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11" role="img">'
    )
    return "\n".join([head, f"<title>{escape(title)}</title>", *parts, "</svg>"]) + "\n"
