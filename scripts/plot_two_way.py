#!/usr/bin/python3
"""Draws a map of two numbers: which pathway is best, or by how much.

Each cell is a run with both numbers at its middle, all else as stated, on the
same patients with the same luck. From the file of `stardsim sensitivity
--two-way -o`.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import sys

import numpy
from matplotlib import colors, ticker
from matplotlib.lines import Line2D

import line_panels
import plotting
import sensitivity
from plotting import EDGE, MM

SHOWN = ["best", "difference"]
AXIS_LEFT, AXIS_BOTTOM = 56, 34  # points for the numbers and words of the axes
BAR, BAR_ROOM = 8, 58  # points: colour bar, and all right of the map
TALLEST = 95 * MM
PALE = 0.45  # how much of a pathway's colour a cell has


def edges(middles):
    """Of cells with those middles."""
    between = (middles[1:] + middles[:-1]) / 2
    return numpy.concatenate([[2 * middles[0] - between[0]], between,
                              [2 * middles[-1] - between[-1]]])


def map_of(file, path):
    if "two_way" not in file:
        raise plotting.Failure(
            f"{path} varies one number at a time: `stardsim sensitivity "
            "SCENARIO --parameter KEY --parameter KEY --two-way` makes a map")
    group = file["two_way"]
    return (group["first"][:], group["second"][:], group["difference"][:],
            numpy.array(group["best"].asstr()[:]))


def axis_words(group, name):
    unit = group[name].attrs["units"]
    return group.attrs[name + "_label"] + (f" ({unit})" if unit != "1" else "")


def draw_best(axes, first, second, best, pathways):
    """Pale cells with the pathway's marker. Returns who is best somewhere."""
    shown = [p for p, name in enumerate(pathways) if (best == name).any()]
    for p in shown:
        style = plotting.pathway_style(p)
        pale = 1 - PALE * (1 - numpy.array(colors.to_rgb(style["color"])))
        here = best == pathways[p]
        axes.pcolormesh(edges(first), edges(second),
                        numpy.ma.masked_array(numpy.ones(here.T.shape),
                                              ~here.T),
                        cmap=colors.ListedColormap([pale]), zorder=1)
        x, y = (axis[here] for axis in numpy.meshgrid(first, second,
                                                      indexing="ij"))
        axes.plot(x, y, linestyle="", marker=style["marker"], markersize=2.6,
                  color=style["color"], zorder=2)
    return shown


def draw_difference(page, axes, first, second, difference, question):
    largest = numpy.nanmax(numpy.abs(difference)) or 1
    mesh = axes.pcolormesh(edges(first), edges(second), difference.T,
                           cmap="PuOr", vmin=-largest, vmax=largest, zorder=1)
    if numpy.nanmin(difference) < 0 < numpy.nanmax(difference):
        axes.contour(first, second, difference.T, levels=[0], colors="0.1",
                     linewidths=1.1, zorder=3)
    box = axes.get_position()
    bar = page.figure.add_axes((
        box.x1 + 10 / page.width, box.y0, BAR / page.width, box.height))
    scale = page.figure.colorbar(mesh, cax=bar)
    scale.outline.set_linewidth(0.5)
    scale.ax.yaxis.set_major_formatter(ticker.FuncFormatter(
        lambda y, _: plotting.minus(f"{y:,.10g}")))
    scale.set_label(question.axis)


def figure_of(file, options):
    question = sensitivity.question_of(file)
    first, second, difference, best = map_of(file, options.result)
    size = plotting.font_size()
    whole = options.width * MM - 2 * EDGE
    names, labels = sensitivity.pathways_of(file)
    as_best = options.show == "best"
    if as_best:
        question_words = "Colours and marks: the pathway with the best " \
            + sensitivity.within(file["sensitivity"].attrs["long_name"]) \
            + sensitivity.where_worth(file["sensitivity"].attrs) + "."
    else:
        question_words = question.words + " Black line: no difference."
    key = []
    if as_best:
        key = [(Line2D([], [], linestyle="", color=style["color"],
                       marker=style["marker"], markersize=4), labels[p])
               for p, style in ((p, plotting.pathway_style(p))
                                for p, name in enumerate(names)
                                if (best == name).any())]
    columns, key_height = line_panels.key_shape(key, whole - AXIS_LEFT)
    wide = whole - AXIS_LEFT - (10 if as_best else BAR_ROOM)
    high = min(TALLEST, wide)
    words = [plotting.wrapped(axis_words(file["two_way"], name), room, size)
             for name, room in (("first", wide), ("second", high))]
    extra = (plotting.line_count(words[0]) - 1) * plotting.line_height(size)
    page = plotting.Page(
        options, plotting.title_of(file),
        f"{plotting.simulated(file)} {question_words} Each cell is a run; all "
        "have the same patients and luck.",
        key_height + high + AXIS_BOTTOM + extra + 4)
    line_panels.draw_key(page, key, columns, EDGE + AXIS_LEFT,
                         AXIS_BOTTOM + extra + high + key_height + 2)
    axes = page.axes(EDGE + AXIS_LEFT, AXIS_BOTTOM + extra, wide, high)
    axes.grid(visible=False)
    axes.set_facecolor("0.85")
    if as_best:
        draw_best(axes, first, second, best, names)
    else:
        draw_difference(page, axes, first, second, question.factor * difference,
                        question)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(ticker.MaxNLocator(5))
        axis.set_major_formatter(ticker.FuncFormatter(
            lambda x, _: plotting.minus(f"{x:,.10g}")))
    axes.set(xlim=edges(first)[[0, -1]], ylim=edges(second)[[0, -1]],
             xlabel=words[0], ylabel=words[1])
    return page.figure


def parser():
    made = plotting.parser(
        "Draws a map of two-way sensitivity.",
        "scripts/plot_two_way.py results/sensitivity.h5 "
        "-o results/two_way.pdf",
        "the file of `stardsim sensitivity --two-way -o`")
    made.add_argument("--show", choices=SHOWN, default="best",
                      help="the best pathway of each cell (default), or the "
                      "difference that the file is about")
    return made


def main(arguments):
    return plotting.run("plot_two_way.py", parser(), figure_of, arguments,
                        (plotting.SENSITIVITY,))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
