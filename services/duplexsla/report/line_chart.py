"""Line charts as SVG text, for reports that are one file: axes, a legend and a title."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 640, 320  # pixels
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 34, 44  # pixels around the plotted area
COLORS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#4d7c0f", "#64748b")
TICKS = 5

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
    return _svg(title, parts)


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
            at, told = self._height(tick), 10**tick if self._log else tick
            parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#e5e7eb"/>')
            parts.append(_text(LEFT - 6, at + 4, f"{told:g}", anchor="end"))
        for tick in self.x_ticks:
            parts.append(_text(self.x(tick), HEIGHT - BOTTOM + 15, f"{tick:g}", anchor="middle"))
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(_text(middle, HEIGHT - 8, x, anchor="middle"))
        parts.append(_text(LEFT, TOP - 4, y, color="#6b7280"))
        return parts


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal", color: str = "#111827"
) -> str:
    style = f'text-anchor="{anchor}" font-weight="{weight}" fill="{color}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'


def _legend(number: int, name: str, color: str) -> str:
    x, y = WIDTH - RIGHT + 12, TOP + 16 * number
    mark = f'<rect x="{x}" y="{y}" width="10" height="10" fill="{color}"/>'
    return mark + _text(x + 15, y + 9, name)


def _svg(title: str, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11" role="img">'
    )
    return "\n".join([head, f"<title>{escape(title)}</title>", *parts, "</svg>"]) + "\n"
