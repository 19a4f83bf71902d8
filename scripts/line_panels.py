"""Panels of lines with a name each, for the scripts plot_*.py.

The words of a line stand at its right end, joined to it, or below the panel where
the page is narrow; what else is drawn has a key above the first panel.
"""

from dataclasses import dataclass

import numpy
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

import plotting
from plotting import EDGE, MM

PANEL_HEIGHT = 68 * MM  # of the axes
AXIS_LEFT, AXIS_BOTTOM = 36, 30  # points for the numbers and words of the axes
SAMPLE = 22  # points of line beside a label
JOIN = 8  # points from a line's end to its sample
THRESHOLD_WORDS = 14  # points above the axes
KEY_SAMPLE = 18  # points, of a colour or line in the key


@dataclass
class Line:
    words: str
    values: numpy.ndarray
    colour: str
    marker: str
    style: object = "-"


@dataclass
class Panel:
    heading: str  # "" for none
    lines: list
    drawing: object  # of what it shows besides the words: a function of axes


def sample(**style):
    """For the key: of a line."""
    return Line2D([], [], marker="", **style)


def area(**style):
    """For the key: of a band."""
    return Patch(linewidth=0, **style)


def markers(weeks, number, lines):
    """Where along a line of so many points its markers stand: not all above
    each other."""
    every = max(weeks // 6, 1)
    return int((number + 0.5) / lines * every), every


def draw_line(axes, x, line, number, lines):
    axes.plot(x, line.values, color=line.colour, linestyle=line.style,
              marker=line.marker, markevery=markers(len(x), number, lines))


def height_at(axes, line):
    """Of the line's end, from 0 to 1 of the axes."""
    ends = line.values[numpy.isfinite(line.values)]
    if len(ends) == 0:
        return 0.0
    at = axes.transData.transform((0, max(ends[-1], axes.get_ylim()[0])))
    return float(axes.transAxes.inverted().transform(at)[1])


def label_lines(axes, lines, texts, places, left):
    """A sample of each line and its words right of the axes, joined to the
    lines' ends, or `left` points left of the axes; `places` in the axes' own
    height."""
    joined = left is None
    width = axes.get_position().width * axes.figure.get_figwidth() * 72
    start = 1 + (JOIN if joined else 0) / width
    middle, end = start + SAMPLE / 2 / width, start + SAMPLE / width
    if not joined:
        start, middle, end = (x - 1 - left / width
                              for x in (start, middle, end))
    for line, text, place in zip(lines, texts, places):
        if joined:
            axes.plot([1, start], [height_at(axes, line), place],
                      color=line.colour, linewidth=0.5, marker="",
                      transform=axes.transAxes, clip_on=False)
        axes.plot([start, middle, end], 3 * [place], color=line.colour,
                  linestyle=line.style, marker=line.marker, markevery=[1],
                  transform=axes.transAxes, clip_on=False)
        axes.text(end + 4 / width, place, plotting.plain(text),
                  transform=axes.transAxes, va="center", linespacing=1.1)


def labelled(lines, room):
    """The words of each line, in at most `room` points of width, and the
    height of all."""
    size = plotting.font_size()
    texts = [plotting.wrapped(line.words, room, size) for line in lines]
    heights = [plotting.line_height(size) * plotting.line_count(text)
               for text in texts]
    return texts, heights


def key_shape(key, room):
    """Columns, and the height of all rows."""
    if not key:
        return 1, 0
    size = plotting.matplotlib.rcParams["legend.fontsize"]
    column = KEY_SAMPLE + 16 + max(plotting.text_width(words, size)
                                   for _, words in key)
    rows, columns = plotting.grid_shape(len(key), max(1, int(room / column)))
    return columns, rows * 1.35 * size + 6


def draw_key(page, key, columns, left, top):
    if key:
        size = plotting.matplotlib.rcParams["legend.fontsize"]
        page.figure.legend(
            [handle for handle, _ in key], [words for _, words in key],
            ncol=columns, loc="upper left", borderaxespad=0, borderpad=0,
            handlelength=KEY_SAMPLE / size, columnspacing=1.5,
            labelspacing=0.35, bbox_to_anchor=(
                left / page.width, (page.foot + top) / page.height))


def figure_of(options, title, note, panels, key=(), above=0, left=AXIS_LEFT,
              right=6):
    """`key`: (handle, words) of what is no line with a name. Points around each
    panel's axes: `above` for words of its drawing, `left` for the numbers and
    words of the axis, `right` for half of the last number below."""
    beside = options.width >= plotting.NARROW
    whole = options.width * MM - 2 * EDGE
    size = plotting.font_size()
    longest = max(plotting.text_width(line.words, size)
                  for panel in panels for line in panel.lines)
    room = min(longest + 1, 0.34 * whole if beside else whole - SAMPLE - 4)
    right = JOIN + SAMPLE + 4 + room if beside else right
    heading = (14 if len(panels) > 1 else 4) + above
    columns, key_height = key_shape(key, whole - left)
    layout = []  # of each panel: texts, heights, of the axes, of what is below
    for panel in panels:
        texts, heights = labelled(panel.lines, room)
        axes_height = max(PANEL_HEIGHT, sum(heights)) if beside \
            else min(PANEL_HEIGHT, 0.75 * whole)
        below = AXIS_BOTTOM + (0 if beside else sum(heights) + 4)
        layout.append((texts, heights, axes_height, below))
    bottom = key_height + sum(height + below + heading
                              for _, _, height, below in layout)
    page = plotting.Page(options, title, note, bottom)
    draw_key(page, key, columns, EDGE + left, bottom)
    bottom -= key_height
    for panel, (texts, heights, height, below) in zip(panels, layout):
        bottom -= height + below + heading
        axes = page.axes(EDGE + left, bottom + below, whole - left - right,
                         height)
        panel.drawing(axes)
        axes.set_title(panel.heading)
        if beside:
            places = plotting.spread(
                [height_at(axes, line) for line in panel.lines],
                numpy.divide(heights, height), 0, 1)
        else:
            order = sorted(range(len(texts)),
                           key=lambda n: -height_at(axes, panel.lines[n]))
            place, places = -AXIS_BOTTOM / height, numpy.empty(len(texts))
            for n in order:
                places[n] = place - heights[n] / 2 / height
                place -= heights[n] / height
        label_lines(axes, panel.lines, texts, places,
                    None if beside else left)
    return page.figure


def mark_thresholds(axes, thresholds):
    """Dashed lines where the scenario puts the worth of a QALY, with words
    above the axes; needs THRESHOLD_WORDS points there."""
    (left, right), size = axes.get_xlim(), plotting.font_size() - 0.5
    shown = thresholds[(thresholds >= left) & (thresholds <= right)]
    words = [f"{threshold:,.0f}" for threshold in shown]
    per_x = (right - left) / (axes.get_position().width
                              * axes.figure.get_figwidth() * 72)
    for threshold in shown:
        axes.axvline(threshold, color="0.55", linewidth=0.7,
                     linestyle=(0, (4, 3)), zorder=1)
    if words:
        widths = [(plotting.text_width(text, size) + 6) * per_x
                  for text in words]
        places = plotting.spread(shown, widths, left, right)
        for text, x, place in zip(words, shown, places):
            axes.annotate(text, (x, 1), ((place - x) / per_x, 4),
                          xycoords=("data", "axes fraction"),
                          textcoords="offset points", ha="center",
                          va="bottom", size=size, color="0.35",
                          annotation_clip=False,
                          arrowprops={"arrowstyle": "-", "color": "0.7",
                                      "shrinkA": 0, "shrinkB": 0,
                                      "linewidth": 0.5})
