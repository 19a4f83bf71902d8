#!/usr/bin/python3
"""Draws a tornado: what becomes of a difference when one number is another.

A bar for each number, from the result at its lower end to that at its upper end,
all else as stated, the widest on top; the same patients with the same luck in
all runs. From the file of `stardsim sensitivity -o`.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import sys
from dataclasses import dataclass

import numpy
from matplotlib import ticker

import line_panels
import plotting
import sensitivity
from plotting import EDGE, MM

MOST = 20  # bars
ROW = 4.5 * MM  # of a bar, at least
AXIS = 34  # points below the bars
TICK = 44  # points of an axis for a tick and its number
LOW_COLOUR, HIGH_COLOUR = "#56b4e9", "#d55e00"
HIGH_HATCH = "////"  # so that the ends can be told in grey


@dataclass
class Bar:
    label: str
    low: float  # the difference at the lower end of the number
    high: float
    switch: str  # the value at which the decision changes, in words


def bars_of(file, question):
    """The widest first, and those that move nothing last."""
    group = file["sensitivity"]
    labels, units = (plotting.words(group, name) for name in ("label", "unit"))
    low, high, at_low, at_high, switches = (
        group[name][:] for name in ("low", "high", "difference_at_low",
                                    "difference_at_high", "switches_at"))
    bars = []
    for n, label in enumerate(labels):
        unit = "" if units[n] == "1" else f" {units[n]}"
        ends = f"{sensitivity.short(low[n])} to {sensitivity.short(high[n])}"
        bars.append(Bar(
            label=f"{label}\n{ends}{unit}",
            low=question.factor * at_low[n], high=question.factor * at_high[n],
            switch="" if numpy.isnan(switches[n])
            else sensitivity.short(switches[n])))
    base = question.base
    widths = [max(bar.low, bar.high, base) - min(bar.low, bar.high, base)
              for bar in bars]
    return [bars[n] for n in numpy.argsort(-numpy.array(widths),
                                           kind="stable")]


def draw_bars(axes, bars, question, ticks):
    for row, bar in enumerate(bars):
        for end, colour, hatch in ((bar.low, LOW_COLOUR, ""),
                                   (bar.high, HIGH_COLOUR, HIGH_HATCH)):
            axes.barh(row, end - question.base, left=question.base,
                      height=0.62, color=colour, hatch=hatch, linewidth=0.3,
                      edgecolor="0.25", zorder=2)
    axes.axvline(question.base, color="0.1", linewidth=0.9, zorder=3)
    axes.margins(x=0.06)
    left, right = axes.get_xlim()
    if left < 0 < right:
        axes.axvline(0, color="0.1", linewidth=0.9, linestyle=(0, (4, 3)),
                     zorder=3)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(ticker.MaxNLocator(ticks))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(
        lambda x, _: plotting.minus(f"{x:,.10g}") if abs(x) > 1e-12 else "0"))
    axes.set_xlabel(question.axis)


def figure_of(file, options):
    if "two_way" in file:
        raise plotting.Failure(f"{options.result} varies two numbers at once; "
                               "scripts/plot_two_way.py draws it")
    question = sensitivity.question_of(file)
    bars = bars_of(file, question)
    left_out = len(bars) - options.most
    bars = bars[:options.most]
    size = plotting.font_size()
    whole = options.width * MM - 2 * EDGE
    room = 0.42 * whole
    texts = ["\n".join(plotting.wrapped_key(line, room - 8, size)
                       for line in bar.label.split("\n")) for bar in bars]
    row = max(ROW, *(plotting.line_height(size) * plotting.line_count(text) + 3
                     for text in texts))
    heading = "decision\nchanges at"
    switches = any(bar.switch for bar in bars)
    right = 8 if not switches else 8 + max(
        plotting.text_width(text, size - 1)
        for text in [heading, *(bar.switch for bar in bars)])
    above = 2.4 * size if switches else 0
    key = [(line_panels.Patch(facecolor=colour, hatch=hatch, linewidth=0.3,
                              edgecolor="0.25"), words)
           for colour, hatch, words in (
               (LOW_COLOUR, "", "number at its lower end"),
               (HIGH_COLOUR, HIGH_HATCH, "number at its upper end"))]
    columns, key_height = line_panels.key_shape(key, whole)
    height = row * len(bars)
    page = plotting.Page(
        options, plotting.title_of(file),
        f"{plotting.simulated(file)} {question.words} Solid line: as stated; "
        "dashed: no difference. One number at a time, over its 95 % interval "
        "or the range asked for; all runs have the same patients and luck."
        + (f" {left_out} more move it less." if left_out > 0 else ""),
        key_height + above + height + AXIS)
    line_panels.draw_key(page, key, columns, EDGE,
                         AXIS + height + above + key_height)
    wide = whole - room - right - 6
    axes = page.axes(EDGE + room, AXIS, wide, height)
    draw_bars(axes, bars, question, max(1, min(5, int(wide / TICK))))
    for place, (bar, text) in enumerate(zip(bars, texts)):
        y = AXIS + height - (place + 0.5) * row
        page.write(EDGE + room - 5, y, text, ha="right", va="center",
                   linespacing=1.1)
        page.write(EDGE + whole - 2, y, bar.switch, ha="right", va="center",
                   size=size - 1)
    if switches:
        page.write(EDGE + whole - 2, AXIS + height + 2, heading, ha="right",
                   va="bottom", size=size - 1, color="0.3", linespacing=1.1)
    return page.figure


def parser():
    made = plotting.parser(
        "Draws a tornado of one-way sensitivity.",
        "scripts/plot_tornado.py results/sensitivity.h5 "
        "-o results/tornado.pdf", "the file of `stardsim sensitivity -o`")
    made.add_argument("--most", type=plotting.positive, default=MOST,
                      metavar="N", help=f"bars at most (default: {MOST})")
    return made


def main(arguments):
    return plotting.run("plot_tornado.py", parser(), figure_of, arguments,
                        (plotting.SENSITIVITY,))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
