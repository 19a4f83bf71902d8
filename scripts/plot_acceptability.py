#!/usr/bin/python3
"""Draws cost-effectiveness acceptability curves and their frontier.

The probability that a pathway has the highest net benefit, given how sure the
scenario's numbers are, over the worth of a QALY. The thick line is the frontier:
the probability of the pathway with the highest expected net benefit, which need
not be the most probable one. From a result of `stardsim run --draws`.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import sys

import numpy
from matplotlib import ticker

import decision as decisions
import line_panels
import plotting

FRONTIER = {"color": "0.1", "linewidth": 3.2, "alpha": 0.3}
NAIVE = {"linewidth": 0.9, "linestyle": (0, (1, 1.5))}


def frontier_pieces(decision):
    """[(thresholds, probabilities)], one for each run of thresholds at which one
    pathway has the highest expected net benefit, to half-way to the next."""
    thresholds = decision.thresholds
    best = decision.values["on_frontier"].argmax(axis=1)
    starts = numpy.flatnonzero(numpy.diff(best, prepend=-1))
    ends = numpy.append(starts[1:], len(best))
    between = (thresholds[1:] + thresholds[:-1]) / 2
    pieces = []
    for start, end in zip(starts, ends):
        low = [between[start - 1]] if start else []
        high = [between[end - 1]] if end < len(best) else []
        x = numpy.concatenate([low, thresholds[start:end], high])
        pieces.append((x, numpy.interp(
            x, thresholds,
            decision.values["probability_best"][:, best[start]])))
    return pieces


def figure_of(file, options):
    names = ["probability_best", "on_frontier"]
    if options.naive:
        names.append("probability_best_naive")
    decision = decisions.decision_of(file, options, names)
    lines = decision.lines("probability_best",
                           lambda value: f"{100 * value:.0f} %")

    def drawing(axes):
        for thresholds, probabilities in frontier_pieces(decision):
            axes.plot(thresholds, probabilities, marker="",
                      solid_capstyle="round", zorder=1.5, **FRONTIER)
        for p, line in enumerate(lines):
            if options.naive:
                axes.plot(decision.thresholds,
                          decision.values["probability_best_naive"][:, p],
                          color=line.colour, marker="", **NAIVE)
            line_panels.draw_line(axes, decision.thresholds, line, p,
                                  len(lines))
        axes.set_ylim(0, 1)
        decisions.threshold_axis(axes, decision)
        axes.yaxis.set_major_formatter(
            ticker.PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_ylabel("Probability of the highest net benefit")

    key = [(line_panels.sample(**FRONTIER),
            "frontier: the highest expected net benefit")]
    if options.naive:
        key.append((line_panels.sample(color="0.25", **NAIVE),
                    "naive: with the luck of the draws' patients"))
    note = decisions.note(
        file, decision, "Numbers at the names: there. Of how sure the "
        "scenario's numbers are, not of the luck of a finite cohort.")
    return decisions.figure_of(file, options, note, lines, drawing, key)


def parser():
    return decisions.parser(
        "Draws cost-effectiveness acceptability curves and their frontier.",
        "scripts/plot_acceptability.py results/ect_timing.h5 "
        "-o results/acceptability.pdf")


def main(arguments):
    return plotting.run("plot_acceptability.py", parser(), figure_of, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
