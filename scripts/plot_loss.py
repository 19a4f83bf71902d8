#!/usr/bin/python3
"""Draws what a choice loses on average while the numbers are not known better.

Expected loss of each pathway over the worth of a QALY, per patient. The lowest
line is the expected value of perfect information (EVPI): nobody can gain more by
learning all numbers exactly. With --evppi instead: of which numbers the knowledge
would be worth most, at one worth of a QALY. From a result of `stardsim run
--draws`.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import sys

import numpy
from matplotlib import ticker

import decision as decisions
import line_panels
import plotting
from plotting import EDGE, MM

EVPI = {"color": "0.1", "linewidth": 3.2, "alpha": 0.3}
NAIVE = {"color": "0.1", "linewidth": 0.9, "linestyle": (0, (1, 1.5))}
SHOWN = 1000  # of a logarithmic axis: the largest value over the smallest
ROW = 4.5 * MM  # of a bar
AXIS = 34  # points below the bars
MOST = 12  # bars
GROUP_COLOUR, SINGLE_COLOUR = "#0072b2", "#8cc0e4"


def money_axis(axis):
    axis.set_major_formatter(ticker.FuncFormatter(
        lambda x, _: plotting.minus(f"{x:,.10g}")))


# Expected loss

def loss_figure(file, options):
    names = ["expected_loss", "evpi"]
    if options.naive:
        names.append("evpi_naive")
    decision = decisions.decision_of(file, options, names)
    lines = decision.lines("expected_loss", lambda value: f"{value:,.0f}")
    top = 1.1 * max(line.values.max() for line in lines) or 1
    lowest = 0 if options.linear else top / SHOWN

    def drawing(axes):
        if not options.linear:
            axes.set_yscale("log")
        axes.set_ylim(lowest, top)
        axes.plot(decision.thresholds, decision.values["evpi"], marker="",
                  zorder=1.5, **EVPI)
        if options.naive:
            axes.plot(decision.thresholds, decision.values["evpi_naive"],
                      marker="", zorder=1.6, **NAIVE)
        for p, line in enumerate(lines):
            line_panels.draw_line(axes, decision.thresholds, line, p,
                                  len(lines))
        decisions.threshold_axis(axes, decision)
        money_axis(axes.yaxis)
        axes.set_ylabel(f"Expected loss ({decision.money} per patient)")

    key = [(line_panels.sample(**EVPI),
            "expected value of perfect information (EVPI)")]
    if options.naive:
        key.append((line_panels.sample(**NAIVE),
                    "naive EVPI: with the luck of the draws' patients"))
    note = decisions.note(
        file, decision, "Numbers at the names: there. "
        + ("" if options.linear else "Logarithmic axis; what is below it is "
           "not drawn."))
    return decisions.figure_of(file, options, note, lines, drawing, key,
                               left=46)


# EVPPI

def information_figure(file, options):
    decision = decisions.decision_of(file, options, ["evpi"])
    group = plotting.drawn_parameters(file, options.result,
                                      "uncertainty/evppi")
    stated = group["threshold"][:]
    wanted = stated[0] if options.evppi is None else options.evppi
    if wanted not in stated:
        raise plotting.Failure(
            f"--evppi: {wanted:,.10g} is no threshold of the scenario; there "
            "is: " + ", ".join(f"{threshold:.10g}" for threshold in stated))
    t = int(numpy.flatnonzero(stated == wanted)[0])
    value, se, naive = (group[name][decision.place, t] for name in
                        ("evppi", "evppi_se", "evppi_naive"))
    order = numpy.argsort(-value, kind="stable")[:options.most]
    single = group["is_group"][:] == 0
    labels = plotting.words(group, "group_label")
    evpi = decision.values["evpi"][
        numpy.searchsorted(decision.thresholds, wanted)]

    size = plotting.font_size()
    whole = options.width * MM - 2 * EDGE
    room = 0.42 * whole
    texts = [plotting.wrapped_key(labels[g], room - 8, size)
             for g in order]
    row = max(ROW, *(plotting.line_height(size) * plotting.line_count(text) + 3
                     for text in texts))
    key = [(line_panels.area(facecolor=colour), words)
           for colour, words, there in
           ((GROUP_COLOUR, "group named in the scenario", not single[order].all()),
            (SINGLE_COLOUR, "single number", single[order].any())) if there]
    key += [(line_panels.sample(color="0.3", linewidth=1),
             "its 95 % interval"),
            (plotting.pyplot.Line2D([], [], linestyle="", marker="o",
                                    markersize=3.4, markerfacecolor="white",
                                    color="0.1"), "naive value")]
    columns, key_height = line_panels.key_shape(key, whole)
    height = row * len(order)
    left_out = len(value) - len(order)
    page = plotting.Page(
        options, plotting.title_of(file),
        f"From {plotting.draws_made(file)} Perspective: "
        f"{decision.perspective}. What it would be worth, per patient, to know "
        f"some of the numbers exactly (EVPPI), where a QALY is worth "
        f"{wanted:,.0f} {decision.money}; of all of them (EVPI): {evpi:,.0f}. "
        "Intervals: of the finite number of draws. Naive: as read off the draws, "
        "with the luck of their patients."
        + (f" {left_out} more are worth less." if left_out else ""),
        key_height + height + AXIS)
    line_panels.draw_key(page, key, columns, EDGE, AXIS + height + key_height)
    axes = page.axes(EDGE + room, AXIS, whole - room - 12, height)
    for place, g in enumerate(order):
        axes.barh(place, value[g], height=0.62, zorder=2,
                  color=SINGLE_COLOUR if single[g] else GROUP_COLOUR)
        axes.plot([max(value[g] - plotting.NORMAL_95 * se[g], 0),
                   value[g] + plotting.NORMAL_95 * se[g]], [place, place],
                  color="0.3", linewidth=1, marker="", zorder=3)
        axes.plot(naive[g], place, marker="o", linestyle="",
                  markerfacecolor="white", color="0.1", zorder=4)
        page.write(EDGE + room - 5, AXIS + height - (place + 0.5) * row,
                   texts[place], ha="right", va="center", linespacing=1.1)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(ticker.MaxNLocator(4))
    money_axis(axes.xaxis)
    axes.set_xlabel(f"EVPPI ({decision.money} per patient)")
    return page.figure


def figure_of(file, options):
    if options.evppi is False:
        return loss_figure(file, options)
    return information_figure(file, options)


def parser():
    made = decisions.parser(
        "Draws expected losses and the value of information.",
        "scripts/plot_loss.py results/ect_timing.h5 -o results/loss.pdf")
    made.add_argument("--linear", action="store_true",
                      help="a linear axis of losses, not a logarithmic one")
    made.add_argument("--evppi", nargs="?", type=plotting.number, default=False,
                      metavar="THRESHOLD", help="instead, bars of what "
                      "knowing some of the numbers is worth, at this worth of "
                      "a QALY (default: the first of the scenario); hollow "
                      "marks are naive values")
    made.add_argument("--most", type=plotting.positive, default=MOST,
                      metavar="N", help=f"bars at most (default: {MOST})")
    return made


def main(arguments):
    return plotting.run("plot_loss.py", parser(), figure_of, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
