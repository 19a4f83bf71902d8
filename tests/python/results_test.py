#!/usr/bin/python3
"""Opens a result file as its users do, and holds it against its description.

Usage: results_test.py PROGRAM

Runs PROGRAM on configs/smoke.toml and configs/trd_third_line.toml, with the
histories of patients, and on configs/ect_timing.toml with draws, and checks the
results with h5py and both engines of xarray, and against results/README.md. So
for the files of `stardsim sensitivity` and `stardsim alternatives`.
"""

import contextlib
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback

import h5py
import numpy
import xarray

SOURCE = pathlib.Path(__file__).resolve().parents[2]
README = (SOURCE / "results/README.md").read_text(encoding="utf-8")
GROUPS = ["curves", "steps", "arms", "outcomes", "differences",
          "covariance", "accumulators", "tally", "inputs"]
OPTIONAL_GROUPS = ["follow_up", "subgroups", "staging", "patients",
                   "patients/covariates", "cost_effectiveness", "published",
                   "draws", "uncertainty/curves", "uncertainty/outcomes",
                   "uncertainty/parameters", "uncertainty/fixed",
                   "uncertainty/decision", "uncertainty/evppi",
                   "uncertainty/design"]
ANALYSES = ["sensitivity", "held", "two_way", "alternatives"]
TRACED = 500
ENGINES = ["h5netcdf", "netcdf4"]
OUTCOMES = ["remission", "partial_response", "intolerance", "no_response",
            "unfinished"]
COURSES = ["if_all_continue", "observed"]
BATCHES = 256
SCENARIOS = ["smoke", "trd_third_line"]
DRAWN = "ect_timing"
DRAWS, DRAW_PATIENTS = 100, 500
TWO = ["--parameter", "treatments.ect.costs.ect", "--parameter",
       "adverse_events.memory.qaly_loss"]


def described_datasets(covariates=()):
    """{path: (dimensions, type, unit)} from the tables of the page.

    Columns of covariates, {path: unit}, are described in words there.
    """
    datasets = {path: (["patient"], "float32", unit)
                for path, unit in covariates}
    for line in README.splitlines():
        if not line.startswith("| `/"):
            continue
        paths, dimensions, kind, unit = [
            cell.strip() for cell in line.split("|")[1:5]]
        for path in re.findall(r"`([^`]+)`", paths):
            assert path not in datasets, f"{path} is listed twice"
            datasets[path] = (dimensions.split(", ") if dimensions else [],
                              kind, unit)
    return datasets


def in_money(unit, file, name):
    """The unit that the page calls MONEY is the scenario's; UNIT is that of what
    the file is about, and "of the number" that of a number of the scenario."""
    attributes, group = file.attrs, name.split("/")[1]
    if group in ANALYSES:
        about = file["alternatives" if "alternatives" in file
                     else "sensitivity"]
        unit = unit.replace("UNIT", about.attrs["unit"])
        unit = unit.replace("of the number", file[name].attrs.get("units", ""))
    if "currency" not in attributes:
        return unit
    money = f"{attributes['currency']} {attributes['price_year']}"
    return unit.replace("MONEY", money)


def with_economics():
    """Datasets that only scenarios with economics have."""
    parts = [README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
             for heading in ("With economics", "With draws and economics")]
    lines = [line for part in parts for line in part.splitlines()]
    lines += [line for line in README.splitlines()
              if line.endswith("; with costs and QALYs only |")]
    return {path for line in lines if line.startswith("| `/")
            for path in re.findall(r"`([^`]+)`", line.split("|")[1])}


def economics_attributes():
    """{name: type} of the root attributes that only they have."""
    part = README.split("## With economics")[1]
    table = part.split("| attribute")[1].split("\n\n")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", table, re.MULTILINE))


def covariates_of(path):
    """[(path, unit)]; the unit is the scenario's."""
    with h5py.File(path) as file:
        if "patients" not in file:
            return []
        return [(item.name, item.attrs["units"])
                for item in file["patients/covariates"].values()
                if not h5py.h5ds.is_scale(item.id)]


def groups_of(path):
    """All groups of the file; some only where the scenario uses them."""
    with h5py.File(path) as file:
        wanted = [] if "kind" in file.attrs else GROUPS
        return wanted + [name for name in OPTIONAL_GROUPS + ANALYSES
                         if name in file]


def described_attributes():
    """{name: type} from the table of root attributes."""
    table = README.split("## Root attributes")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", table, re.MULTILINE))


def datasets_of(file):
    found = {}
    file.visititems(lambda name, item: found.update(
        {"/" + name: item} if isinstance(item, h5py.Dataset) else {}))
    return found


def kind_of(dtype):
    text = h5py.check_string_dtype(dtype)
    if text is None:
        return dtype.name
    assert text.encoding == "utf-8" and text.length is None
    return "text"


def opened(path, group, engine="h5netcdf"):
    return xarray.open_dataset(path, group=group, engine=engine)


def over_steps(counts):
    """Sums over steps, and arms, of those that there are."""
    steps = [axis for axis in ("step", "arm") if axis in counts.dims]
    return counts.sum(steps)


def test_every_dataset_is_described_and_there(path):
    with h5py.File(path) as file:
        found = set(datasets_of(file))
    described = {name for name in described_datasets(covariates_of(path))
                 if name.rpartition("/")[0][1:] in groups_of(path)}
    with h5py.File(path) as file:
        if "currency" not in file.attrs:
            described -= with_economics()
        if "two_way" in file:  # instead of what is along parameter
            described -= {name for name, (dimensions, *_)
                          in described_datasets().items()
                          if name.startswith("/sensitivity/")
                          and dimensions not in ([], ["pathway"])}
            described -= {"/sensitivity/at_base"}
    assert found - described == set(), "not in results/README.md"
    assert described - found == set(), "not in the file"


def test_datasets_are_as_described(path):
    described = described_datasets(covariates_of(path))
    with h5py.File(path) as file:
        found = datasets_of(file)
        for name, dataset in found.items():
            dimensions, kind, unit = described[name]
            assert kind_of(dataset.dtype) == kind, name
            assert (dataset.attrs.get("units", "")
                    == in_money(unit, file, name)), name
            assert dataset.attrs["long_name"], name
            if h5py.h5ds.is_scale(dataset.id):
                assert dimensions == [name.split("/")[-1]], name
            else:
                scales = [axis[0].name.split("/")[-1]
                          for axis in dataset.dims]
                assert scales == dimensions, name


def test_attributes_are_as_described(path):
    with h5py.File(path) as file:
        described = described_attributes()
        if "currency" in file.attrs:
            described |= economics_attributes()
        if "data_files" not in file.attrs:
            del described["data_files"]
        assert set(file.attrs) == set(described)
        for name, kind in described.items():
            found = kind_of(file.attrs.get_id(name).dtype)
            assert found == kind, (name, found)
        assert file.attrs["format"] == "stardsim results"
        assert file.attrs["format_version"] == 1


def test_missing_counts_are_fill_values(path):
    with h5py.File(path) as file:
        for name, dataset in datasets_of(file).items():
            if dataset.dtype == numpy.int64 and "_FillValue" in dataset.attrs:
                assert dataset.attrs["_FillValue"] == -1, name
                assert dataset[:].min() >= -1, name


def test_both_engines_open_every_group(path):
    described = described_datasets(covariates_of(path))
    for engine in ENGINES:
        root = xarray.open_dataset(path, engine=engine)
        with h5py.File(path) as file:
            units = {name: in_money(unit, file, name) for name, (*_, unit)
                     in described.items() if name in file}
            assert root.attrs["format"] == file.attrs["format"]
        for group in groups_of(path):
            dataset = opened(path, group, engine)
            for name in dataset.dims:
                assert name in dataset.coords, (engine, group, name)
            for name, variable in dataset.variables.items():
                dimensions, *_ = described[f"/{group}/{name}"]
                assert list(variable.dims) == dimensions, (engine, name)
                assert variable.attrs["long_name"], (engine, name)
                assert (variable.attrs.get("units", "")
                        == units[f"/{group}/{name}"]), (engine, name)


def test_differences_follow_from_the_outcomes(path):
    outcomes, differences = opened(path, "outcomes"), opened(path, "differences")
    covariance = opened(path, "covariance")
    reference = opened(path, None).attrs["reference_pathway"]
    numpy.testing.assert_allclose(
        differences["mean"],
        outcomes["mean"] - outcomes["mean"].sel(pathway=reference),
        rtol=1e-9, atol=1e-12)
    of_means = covariance.of_means.transpose("pathway", "other_pathway",
                                             "measure")
    names = list(covariance.pathway.values)
    own = numpy.array([of_means.values[i, i] for i in range(len(names))])
    other = own[names.index(reference)]
    both = of_means.values[:, names.index(reference)]
    numpy.testing.assert_allclose(
        differences.se ** 2, own + other - 2 * both, rtol=1e-6, atol=1e-15)
    assert (outcomes.measure_unit == differences.measure_unit).all()


def test_both_engines_read_the_same(path):
    for group in groups_of(path):
        first, second = (opened(path, group, engine) for engine in ENGINES)
        xarray.testing.assert_identical(first.load(), second.load())


def test_variables_keep_their_order(path):
    for group in groups_of(path):
        dataset = opened(path, group)
        described = [name.split("/")[-1] for name in described_datasets()
                     if name.rpartition("/")[0] == f"/{group}"]
        if group == "patients/covariates":
            continue  # the scenario's
        expected = [name for name in described if name in dataset.data_vars]
        assert list(dataset.data_vars) == expected, group


def test_text_is_empty_and_numbers_missing_where_there_is_no_step(path):
    steps = opened(path, "steps").load()
    absent = steps.step_name == ""
    assert absent.any() == (path.stem == "smoke"), "pathways of one length"
    for name, variable in steps.data_vars.items():
        if variable.dtype == object:
            assert (variable.where(absent, "") == "").all(), name
        else:
            assert numpy.isnan(variable.where(absent)).all(), name
    present = steps.entered.where(~absent, 0)
    assert not numpy.isnan(present).any()


def remitted_by_week(sums):
    """Patients in remission by each week, by estimand."""
    first = sums.remission_by_week.astype("int64").cumsum("week")
    lost = sums.remission_lost_by_week.astype("int64").cumsum("week")
    return first - lost.where(sums.estimand == "sustained", 0)


def test_curves_agree_with_the_accumulators(path):
    curves, sums = opened(path, "curves"), opened(path, "accumulators")
    patients = int(opened(path, None).attrs["patients"])
    counts = remitted_by_week(sums)
    assert (curves.cumulative_remission == counts / patients).all()
    p = curves.cumulative_remission
    numpy.testing.assert_array_equal(
        curves.cumulative_remission_se, numpy.sqrt(p * (1 - p) / patients))
    assert curves.week[0] == 0 and (curves.week.diff("week") == 1).all()


def has_spontaneous_remission(path):
    """After the last step, and so in no step."""
    return bool(opened(path, "accumulators").spontaneous_remission.any())


def test_remissions_add_up_in_every_group(path):
    steps, arms = opened(path, "steps"), opened(path, "arms")
    sums = opened(path, "accumulators")
    by_week = remitted_by_week(sums).isel(week=-1)
    assert (by_week.sel(estimand=COURSES) > 0).all()
    for flows in (steps, arms):
        # After a relapse patients may remit again.
        first = flows.first_remission.where(
            flows.estimand == "observed", flows.remission)
        assert (by_week >= over_steps(first)).all()
        if not has_spontaneous_remission(path):
            assert (by_week == over_steps(first)).all()
        assert (flows.first_remission <= flows.remission).sel(
            estimand="observed").where(flows.entered.notnull(), True).all()
    by_batch = sums.remission_by_batch.astype("int64").sum("batch")
    assert (by_week == by_batch).all()


def test_batches_hold_the_cohort(path):
    sums = opened(path, "accumulators")
    patients = int(opened(path, None).attrs["patients"])
    expected = numpy.bincount(numpy.arange(patients) % BATCHES,
                              minlength=BATCHES)
    numpy.testing.assert_array_equal(sums.patients_by_batch, expected)
    assert (sums.remission_by_batch <= sums.patients_by_batch).all()


def test_flows_add_up(path):
    patients = int(opened(path, None).attrs["patients"])
    steps = opened(path, "steps").load()
    arms = opened(path, "arms").load()
    outcomes = sum(arms[name].fillna(0) for name in OUTCOMES)
    assert (outcomes == arms.entered.fillna(0)).sel(estimand=COURSES).all()
    # A step where only some arms state an outcome does not give its count.
    for name in ("entered", "remission", "no_response", "left_care",
                 "unfinished", "follow_up", "gap", "first_remission"):
        assert (arms[name].sum("arm") == steps[name].fillna(0)).all(), name
    all_continue = steps.sel(estimand="if_all_continue")
    assert (all_continue.entered.isel(step=0) == patients).all()
    for name in ("left_care", "follow_up", "gap"):
        assert (all_continue[name].fillna(0) == 0).all(), name
    went_on = (all_continue.entered - all_continue.remission
               - all_continue.unfinished)
    later = all_continue.entered.isel(step=slice(1, None)).values
    there = ~numpy.isnan(later)
    assert (went_on.isel(step=slice(0, -1)).values[there]
            >= later[there]).all()  # the horizon may come while they wait


def test_observed_patients_who_do_not_go_elsewhere_go_on(path):
    """Without relapse, gaps and waits: the scenario must have none."""
    if "follow_up" in groups_of(path):
        return
    steps = opened(path, "steps").load().sel(estimand="observed")
    went_on = (steps.entered - steps.remission - steps.left_care
               - steps.unfinished - steps.follow_up - steps.gap)
    later = steps.entered.isel(step=slice(1, None)).values
    there = ~numpy.isnan(later)
    assert (went_on.isel(step=slice(0, -1)).values[there]
            == later[there]).all()


def test_everybody_is_somewhere(path):
    curves = opened(path, "curves")
    numpy.testing.assert_allclose(curves.occupancy.sum("state"), 1,
                                  rtol=1e-12)


def test_sustained_differs_in_remission_alone(path):
    for group in ("steps", "arms"):
        flows = opened(path, group).load()
        observed = flows.sel(estimand="observed", drop=True)
        sustained = flows.sel(estimand="sustained", drop=True)
        for name in flows.data_vars:
            if "estimand" not in flows[name].dims or "remission" in name:
                continue
            xarray.testing.assert_equal(observed[name], sustained[name])
        assert (sustained.remission.fillna(0)
                <= observed.first_remission.fillna(0)).all()


def test_follow_up_is_the_life_table_of_its_counts(path):
    if "follow_up" not in groups_of(path):
        return
    flows = opened(path, "follow_up").load()
    relapses = flows.relapse_by_week.fillna(0)
    censored = flows.censored_by_week.fillna(0)
    entered = flows.entered.fillna(0)
    assert (relapses.sum("week") == flows.relapsed.fillna(0)).all()
    assert (relapses.sum("week") + censored.sum("week") == entered).all()
    relapses, censored, entered = (
        counts.sum("arm") for counts in (relapses, censored, entered))
    unseen = flows.unseen_ticks_by_week.fillna(0).sum("arm") / 1024
    gone = (relapses + censored).cumsum("week").shift(week=1, fill_value=0)
    at_risk = (entered - gone).transpose(*relapses.dims)
    exposed = at_risk - unseen
    free = (1 - relapses / exposed.where(at_risk > 0)).cumprod(
        "week", skipna=False)
    seen = flows.relapse_free.notnull() & (at_risk > 0)
    assert (seen == (at_risk > 0)).all()
    numpy.testing.assert_allclose(flows.relapse_free.where(seen),
                                  free.where(seen), rtol=1e-9, atol=1e-12)


def test_subgroups_lie_within_the_cohort(path):
    if "subgroups" not in groups_of(path):
        return
    patients = int(opened(path, None).attrs["patients"])
    groups = opened(path, "subgroups").load()
    assert (groups.patients <= patients).all()
    counts = groups.cumulative_remission * groups.patients
    all_of_them = opened(path, "curves").cumulative_remission * patients
    assert (counts <= all_of_them + 1e-6).all()


def test_everybody_who_enters_a_step_is_staged(path):
    if "staging" not in groups_of(path):
        return
    staging, steps = opened(path, "staging"), opened(path, "steps")
    entered = steps.entered.sel(estimand="observed", drop=True).fillna(0)
    assert (staging.entered.sum("level") == entered).all()
    remission = steps.remission.sel(estimand="observed", drop=True).fillna(0)
    assert (staging.remission.sum("level") == remission).all()


def test_rates_follow_from_the_counts(path):
    patients = int(opened(path, None).attrs["patients"])
    for group in ("steps", "arms"):
        flows = opened(path, group).load()
        for name in ("remission", "partial_response", "intolerance",
                     "left_care"):
            check_rate(flows, name + "_rate", flows[name], flows.entered)
        check_rate(flows, "entered_fraction", flows.entered,
                   xarray.full_like(flows.entered, patients))
    steps, arms = opened(path, "steps"), opened(path, "arms")
    check_rate(arms, "share_of_step", arms.entered, steps.entered)
    first = steps.first_remission.where(steps.estimand == "observed",
                                        steps.remission)
    check_rate(steps, "cumulative_remission",
               first.cumsum("step").where(steps.entered.notnull()),
               xarray.full_like(steps.entered, patients))


def check_rate(flows, name, events, of):
    of = of.where(of > 0)  # a rate of nobody is missing
    p = (events / of).transpose(*flows[name].dims)
    numpy.testing.assert_array_equal(flows[name], p, name)
    # Where a step may be entered again there may be more events than patients.
    error = numpy.sqrt((p * (1 - p) / of).where(p <= 1)).transpose(
        *flows[name].dims)
    numpy.testing.assert_allclose(flows[name + "_se"], error, rtol=1e-12,
                                  atol=1e-15, err_msg=name)
    assert flows[name].attrs["ancillary_variables"] == name + "_se"


def test_last_step_reaches_the_end_of_the_curve(path):
    steps, curves = opened(path, "steps"), opened(path, "curves")
    last = steps.cumulative_remission.max("step")
    end = curves.cumulative_remission.isel(week=-1)
    assert (last <= end).all()
    if not has_spontaneous_remission(path):
        assert (last == end).all()


def test_times_follow_from_the_sums(path):
    arms, sums = opened(path, "arms").load(), opened(path, "accumulators")
    ticks = sums.remission_ticks.attrs["ticks_per_week"]
    of_courses = arms.estimand != "sustained"
    for place in numpy.argwhere(((arms.remission > 1) & of_courses).values):
        n, total, high, low = [
            int(variable.values[tuple(place)]) for variable in
            (arms.remission, sums.remission_ticks,
             sums.remission_ticks_squared_high,
             sums.remission_ticks_squared_low)]
        squares = (high << 64) + low
        variance = (n * squares - total * total) / (n * (n - 1))
        sd = arms.sd_weeks_to_remission.values[tuple(place)]
        numpy.testing.assert_allclose(
            [arms.mean_weeks_to_remission.values[tuple(place)], sd,
             arms.mean_weeks_to_remission_se.values[tuple(place)]],
            [total / n / ticks, variance ** 0.5 / ticks, sd / n ** 0.5],
            rtol=1e-12)


def test_histories_are_told_by_name(path):
    for engine in ENGINES:
        events = opened(path, "patients", engine).load()
        names = events.event.attrs["flag_meanings"].split()
        assert list(events.event.attrs["flag_values"]) == list(
            range(len(names)))
        pathways = opened(path, "curves").pathway.values
        assert events.pathway.attrs["flag_meanings"].split() == list(pathways)
        table = events.to_dataframe()
        assert set(table.patient) == set(range(TRACED))
        entries = table[table.event == names.index("entry")]
        assert len(entries) == TRACED * len(pathways)
        assert (entries.week == 0).all() and entries.step.isna().all()
        starts = table[table.event == names.index("start")]
        assert (starts.step >= 1).all() and (starts.arm >= 1).all()


def test_histories_agree_with_the_curves(path):
    events = opened(path, "patients").load()
    names = events.event.attrs["flag_meanings"].split()
    table = events.to_dataframe()
    first = table[table.event == names.index("remission")].groupby(
        ["pathway", "patient"]).week.first().reset_index()
    remitted = opened(path, "curves").cumulative_remission.sel(
        estimand="observed").isel(week=-1)
    for pathway, p in enumerate(remitted.values):
        share = (first.pathway == pathway).sum() / TRACED
        # Five standard errors; the seed is the scenario's own.
        assert abs(share - p) < 5 * (p * (1 - p) / TRACED) ** 0.5


def test_covariates_are_columns_by_patient(path):
    for engine in ENGINES:
        patients = opened(path, "patients/covariates", engine).load()
        assert (patients.patient == numpy.arange(TRACED)).all()
        if "age" not in patients:
            continue
        assert 18 <= patients.age.min() and patients.age.max() <= 75
        assert patients.age.attrs["units"] == "years"
        levels = patients.race.attrs["flag_meanings"].split()
        assert set(patients.race.values) == set(range(len(levels)))
        assert set(patients.psychotic.values) == {0, 1}


def test_published_figures_stand_beside_those_of_the_tables(path):
    if path.stem != "trd_third_line":
        return
    published = opened(path, "published").load()
    tables = {"remission": "remission_rate", "intolerance": "intolerance_rate",
              "entered": "entered_fraction"}
    compared = 0
    for name in published.figure.values:
        row = published.sel(figure=name)
        if str(row.quantity.values) not in tables:
            continue
        where = {"pathway": str(row.pathway.values),
                 "estimand": str(row.estimand.values), "step": int(row.step)}
        group = "steps"
        if not numpy.isnan(row.arm):
            group = "arms"
            where["arm"] = int(row.arm)
        column = tables[str(row.quantity.values)]
        table = opened(path, group).sel(where)
        numpy.testing.assert_allclose(row.simulated, table[column])
        numpy.testing.assert_allclose(row.simulated_se, table[column + "_se"])
        compared += 1
    assert compared > 20
    beyond = numpy.maximum(
        abs(published.simulated - published.published) - published.rounding, 0)
    numpy.testing.assert_array_equal(published.z == 0, beyond < 1e-12)
    numpy.testing.assert_array_equal(published.agrees, abs(published.z) <= 1.96)


def test_inputs_lie_within_their_intervals(path):
    inputs = opened(path, "inputs").load()
    assert len(set(inputs.key.values)) == inputs.sizes["input"]
    known = inputs.where(~numpy.isnan(inputs.low), drop=True)
    assert known.sizes["input"] > 3
    assert (known.low <= known.value).all()
    assert (known.value <= known.high).all()
    assert set(inputs.form.values) <= {
        "exact", "count", "sample", "interval", "sd", "beta", "list"}
    numpy.testing.assert_array_equal(
        numpy.isnan(inputs.value), inputs.form == "list")


def test_attributes_of_an_analysis_are_as_described(path):
    part = README.split("## The file and the table of `stardsim sensitivity`")[1]
    listed = re.findall(r"`([^`]+)`",
                        part.split("Root attributes: ")[1].split("\n\n")[0])
    with h5py.File(path) as file:
        kind = file.attrs["kind"]
        assert file.attrs["format"] == f"stardsim {kind}"
        wanted = {name for name in listed
                  if name.isidentifier() and name != "sensitivity"}
        if "currency" not in file.attrs:
            wanted -= {"currency", "price_year"}
        about = set(file[kind].attrs) - {"_Netcdf4Coordinates"}
        assert {"measure", "long_name", "unit", "threshold"} <= about
        assert about <= {"measure", "long_name", "unit", "threshold",
                         "perspective", "pathway", "against", "best_at_base"}
        assert set(file.attrs) == wanted | about
        if "two_way" in file:
            assert {"first_parameter", "second_parameter", "first_label",
                    "second_label"} <= set(file["two_way"].attrs)


def test_one_number_at_a_time_moves_the_differences(path):
    if "sensitivity" not in groups_of(path) or "two_way" in groups_of(path):
        return
    table, root = opened(path, "sensitivity").load(), opened(path, None)
    pathway, against = (table.attrs[name] for name in ("pathway", "against"))
    assert against == root.attrs["reference_pathway"]
    for end in ("base", "low", "high"):
        value = table[f"at_{end}"]
        numpy.testing.assert_allclose(
            table[f"difference_at_{end}"],
            value.sel(pathway=pathway) - value.sel(pathway=against),
            rtol=1e-9, atol=1e-9)
    assert (table.low <= table.base).all() and (table.base <= table.high).all()
    widths = numpy.stack([table.difference_at_low, table.difference_at_high,
                          numpy.broadcast_to(table.difference_at_base,
                                             table.low.shape)])
    width = widths.max(axis=0) - widths.min(axis=0)
    assert (numpy.diff(width) <= 1e-9).all()
    same = (table.best_at_low == table.attrs["best_at_base"]) \
        & (table.best_at_high == table.attrs["best_at_base"])
    numpy.testing.assert_array_equal(numpy.isnan(table.switches_at), same)
    there = table.where(~same, drop=True)
    assert ((there.low <= there.switches_at)
            & (there.switches_at <= there.high)).all()


def test_first_alternative_is_the_scenario_itself(path):
    if "alternatives" not in groups_of(path):
        return
    table = opened(path, "alternatives").load()
    assert table.alternative[0] == "base" and table.same_patients[0] == 1
    base = table.isel(alternative=0)
    reference = opened(path, None).attrs["reference_pathway"]
    numpy.testing.assert_allclose(
        base.difference_mean,
        base["mean"] - base["mean"].sel(pathway=reference),
        rtol=1e-9, atol=1e-12)
    if "loss" in table:
        assert (base.loss == 0).all()
        assert (table.loss.fillna(0) >= -1e-9).all()


def test_draws_are_those_that_were_asked_for(path):
    if "draws" not in groups_of(path):
        return
    draws = opened(path, "draws").load()
    assert draws.attrs["draws"] == draws.sizes["draw"] == DRAWS
    assert draws.attrs["patients"] == DRAW_PATIENTS
    assert draws.attrs["luck"] == "independent"
    numpy.testing.assert_array_equal(draws.draw, numpy.arange(DRAWS) + 1)
    counts = draws.cumulative_remission * DRAW_PATIENTS
    numpy.testing.assert_allclose(counts, numpy.round(counts), atol=1e-6)
    curves = opened(path, "uncertainty/curves").load()
    numpy.testing.assert_allclose(
        curves.cumulative_remission_mean,
        draws.cumulative_remission.mean("draw"), atol=1e-12)
    low, high = curves.cumulative_remission_low, curves.cumulative_remission_high
    assert (low <= high).all() and (low >= 0).all() and (high <= 1).all()
    # Less luck, less spread.
    naive = curves.cumulative_remission_high_naive \
        - curves.cumulative_remission_low_naive
    assert (high - low <= naive + 1e-12).mean() > 0.95


def test_outcomes_of_draws_follow_from_the_draws(path):
    if "draws" not in groups_of(path):
        return
    draws = opened(path, "draws").load()
    outcomes = opened(path, "uncertainty/outcomes").load()
    stated = opened(path, "outcomes").load()
    reference = opened(path, None).attrs["reference_pathway"]
    mean = draws["mean"]
    for prefix, of in (("", mean),
                       ("difference_", mean - mean.sel(pathway=reference))):
        numpy.testing.assert_allclose(outcomes[prefix + "mean"],
                                      of.mean("draw"), rtol=1e-9, atol=1e-9)
        numpy.testing.assert_allclose(outcomes[prefix + "sd_naive"],
                                      of.std("draw", ddof=1), rtol=1e-6,
                                      atol=1e-9)
        numpy.testing.assert_allclose(
            outcomes[prefix + "gap"], outcomes[prefix + "mean"]
            - outcomes[prefix + "deterministic"], rtol=1e-6, atol=1e-9)
        assert (outcomes[prefix + "sd"].fillna(0)
                <= outcomes[prefix + "sd_naive"].fillna(0) + 1e-9).all()
    assert (outcomes.measure == stated.measure).all()
    parameters = opened(path, "uncertainty/parameters").load()
    values = draws.parameter_value
    assert (parameters.parameter == draws.parameter).all()
    numpy.testing.assert_allclose(parameters["mean"], values.mean("draw"))
    numpy.testing.assert_allclose(parameters.sd, values.std("draw", ddof=1),
                                  rtol=1e-6)


def test_decisions_add_up(path):
    if "uncertainty/decision" not in groups_of(path):
        return
    decision = opened(path, "uncertainty/decision").load()
    for name in ("probability_best", "probability_best_naive"):
        numpy.testing.assert_allclose(decision[name].sum("pathway"), 1)
    benefit = decision.expected_net_benefit
    numpy.testing.assert_array_equal(
        decision.on_frontier == 1, benefit == benefit.max("pathway"))
    numpy.testing.assert_allclose(
        decision.evpi, decision.expected_loss.min("pathway"), rtol=1e-6,
        atol=1e-6)
    assert (decision.evpi_naive >= 0).all() and (decision.evpi >= 0).all()
    stated = opened(path, "cost_effectiveness").threshold.values
    grid = numpy.union1d(numpy.linspace(0, 2 * stated.max(), 101), stated)
    numpy.testing.assert_allclose(decision.threshold, grid)
    information = opened(path, "uncertainty/evppi").load()
    numpy.testing.assert_array_equal(information.threshold, stated)
    keys = opened(path, "uncertainty/parameters").parameter.values
    single = information.is_group == 0
    assert set(information.group.values[single]) == set(keys)
    # By definition; both have errors of a finite number of draws.
    evpi = decision.evpi.sel(threshold=stated)
    error = decision.evpi_se.sel(threshold=stated) + information.evppi_se
    assert (information.evppi <= evpi + 3 * error + 1e-9).all()


def test_snippets_of_the_page_run(path):
    snippets = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert snippets
    for snippet in snippets:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(snippet.replace("results/stard.h5", str(path)), {})
        assert output.getvalue()


OF_ANALYSES = [test_every_dataset_is_described_and_there,
               test_datasets_are_as_described,
               test_both_engines_open_every_group,
               test_both_engines_read_the_same,
               test_variables_keep_their_order,
               test_attributes_of_an_analysis_are_as_described,
               test_one_number_at_a_time_moves_the_differences,
               test_first_alternative_is_the_scenario_itself]
OF_TRACED = [test_snippets_of_the_page_run, test_histories_are_told_by_name,
             test_histories_agree_with_the_curves,
             test_covariates_are_columns_by_patient]
ONLY_OF_ANALYSES = OF_ANALYSES[5:]


def tests_of(path):
    everything = [item for name, item in globals().items()
                  if name.startswith("test_")]
    with h5py.File(path) as file:
        if "kind" in file.attrs:
            return OF_ANALYSES
        left_out = ONLY_OF_ANALYSES + (
            [] if "patients" in file else OF_TRACED)
    return [test for test in everything if test not in left_out]


def run_program(program, path, *words):
    subprocess.run([program, *words, "-o", str(path)], check=True, cwd=SOURCE,
                   stdout=subprocess.DEVNULL)
    return path


def make_files(program, folder):
    def made(name, *words):
        return run_program(program, pathlib.Path(folder) / f"{name}.h5", *words)

    of = [f"configs/{DRAWN}.toml", "--patients", "2000"]
    return [
        *(made(name, "run", f"configs/{name}.toml", "--patients", "10000",
               "--trace", str(TRACED)) for name in SCENARIOS),
        made(DRAWN, "run", *of, "--draws", str(DRAWS), "--draw-patients",
             str(DRAW_PATIENTS)),
        made("one_way", "sensitivity", *of),
        made("two_way", "sensitivity", *of, "--two-way", *TWO),
        made("alternatives", "alternatives", *of)]


def passes(test, path):
    try:
        test(path)
    except Exception:  # noqa: BLE001 (one failure must not hide the others)
        print(f"FAILED: {test.__name__} on {path.name}")
        traceback.print_exc()
        return False
    return True


def main(arguments):
    if len(arguments) != 1:
        print("usage: results_test.py PROGRAM", file=sys.stderr)
        return 2
    program = str(pathlib.Path(arguments[0]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        results = [passes(test, path)
                   for path in make_files(program, folder)
                   for test in tests_of(path)]
    print(f"{sum(results)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
