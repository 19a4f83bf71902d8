#!/usr/bin/python3
"""Draws cumulative remission by week from a result file of stardsim.

One line per pathway and estimand, with its 95 % band: credible where the file has
draws (how sure the scenario's numbers are), else Monte Carlo (the luck of a
finite cohort); --bands chooses. Colours and markers tell the pathways apart, line
styles the estimands, so that the picture can be read in grey. Beyond four pathways
each estimand has a panel of its own. Where nobody loses a remission, `sustained` is
`observed` and is not drawn; where nobody leaves care, `observed` and
`if_all_continue` share a line.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import math
import sys
from dataclasses import dataclass

import numpy
from matplotlib import ticker

import line_panels
import plotting
from line_panels import Line, Panel

LINE_STYLES = ["-", (0, (5, 2)), (0, (1, 1.5))]
ESTIMAND_WORDS = {"if_all_continue": "if all continue",
                  "observed": "as observed",
                  "sustained": "still in the first remission"}
BOTH_WORDS = "if all continue, and as observed (equal)"
AXIS_WORDS = "In the first remission"  # of a panel of `sustained`
SHARED_PANEL_PATHWAYS = 4  # at most; more get a panel for each estimand
BANDS = ["credible", "monte-carlo", "both", "none"]
OPACITY = {"credible": 0.16, "monte-carlo": 0.4}
KEY_WORDS = {"credible": "95 % credible (the scenario's numbers)",
             "monte-carlo": "95 % Monte Carlo (a finite cohort)"}


@dataclass
class Result:
    """What the picture needs of a result file."""

    pathways: list
    estimands: list  # in words
    weeks: numpy.ndarray
    remission: numpy.ndarray  # pathway, estimand, week; fractions
    bands: dict  # by name: low and high, as remission


def result_of(file, bands):
    curves = file["curves"]
    shown = shown_estimands(curves)
    names = plotting.words(curves, "pathway")
    return Result(
        pathways=plotting.pathway_labels(file, names),
        estimands=list(shown.values()),
        weeks=curves["week"][:],
        remission=curves["cumulative_remission"][:, list(shown)],
        bands=bands_of(file, bands, list(shown)))


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


def bands_wanted(file, options):
    """Names of the bands to draw; credible ones only where there are draws."""
    if options.bands is None:
        return ["credible" if "uncertainty" in file else "monte-carlo"]
    if options.bands in ("credible", "both"):
        plotting.drawn_parameters(file, options.result, "uncertainty/curves")
    return {"none": [], "both": ["credible", "monte-carlo"]}.get(
        options.bands, [options.bands])


def bands_of(file, wanted, shown):
    """{name: (low, high)}, each by pathway, estimand and week."""
    bands = {}
    if "credible" in wanted:
        group = file["uncertainty/curves"]
        bands["credible"] = tuple(
            group["cumulative_remission_" + end][:, shown]
            for end in ("low", "high"))
    if "monte-carlo" in wanted:
        curves = file["curves"]
        mean, half = (curves[name][:, shown] for name in
                      ("cumulative_remission", "cumulative_remission_se"))
        half = plotting.NORMAL_95 * half
        bands["monte-carlo"] = mean - half, mean + half
    return bands


def words_of(result, pathway, estimand, label):
    """The end of the line, with its credible interval, and its name."""
    words = f"{100 * result.remission[pathway, estimand, -1]:.1f} %"
    if "credible" in result.bands:
        low, high = (100 * end[pathway, estimand, -1]
                     for end in result.bands["credible"])
        words += " (not told apart from luck)" \
            if numpy.isnan(low) or numpy.isnan(high) \
            else f" ({low:.1f} to {high:.1f})"
    return f"{words}  {label}"


def panel_of(result, heading, axis, chosen):
    """`chosen`: {(pathway, estimand): label}."""
    lines = []
    for (p, e), label in chosen.items():
        style = plotting.pathway_style(p)
        lines.append(Line(
            words=words_of(result, p, e, label),
            values=result.remission[p, e], colour=style["color"],
            marker=style["marker"], style=LINE_STYLES[e % len(LINE_STYLES)]))

    def drawing(axes):
        for number, ((p, e), line) in enumerate(zip(chosen, lines)):
            for name, (low, high) in result.bands.items():
                axes.fill_between(result.weeks, low[p, e], high[p, e],
                                  color=line.colour, alpha=OPACITY[name],
                                  linewidth=0)
            line_panels.draw_line(axes, result.weeks, line, number,
                                  len(lines))
        plotting.week_ticks(axes, result.weeks[-1])
        axes.set_ylim(0, percent_top(result))
        axes.yaxis.set_major_formatter(
            ticker.PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_ylabel(f"{axis} (% of the cohort)")

    return Panel(heading, lines, drawing)


def panels_of(result):
    """One panel, or one for each estimand."""
    estimands = list(enumerate(result.estimands))
    pathways = range(len(result.pathways))
    sustained = ESTIMAND_WORDS["sustained"]
    if len(pathways) <= SHARED_PANEL_PATHWAYS:
        labels = {(p, e): f"{result.pathways[p]}, {words}"
                  if len(pathways) > 1 else words.capitalize()
                  for p in pathways for e, words in estimands}
        ever = sustained not in result.estimands
        return [panel_of(result, "",
                         "Ever in remission" if ever else "Remission", labels)]
    return [panel_of(result, words.capitalize(),
                     AXIS_WORDS if words == sustained else "Ever in remission",
                     {(p, e): result.pathways[p] for p in pathways})
            for e, words in estimands]


def percent_top(result):
    """The end of the axis: the next whole 10 % above all bands."""
    highest = max(numpy.nanmax(top) for top in
                  [result.remission, *(high for _, high
                                       in result.bands.values())]
                  if not numpy.isnan(top).all())
    return min(max(math.ceil(highest * 10 + 0.1) / 10, 0.1), 1.0)


def is_partly_hidden(result):
    """Whether a curve with anybody in remission lacks credible intervals."""
    anybody = result.remission > 0
    return any(numpy.isnan(end[anybody]).any()
               for end in result.bands["credible"])


def key_of(result):
    """Where both bands are drawn, or the credible ones, which is which."""
    if "credible" not in result.bands:
        return []
    return [(line_panels.area(facecolor="0.25", alpha=OPACITY[name]), words)
            for name, words in KEY_WORDS.items() if name in result.bands]


def note_of(file, result):
    note = plotting.simulated(file) + " Weekly values, joined."
    if "credible" in result.bands:
        note += " Lines: the scenario's numbers as stated. " \
            + plotting.CREDIBLE.format("Light bands, and in brackets:") \
            + f" From {plotting.draws_made(file)}"
        if is_partly_hidden(result):
            note += " No band where the uncertainty is not told apart from " \
                "luck."
    if "monte-carlo" in result.bands:
        note += " " + plotting.MONTE_CARLO.format(
            "Dark bands:" if "credible" in result.bands else "Bands:")
    return note


def figure_of(file, options):
    result = result_of(file, bands_wanted(file, options))
    return line_panels.figure_of(
        options, plotting.title_of(file), note_of(file, result),
        panels_of(result), key_of(result))


def parser():
    made = plotting.parser(
        "Draws cumulative remission by week from a result file.",
        "scripts/plot_curves.py results/stard.h5 -o results/stard.png")
    made.add_argument("--bands", choices=BANDS, help="95 %% bands: credible "
                      "(how sure the scenario's numbers are; the default of a "
                      "file with draws), monte-carlo (the luck of a finite "
                      "cohort; the default of others), both or none")
    return made


def main(arguments):
    return plotting.run("plot_curves.py", parser(), figure_of, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
