"""Plots as inline SVG: what a report shows and no more. Texts come in escaped."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

OURS, PAPER, DATA, LINE = "#1f6f8b", "#c1502e", "#8a8f98", "#d7dbe0"
WIDTH = 720


class Bar(NamedTuple):
    """A share with its interval, and the paper's share where it has one; all 0..1."""

    name: str
    share: float
    interval: tuple[float, float]
    paper: float | None = None


def bars(rows: Sequence[Bar]) -> str:
    """Horizontal bars, 0 to 100 %, whiskers for the intervals, a mark for the paper's figure."""
    left, step, room = 190, 24, WIDTH - 190 - 70
    parts = [
        f'<line x1="{left + room * tick / 4}" y1="0" x2="{left + room * tick / 4}" y2="{step * len(rows)}" '
        f'stroke="{LINE}"/>'
        for tick in range(5)
    ]
    for number, each in enumerate(rows):
        y = step * number
        low, high = (left + room * edge for edge in each.interval)
        bar = f'y="{y + 5}" width="{room * each.share:.1f}" height="{step - 10}" fill="{OURS}"'
        whiskers = f"M{low:.1f},{y + 12}H{high:.1f}M{low:.1f},{y + 8}v8M{high:.1f},{y + 8}v8"
        parts += [
            _text(left - 8, y + 16, each.name, anchor="end"),
            f'<rect x="{left}" {bar}/><path d="{whiskers}" stroke="#111"/>',
            _text(left + room + 8, y + 16, f"{100 * each.share:.1f}"),
        ]
        if each.paper is not None:
            x = left + room * each.paper
            parts.append(f'<path d="M{x:.1f},{y + 2}v{step - 4}" stroke="{PAPER}" stroke-width="3"/>')
    return _svg(WIDTH, step * len(rows) + 4, parts)


def histogram(name: str, counts: Mapping[str, int], *, bin_s: float, most: int, data_s: float | None) -> str:
    """Delays in bins of `bin_s` up to `most` bins, the last of them for all that is later; a mark where the
    data's own mean is."""
    width, height, base = 230, 120, 96
    heights = [0] * most
    for start, count in counts.items():
        heights[min(most - 1, round(float(start) / bin_s))] += count
    top = max([1, *heights])
    step = (width - 20) / most
    parts = [_text(10, 12, name)]
    for place, count in enumerate(heights):
        tall = (base - 24) * count / top
        parts.append(
            f'<rect x="{10 + step * place:.1f}" y="{base - tall:.1f}" width="{step - 1:.1f}" '
            f'height="{tall:.1f}" fill="{OURS}"><title>{place * bin_s:.2f} s: {count}</title></rect>'
        )
    if data_s is not None:
        x = 10 + step * min(most, data_s / bin_s)
        parts.append(f'<path d="M{x:.1f},20V{base}" stroke="{DATA}" stroke-dasharray="3 3"/>')
    parts.append(f'<path d="M10,{base}H{width - 10}" stroke="#111"/>')
    ticks = range(0, most, max(1, most // 4))
    parts += [_text(10 + step * place, base + 14, f"{place * bin_s:.2f}") for place in ticks]
    return _svg(width, height, parts)


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    inside = "".join(parts)
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{inside}</svg>'
