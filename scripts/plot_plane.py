#!/usr/bin/python3
"""Draws the cost-effectiveness plane: differences from the reference pathway.

QALYs gained to the right, cost added upwards, with 95 % Monte Carlo ellipses,
the thresholds of the scenario as lines through the reference, and the
efficiency frontier. Filled markers are on the frontier, hollow ones off it.
From a result of `stardsim run` or the file of `stardsim compare -o`.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import sys
from dataclasses import dataclass

import numpy
from matplotlib import ticker

import plotting
from plotting import EDGE, MM

CHI_SQUARED_95 = 5.991464547107979  # of two degrees of freedom
ON_FRONTIER = "on_frontier"
AXIS_LEFT, AXIS_BOTTOM = 50, 32  # points for the numbers and words of the axes
OVER = 16  # points above the axes, for the words of the thresholds
TALLEST = 100 * MM
SAMPLE = 12  # points, from the axes to a label
CORNERS = 181  # of a drawn ellipse


@dataclass
class Plane:
    effect: numpy.ndarray  # of each pathway: QALYs gained, years
    cost: numpy.ndarray  # money added
    covariance: numpy.ndarray  # pathway, 2, 2; of (effect, cost)
    on_frontier: numpy.ndarray
    thresholds: numpy.ndarray  # money per QALY
    money: str  # currency and price year
    perspective: str


def plane_of(file, perspective):
    if "cost_effectiveness" not in file:
        raise plotting.Failure("the file has no costs and QALYs: its scenario "
                               "needs [economics] with utilities and costs")
    group = file["cost_effectiveness"]
    names = plotting.words(group, "perspective")
    v = plotting.place_of(perspective or file.attrs["perspective"], names,
                          "perspective")
    effect_se, cost_se, both = (group[name][v] for name in
                                ("qaly_difference_se", "cost_difference_se",
                                 "covariance"))
    return Plane(
        effect=group["qaly_difference"][v], cost=group["cost_difference"][v],
        covariance=numpy.moveaxis(numpy.array([[effect_se**2, both],
                                               [both, cost_se**2]]), 2, 0),
        on_frontier=numpy.array([status == ON_FRONTIER for status in
                                 group["frontier_status"].asstr()[v]]),
        thresholds=group["threshold"][:],
        money=f"{file.attrs['currency']} {file.attrs['price_year']}",
        perspective=names[v])


def perspective_label(file, name):
    """From the label of its total cost: "Total cost: Payer"."""
    measures = plotting.words(file["outcomes"], "measure")
    if "total_" + name not in measures:
        return name.replace("_", " ")
    label = file["outcomes/measure_label"].asstr()[
        measures.index("total_" + name)]
    return label.removeprefix("Total cost: ")


def ellipse(centre, covariance):
    """The region that holds the mean with 95 %, as points."""
    angle = numpy.linspace(0, 2 * numpy.pi, CORNERS)
    values, vectors = numpy.linalg.eigh(covariance)
    radii = numpy.sqrt(CHI_SQUARED_95 * numpy.clip(values, 0, None))
    return centre[:, None] + vectors @ (
        radii[:, None] * numpy.array([numpy.cos(angle), numpy.sin(angle)]))


def limits(plane, ellipses):
    """Around all ellipses and the reference, with a margin."""
    ends = []
    for axis in (0, 1):
        low = min(0, *(points[axis].min() for points in ellipses))
        high = max(0, *(points[axis].max() for points in ellipses))
        margin = 0.07 * ((high - low) or 1)
        ends.append((low - margin, high + margin))
    return ends


def leaves_at_right(plane, ends):
    """Which threshold lines leave the picture at its right, not its top."""
    (_, right), (_, top) = ends
    return plane.thresholds * right <= top


def draw_thresholds(axes, plane, size):
    """Lines through the reference, each with its words where it leaves."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    for threshold in plane.thresholds:
        axes.plot([left, right], [left * threshold, right * threshold],
                  color="0.55", linewidth=0.7, linestyle=(0, (4, 3)),
                  marker="", zorder=1)
    box = axes.get_position()
    per_x = (right - left) / (box.width * axes.figure.get_figwidth() * 72)
    per_y = (top - bottom) / (box.height * axes.figure.get_figheight() * 72)
    words = numpy.array([f"{threshold:,.0f}" for threshold in plane.thresholds])
    at_right = leaves_at_right(plane, ((left, right), (bottom, top)))
    style = {"textcoords": "offset points", "size": size - 0.5, "color": "0.35",
             "annotation_clip": False,
             "arrowprops": {"arrowstyle": "-", "color": "0.7", "shrinkA": 0,
                            "linewidth": 0.5, "shrinkB": 0}}
    if at_right.any():
        ends = plane.thresholds[at_right] * right
        places = plotting.spread(ends, 1.3 * size * per_y, bottom, top)
        for text, y, place in zip(words[at_right], ends, places):
            axes.annotate(text, (right, y), (5, (place - y) / per_y),
                          ha="left", va="center", **style)
    if not at_right.all():
        ends = top / plane.thresholds[~at_right]
        widths = [(plotting.text_width(text, size - 0.5) + 6) * per_x
                  for text in words[~at_right]]
        places = plotting.spread(ends, widths, left, right)
        for text, x, place in zip(words[~at_right], ends, places):
            axes.annotate(text, (x, top), ((place - x) / per_x, 5),
                          ha="center", va="bottom", **style)


def draw_points(axes, plane, ellipses):
    for p, points in enumerate(ellipses):
        style = plotting.pathway_style(p)
        if plane.covariance[p].any():
            axes.fill(*points, facecolor=style["color"], alpha=0.25,
                      edgecolor=style["color"], linewidth=0.6)
        axes.plot(plane.effect[p], plane.cost[p], linestyle="",
                  marker=style["marker"], color=style["color"], markersize=4,
                  markerfacecolor=style["color"] if plane.on_frontier[p]
                  else "white", zorder=4)
    order = sorted(numpy.flatnonzero(plane.on_frontier),
                   key=lambda p: plane.cost[p])
    axes.plot(plane.effect[order], plane.cost[order], color="black",
              linewidth=0.9, marker="", zorder=2)


def words_of(plane, labels, reference):
    currency, texts = plane.money.split()[0], []
    for p, label in enumerate(labels):
        gains = plotting.minus(f"{plane.effect[p]:+.3f} QALYs, "
                               f"{currency} {plane.cost[p]:+,.0f}")
        texts.append(f"{label} (reference)" if p == reference
                     else f"{label}: {gains}")
    return texts


def figure_of(file, options):
    plane = plane_of(file, options.perspective)
    names = plotting.words(file["cost_effectiveness"], "pathway")
    if len(names) < 2:
        raise plotting.Failure(f"{options.result} has one pathway: there is "
                               "nothing to compare")
    reference = plotting.reference_of(file, names)
    texts = words_of(plane, plotting.pathway_labels(file, names), reference)
    size = plotting.font_size()
    whole = options.width * MM - 2 * EDGE
    beside = options.width >= plotting.NARROW
    room = (0.36 * whole if beside else whole) - SAMPLE - 8
    texts = [plotting.wrapped(text, room, size) for text in texts]
    heights = [plotting.line_height(size) * plotting.line_count(text) + 3
               for text in texts]
    ellipses = [ellipse(numpy.array([plane.effect[p], plane.cost[p]]),
                        plane.covariance[p]) for p in range(len(names))]
    ends = limits(plane, ellipses)
    outside = 10
    if leaves_at_right(plane, ends).any():
        outside += max(plotting.text_width(f"{threshold:,.0f}", size)
                       for threshold in plane.thresholds)
    wide = whole - AXIS_LEFT - outside - (0.36 * whole if beside else 0)
    high = min(TALLEST, 0.85 * wide)
    below = AXIS_BOTTOM + (0 if beside else sum(heights) + 6)
    page = plotting.Page(
        options, plotting.title_of(file),
        plotting.simulated(file) + " Differences of means from the reference, "
        f"perspective: {perspective_label(file, plane.perspective)}. Black "
        "line and filled markers: efficiency frontier. Dashed lines: worth of "
        f"a QALY, {plane.money}. "
        + plotting.MONTE_CARLO.replace("intervals", "regions").format(
            "Ellipses:"),
        max(OVER + high + below, sum(heights) if beside else 0))
    axes = page.axes(EDGE + AXIS_LEFT, below, wide, high)
    axes.set(xlim=ends[0], ylim=ends[1])
    axes.axhline(0, color="0.25", linewidth=0.6, zorder=1)
    axes.axvline(0, color="0.25", linewidth=0.6, zorder=1)
    draw_thresholds(axes, plane, size)
    draw_points(axes, plane, ellipses)
    axes.xaxis.set_major_locator(ticker.MaxNLocator(6 if beside else 4))
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(
        lambda y, _: plotting.minus(f"{y:,.0f}")))
    axes.set_xlabel("QALYs gained (years)")
    axes.set_ylabel(f"Cost added ({plane.money})")
    draw_labels(page, axes, plane, texts, heights,
                EDGE + AXIS_LEFT + wide + outside if beside else EDGE,
                below + high if beside else below - AXIS_BOTTOM)
    return page.figure


def draw_labels(page, axes, plane, texts, heights, left, top):
    """From the pathway that costs most to the one that costs least."""
    box = axes.get_position()
    per_x = (box.width * page.width)
    per_y = (box.height * page.height)
    x0 = box.x0 * page.width
    y0 = box.y0 * page.height - page.foot
    for p in sorted(range(len(texts)), key=lambda p: -plane.cost[p]):
        style = plotting.pathway_style(p)
        middle = top - heights[p] / 2
        axes.plot((left + 4 - x0) / per_x, (middle - y0) / per_y,
                  transform=axes.transAxes, clip_on=False, linestyle="",
                  marker=style["marker"], color=style["color"], markersize=4,
                  markerfacecolor=style["color"] if plane.on_frontier[p]
                  else "white")
        page.write(left + SAMPLE, middle, texts[p], va="center",
                   linespacing=1.1)
        top -= heights[p]


def parser():
    made = plotting.parser(
        "Draws the cost-effectiveness plane with 95 % Monte Carlo ellipses.",
        "scripts/plot_plane.py results/ect_timing.h5 -o results/plane.pdf",
        "a result of `stardsim run`, or the file of `stardsim compare -o`")
    made.add_argument("--perspective", metavar="NAME",
                      help="whose costs (default: the one reported first)")
    return made


def main(arguments):
    return plotting.run("plot_plane.py", parser(), figure_of, arguments,
                        (plotting.RESULT, plotting.COMPARISON))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
