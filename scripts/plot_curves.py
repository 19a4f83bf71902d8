#!/usr/bin/python3
"""Draws cumulative remission by week from a result file of stardsim.

One line per pathway and estimand with its 95 % Monte Carlo band. Colours and
markers tell the pathways apart, line styles the estimands, so that the picture
can be read in grey. Beyond four pathways each estimand has a panel of its own.
Where nobody loses a remission, `sustained` is `observed` and is not drawn.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import argparse
import io
import math
import pathlib
import sys
import textwrap
from dataclasses import dataclass

import h5py
import matplotlib
import numpy

matplotlib.use("Agg")
from matplotlib import pyplot, ticker  # noqa: E402 (needs the backend)

BAD_INPUT, CANNOT_READ_OR_WRITE = 2, 3
FORMAT_VERSION = 1  # of results/README.md
FORMATS = {".png": "png", ".pdf": "pdf", ".svg": "svg"}
# Without a date, so that equal results give equal files.
METADATA = {"png": {}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}

COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00",
           "#000000", "#7f6000", "#5b2c8e", "#b22222", "#3b7d23", "#666666"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "*", "h"]
LINE_STYLES = ["-", (0, (5, 2)), (0, (1, 1.5))]
ESTIMAND_WORDS = {"if_all_continue": "if all continue",
                  "observed": "as observed",
                  "sustained": "still in the first remission"}
AXIS_WORDS = {"sustained": "In the first remission"}  # in its own panel
FONT_POINTS = 9
SHARED_PANEL_PATHWAYS = 4  # at most; more get a panel for each estimand
LABEL_WIDTH = 40  # characters of a pathway's label; the rest is cut off
TITLE_WIDTH = 70  # characters; longer titles have more lines


class Failure(Exception):
    """What stops the program: one line for the user and an exit code."""

    def __init__(self, line, code):
        super().__init__(line)
        self.code = code


@dataclass
class Result:
    """What the picture needs of a result file."""

    title: str
    patients: int
    seed: int
    pathways: list
    estimands: list
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


def plain(text):
    """Text that matplotlib does not take for a formula."""
    return text.replace("$", r"\$")


def read_result(path):
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != "stardsim results":
                raise Failure(f"{path} is not a result of stardsim", BAD_INPUT)
            version = file.attrs["format_version"]
            if version != FORMAT_VERSION:
                raise Failure(f"{path} has format version {version}; this "
                              f"reads {FORMAT_VERSION}", BAD_INPUT)
            return result_of(file)
    except KeyError as error:
        raise Failure(f"{path} is no whole result of stardsim: "
                      f"{error.args[0]}", BAD_INPUT) from error
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path, error):
    """h5py says "not HDF5" and "no such file" by the same exception."""
    try:
        with open(path, "rb"):
            pass
    except OSError as reason:
        return Failure(f"cannot read {path}: {reason.strerror}",
                       CANNOT_READ_OR_WRITE)
    if h5py.is_hdf5(path):
        return Failure(f"cannot read {path}: {error}", CANNOT_READ_OR_WRITE)
    return Failure(f"{path} is not a result of stardsim", BAD_INPUT)


def result_of(file):
    curves = file["curves"]
    shown = shown_estimands(curves)
    names = curves["pathway"].asstr()[:]
    labels = curves["pathway_label"].asstr()[:]
    return Result(
        title=file.attrs["title"],
        patients=int(file.attrs["patients"]),
        seed=int(file.attrs["seed"]),
        pathways=[textwrap.shorten(label or name, LABEL_WIDTH, placeholder="…")
                  for name, label in zip(names, labels)],
        estimands=list(curves["estimand"].asstr()[shown]),
        weeks=curves["week"][:],
        remission=curves["cumulative_remission"][:, shown],
        error=curves["cumulative_remission_se"][:, shown])


def shown_estimands(curves):
    """Those to draw, as numbers: `sustained` only where it is a curve of its
    own."""
    names = list(curves["estimand"].asstr()[:])
    shown = list(range(len(names)))
    if "sustained" in names and "observed" in names:
        sustained, observed = names.index("sustained"), names.index("observed")
        remission = curves["cumulative_remission"]
        if numpy.array_equal(remission[:, sustained], remission[:, observed]):
            shown.remove(sustained)
    return shown


def words_for(estimand):
    return ESTIMAND_WORDS.get(estimand, estimand.replace("_", " "))


def line_of(result, pathway, estimand, label):
    return Line(label=plain(label),
                values=result.remission[pathway, estimand],
                error=result.error[pathway, estimand],
                colour=COLOURS[pathway % len(COLOURS)],
                marker=MARKERS[pathway % len(MARKERS)],
                style=LINE_STYLES[estimand % len(LINE_STYLES)])


def panels_of(result):
    """A list of (heading, axis, lines): one panel, or one for each estimand."""
    estimands = range(len(result.estimands))
    pathways = range(len(result.pathways))
    if len(pathways) <= SHARED_PANEL_PATHWAYS:
        lines = [
            line_of(result, p, e, f"{result.pathways[p]}, "
                    f"{words_for(result.estimands[e])}")
            for p in pathways for e in estimands]
        ever = "sustained" not in result.estimands
        return [("", "Ever in remission" if ever else "Remission", lines)]
    return [(words_for(result.estimands[e]).capitalize(),
             AXIS_WORDS.get(result.estimands[e], "Ever in remission"),
             [line_of(result, p, e, result.pathways[p]) for p in pathways])
            for e in estimands]


def spread(wanted, gap, low, high):
    """Places in the order of those wanted, at least `gap` apart and as near to
    them as can be; within low to high, as far as there is room."""
    order = numpy.argsort(wanted, kind="stable")
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    steps = gap * numpy.arange(len(wanted))
    blocks = []  # of labels that touch: [mean place less its steps, labels]
    for place in numpy.array(wanted, dtype=float)[order] - steps:
        blocks.append([place, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            place, size = blocks.pop()
            mean, others = blocks[-1]
            total = size + others
            blocks[-1] = [(mean * others + place * size) / total, total]
    starts = numpy.repeat([place for place, _ in blocks],
                          [size for _, size in blocks])
    placed = numpy.empty(len(wanted))
    placed[order] = numpy.clip(starts, low, high - steps[-1]) + steps
    return placed


def draw_line(axes, weeks, line, stagger):
    """`stagger`, 0 to 1, keeps the markers of several lines apart."""
    axes.fill_between(weeks, line.values - 1.96 * line.error,
                      line.values + 1.96 * line.error,
                      color=line.colour, alpha=0.25, linewidth=0)
    every = max(len(weeks) // 6, 1)
    axes.plot(weeks, line.values, color=line.colour, linestyle=line.style,
              marker=line.marker, markersize=4.5, linewidth=1.5,
              markevery=(int(stagger * every), every))


def label_ends(axes, weeks, lines):
    """The last value and the label of each line, right of the axes, joined to
    the line's end."""
    bottom, top = axes.get_ylim()
    height_points = axes.get_position().height * 72 \
        * axes.figure.get_figheight()
    gap = 1.35 * FONT_POINTS / height_points * (top - bottom)
    places = spread([line.values[-1] for line in lines], gap, bottom, top)
    right = axes.get_yaxis_transform()
    for line, place in zip(lines, places):
        axes.plot([1, 1.025], [line.values[-1], place], color=line.colour,
                  linewidth=0.7, transform=right, clip_on=False)
        axes.plot([1.03, 1.09, 1.15], 3 * [place], color=line.colour,
                  linestyle=line.style, linewidth=1.5, marker=line.marker,
                  markersize=4.5, markevery=[1], transform=right,
                  clip_on=False)
        axes.text(1.165, place, f"{100 * line.values[-1]:.1f} %  {line.label}",
                  transform=right, va="center", fontsize=FONT_POINTS)


def percent_top(result):
    """The end of the axis: the next whole 10 % above all bands."""
    highest = numpy.nanmax(result.remission + 1.96 * result.error)
    return min(max(math.ceil(highest * 10 + 0.1) / 10, 0.1), 1.0)


def draw_panel(axes, result, heading, axis, lines):
    for number, line in enumerate(lines):
        draw_line(axes, result.weeks, line, stagger=(number + 0.5) / len(lines))
    axes.set_xlim(result.weeks[0], max(result.weeks[-1], 1))
    axes.set_ylim(0, percent_top(result))
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(
        ticker.PercentFormatter(1, decimals=0, symbol=" %"))
    axes.set_xlabel("Weeks since entry")
    axes.set_ylabel(f"{axis} (% of the cohort)")
    axes.set_title(heading, loc="left", fontsize=FONT_POINTS + 1)
    axes.grid(color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    label_ends(axes, result.weeks, lines)


def draw(result):
    panels = panels_of(result)
    has_headings = len(panels) > 1
    inches = 1.2 + 3.8 * len(panels)
    figure, grid = pyplot.subplots(
        len(panels), 1, squeeze=False, figsize=(8, inches),
        gridspec_kw={"left": 0.1, "right": 0.6, "hspace": 0.3,
                     "bottom": 0.85 / inches,
                     "top": 1 - (0.75 if has_headings else 0.45) / inches})
    for axes, (heading, axis, lines) in zip(grid[:, 0], panels):
        draw_panel(axes, result, heading, axis, lines)
    figure.text(0.1, 1 - 0.25 / inches,
                plain(textwrap.fill(result.title, TITLE_WIDTH)),
                va="bottom", fontsize=FONT_POINTS + 3, weight="bold")
    figure.text(0.1, 0.12 / inches,
                f"{result.patients:,} simulated patients, seed {result.seed}. "
                "Weekly values, joined; bands: 95 % Monte Carlo interval.",
                fontsize=FONT_POINTS - 1, color="0.3")
    return figure


def save(figure, path):
    kind = FORMATS[path.suffix.lower()]
    image = io.BytesIO()
    figure.savefig(image, format=kind, dpi=160, bbox_inches="tight",
                   pad_inches=0.15, metadata=METADATA[kind])
    try:
        path.write_bytes(image.getvalue())
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}",
                      CANNOT_READ_OR_WRITE) from error


class OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        raise Failure(message, BAD_INPUT)


def parse_arguments(arguments):
    parser = OneLineParser(
        description="Draws cumulative remission by week from a result file.",
        epilog="Example: scripts/plot_curves.py results/stard.h5 "
               "-o results/stard.png")
    parser.add_argument("result", type=pathlib.Path, metavar="RESULT.h5",
                        help="a result file of stardsim")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True,
                        metavar="FILE", help="the picture: .png, .pdf or .svg")
    options = parser.parse_args(arguments)
    if options.output.suffix.lower() not in FORMATS:
        parser.error(f"{options.output} is none of .png, .pdf, .svg")
    return options


def main(arguments):
    try:
        options = parse_arguments(arguments)
        matplotlib.rcParams["svg.hashsalt"] = "stardsim"
        save(draw(read_result(options.result)), options.output)
    except Failure as failure:
        print(f"plot_curves.py: {failure}", file=sys.stderr)
        return failure.code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
