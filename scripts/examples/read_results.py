#!/usr/bin/python3
"""How to read a result file of stardsim with xarray: a tour in seven tables.

    scripts/examples/read_results.py results/ect_timing.h5 [PATHWAY [OTHER]]

compares PATHWAY with OTHER (by default the second pathway of the file, or the
first where that is the reference, with the reference). results/README.md tells
all that is in a file. read_results.R prints the same with R. Exit codes: 0 done, 2
bad arguments or no result of stardsim, 3 there is no such file.
"""

import os
import sys

import numpy
import xarray

Z = 1.96  # of a 95 % interval


def number(x, decimals):
    """Text of a number; "-" where it is missing (NaN), which is not zero."""
    return "-" if numpy.isnan(x) else f"{x:.{decimals}f}"


def with_error(x, error, decimals):
    return f"{number(x, decimals)} ({number(error, decimals)})"


def group(path, name):
    """Every group opens alone and has its own coordinates; None is the root,
    which has the attributes."""
    return xarray.open_dataset(path, group=name).load()


def stop(message, code):
    print(message, file=sys.stderr)
    sys.exit(code)


def chosen_pathways(root, pathways, words):
    """The two that the user named, or the second and the reference."""
    reference = str(root.attrs["reference_pathway"])
    others = [p for p in pathways if p != reference]
    first = words[0] if words else (others or [reference])[0]
    second = words[1] if len(words) > 1 else reference
    for name in (first, second):
        if name not in pathways:
            stop(f"no pathway is called '{name}'; there is: "
                 + ", ".join(pathways), 2)
    return first, second


def print_curves(curves):
    """The last point of the curves. `estimand` is the question that a number
    answers; see "Conventions" in results/README.md."""
    week = int(curves.week[-1])
    print(f"\nRemission by week {week}: % (standard error)")
    names = [str(name) for name in curves.estimand.values]
    print(f"{'':<22}" + "".join(f"{name:>20}" for name in names))
    last = curves.sel(week=week)
    for pathway in curves.pathway.values:
        row = last.sel(pathway=pathway)
        texts = [with_error(100 * p, 100 * se, 2) for p, se in
                 zip(row.cumulative_remission.values,
                     row.cumulative_remission_se.values)]
        print(f"{str(pathway):<22}" + "".join(f"{t:>20}" for t in texts))


def print_steps(steps, pathway):
    """Counts are whole numbers, and missing where there is no such step."""
    print(f"\nSteps of {pathway}, observed: patients, and remission in %")
    print(f"{'':<22}{'entered':>10}{'remission':>12}{'rate (se)':>20}")
    rows = steps.sel(pathway=pathway, estimand="observed")
    for k in range(rows.sizes["step"]):
        row = rows.isel(step=k)
        if numpy.isnan(row.entered):
            continue  # this pathway has fewer steps than the longest
        rate = with_error(100 * float(row.remission_rate),
                          100 * float(row.remission_rate_se), 2)
        print(f"{str(row.step_name.values):<22}{int(row.entered):>10}"
              f"{int(row.remission):>12}{rate:>20}")


def print_differences(outcomes, covariance, first, second):
    """Of any two pathways. They have the same patients with the same luck, so
    their means hang together: variance = var + var - 2 cov."""
    print(f"\n{first} less {second}: difference of means (standard error)")
    for measure in outcomes.measure.values:
        mean = outcomes["mean"].sel(measure=measure)
        cov = covariance.of_means.sel(measure=measure)
        variance = (cov.sel(pathway=first, other_pathway=first)
                    + cov.sel(pathway=second, other_pathway=second)
                    - 2 * cov.sel(pathway=first, other_pathway=second))
        difference = mean.sel(pathway=first) - mean.sel(pathway=second)
        unit = str(outcomes.measure_unit.sel(measure=measure).values)
        text = with_error(float(difference),
                          float(variance.clip(min=0)) ** 0.5, 4)
        print(f"{str(measure):<32}{text:>28}  {unit}")


def print_icer(path, root, outcomes, covariance, first, second):
    """The cost of a QALY gained, with Fieller's 95 % set of Monte Carlo error:
    the ratios r for which cost - r * QALYs is within Z errors of 0."""
    perspective = str(root.attrs["perspective"])
    sums = group(path, "accumulators")
    cost = str(sums.perspective_measure.sel(perspective=perspective).values)
    effect = str(root.attrs["effect_measure"])

    def difference(measure):
        mean = outcomes["mean"].sel(measure=measure)
        return float(mean.sel(pathway=first) - mean.sel(pathway=second))

    def of_differences(cov):
        """Covariance of two differences from that of the means."""
        return sum(sign * float(cov.sel(pathway=p, other_pathway=q))
                   for p, q, sign in ((first, first, 1), (first, second, -1),
                                      (second, first, -1), (second, second, 1)))

    dc, de = difference(cost), difference(effect)
    var_c = of_differences(covariance.of_means.sel(measure=cost))
    var_e = of_differences(covariance.of_means.sel(measure=effect))
    cov = of_differences(covariance.cost_with_effect.sel(
        perspective=perspective))
    a, b, c = de**2 - Z**2 * var_e, dc * de - Z**2 * cov, dc**2 - Z**2 * var_c
    print(f"\n{first} against {second}, perspective {perspective}")
    money = f"{root.attrs['currency']} {root.attrs['price_year']}"
    print(f"{'cost added, ' + money:<32}{number(dc, 2):>16}")
    print(f"{'QALYs gained':<32}{number(de, 5):>16}")
    if a <= 0:
        print("ICER: unclear, the QALYs do not differ beyond chance")
        return
    root_of = numpy.sqrt(b**2 - a * c)
    print(f"{'ICER, ' + money + ' per QALY':<32}{number(dc / de, 0):>16}"
          f"  (95 %: {number((b - root_of) / a, 0)} to "
          f"{number((b + root_of) / a, 0)})")
    if de < 0 or dc < 0:
        print("mind the signs: a negative ICER, or one of QALYs lost, is no "
              "price of a QALY gained")


def print_relapse(follow_up, steps, pathway):
    """From the life table of those who entered follow-up in remission."""
    week = min(52, int(follow_up.week[-1]))
    print(f"\nRelapse within {week} weeks of a remission, {pathway}: "
          "% (standard error)")
    rows = follow_up.sel(pathway=pathway, status="remitted", week=week)
    names = steps.step_name.sel(pathway=pathway)
    for k in range(rows.sizes["step"]):
        if str(names.values[k]) == "":
            continue
        text = with_error(100 * (1 - float(rows.relapse_free[k])),
                          100 * float(rows.relapse_free_se[k]), 2)
        print(f"{str(names.values[k]):<22}{text:>20}")


def print_credible(credible, draws):
    """How sure the scenario's numbers are, the luck of patients taken out; what
    stood above in brackets was luck alone."""
    week = int(credible.week[-1])
    print(f"\nRemission by week {week}, {draws.attrs['draws']} draws of the "
          "numbers: % (95 % credible interval)")
    names = [str(name) for name in credible.estimand.values]
    print(f"{'':<22}" + "".join(f"{name:>26}" for name in names))
    last = 100 * credible.sel(week=week)
    for pathway in credible.pathway.values:
        row = last.sel(pathway=pathway)
        texts = [f"{number(mean, 2)} ({number(low, 2)} to {number(high, 2)})"
                 for mean, low, high in
                 zip(row.cumulative_remission_mean.values,
                     row.cumulative_remission_low.values,
                     row.cumulative_remission_high.values)]
        print(f"{str(pathway):<22}" + "".join(f"{t:>26}" for t in texts))


def print_probability_best(path, root, draws):
    """Each draw has a pathway with the highest net benefit, by its numbers and
    by the luck of its patients; without luck, as the file has it."""
    perspective = str(root.attrs["perspective"])
    cost = str(group(path, "accumulators").perspective_measure.sel(
        perspective=perspective).values)
    threshold = float(group(path, "cost_effectiveness").threshold[0])
    mean = draws["mean"]
    benefit = (threshold * mean.sel(measure=root.attrs["effect_measure"])
               - mean.sel(measure=cost))
    is_best = (benefit == benefit.max("pathway")).astype(float)
    share = (is_best / is_best.sum("pathway")).mean("draw")
    decision = group(path, "uncertainty/decision").sel(
        perspective=perspective, threshold=threshold)
    print(f"\nHighest net benefit at {number(threshold, 0)} per QALY, "
          f"perspective {perspective}: probability, %")
    print(f"{'':<22}{'of the draws':>20}{'without luck':>20}")
    for pathway in decision.pathway.values:
        print(f"{str(pathway):<22}"
              f"{number(100 * float(share.sel(pathway=pathway)), 2):>20}" +
              number(100 * float(decision.probability_best.sel(
                  pathway=pathway)), 2).rjust(20))


def main(words):
    path = words[0] if words else "results/stard.h5"
    if not os.path.exists(path):
        stop(f"cannot open {path}: there is no such file", 3)
    try:
        root = group(path, None)
    except (OSError, ValueError):
        stop(f"cannot open {path}: it is no HDF5 file", 2)
    attributes = root.attrs
    print(attributes["title"])
    print(f"{attributes['patients']} patients, seed {attributes['seed']}")
    curves, steps = group(path, "curves"), group(path, "steps")
    pathways = [str(name) for name in curves.pathway.values]
    first, second = chosen_pathways(root, pathways, words[1:])
    print_curves(curves)
    print_steps(steps, first)
    outcomes, covariance = group(path, "outcomes"), group(path, "covariance")
    if first != second:
        print_differences(outcomes, covariance, first, second)
        if "effect_measure" in attributes and "perspective" in attributes:
            print_icer(path, root, outcomes, covariance, first, second)
    try:  # a group that a scenario does not use is absent
        print_relapse(group(path, "follow_up"), steps, first)
    except OSError:
        pass
    try:
        draws = group(path, "draws")
    except OSError:  # `stardsim run --draws` makes them
        return
    print_credible(group(path, "uncertainty/curves"), draws)
    if "effect_measure" in attributes and "perspective" in attributes:
        print_probability_best(path, root, draws)


if __name__ == "__main__":
    main(sys.argv[1:])
