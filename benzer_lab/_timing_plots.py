"""Timings as HoloViews elements."""

import math
from collections.abc import Callable
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from benzer_lab._fairness import Comparison, Measured
from benzer_lab._optional import holoviews
from benzer_lab._timing_report import letters, title
from benzer_lab._timing_words import Words
from benzer_lab.errors import InputError
from benzer_lab.plots import PALETTE

if TYPE_CHECKING:
    import holoviews as hv

CALLER = "Timings.plot"
TALL, BAR, AXES = 420, 34, 110  # pixels of a chart; of each bar of one, and of what stands above and below them
ENTRY = 30  # pixels of each entry of a legend, beside which a chart is at least as high
SMALLEST = 1e-6  # milliseconds: a logarithm has no zero
APART = "#8c8c8c"  # what is not compared, and what belongs to no engine; legible on white and on black
STRONG = (*PALETTE[:9], *PALETTE[10:])  # the tenth is not seen on black
MARKERS = ("circle", "square", "triangle", "diamond")  # of machines
ROOM = 1.4  # factor by which an axis reaches beyond what is drawn
STEPS = (1, 2, 5)  # of a decade, where fewer than three are in sight


def bars(comparison: Comparison, words: Words) -> "hv.Overlay":
    """Draw how long each engine took at the largest size: a bar from the 5th to the 95th percentile, a point at the median, fastest on top.

    The axis is logarithmic, so a bar that began at nothing would have no length that means anything. Gray is not compared.
    """
    hv = holoviews(CALLER)
    rows = sorted(_largest(comparison), key=lambda row: (row.comparable, -row.ms(50)))
    colors = _colors(comparison)
    engine, median = hv.Dimension("engine", label=words("engine")), hv.Dimension("median_ms", label=words("milliseconds"))
    lines = [
        (
            _name(row, comparison, words),
            _ms(row),
            _ms(row) - _ms(row, 5),
            _ms(row, 95) - _ms(row),
            colors[row.engine] if row.comparable else APART,
            words.number(row.ms(50)),
            row.why_in(words.language),
        )
        for row in rows
    ]
    spread = hv.ErrorBars([line[:5] for line in lines], engine, [median, "below", "above", "color"])
    points = hv.Scatter([(line[0], line[1], *line[4:]) for line in lines], engine, [median, "color", "number", "why"])
    texts = hv.Labels([(line[0], line[1] + line[3], line[5]) for line in lines], [engine, median], "number")
    low, high = min(row.ms(5) for row in rows), max(row.ms(95) for row in rows)
    ends = max(low, SMALLEST) / ROOM, max(high, SMALLEST) * ROOM**2  # the number of the slowest has a place, too
    tips = [(engine.label, "@engine"), (median.label, "@number"), ("", "@why")]
    overlay = (
        spread.opts(line_color="color", line_alpha=0.45, line_width=BAR / 3, lower_head=None, upper_head=None)
        * points.opts(color="color", size=BAR / 3, line_color=None, tools=["hover"], hover_tooltips=tips)
        * texts.opts(text_align="left", text_color=APART, text_font_size="9pt", backend_opts={"glyph.x_offset": BAR / 4})
    )
    shape = {"height": BAR * len(rows) + AXES, "responsive": True, "show_legend": False, "gridstyle": {"ygrid_line_color": None}}
    shape |= {"invert_axes": True, "ylim": ends, "xlabel": ""}  # both of the axes before they change places, all below of those after it
    shape |= {"logx": True, "show_grid": True, "xticks": _ticks(*ends, words), "xformatter": _plain()}
    return overlay.opts(title=_title(comparison, words, rows[0].n), **shape)


def against_quality(comparison: Comparison, words: Words) -> "hv.Overlay":
    """Draw the median of each engine against the quality of its answers; a line joins those that none beats in both on a machine."""
    hv = holoviews(CALLER)
    rows = [row for row in _largest(comparison) if np.isfinite(row.quality)]
    if len(rows) < 2:
        raise InputError(f"{CALLER}: kind must be one that these timings have; 'recall' needs two engines whose quality is known.")
    x, y = hv.Dimension("quality", label=words(comparison.quality)), hv.Dimension("median_ms", label=words("milliseconds"))
    lines = [
        hv.Curve([(row.quality, _ms(row)) for row in best], x, y, label=words("pareto")).opts(color=APART, line_dash="dashed")
        for machine in comparison.machines
        if (best := _pareto([row for row in rows if row.comparable and row.machine == machine], lower=comparison.quality == "inertia"))
    ]
    points = [_points([row], x, y, comparison, words, _name(row, comparison, words)) for row in rows]
    shape = _shape([_ms(row) for row in rows], 1 + len(points), words)
    return hv.Overlay([*lines, *points]).opts(
        title=_title(comparison, words, rows[0].n), **_across([row.quality for row in rows], words), **shape
    )


def growth(comparison: Comparison, words: Words) -> "hv.Overlay":
    """Draw how the median grows with the rows, on logarithmic axes, with the exponent of the fitted power."""
    hv = holoviews(CALLER)
    lines: dict[tuple[str, str], list[Measured]] = {}
    for row in comparison.rows:
        if row.comparable:
            lines.setdefault((row.engine, row.machine), []).append(row)
    several = [sorted(rows, key=lambda row: row.n) for rows in lines.values() if len({row.n for row in rows}) > 1]
    if not several:
        raise InputError(f"{CALLER}: kind must be one that these timings have; 'growth' needs an engine compared at two sizes or more.")
    x, y = hv.Dimension("n", label=words("n")), hv.Dimension("median_ms", label=words("milliseconds"))
    colors, drawn = _colors(comparison), []
    for rows in several:
        label = f"{_name(rows[0], comparison, words)}: n^{_decimal(exponent(rows), 2, words)}"
        curve = hv.Curve([(row.n, _ms(row)) for row in rows], x, y, label=label)
        drawn += [curve.opts(color=colors[rows[0].engine], line_width=2), _points(rows, x, y, comparison, words, label)]
    sizes = sorted({row.n for rows in several for row in rows})
    across = {
        "logx": True,
        "xlim": (sizes[0] / ROOM, sizes[-1] * ROOM),
        "xticks": [(n, words.number(n)) for n in sizes],
        "xformatter": _plain(),
    }
    shape = _shape([_ms(row) for rows in several for row in rows], len(several), words)
    return hv.Overlay(drawn).opts(title=_title(comparison, words), **across, **shape)


KINDS: dict[str, Callable[[Comparison, Words], Any]] = {"bars": bars, "recall": against_quality, "growth": growth}


def exponent(rows: list[Measured]) -> float:
    """Return the power of n by which the median grows, by least squares of the logarithms."""
    return float(np.polyfit(np.log([row.n for row in rows]), np.log([max(row.ms(50), SMALLEST) for row in rows]), 1)[0])


def _pareto(rows: list[Measured], *, lower: bool) -> list[Measured]:
    """Return the rows that no other beats in both time and quality, fastest first."""
    sign = -1 if lower else 1
    kept: list[Measured] = []
    for row in sorted(rows, key=lambda row: (row.ms(50), -sign * row.quality)):
        if not kept or sign * row.quality > sign * kept[-1].quality:
            kept.append(row)
    return kept


def _largest(comparison: Comparison) -> list[Measured]:
    """Return the rows with figures of the largest size that all machines have, else of the largest of any."""
    ran = [row for row in comparison.rows if row.ran]
    if not ran:
        raise InputError(f"{CALLER}: timings must hold a row with figures; no engine could run.")
    common = set.intersection(*({row.n for row in ran if row.machine == name} for name in {row.machine for row in ran}))
    n = max(common or {row.n for row in ran})
    return [row for row in ran if row.n == n]


def _colors(comparison: Comparison) -> dict[str, str]:
    """Return the color of each engine, the same in all charts."""
    names = list(dict.fromkeys(row.engine for row in comparison.rows))
    return dict(zip(names, cycle(STRONG), strict=False))


def _ms(row: Measured, percentile: float = 50) -> float:
    """Return a time that has a logarithm."""
    return max(row.ms(percentile), SMALLEST)


def _title(comparison: Comparison, words: Words, *only: int) -> str:
    """Return what a chart shows, and which letter is which machine."""
    told = title(comparison, words, *only)
    if len(comparison.machines) < 2:
        return told
    return f"{told}\n{'; '.join(f'{letter}: {name}' for name, letter in letters(comparison).items())}"


def _name(row: Measured, comparison: Comparison, words: Words) -> str:
    """Return what a row is called in a chart."""
    name = row.engine if len(comparison.machines) < 2 else f"{row.engine}, {letters(comparison)[row.machine]}"
    return name if row.comparable else f"{name} ({words('not_comparable')})"


def _ticks(low: float, high: float, words: Words) -> list[tuple[float, str]]:
    """Return the marks of a logarithmic axis: powers of ten, and steps between them where these are few."""
    decades = [10.0**i for i in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    steps = STEPS if high / low < 1_000 else (1,)
    marks = [step * decade for decade in decades for step in steps]
    return [(mark, words.number(mark if mark < 1 else round(mark), 1)) for mark in marks if low <= mark <= high]


def _decimal(value: float, decimals: int, words: Words) -> str:
    """Return a number with so many digits after its point."""
    text = f"{value:,.{decimals}f}"
    return text if words.language == "en" else text.translate(str.maketrans(",.", ".,"))


def _across(values: list[float], words: Words) -> dict[str, Any]:
    """Return the range of an axis of a quality, and its marks: some five, at round numbers."""
    low, high = min(values), max(values)
    room = 0.1 * (high - low) or 0.1 * abs(high) or 1.0
    step = 10.0 ** math.floor(math.log10((high - low + 2 * room) / 4))
    step *= max(factor for factor in STEPS if factor * step <= (high - low + 2 * room) / 4)
    marks = [step * i for i in range(math.ceil((low - room) / step), math.floor((high + room) / step) + 1)]
    decimals = max(0, -math.floor(math.log10(step)))
    texts = [_decimal(mark, decimals, words) for mark in marks]
    return {"xlim": (low - room, high + room), "xticks": list(zip(marks, texts, strict=True)), "xformatter": _plain()}


def _plain() -> Any:
    """Return what writes marks that have no text of their own; that of a logarithmic axis fails beside those that have."""
    from bokeh.models import BasicTickFormatter

    return BasicTickFormatter()


def _shape(times: list[float], entries: int, words: Words) -> dict[str, Any]:
    """Return how a chart with a legend lies on a page, and its axis of times."""
    low, high = min(times) / ROOM, max(times) * ROOM
    ticks = {"logy": True, "ylim": (low, high), "yticks": _ticks(low, high, words), "yformatter": _plain()}
    return {
        "height": max(TALL, ENTRY * entries + AXES),
        "responsive": True,
        "legend_position": "right",
        "legend_limit": 1_000,
        "show_grid": True,
        **ticks,
    }


def _points(rows: list[Measured], x: Any, y: Any, comparison: Comparison, words: Words, label: str) -> "hv.Scatter":
    """Draw medians of an engine; what is not compared is a gray cross."""
    first = rows[0]
    data = [
        (row.n if x.name == "n" else row.quality, _ms(row), label, words.number(row.ms(50)), row.why_in(words.language)) for row in rows
    ]
    markers = dict(zip(comparison.machines, cycle(MARKERS), strict=False))
    color = _colors(comparison)[first.engine] if first.comparable else APART
    look = {"marker": markers[first.machine], "line_color": None} if first.comparable else {"marker": "x", "line_color": APART}
    tips = [("", "@engine"), (x.label, f"@{x.name}"), (y.label, "@number"), ("", "@why")]
    drawn = holoviews(CALLER).Scatter(data, x, [y, "engine", "number", "why"], label=label)
    return drawn.opts(color=color, size=11, tools=["hover"], hover_tooltips=tips, **look)
