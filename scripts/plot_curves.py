#!/usr/bin/python3
"""Draws cumulative remission by week from a result file of stardsim.

One line per pathway and estimand with its 95 % Monte Carlo band. Colours and
markers tell the pathways apart, line styles the estimands, so that the picture
can be read in grey. Beyond four pathways each estimand has a panel of its own.
Where nobody loses a remission, `sustained` is `observed` and is not drawn; where
nobody leaves care, `observed` and `if_all_continue` share a line.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import math
import sys
from dataclasses import dataclass

import numpy
from matplotlib import ticker

import plotting
from plotting import EDGE, MM

LINE_STYLES = ["-", (0, (5, 2)), (0, (1, 1.5))]
ESTIMAND_WORDS = {"if_all_continue": "if all continue",
                  "observed": "as observed",
                  "sustained": "still in the first remission"}
BOTH_WORDS = "if all continue, and as observed (equal)"
AXIS_WORDS = "In the first remission"  # of a panel of `sustained`
SHARED_PANEL_PATHWAYS = 4  # at most; more get a panel for each estimand
PANEL_HEIGHT = 68 * MM  # of the axes
AXIS_LEFT, AXIS_BOTTOM = 36, 30  # points for the numbers and words of the axes
SAMPLE = 22  # points of line beside a label
JOIN = 8  # points from a line's end to its sample


@dataclass
class Result:
    """What the picture needs of a result file."""

    pathways: list
    estimands: list  # in words
    weeks: numpy.ndarray
    remission: numpy.ndarray  # pathway, estimand, week; fractions
    error: numpy.ndarray  # its standard error


@dataclass
class Line:
    """One curve; `marker` and `colour` say its pathway."""

    label: str
    values: numpy.ndarray
    error: numpy.ndarray
    colour: str
    marker: str
    style: object

    def words(self):
        return f"{100 * self.values[-1]:.1f} %  {self.label}"


def result_of(file):
    curves = file["curves"]
    shown = shown_estimands(curves)
    names = plotting.words(curves, "pathway")
    return Result(
        pathways=plotting.pathway_labels(file, names),
        estimands=list(shown.values()),
        weeks=curves["week"][:],
        remission=curves["cumulative_remission"][:, list(shown)],
        error=curves["cumulative_remission_se"][:, list(shown)])


def shown_estimands(curves):
    """{number: words} of those that are curves of their own."""
    names = plotting.words(curves, "estimand")
    shown = {e: ESTIMAND_WORDS.get(name, name.replace("_", " "))
             for e, name in enumerate(names)}
    remission = curves["cumulative_remission"][:]

    def same(one, other):
        return one in names and other in names and numpy.array_equal(
            remission[:, names.index(one)], remission[:, names.index(other)])

    if same("sustained", "observed"):
        del shown[names.index("sustained")]
    if same("observed", "if_all_continue"):
        del shown[names.index("observed")]
        shown[names.index("if_all_continue")] = BOTH_WORDS
    return shown


def line_of(result, pathway, estimand, label):
    style = plotting.pathway_style(pathway)
    return Line(label=label,
                values=result.remission[pathway, estimand],
                error=result.error[pathway, estimand],
                colour=style["color"], marker=style["marker"],
                style=LINE_STYLES[estimand % len(LINE_STYLES)])


def panels_of(result):
    """A list of (heading, axis, lines): one panel, or one for each estimand."""
    estimands = list(enumerate(result.estimands))
    pathways = range(len(result.pathways))
    sustained = ESTIMAND_WORDS["sustained"]
    if len(pathways) <= SHARED_PANEL_PATHWAYS:
        labels = {(p, e): f"{result.pathways[p]}, {words}"
                  if len(pathways) > 1 else words.capitalize()
                  for p in pathways for e, words in estimands}
        lines = [line_of(result, p, e, label)
                 for (p, e), label in labels.items()]
        ever = sustained not in result.estimands
        return [("", "Ever in remission" if ever else "Remission", lines)]
    return [(words.capitalize(),
             AXIS_WORDS if words == sustained else "Ever in remission",
             [line_of(result, p, e, result.pathways[p]) for p in pathways])
            for e, words in estimands]


def draw_line(axes, weeks, line, stagger):
    """`stagger`, 0 to 1, keeps the markers of several lines apart."""
    axes.fill_between(weeks, line.values - plotting.NORMAL_95 * line.error,
                      line.values + plotting.NORMAL_95 * line.error,
                      color=line.colour, alpha=0.25, linewidth=0)
    every = max(len(weeks) // 6, 1)
    axes.plot(weeks, line.values, color=line.colour, linestyle=line.style,
              marker=line.marker, markevery=(int(stagger * every), every))


def label_lines(axes, lines, texts, places, joined):
    """A sample of each line and its words right of the axes; `places` in the
    axes' own height, `joined` to the lines' ends."""
    width = axes.get_position().width * axes.figure.get_figwidth() * 72
    start = 1 + (JOIN if joined else 0) / width
    middle, end = start + SAMPLE / 2 / width, start + SAMPLE / width
    if not joined:
        start, middle, end = (x - 1 - AXIS_LEFT / width
                              for x in (start, middle, end))
    top = axes.get_ylim()[1]
    for line, text, place in zip(lines, texts, places):
        if joined:
            axes.plot([1, start], [line.values[-1] / top, place],
                      color=line.colour, linewidth=0.5, marker="",
                      transform=axes.transAxes, clip_on=False)
        axes.plot([start, middle, end], 3 * [place], color=line.colour,
                  linestyle=line.style, marker=line.marker, markevery=[1],
                  transform=axes.transAxes, clip_on=False)
        axes.text(end + 4 / width, place, plotting.plain(text),
                  transform=axes.transAxes, va="center", linespacing=1.1)


def percent_top(result):
    """The end of the axis: the next whole 10 % above all bands."""
    highest = numpy.nanmax(result.remission
                           + plotting.NORMAL_95 * result.error)
    return min(max(math.ceil(highest * 10 + 0.1) / 10, 0.1), 1.0)


def draw_panel(axes, result, heading, axis, lines):
    for number, line in enumerate(lines):
        draw_line(axes, result.weeks, line, stagger=(number + 0.5) / len(lines))
    plotting.week_ticks(axes, result.weeks[-1])
    axes.set_ylim(0, percent_top(result))
    axes.yaxis.set_major_formatter(
        ticker.PercentFormatter(1, decimals=0, symbol=" %"))
    axes.set_ylabel(f"{axis} (% of the cohort)")
    axes.set_title(heading)


def labelled(lines, room):
    """The words of each line, in at most `room` points of width, and the
    height of all."""
    size = plotting.font_size()
    texts = [plotting.wrapped(line.words(), room, size) for line in lines]
    heights = [plotting.line_height(size) * plotting.line_count(text)
               for text in texts]
    return texts, heights


def figure_of(file, options):
    result = result_of(file)
    panels = panels_of(result)
    beside = options.width >= plotting.NARROW
    whole = options.width * MM - 2 * EDGE
    size = plotting.font_size()
    longest = max(plotting.text_width(line.words(), size)
                  for _, _, lines in panels for line in lines)
    room = min(longest + 1, 0.34 * whole if beside else whole - SAMPLE - 4)
    right = JOIN + SAMPLE + 4 + room if beside else 6
    heading = 14 if len(panels) > 1 else 4
    layout = []  # of each panel: texts, heights, of the axes, of what is below
    for _, _, lines in panels:
        texts, heights = labelled(lines, room)
        axes_height = max(PANEL_HEIGHT, sum(heights)) if beside \
            else min(PANEL_HEIGHT, 0.75 * whole)
        below = AXIS_BOTTOM + (0 if beside else sum(heights) + 4)
        layout.append((texts, heights, axes_height, below))
    page = plotting.Page(
        options, plotting.title_of(file),
        plotting.simulated(file) + " Weekly values, joined. "
        + plotting.MONTE_CARLO.format("Bands:"),
        sum(height + below + heading for _, _, height, below in layout))
    bottom = sum(height + below + heading for _, _, height, below in layout)
    for (title, axis, lines), (texts, heights, height, below) \
            in zip(panels, layout):
        bottom -= height + below + heading
        axes = page.axes(EDGE + AXIS_LEFT, bottom + below,
                         whole - AXIS_LEFT - right, height)
        draw_panel(axes, result, title, axis, lines)
        if beside:
            ends = [line.values[-1] / axes.get_ylim()[1] for line in lines]
            places = plotting.spread(ends, numpy.divide(heights, height), 0, 1)
            label_lines(axes, lines, texts, places, joined=True)
        else:
            order = sorted(range(len(lines)),
                           key=lambda n: -lines[n].values[-1])
            place, places = -AXIS_BOTTOM / height, numpy.empty(len(lines))
            for n in order:
                places[n] = place - heights[n] / 2 / height
                place -= heights[n] / height
            label_lines(axes, lines, texts, places, joined=False)
    return page.figure


def parser():
    return plotting.parser(
        "Draws cumulative remission by week from a result file.",
        "scripts/plot_curves.py results/stard.h5 -o results/stard.png")


def main(arguments):
    return plotting.run("plot_curves.py", parser(), figure_of, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
