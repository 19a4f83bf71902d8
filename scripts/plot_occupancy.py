#!/usr/bin/python3
"""Draws where the cohort is by week: the share in each state, stacked.

On the observed course; a panel for each pathway. States that nobody is ever in
are left out. Shades and hatches tell the states apart, so that the picture can
be read in grey.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import sys

import numpy
from matplotlib import ticker
from matplotlib.patches import Patch

import plotting
from plotting import EDGE, MM

# From the bottom: name, words, colour, hatch.
STATES = [("remitted", "In remission", "#009e73", ""),
          ("untreated_remitted", "In remission, untreated", "#a8dccb", "...."),
          ("in_treatment", "In treatment", "#8cc0e4", ""),
          ("waiting", "Waiting for a step", "#ffffff", "////"),
          ("not_remitted", "Follow-up, not remitted", "#f0e0a0", ""),
          ("gap", "Gap in treatment", "#e69f00", "\\\\\\\\"),
          ("untreated", "Untreated, steps exhausted", "#d9d9d9", ""),
          ("out_of_care", "Out of care", "#8c8c8c", "xx"),
          ("dead", "Dead", "#1a1a1a", "")]
AXIS_LEFT, AXIS_BOTTOM = 36, 30  # points for the numbers and words of the axes
PANEL = 46 * MM  # height of the axes
KEY = 12  # points, of a colour's sample


def shown_states(curves, pathways):
    """(number, words, colour, hatch) of those that somebody is in, in drawing
    order; states that this does not know come last."""
    names = plotting.words(curves, "state")
    looks = {name: look for name, *look in STATES}
    order = [name for name, *_ in STATES if name in names]
    order += [name for name in names if name not in looks]
    occupied = curves["occupancy"][pathways].max(axis=(0, 2)) > 0
    return [(names.index(name),
             *looks.get(name, [name.replace("_", " "), "white", "++"]))
            for name in order if occupied[names.index(name)]]


def figure_of(file, options):
    curves = file["curves"]
    names = plotting.words(curves, "pathway")
    labels = plotting.pathway_labels(file, names)
    pathways = list(range(len(names)))
    if options.pathway is not None:
        pathways = [plotting.place_of(options.pathway, names, "pathway")]
    states = shown_states(curves, pathways)

    size = plotting.font_size()
    whole = options.width * MM - 2 * EDGE
    rows, columns = plotting.grid_shape(
        len(pathways), 1 if options.width < plotting.NARROW else 3)
    cell = whole / columns
    headings = [plotting.wrapped(labels[p], cell - AXIS_LEFT - 8, size + 0.5,
                                 "bold") for p in pathways]
    heading = 6 + plotting.line_height(size + 0.5) * max(
        map(plotting.line_count, headings))
    key_width = KEY + 16 + max(plotting.text_width(words, size)
                               for _, words, _, _ in states)
    key_columns = max(1, int((whole - AXIS_LEFT) // key_width))
    key_rows, _ = plotting.grid_shape(len(states), key_columns)
    keys = key_rows * plotting.line_height(size) + 8
    page = plotting.Page(
        options, plotting.title_of(file),
        plotting.simulated(file) + " Observed course; share of the cohort at "
        "the end of each week.",
        rows * (heading + PANEL + AXIS_BOTTOM) + keys)
    weeks = curves["week"][:]
    for number, p in enumerate(pathways):
        row, column = divmod(number, columns)
        bottom = keys + AXIS_BOTTOM \
            + (rows - 1 - row) * (heading + PANEL + AXIS_BOTTOM)
        axes = page.axes(EDGE + column * cell + AXIS_LEFT, bottom,
                         cell - AXIS_LEFT - 8, PANEL)
        draw_panel(axes, weeks, curves["occupancy"][p], states)
        if len(names) > 1:
            axes.set_title(plotting.plain(headings[number]))
        if column > 0:
            axes.set_ylabel("")
    patches = [Patch(facecolor=colour, hatch=hatch, edgecolor="0.25",
                     linewidth=0.3) for _, _, colour, hatch in states]
    page.figure.legend(
        patches, [words for _, words, _, _ in states], ncol=key_columns,
        loc="upper left", borderaxespad=0, borderpad=0, handlelength=1.6,
        bbox_to_anchor=((EDGE + AXIS_LEFT) / page.width,
                        (page.foot + keys - 2) / page.height),
        columnspacing=1.5, labelspacing=0.35)
    return page.figure


def draw_panel(axes, weeks, occupancy, states):
    below = numpy.zeros(len(weeks))
    for state, _, colour, hatch in states:
        above = below + occupancy[state]
        axes.fill_between(weeks, below, above, facecolor=colour, hatch=hatch,
                          edgecolor="0.25", linewidth=0.3)
        below = above
    plotting.week_ticks(axes, weeks[-1], 5)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(
        ticker.PercentFormatter(1, decimals=0, symbol=" %"))
    axes.set_ylabel("Share of the cohort")


def parser():
    made = plotting.parser(
        "Draws the share of the cohort in each state by week.",
        "scripts/plot_occupancy.py results/stard.h5 -o results/occupancy.pdf")
    made.add_argument("--pathway", metavar="NAME",
                      help="this pathway alone (default: all)")
    return made


def main(arguments):
    return plotting.run("plot_occupancy.py", parser(), figure_of, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
