#!/usr/bin/python3
"""Draws the cost-effectiveness plane: differences from the reference pathway.

QALYs gained to the right, cost added upwards, the thresholds of the scenario as
lines through the reference, and the efficiency frontier. Filled markers are on
the frontier, hollow ones off it. Where the file has draws of the scenario's
numbers, they are the points, with 95 % credible ellipses; else the ellipses are
Monte Carlo ones. From a result of `stardsim run` or the file of `stardsim
compare -o`.

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
MOST_POINTS = 1000  # of a pathway: a picture of more is not clearer
REGIONS = ["credible", "monte-carlo"]


@dataclass
class Plane:
    effect: numpy.ndarray  # of each pathway: QALYs gained, years
    cost: numpy.ndarray  # money added
    covariance: numpy.ndarray  # pathway, 2, 2; of (effect, cost)
    centre: numpy.ndarray  # pathway, 2: of the ellipse
    draws: numpy.ndarray  # pathway, draw, 2; (effect, cost), without luck
    on_frontier: numpy.ndarray
    thresholds: numpy.ndarray  # money per QALY
    money: str  # currency and price year
    perspective: str


def without_luck(draws, noise):
    """Draws of (effect, cost), mapped about their mean so that their covariance
    is the total one less that of luck (sim/analysis/decision_uncertainty.hpp),
    and that covariance."""
    mean, total = draws.mean(axis=0), numpy.cov(draws, rowvar=False)
    if not noise.any() or not total.any():
        return draws, total
    # In axes in which the total covariance is 1; cost and effect have scales
    # far apart, and directions in which nothing varies have no axis.
    scale = numpy.sqrt(numpy.diag(total))
    scale[scale == 0] = 1
    sizes, axes = numpy.linalg.eigh(total / numpy.outer(scale, scale))
    there = sizes > 1e-12
    root = scale[:, None] * axes[:, there] * numpy.sqrt(sizes[there])
    inverse = (axes[:, there] / numpy.sqrt(sizes[there])).T / scale
    values, vectors = numpy.linalg.eigh(
        inverse @ (total - noise) @ inverse.T)
    values = numpy.clip(values, 0, None)
    root = root @ vectors
    shrink = root @ numpy.diag(numpy.sqrt(values)) @ vectors.T @ inverse
    return (mean + (draws - mean) @ shrink.T,
            root @ numpy.diag(values) @ root.T)


def noise_of(covariance, p, reference):
    """That of luck in (effect, cost) of the pathway less the reference, from
    the covariance of the quantities of /draws: costs, then effects."""
    pathways = len(covariance) // 2
    rows = numpy.zeros((2, 2 * pathways))
    rows[0, pathways + p], rows[1, p] = 1, 1
    rows[0, pathways + reference] -= 1
    rows[1, reference] -= 1
    return rows @ covariance @ rows.T


def drawn_differences(file, path, perspective, reference):
    """Of each pathway: draws of (effect, cost) less the reference, their
    covariance and mean, the luck of patients taken out."""
    group = plotting.drawn_parameters(file, path, "draws")
    measures = plotting.words(group, "measure")
    v = plotting.words(file["accumulators"], "perspective").index(perspective)
    cost = plotting.words(file["accumulators"], "perspective_measure")[v]
    both = [measures.index(name)
            for name in (file.attrs["effect_measure"], cost)]
    means = group["mean"][:][:, :, both]
    v = plotting.words(group, "perspective").index(perspective)
    noise = group["decision_covariance"][:, v].mean(axis=0)
    if group.attrs["luck"] == "common":
        noise = numpy.zeros_like(noise)
    draws, covariances = zip(*(
        without_luck(means[:, p] - means[:, reference],
                     noise_of(noise, p, reference))
        for p in range(means.shape[1])))
    return numpy.array(draws), numpy.array(covariances)


def plane_of(file, options):
    if "cost_effectiveness" not in file:
        raise plotting.Failure("the file has no costs and QALYs: its scenario "
                               "needs [economics] with utilities and costs")
    group = file["cost_effectiveness"]
    names = plotting.words(group, "perspective")
    v = plotting.place_of(options.perspective or file.attrs["perspective"],
                          names, "perspective")
    if (options.regions or ("credible" if "draws" in file else "")) \
            == "credible":
        pathways = plotting.words(group, "pathway")
        draws, covariance = drawn_differences(
            file, options.result, names[v],
            plotting.reference_of(file, pathways))
        return plane_with(file, v, names[v], draws, covariance,
                          draws.mean(axis=1))
    effect_se, cost_se, both = (group[name][v] for name in
                                ("qaly_difference_se", "cost_difference_se",
                                 "covariance"))
    covariance = numpy.moveaxis(numpy.array([[effect_se**2, both],
                                             [both, cost_se**2]]), 2, 0)
    return plane_with(file, v, names[v],
                      numpy.empty((len(effect_se), 0, 2)), covariance,
                      numpy.stack([group["qaly_difference"][v],
                                   group["cost_difference"][v]], axis=1))


def plane_with(file, v, perspective, draws, covariance, centre):
    group = file["cost_effectiveness"]
    return Plane(
        effect=group["qaly_difference"][v], cost=group["cost_difference"][v],
        covariance=covariance, centre=centre, draws=draws,
        on_frontier=numpy.array([status == ON_FRONTIER for status in
                                 group["frontier_status"].asstr()[v]]),
        thresholds=group["threshold"][:],
        money=f"{file.attrs['currency']} {file.attrs['price_year']}",
        perspective=perspective)


def ellipse(centre, covariance):
    """The region that holds 95 % of a normal distribution, as points."""
    angle = numpy.linspace(0, 2 * numpy.pi, CORNERS)
    values, vectors = numpy.linalg.eigh(covariance)
    radii = numpy.sqrt(CHI_SQUARED_95 * numpy.clip(values, 0, None))
    return centre[:, None] + vectors @ (
        radii[:, None] * numpy.array([numpy.cos(angle), numpy.sin(angle)]))


def limits(plane, ellipses):
    """Around all that is drawn and the reference, with a margin."""
    shown = [*ellipses, *numpy.moveaxis(plane.draws[:, :MOST_POINTS], 2, 1)]
    shown.append(numpy.array([plane.effect, plane.cost]))
    ends = []
    for axis in (0, 1):
        filled = [points[axis] for points in shown if points.size]
        low = min(0, *(points.min() for points in filled))
        high = max(0, *(points.max() for points in filled))
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
        axes.plot(*plane.draws[p, :MOST_POINTS].T, linestyle="", marker=".",
                  color=style["color"], markersize=2, markeredgewidth=0,
                  alpha=0.35, zorder=1.5)
        if plane.covariance[p].any():
            axes.fill(*points, facecolor=style["color"],
                      alpha=0.12 if plane.draws.size else 0.25,
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


def note_of(file, plane):
    if not plane.draws.size:
        return plotting.MONTE_CARLO.replace("intervals", "regions").format(
            "Ellipses:")
    points = "Points: " if plane.draws.shape[1] <= MOST_POINTS \
        else f"Points: the first {MOST_POINTS:,} of "
    return (points + plotting.draws_made(file) + " "
            + plotting.CREDIBLE.replace("intervals", "regions").format(
                "Ellipses:"))


def figure_of(file, options):
    plane = plane_of(file, options)
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
    ellipses = [ellipse(plane.centre[p], plane.covariance[p])
                for p in range(len(names))]
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
        f"perspective: {plotting.perspective_label(file, plane.perspective)}. Black "
        "line and filled markers: efficiency frontier. Dashed lines: worth of "
        f"a QALY, {plane.money}. " + note_of(file, plane),
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
        "Draws the cost-effectiveness plane with 95 % ellipses.",
        "scripts/plot_plane.py results/ect_timing.h5 -o results/plane.pdf",
        "a result of `stardsim run`, or the file of `stardsim compare -o`")
    made.add_argument("--perspective", metavar="NAME",
                      help="whose costs (default: the one reported first)")
    made.add_argument("--regions", choices=REGIONS, help="what the ellipses "
                      "are of: credible (the scenario's numbers, with their "
                      "draws as points; the default of a file with draws) or "
                      "monte-carlo (a finite cohort; the default of others)")
    return made


def main(arguments):
    return plotting.run("plot_plane.py", parser(), figure_of, arguments,
                        (plotting.RESULT, plotting.COMPARISON))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
