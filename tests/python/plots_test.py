#!/usr/bin/python3
"""Holds the pictures of scripts/plot_*.py against the files that they show.

Usage: plots_test.py PROGRAM

Runs PROGRAM on scenarios of every kind (1, 2, 7, 14 pathways; with and without
economics, relapse, gaps), with draws of the scenario's numbers, and varies single
numbers; draws each and reads the values back from what is drawn. Then: nothing
overlaps or leaves the page, equal results give equal files, and bad use gets one
line and its exit code.
"""

import contextlib
import io
import itertools
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import h5py
import numpy

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = SOURCE / "scripts"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SCRIPTS))

import plot_acceptability  # noqa: E402 (needs the path)
import plot_curves  # noqa: E402
import plot_differences  # noqa: E402
import plot_flow  # noqa: E402
import plot_loss  # noqa: E402
import plot_occupancy  # noqa: E402
import plot_plane  # noqa: E402
import plot_tornado  # noqa: E402
import plot_two_way  # noqa: E402
import plotting  # noqa: E402
from harness import passes  # noqa: E402

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else ""
FOLDER = pathlib.Path()  # of the results, set by main
PATIENTS = "3000"
ONE, TWO, MANY = "stard", "gad", "trd_third_line"
COSTS, GAPS = "ect_timing", "ivi_mdd"
SCENARIOS = [ONE, "stard_arms", "anxious", TWO, "esketamine_third_line", COSTS,
             GAPS, MANY, "switch_or_augment"]
DRAWN, ONE_DRAWN = "drawn", "one_drawn"  # COSTS and ONE, with draws
VARIED, MAPPED = "varied", "mapped"  # COSTS, number by number; two at once
SCRIPTS_OF = {"plot_curves": COSTS, "plot_flow": COSTS, "plot_occupancy": COSTS,
              "plot_differences": COSTS, "plot_plane": COSTS,
              "plot_acceptability": DRAWN, "plot_loss": DRAWN,
              "plot_tornado": VARIED, "plot_two_way": MAPPED}
VARIES = (plotting.SENSITIVITY,)
BOTH = (plotting.RESULT, plotting.COMPARISON)
WIDTHS = ["180", "88"]  # mm


def path_of(name):
    return FOLDER / f"{name}.h5"


@contextlib.contextmanager
def drawn(module, name, *words, formats=(plotting.RESULT,)):
    """The figure that the script makes of the file, and the file."""
    path = path_of(name)
    options = module.parser().parse_args([str(path), "-o", "x.svg", *words])
    figure = plotting.draw(options, module.figure_of, formats)
    with h5py.File(path) as file:
        yield figure, file
    plotting.pyplot.close(figure)


def pathways_of(name):
    with h5py.File(path_of(name)) as file:
        return list(file["curves/pathway"].asstr()[:])


def with_differences():
    return [name for name in SCENARIOS if len(pathways_of(name)) > 1]


def close(drawn_values, values):
    numpy.testing.assert_allclose(drawn_values, values, rtol=1e-12, atol=1e-12)


# What is drawn is what the file says

def test_curves_are_those_of_the_file():
    for name in SCENARIOS:
        with drawn(plot_curves, name) as (figure, file):
            curves = file["curves"]
            remission = curves["cumulative_remission"][:]
            error = curves["cumulative_remission_se"][:]
            estimands = list(curves["estimand"].asstr()[:])
            equal = {(e, f) for e, f in itertools.combinations(range(3), 2)
                     if numpy.array_equal(remission[:, e], remission[:, f])}
            # Equal curves are drawn once: all or observed, and sustained.
            assert estimands == ["if_all_continue", "observed", "sustained"]
            shown = [0] + [1] * ((0, 1) not in equal) \
                + [2] * ((1, 2) not in equal)
            wanted = {(p, e) for p in range(len(remission)) for e in shown}
            assert len(figure.axes) == (1 if len(remission) <= 4
                                        else len(shown))
            weeks = curves["week"][:]
            for axes in figure.axes:
                lines = [line for line in axes.lines
                         if len(line.get_xdata()) == len(weeks)]
                assert len(lines) == len(axes.collections)
                for line, band in zip(lines, axes.collections):
                    close(line.get_xdata(), weeks)
                    found = next(
                        pair for pair in sorted(wanted) if numpy.array_equal(
                            line.get_ydata(), remission[pair]))
                    wanted.remove(found)
                    corners = band.get_paths()[0].vertices
                    for week in (0, len(weeks) // 2, len(weeks) - 1):
                        at = corners[corners[:, 0] == weeks[week], 1]
                        close([at.min(), at.max()],
                              remission[found][week] + numpy.array([-1, 1])
                              * 1.96 * error[found][week])
            assert not wanted, (name, wanted)


def test_ends_of_the_curves_are_written_out():
    with drawn(plot_curves, MANY) as (figure, file):
        ends = file["curves/cumulative_remission"][:, :, -1]
        assert len(figure.axes) == ends.shape[1]
        texts = [text.get_text() for axes in figure.axes
                 for text in axes.texts]
        for p, e in itertools.product(*map(range, ends.shape)):
            label = file["curves/pathway_label"].asstr()[p]
            words = f"{100 * ends[p, e]:.1f} %  {label}"
            assert words in [text.replace("\n", " ") for text in texts], words


def flows(name):
    with h5py.File(path_of(name)) as file:
        patients = int(file.attrs["patients"])
        for p in range(len(file["steps/pathway"])):
            yield plot_flow.flow_of(file["steps"], p, patients), p, patients


def test_flow_balances():
    for name in SCENARIOS:
        for flow, _, patients in flows(name):
            links = plot_flow.links_of(flow)
            assert all(link.patients > 0 for link in links)
            into, out = {(0, "step"): patients}, {}
            for link in links:
                into[link.target] = into.get(link.target, 0) + link.patients
                out[link.source] = out.get(link.source, 0) + link.patients
            for k, step in enumerate(flow):
                if step.entered:
                    assert into[(k, "step")] == step.entered
                    assert out[(k, "step")] == step.entered, (name, k)


def test_flow_is_that_of_the_observed_course():
    for name in SCENARIOS:
        with h5py.File(path_of(name)) as file:
            steps = file["steps"]
            e = list(steps["estimand"].asstr()[:]).index("observed")
            for (cohort, *flow), p, patients in flows(name):
                assert cohort.entered == patients
                assert len(flow) == (steps["entered"][p, e] >= 0).sum()
                for k, step in enumerate(flow):
                    assert step.entered == steps["entered"][p, e, k]
                    exits = {kind: count for kind, _, count in step.exits}
                    for kind in ("remission", "left_care", "unfinished",
                                 "follow_up", "gap"):
                        assert exits.get(kind, 0) == max(
                            steps[kind][p, e, k], 0), (name, kind)


def test_who_does_not_begin_a_step_is_shown():
    """Of 100 patients 90 begin step 1; 30 of them remit and 10 leave care; 45
    begin step 2, of whom 20 remit and 5 are in it at the end."""
    steps = h5py.File("steps", "w", driver="core", backing_store=False)
    for name, counts in {"entered": [90, 45, -1], "remission": [30, 20, -1],
                         "left_care": [10, 0, -1], "unfinished": [0, 5, -1],
                         "follow_up": [0, 0, -1], "gap": [0, 0, -1]}.items():
        steps[name] = numpy.array([[counts]])
    steps["estimand"] = ["observed"]
    steps["step_label"] = [["A", "B", ""]]
    found = {(link.source, link.target): link.patients
             for link in plot_flow.links_of(plot_flow.flow_of(steps, 0, 100))}
    assert found == {
        ((0, "step"), (0, "not_begun")): 10,
        ((0, "step"), (1, "step")): 90,
        ((1, "step"), (1, "remission")): 30,
        ((1, "step"), (1, "left_care")): 10,
        ((1, "step"), (1, "not_begun")): 5,
        ((1, "step"), (2, "step")): 45,
        ((2, "step"), (2, "remission")): 20,
        ((2, "step"), (2, "unfinished")): 5,
        ((2, "step"), (2, "exhausted")): 20}


def test_only_relapse_and_gaps_bring_patients_back():
    for flow, _, _ in flows(ONE):
        assert all(step.again == 0 for step in flow)
    again = [step.again for flow, _, _ in flows(GAPS) for step in flow]
    assert max(again) > 0


def test_bands_are_as_wide_as_their_patients():
    for name, words in ((ONE, []), (COSTS, ["--pathway", "ect1"]),
                        (GAPS, []), (MANY, ["--pathway", "ect_psychotic"])):
        with drawn(plot_flow, name, *words) as (figure, file):
            p = pathways_of(name).index(words[1] if words else file.attrs[
                "reference_pathway"])
            flow, _, patients = list(flows(name))[p]
            bars = [patch for patch in figure.axes[0].patches
                    if isinstance(patch, plot_flow.Rectangle)]
            wide = bars[0].get_width()  # of the cohort
            there = [bar.get_width() for bar in bars
                     if bar.get_height() == plot_flow.BAR]
            close(numpy.array(there) / wide * patients,
                  [step.entered for step in flow])
            ends = [bar.get_height() for bar in bars
                    if bar.get_height() != plot_flow.BAR]
            close(numpy.array(ends) / wide * patients,
                  [count for step in flow for _, _, count in step.exits])
            texts = " ".join(text.get_text() for text in figure.axes[0].texts)
            for step in flow:
                for count in [step.entered] + [c for _, _, c in step.exits]:
                    assert f"{count:,}\u00a0(" in texts


def test_shares_of_the_states_are_those_of_the_file():
    for name in SCENARIOS:
        with drawn(plot_occupancy, name) as (figure, file):
            curves = file["curves"]
            occupancy, weeks = curves["occupancy"][:], curves["week"][:]
            states = plot_occupancy.shown_states(
                curves, list(range(len(occupancy))))
            left_out = set(range(occupancy.shape[1])) - {s[0] for s in states}
            assert not occupancy[:, sorted(left_out)].any()
            assert len(figure.axes) == len(occupancy)
            for p, axes in enumerate(figure.axes):
                assert len(axes.collections) == len(states)
                for week in (0, len(weeks) // 3, len(weeks) - 1):
                    top = 0
                    for area, (state, *_) in zip(axes.collections, states):
                        corners = area.get_paths()[0].vertices
                        at = corners[corners[:, 0] == weeks[week], 1]
                        close(at.min(), top)
                        close(at.max() - at.min(), occupancy[p, state, week])
                        top = at.max()
                    close(top, 1)


def test_differences_are_those_of_the_file():
    for name in with_differences():
        with drawn(plot_differences, name, "--measures", "all",
                   formats=BOTH) as (figure, file):
            check_differences(figure, file, len(file["differences/measure"]))
    path = path_of("compared")
    with drawn(plot_differences, path.stem, "--measures", "all",
               formats=BOTH) as (figure, file):
        check_differences(figure, file, len(file["differences/measure"]))


def check_differences(figure, file, panels):
    differences = file["differences"]
    reference = list(differences["pathway"].asstr()[:]).index(
        file.attrs["reference_pathway"])
    assert len(figure.axes) == panels
    for m, axes in enumerate(figure.axes):
        points = axes.xaxis.get_label().get_text() == "percentage points"
        factor = 100 if points else 1
        mean = numpy.delete(differences["mean"][:, m], reference) * factor
        se = numpy.delete(differences["se"][:, m], reference) * factor
        assert len(axes.containers) == len(mean)
        for row, bars in enumerate(axes.containers):
            marker, _, (segments,) = bars.lines
            close(marker.get_xdata()[0], mean[row])
            close(segments.get_segments()[0][:, 0],
                  [mean[row] - 1.96 * se[row], mean[row] + 1.96 * se[row]])
        unit = differences["measure_unit"].asstr()[m]
        if unit != "1":
            assert axes.xaxis.get_label().get_text() == unit


def test_measures_are_those_asked_for():
    with drawn(plot_differences, COSTS, "--measures",
               "relapses,qalys_discounted", formats=BOTH) as (figure, _):
        assert [axes.xaxis.get_label().get_text() for axes in figure.axes] \
            == ["per patient", "years"]
    with drawn(plot_differences, COSTS, formats=BOTH) as (figure, _):
        units = [axes.xaxis.get_label().get_text() for axes in figure.axes]
        assert units == ["percentage points", "weeks", "per patient", "years",
                         "USD 2013"]


def test_plane_is_that_of_the_file():
    for name, words in ((COSTS, []), (GAPS, []), ("esketamine_third_line", []),
                        ("compared", []), (GAPS, ["--perspective", "payer"])):
        with drawn(plot_plane, name, *words, formats=BOTH) as (figure, file):
            check_plane(figure.axes[0], file,
                        words[1] if words else file.attrs["perspective"])
            texts = [text.get_text().replace("\n", " ")
                     for text in figure.texts]
            known = "curves" if "curves" in file else "outcomes"
            label = "pathway_label" if known == "curves" else "pathway"
            for words_of in file[known][label].asstr()[:]:
                assert any(text.startswith(words_of) for text in texts), texts


def check_plane(axes, file, perspective):
    group = file["cost_effectiveness"]
    v = list(group["perspective"].asstr()[:]).index(perspective)
    cost, effect = group["cost_difference"][v], group["qaly_difference"][v]
    in_data = [line for line in axes.lines
               if line.get_transform() == axes.transData]
    points = [line for line in in_data if len(line.get_xdata()) == 1]
    close([line.get_xdata()[0] for line in points], effect)
    close([line.get_ydata()[0] for line in points], cost)
    filled = [line.get_markerfacecolor() != "white" for line in points]
    on_frontier = group["frontier_status"].asstr()[v] == "on_frontier"
    assert filled == list(on_frontier)

    *slopes, frontier = [line for line in in_data if len(line.get_xdata()) > 1]
    order = numpy.argsort(cost[on_frontier])
    close(frontier.get_xdata(), effect[on_frontier][order])
    close(frontier.get_ydata(), cost[on_frontier][order])
    close([line.get_ydata()[1] / line.get_xdata()[1] for line in slopes],
          group["threshold"][:])

    random = [p for p in range(len(cost))
              if group["cost_difference_se"][v, p] > 0]
    assert len(axes.patches) == len(random)
    for p, patch in zip(random, axes.patches):
        matrix = numpy.array(
            [[group["qaly_difference_se"][v, p]**2, group["covariance"][v, p]],
             [group["covariance"][v, p], group["cost_difference_se"][v, p]**2]])
        away = patch.get_xy() - [effect[p], cost[p]]
        scale = numpy.sqrt(numpy.diag(matrix))  # for a well-conditioned solve
        inverse = numpy.linalg.inv(matrix / numpy.outer(scale, scale))
        away = away / scale
        # The 95 % quantile of chi squared with two degrees of freedom.
        numpy.testing.assert_allclose(
            numpy.einsum("ni,ij,nj->n", away, inverse, away),
            -2 * numpy.log(0.05), rtol=1e-6)


# Under the uncertainty of the scenario's numbers

def rows_of(paths):
    """{x: (lowest, highest)} of the corners of a band, which may have gaps."""
    corners = numpy.concatenate([path.vertices for path in paths])
    return {x: (corners[corners[:, 0] == x, 1].min(),
                corners[corners[:, 0] == x, 1].max())
            for x in set(corners[:, 0])}


def test_credible_bands_are_those_of_the_file():
    for name in (DRAWN, ONE_DRAWN):
        for words, bands in (([], 1), (["--bands", "credible"], 1),
                             (["--bands", "both"], 2),
                             (["--bands", "none"], 0)):
            with drawn(plot_curves, name, *words) as (figure, file):
                check_bands(figure, file, bands)


def check_bands(figure, file, bands):
    curves, credible = file["curves"], file["uncertainty/curves"]
    remission, weeks = curves["cumulative_remission"][:], curves["week"][:]
    error = 1.96 * curves["cumulative_remission_se"][:]
    low, high = (credible[f"cumulative_remission_{end}"][:]
                 for end in ("low", "high"))
    for axes in figure.axes:
        lines = [line for line in axes.lines
                 if len(line.get_xdata()) == len(weeks)]
        assert len(axes.collections) == bands * len(lines)
        for n, line in enumerate(lines):
            place = next(place for place in itertools.product(
                *map(range, remission.shape[:2]))
                if numpy.array_equal(line.get_ydata(), remission[place]))
            wanted = [(low[place], high[place]),
                      (remission[place] - error[place],
                       remission[place] + error[place])][:bands]
            for band, (bottom, top) in zip(
                    axes.collections[n * bands:(n + 1) * bands], wanted):
                rows = rows_of(band.get_paths())
                for w in (1, len(weeks) // 2, len(weeks) - 1):
                    if numpy.isnan(bottom[w]):
                        assert weeks[w] not in rows
                    else:
                        close(rows[weeks[w]], [bottom[w], top[w]])
            if bands:
                text = (f"({100 * low[place][-1]:.1f} to "
                        f"{100 * high[place][-1]:.1f})")
                if numpy.isnan(low[place][-1]):
                    text = "(not told apart from luck)"
                assert any(text in words.get_text().replace("\n", " ")
                           for words in axes.texts), text


def test_where_luck_hides_the_uncertainty_there_is_no_band():
    hidden = "hidden"
    for first in (1, 10):
        shutil.copy(path_of(DRAWN), path_of(hidden))
        with h5py.File(path_of(hidden), "r+") as file:
            for end in ("low", "high"):
                whole = file[f"uncertainty/curves/cumulative_remission_{end}"]
                values = whole[:]
                values[:, :, first:] = numpy.nan
                whole[:] = values
        with drawn(plot_curves, hidden) as (figure, _):
            told = all_words(figure)
            assert "(not told apart from luck)" in told
            assert "No band where the uncertainty is not told apart" in told
            assert "nan" not in told
            for axes in figure.axes:
                for band in axes.collections:
                    corners = [path.vertices for path in band.get_paths()]
                    assert all((one[:, 0] < first).all() for one in corners)


def all_words(figure):
    found = figure.findobj(plotting.matplotlib.text.Text)
    return " ".join(text.get_text() for text in found).replace("\n", " ")


def test_luck_and_uncertainty_are_told_apart():
    for name, words, luck, credible in (
            (ONE, [], True, False), (ONE_DRAWN, [], False, True),
            (ONE_DRAWN, ["--bands", "both"], True, True),
            (ONE_DRAWN, ["--bands", "monte-carlo"], True, False),
            (ONE_DRAWN, ["--bands", "none"], False, False)):
        with drawn(plot_curves, name, *words) as (figure, _):
            told = all_words(figure)
            assert ("Monte Carlo interval" in told) == luck, words
            assert ("credible interval" in told) == credible, words
    for words, credible in (([], True), (["--regions", "monte-carlo"], False)):
        with drawn(plot_plane, DRAWN, *words, formats=BOTH) as (figure, file):
            told = all_words(figure)
            assert ("credible region" in told) == credible
            assert ("Monte Carlo region" in told) != credible
            assert (f"{file['draws'].attrs['draws']:,} draws" in told) \
                == credible


def differences_of_draws(file, perspective):
    """By pathway: (effect, cost) of each draw less the reference, and the
    covariance of luck in them, from costs and effects one by one."""
    draws, measures = file["draws"], list(file["draws/measure"].asstr()[:])
    names = list(draws["pathway"].asstr()[:])
    v = list(draws["perspective"].asstr()[:]).index(perspective)
    cost = file["accumulators/perspective_measure"].asstr()[v]
    quantities = list(draws["quantity"].asstr()[:])
    luck = draws["decision_covariance"][:, v].mean(axis=0)
    reference = file.attrs["reference_pathway"]
    for p, name in enumerate(names):
        r = names.index(reference)
        means = [draws["mean"][:, p, m] - draws["mean"][:, r, m] for m in
                 (measures.index(file.attrs["effect_measure"]),
                  measures.index(cost))]
        noise = numpy.zeros((2, 2))
        for i, j in itertools.product(range(2), repeat=2):
            kinds = ("effect", "cost")
            for a, b in itertools.product((name, reference), repeat=2):
                sign = 1 if a == b else -1
                if name == reference:
                    continue
                noise[i, j] += sign * luck[
                    quantities.index(f"{kinds[i]} {a}"),
                    quantities.index(f"{kinds[j]} {b}")]
        yield numpy.array(means), noise


def test_plane_shows_the_draws_without_their_luck():
    with drawn(plot_plane, DRAWN, formats=BOTH) as (figure, file):
        axes = figure.axes[0]
        clouds = [line for line in axes.lines if line.get_marker() == "."]
        regions = iter(axes.patches)
        compared = 0
        for cloud, (means, noise) in zip(clouds, differences_of_draws(
                file, file.attrs["perspective"])):
            points = numpy.array([cloud.get_xdata(), cloud.get_ydata()])
            assert points.shape == means.shape
            if not means.any():
                continue  # the reference
            region = next(regions)
            numpy.testing.assert_allclose(points.mean(axis=1),
                                          means.mean(axis=1), rtol=1e-9)
            wanted = numpy.cov(means) - noise
            scale = numpy.sqrt(numpy.diag(numpy.cov(means)))
            if numpy.linalg.eigvalsh(wanted / numpy.outer(
                    scale, scale)).min() < 1e-6:
                continue  # more luck than spread in some direction
            compared += 1
            numpy.testing.assert_allclose(
                numpy.cov(points) / numpy.outer(scale, scale),
                wanted / numpy.outer(scale, scale), rtol=0, atol=1e-9)
            away = (region.get_xy() - means.mean(axis=1)) / scale
            inverse = numpy.linalg.inv(wanted / numpy.outer(scale, scale))
            # The 95 % quantile of chi squared with two degrees of freedom.
            numpy.testing.assert_allclose(
                numpy.einsum("ni,ij,nj->n", away, inverse, away),
                -2 * numpy.log(0.05), rtol=1e-6)
        assert compared >= 3, compared
    with drawn(plot_plane, DRAWN, "--regions", "monte-carlo",
               formats=BOTH) as (figure, file):
        check_plane(figure.axes[0], file, file.attrs["perspective"])


def test_more_luck_than_spread_leaves_a_line_or_a_point():
    draws = numpy.random.default_rng(1).normal(size=(50, 2)) * [1, 1000]
    total = numpy.cov(draws, rowvar=False)
    points, left = plot_plane.without_luck(draws, 2 * total)
    close(points / [1, 1000], numpy.tile(draws.mean(axis=0) / [1, 1000],
                                         (50, 1)))
    assert not left.any()
    noise = numpy.diag([0, 2 * total[1, 1]])
    points, left = plot_plane.without_luck(draws, noise)
    numpy.testing.assert_allclose(numpy.cov(points, rowvar=False), left,
                                  rtol=1e-9, atol=1e-6)
    assert abs(numpy.linalg.det(left)) < 1e-6 * numpy.prod(numpy.diag(total))
    flat = draws * [0, 1]  # the treatment changes the cost alone
    points, left = plot_plane.without_luck(flat, numpy.diag(
        [0, total[1, 1] / 4]))
    close(points[:, 0], 0)
    close(left[1, 1] / total[1, 1], 0.75)


def decision_lines(figure, file):
    """The lines over all thresholds, and the vertical ones."""
    axes = figure.axes[0]
    thresholds = file["uncertainty/decision/threshold"][:]
    over_all = [line.get_ydata() for line in axes.lines
                if len(line.get_xdata()) == len(thresholds)
                and numpy.array_equal(line.get_xdata(), thresholds)]
    marked = [line.get_xdata()[0] for line in axes.lines
              if len(line.get_xdata()) == 2
              and line.get_xdata()[0] == line.get_xdata()[1]
              and line.get_transform() != axes.transAxes]
    return over_all, marked


def test_acceptability_is_that_of_the_file():
    with drawn(plot_acceptability, DRAWN) as (figure, file):
        group = file["uncertainty/decision"]
        v = list(group["perspective"].asstr()[:]).index(
            file.attrs["perspective"])
        probability = group["probability_best"][v]
        lines, marked = decision_lines(figure, file)
        pathways = len(group["pathway"])
        close(lines[-pathways:], probability.T)
        close(probability.sum(axis=1), 1)
        stated = file["cost_effectiveness/threshold"][:]
        close(marked, stated)
        texts = all_words(figure)
        assert all(f"{threshold:,.0f}" in texts for threshold in stated)

        # The frontier passes through the probability of the pathway that has
        # the highest expected net benefit.
        frontier = [line for line in figure.axes[0].lines
                    if line.get_linewidth() == 3.2]
        points = {x: y for line in frontier for x, y in
                  zip(line.get_xdata(), line.get_ydata())}
        best = group["expected_net_benefit"][v].argmax(axis=1)
        for t, threshold in enumerate(group["threshold"][:]):
            close(points[threshold], probability[t, best[t]])
        first = group["pathway"].asstr()[0]
        at = numpy.searchsorted(group["threshold"][:], stated)
        label = dict(zip(file["curves/pathway"].asstr()[:],
                         file["curves/pathway_label"].asstr()[:]))[first]
        numbers = " / ".join(f"{100 * p:.0f} %" for p in probability[at, 0])
        assert f"{label}: {numbers}" in texts
    with drawn(plot_acceptability, DRAWN, "--naive") as (figure, file):
        lines, _ = decision_lines(figure, file)
        assert any(numpy.array_equal(line, naive) for line in lines for naive
                   in file["uncertainty/decision/probability_best_naive"][v].T)


def test_losses_are_those_of_the_file():
    for words in ([], ["--linear"], ["--naive"]):
        with drawn(plot_loss, DRAWN, *words) as (figure, file):
            group = file["uncertainty/decision"]
            v = list(group["perspective"].asstr()[:]).index(
                file.attrs["perspective"])
            lines, marked = decision_lines(figure, file)
            loss, evpi = group["expected_loss"][v], group["evpi"][v]
            close(lines[-loss.shape[1]:], loss.T)
            close(lines[0], evpi)
            # What is lost by the best choice is what knowing more is worth.
            numpy.testing.assert_allclose(evpi, loss.min(axis=1), rtol=1e-6,
                                          atol=1e-6 * loss.max())
            close(marked, file["cost_effectiveness/threshold"][:])
            assert figure.axes[0].get_yscale() == (
                "linear" if "--linear" in words else "log")
            if "--naive" in words:
                close(lines[1], group["evpi_naive"][v])


def test_bars_of_partial_information_are_those_of_the_file():
    with h5py.File(path_of(DRAWN)) as file:
        stated = file["uncertainty/evppi/threshold"][:]
    for words, t in (([], 0), ([str(stated[-1])], len(stated) - 1)):
        with drawn(plot_loss, DRAWN, "--evppi", *words) as (figure, file):
            group, axes = file["uncertainty/evppi"], figure.axes[0]
            v = list(group["perspective"].asstr()[:]).index(
                file.attrs["perspective"])
            value, naive = (group[name][v, t]
                            for name in ("evppi", "evppi_naive"))
            order = numpy.argsort(-value, kind="stable")[:12]
            close([bar.get_width() for bar in axes.patches], value[order])
            hollow = [line.get_xdata()[0] for line in axes.lines
                      if line.get_markerfacecolor() == "white"]
            close(hollow, naive[order])
            texts = all_words(figure).replace(" ", "")
            for label in group["group_label"].asstr()[:][order]:
                assert label.replace(" ", "") in texts, label


def test_tornado_is_that_of_the_file():
    with drawn(plot_tornado, VARIED, "--most", "1000",
               formats=VARIES) as (figure, file):
        group, axes = file["sensitivity"], figure.axes[0]
        low, high = (group[f"difference_at_{end}"][:]
                     for end in ("low", "high"))
        base = numpy.ravel(group["difference_at_base"][()])[0]
        assert len(axes.patches) == 2 * len(low) > 10
        ends = numpy.array([bar.get_x() + bar.get_width()
                            for bar in axes.patches]).reshape(-1, 2)
        reach = numpy.array([bar.get_x() for bar in axes.patches])
        numpy.testing.assert_allclose(reach, base)
        found = {tuple(end) for end in numpy.round(ends, 9)}
        assert found == {tuple(end) for end in
                         numpy.round(numpy.stack([low, high], axis=1), 9)}
        extent = [max(*pair, base) - min(*pair, base) for pair in ends]
        assert all(numpy.diff(extent) <= 1e-9)
        # Words stand at the bar that they tell of.
        texts = all_words(figure).replace(" ", "")
        for label in group["label"].asstr()[:]:
            assert label.replace(" ", "") in texts, label
        switches = group["switches_at"][:]
        assert ("changes at" in all_words(figure)) \
            == (not numpy.isnan(switches).all())
    with drawn(plot_tornado, VARIED, "--most", "3",
               formats=VARIES) as (figure, file):
        assert len(figure.axes[0].patches) == 6
        rest = len(file["sensitivity/parameter"]) - 3
        assert f"{rest} more" in all_words(figure)


def test_map_of_two_numbers_is_that_of_the_file():
    with drawn(plot_two_way, MAPPED, formats=VARIES) as (figure, file):
        group, axes = file["two_way"], figure.axes[0]
        best = group["best"].asstr()[:]
        points = {(x, y, line.get_marker()) for line in axes.lines
                  if line.get_linestyle() == "None"
                  for x, y in zip(line.get_xdata(), line.get_ydata())}
        names = list(file["sensitivity/pathway"].asstr()[:])
        wanted = {(x, y, plotting.pathway_style(names.index(best[i, j]))[
            "marker"]) for i, x in enumerate(group["first"][:])
            for j, y in enumerate(group["second"][:]) if best[i, j]}
        assert points == wanted and len(wanted) > 50
    with drawn(plot_two_way, MAPPED, "--show", "difference",
               formats=VARIES) as (figure, file):
        cells = next(item for item in figure.axes[0].collections
                     if hasattr(item, "get_coordinates"))
        close(numpy.ma.filled(cells.get_array(), numpy.nan).ravel(),
              file["two_way/difference"][:].T.ravel())


# What it looks like

def figures(width):
    """Every picture of every scenario, as (name, figure)."""
    words = ["--width", width]
    for name in SCENARIOS:
        names = pathways_of(name)
        flow_of = names[:2] if name in (COSTS, GAPS) else names[-1:]
        for module, more in [
                (plot_curves, [])] + [
                (plot_flow, ["--pathway", pathway]) for pathway in flow_of] + [
                (plot_occupancy, [])]:
            with drawn(module, name, *words, *more) as (figure, _):
                yield f"{module.__name__} {name} {width} {more}", figure
        if len(names) > 1:
            with drawn(plot_differences, name, *words,
                       formats=BOTH) as (figure, _):
                yield f"plot_differences {name} {width}", figure
    for name in (COSTS, GAPS, "esketamine_third_line", "compared"):
        with drawn(plot_plane, name, *words, formats=BOTH) as (figure, _):
            yield f"plot_plane {name} {width}", figure
    for module, name, more, formats in (
            (plot_curves, DRAWN, ["--bands", "both"], ()),
            (plot_curves, ONE_DRAWN, [], ()),
            (plot_plane, DRAWN, [], ()),
            (plot_acceptability, DRAWN, ["--naive"], ()),
            (plot_loss, DRAWN, ["--naive"], ()),
            (plot_loss, DRAWN, ["--linear"], ()),
            (plot_loss, DRAWN, ["--evppi"], ()),
            (plot_tornado, VARIED, [], VARIES),
            (plot_two_way, MAPPED, [], VARIES),
            (plot_two_way, MAPPED, ["--show", "difference"], VARIES)):
        with drawn(module, name, *words, *more,
                   formats=formats or BOTH) as (figure, _):
            yield f"{module.__name__} {name} {width} {more}", figure


def texts_of(figure):
    """[(words, box in points)] of all texts that can be seen."""
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    found = figure.findobj(lambda artist: isinstance(
        artist, plotting.matplotlib.text.Text))
    boxes = {}
    for text in found:
        if not (text.get_visible() and text.get_text().strip()):
            continue
        # A tick beyond the axis is there, but is not drawn.
        box = text.get_window_extent(renderer)
        if tick_is_off(text, figure):
            continue
        boxes[id(text)] = (text.get_text(), box)
    return list(boxes.values())


def tick_is_off(text, figure):
    for axes in figure.axes:
        for axis, ends in ((axes.xaxis, axes.get_xlim()),
                           (axes.yaxis, axes.get_ylim())):
            for tick in axis.get_major_ticks():
                if text is tick.label2:
                    return True
                if text is tick.label1:
                    low, high = sorted(ends)
                    room = 1e-9 * (high - low)
                    return not (tick.label1.get_visible() and
                                low - room <= tick.get_loc() <= high + room)
    return False


def test_no_words_overlap_or_leave_the_page():
    wrong = []
    for width in WIDTHS:
        for name, figure in figures(width):
            page = figure.bbox
            texts = texts_of(figure)
            assert len(texts) > 3, name
            for words, box in texts:
                if box.x0 < page.x0 - 0.5 or box.x1 > page.x1 + 0.5 \
                        or box.y0 < page.y0 - 0.5 or box.y1 > page.y1 + 0.5:
                    wrong.append(f"{name}: leaves the page: {words!r}")
            for (first, a), (second, b) in itertools.combinations(texts, 2):
                across = min(a.x1, b.x1) - max(a.x0, b.x0)
                down = min(a.y1, b.y1) - max(a.y0, b.y0)
                if across > 0.5 and down > 1.5:
                    wrong.append(f"{name}: {first!r} on {second!r}")
    assert not wrong, "\n".join(wrong)


def test_pathways_are_told_apart_without_colour():
    plotting.pyplot.style.use(["default", plotting.STYLE])
    looks = [plotting.pathway_style(p) for p in range(14)]
    assert len({look["marker"] for look in looks}) == 14
    assert len({(look["marker"], look["color"]) for look in looks}) == 14


def test_words_of_a_scenario_are_no_formula():
    title = r"$x^2$ & <b>bold</b> \alpha {"
    shutil.copy(path_of(ONE), path_of("odd"))
    with h5py.File(path_of("odd"), "r+") as file:
        file.attrs["title"] = title
        for group in ("curves", "steps"):
            label = file[f"{group}/{'pathway' if group == 'curves' else 'step'}"
                         "_label"]
            label[...] = numpy.full(label.shape, title, dtype=object)
    for script in ("plot_curves", "plot_flow", "plot_occupancy"):
        output = FOLDER / "odd.svg"
        told = run(script, path_of("odd"), "-o", output)
        assert told.returncode == 0, told.stderr
        xml.etree.ElementTree.parse(output)
    with drawn(plot_curves, "odd") as (figure, _):
        assert figure.texts[0].get_text() == title.replace("$", r"\$")


def test_labels_are_spread_as_little_as_need_be():
    for seed in range(20):
        random = numpy.random.default_rng(seed)
        wanted = random.random(8)
        heights = random.uniform(0.01, 0.12, 8)
        places = plotting.spread(wanted, heights, 0, 1)
        order = numpy.argsort(wanted)
        assert (numpy.argsort(places) == order).all()
        room = (heights[order][1:] + heights[order][:-1]) / 2
        assert (numpy.diff(places[order]) >= room - 1e-12).all()
        assert (places - heights / 2 >= -1e-12).all()
        assert (places + heights / 2 <= 1 + 1e-12).all()
    apart = [0.1, 0.5, 0.9]
    close(plotting.spread(apart, 0.1, 0, 1), apart)


# The program

def run(script, *words):
    return subprocess.run([SCRIPTS / f"{script}.py", *map(str, words)],
                          text=True, capture_output=True, check=False)


def test_every_script_writes_every_format():
    for script, name in SCRIPTS_OF.items():
        for suffix, start in ((".svg", b"<?xml"), (".pdf", b"%PDF"),
                              (".png", b"\x89PNG")):
            output = FOLDER / (script + suffix)
            told = run(script, path_of(name), "-o", output)
            assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
            image = output.read_bytes()
            assert image.startswith(start)
            again = FOLDER / ("again" + suffix)
            sys.modules[script].main([str(path_of(name)), "-o", str(again)])
            assert again.read_bytes() == image, (script, suffix)
            if suffix == ".pdf":
                assert b"/FontFile2" in image  # TrueType, embedded
            if suffix == ".svg":
                root = xml.etree.ElementTree.parse(output).getroot()
                width = float(root.get("width").removesuffix("pt"))
                assert abs(width - 180 * 72 / 25.4) < 0.01
            if suffix == ".png":  # 300 dots per inch
                dots = int.from_bytes(image[16:20], "big")
                assert abs(dots - 180 / 25.4 * 300) <= 1


def test_bare_pictures_have_no_title_and_no_note():
    for script, name in SCRIPTS_OF.items():
        with drawn(sys.modules[script], name, "--bare",
                   formats=tuple(plotting.KINDS)) as (figure, file):
            texts = [text.get_text() for text in figure.texts]
            assert not any("simulated patients" in text for text in texts)
            assert not any(file.attrs["title"] in text for text in texts)


def test_bad_use_gets_one_line_and_its_exit_code():
    text, folder = FOLDER / "text.h5", FOLDER / "no" / "such"
    text.write_text("no HDF5\n", encoding="utf-8")
    with h5py.File(FOLDER / "other.h5", "w") as other:
        other["x"] = 1
    shutil.copy(path_of(COSTS), path_of(f"part_{COSTS}"))
    newer = {name: path_of(f"newer_{name}") for name in (COSTS, DRAWN, VARIED, MAPPED)}
    for name, path in newer.items():
        shutil.copy(path_of(name), path)
        with h5py.File(path, "r+") as file:
            file.attrs["format_version"] = 2
    with h5py.File(path_of(f"part_{COSTS}"), "r+") as part:
        for group in ("curves", "steps", "differences", "cost_effectiveness"):
            name = {"curves": "week", "steps": "remission",
                    "differences": "se",
                    "cost_effectiveness": "covariance"}[group]
            del part[group][name]
    for name, part in ((DRAWN, "uncertainty/decision/threshold"),
                       (VARIED, "sensitivity/low"),
                       (MAPPED, "two_way/difference")):
        shutil.copy(path_of(name), path_of(f"part_{name}"))
        with h5py.File(path_of(f"part_{name}"), "r+") as file:
            del file[part]
    output = FOLDER / "bad.svg"
    parts = {name: f"part_{name}" for name in (COSTS, DRAWN, VARIED, MAPPED)}
    cases = [(script, words, code, part) for script, name in SCRIPTS_OF.items()
             for good in [path_of(name)]
             for words, code, part in [
                 (["-o", output], 2, "RESULT.h5"),
                 ([good], 2, "-o/--output"),
                 ([good, "-o", FOLDER / "bad.gif"], 2, ".png, .pdf, .svg"),
                 ([good, "-o", output, "--width", "wide"], 2, "wide"),
                 ([good, "-o", output, "--width", "10"], 2, "80 to 400"),
                 ([FOLDER / "none.h5", "-o", output], 3, "No such file"),
                 ([text, "-o", output], 2, "not a result"),
                 ([FOLDER / "other.h5", "-o", output], 2, "not a result"),
                 ([path_of(parts[name]), "-o", output], 2, "no whole result"),
                 ([newer[name], "-o", output], 2, "format version 2"),
                 ([good, "-o", folder / "bad.svg"], 3, "cannot write")]]
    good, compared, varied = (path_of(name)
                              for name in (COSTS, "compared", VARIED))
    cases += [
        ("plot_flow", [good, "-o", output, "--pathway", "x"], 2, "ect6"),
        ("plot_occupancy", [good, "-o", output, "--pathway", "x"], 2, "ect6"),
        ("plot_differences", [good, "-o", output, "--measures", "qalies"], 2,
         "qalys_discounted"),
        ("plot_plane", [good, "-o", output, "--perspective", "moon"], 2,
         "health_care"),
        ("plot_plane", [path_of(MANY), "-o", output], 2, "[economics]"),
        ("plot_differences", [path_of(ONE), "-o", output], 2, "one pathway"),
        ("plot_curves", [compared, "-o", output], 2, "comparison"),
        ("plot_curves", [good, "-o", output, "--bands", "both"], 2,
         "--draws"),
        ("plot_curves", [good, "-o", output, "--bands", "x"], 2, "credible"),
        ("plot_plane", [good, "-o", output, "--regions", "credible"], 2,
         "--draws"),
        ("plot_acceptability", [good, "-o", output], 2, "--draws"),
        ("plot_acceptability", [path_of(ONE_DRAWN), "-o", output], 2,
         "costs and QALYs"),
        ("plot_acceptability", [path_of(DRAWN), "-o", output, "--perspective",
                                "moon"], 2, "health_care"),
        ("plot_loss", [good, "-o", output], 2, "--draws"),
        ("plot_loss", [path_of(DRAWN), "-o", output, "--evppi", "1"], 2,
         "100000"),
        ("plot_loss", [path_of(DRAWN), "-o", output, "--evppi", "x"], 2,
         "'x' is no number"),
        ("plot_loss", [path_of(DRAWN), "-o", output, "--most", "0"], 2,
         "'0' is no whole number"),
        ("plot_loss", [varied, "-o", output], 2, "stardsim run"),
        ("plot_curves", [varied, "-o", output], 2, "sensitivity"),
        ("plot_tornado", [good, "-o", output], 2, "stardsim sensitivity"),
        ("plot_two_way", [varied, "-o", output], 2, "--two-way"),
        ("plot_tornado", [path_of(MAPPED), "-o", output], 2, "plot_two_way"),
        ("plot_flow", [compared, "-o", output], 2, "comparison"),
        ("plot_occupancy", [compared, "-o", output], 2, "comparison")]
    before = sorted(FOLDER.iterdir())
    for script, words, code, part in cases:
        with contextlib.redirect_stderr(io.StringIO()) as told:
            told_code = sys.modules[script].main([str(word) for word in words])
        assert told_code == code, (script, words, told.getvalue())
        lines = told.getvalue().splitlines()
        assert len(lines) == 1 and lines[0].startswith(f"{script}.py: "), lines
        assert part in lines[0], lines
    assert sorted(FOLDER.iterdir()) == before
    told = run("plot_flow", text, "-o", output)
    assert told.returncode == 2 and told.stdout == ""
    assert told.stderr == f"plot_flow.py: {text} is not a result of stardsim\n"


def test_help_has_an_example_that_runs():
    for script, name in SCRIPTS_OF.items():
        told = run(script, "--help")
        assert told.returncode == 0
        example = " ".join(told.stdout.split("Example: ")[1].split())
        words = example.split()
        assert words[0] == f"scripts/{script}.py"
        words = [str(path_of(ONE if "stard.h5" in word else name))
                 if word.endswith(".h5") else word for word in words]
        output = words.index("-o") + 1
        words[output] = str(FOLDER / pathlib.Path(words[output]).name)
        made = subprocess.run(words, cwd=SOURCE, check=False)
        assert made.returncode == 0, example


# All of it

def stardsim(*words):
    subprocess.run([PROGRAM, *map(str, words)], check=True, cwd=SOURCE,
                   stdout=subprocess.DEVNULL)


def make_results():
    for name in SCENARIOS:
        stardsim("run", f"configs/{name}.toml", "--patients", PATIENTS,
                 "-o", path_of(name))
    stardsim("compare", path_of(COSTS), "-o", path_of("compared"))
    for name, made in ((COSTS, DRAWN), (ONE, ONE_DRAWN)):
        stardsim("run", f"configs/{name}.toml", "--patients", PATIENTS,
                 "--draws", "100", "--draw-patients", "500", "-o",
                 path_of(made))
    vary = ["sensitivity", f"configs/{COSTS}.toml", "--patients", "1000"]
    stardsim(*vary, "-o", path_of(VARIED))
    stardsim(*vary, "--two-way", "--parameter", "treatments.ect.costs.ect",
             "--parameter", "adverse_events.memory.qaly_loss", "-o",
             path_of(MAPPED))


def main(arguments):
    global FOLDER
    if len(arguments) != 1:
        print("usage: plots_test.py PROGRAM", file=sys.stderr)
        return 2
    tests = [item for name, item in globals().items()
             if name.startswith("test_")]
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = pathlib.Path(folder)
        make_results()
        results = [passes(test) for test in tests]
    print(f"{sum(results)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
