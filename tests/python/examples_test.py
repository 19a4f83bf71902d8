#!/usr/bin/python3
"""Runs the examples that read result files, in Python and in R.

Usage: examples_test.py PROGRAM

Both print the same; what they print is what the HDF5 file and `stardsim compare
--format csv` say, which work it out by other means. The R of results/README.md
runs too. Without Rscript and rhdf5 the parts in R are skipped, and it says so.
"""

import csv
import functools
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py
import numpy

from harness import Skipped, passes

SOURCE = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = SOURCE / "scripts/examples"
README = (SOURCE / "results/README.md").read_text(encoding="utf-8")
SCENARIOS = ["stard", "ect_timing", "ivi_mdd", "trd_third_line"]
COSTS = "ect_timing"
DRAWN, ONE_DRAWN = "drawn", "one_drawn"  # COSTS and stard, with draws
PROGRAM = str(pathlib.Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else ""
FOLDER = pathlib.Path()  # of the results, set by main


def path_of(name):
    return FOLDER / f"{name}.h5"


def told(*words):
    made = subprocess.run([str(word) for word in words], text=True,
                          capture_output=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert made.returncode == 0, made.stderr
    return made.stdout


@functools.lru_cache(maxsize=None)
def in_python(name, *pathways):
    return told(EXAMPLES / "read_results.py", path_of(name), *pathways)


def r_or_skip():
    try:
        subprocess.run(["Rscript", "-e", "library(rhdf5)"], check=True,
                       capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise Skipped("no Rscript with rhdf5 "
                      "(scripts/install_packages.sh r)") from None


def rows_of(text, heading):
    """{first word: the numbers of its row} of the table with that heading."""
    table = text.split(heading, 1)[1].split("\n\n")[0].splitlines()[1:]
    number = re.compile(r"-?\d+\.?\d*")
    return {line.split()[0]: [float(x) for x in
                              number.findall(line.split(None, 1)[1])]
            for line in table if line[:1] not in ("", " ")}


@functools.lru_cache(maxsize=None)
def compared(reference):
    """The rows of `compare --format csv`, by (table, strategy, measure)."""
    text = told(PROGRAM, "compare", path_of(COSTS), "--reference", reference,
                "--format", "csv")
    return {(row["table"], row["strategy"], row["measure"]): row
            for row in csv.DictReader(io.StringIO(text))}


def close(shown, value, decimals):
    assert abs(shown - value) <= 0.5000001 * 10**-decimals, (shown, value)


def test_curves_are_those_of_the_file():
    for name in SCENARIOS:
        rows = rows_of(in_python(name), "Remission by week")
        with h5py.File(path_of(name)) as file:
            for p, pathway in enumerate(file["curves/pathway"].asstr()[:]):
                wanted = numpy.array(
                    [file["curves/cumulative_remission"][p, :, -1],
                     file["curves/cumulative_remission_se"][p, :, -1]])
                for shown, value in zip(rows[pathway], wanted.T.ravel()):
                    close(shown, 100 * value, 2)


def test_steps_are_those_of_the_file():
    rows = rows_of(in_python(COSTS, "ect3"), "Steps of ect3")
    with h5py.File(path_of(COSTS)) as file:
        steps = file["steps"]
        p = list(steps["pathway"].asstr()[:]).index("ect3")
        e = list(steps["estimand"].asstr()[:]).index("observed")
        for k, step in enumerate(steps["step_name"].asstr()[p]):
            entered, remission, rate, se = rows[step]
            assert entered == steps["entered"][p, e, k]
            assert remission == steps["remission"][p, e, k]
            close(rate, 100 * steps["remission_rate"][p, e, k], 2)
            close(se, 100 * steps["remission_rate_se"][p, e, k], 2)


def test_differences_are_those_of_compare():
    for first, second in (("ect1", "never"), ("ect3", "ect5")):
        text = in_python(COSTS, first, second)
        rows = rows_of(text, f"{first} less {second}")
        wanted = {measure: row for (table, strategy, measure), row
                  in compared(second).items()
                  if table == "difference" and strategy == first}
        assert len(rows) >= 30 and set(rows) == set(wanted)
        for measure, (mean, se, *_) in rows.items():
            close(mean, float(wanted[measure]["estimate"]), 4)
            close(se, float(wanted[measure]["standard_error"]), 4)


def test_icers_are_those_of_compare():
    for first, second in (("ect1", "never"), ("ect6", "never"),
                          ("ect3", "ect5")):
        text = in_python(COSTS, first, second)
        row = next(row for (table, strategy, _), row
                   in compared(second).items()
                   if table == "icer" and strategy == first)
        shown = re.search(r"^ICER.*QALY +(-?\d+)  \(95 %: (-?\d+) to (-?\d+)\)",
                          text, re.M)
        assert shown, text
        assert row["set"] == "interval"
        for part, name in zip(shown.groups(), ("estimate", "low", "high")):
            close(float(part), float(row[name]), 0)


def test_relapse_is_that_of_the_file():
    rows = rows_of(in_python(COSTS, "ect3"), "Relapse within 52 weeks")
    with h5py.File(path_of(COSTS)) as file:
        table = file["follow_up"]
        p = list(table["pathway"].asstr()[:]).index("ect3")
        s = list(table["status"].asstr()[:]).index("remitted")
        w = list(table["week"][:]).index(52)
        names = file["steps/step_name"].asstr()[p]
        for k, step in enumerate(names):
            close(rows[step][0], 100 - 100 * table["relapse_free"][p, k, s, w],
                  2)
            close(rows[step][1], 100 * table["relapse_free_se"][p, k, s, w], 2)


def test_what_a_scenario_does_not_have_is_left_out():
    text = in_python("stard")
    assert "less" not in text and "ICER" not in text and "Relapse" not in text
    assert "draws" not in text
    assert "ICER" not in in_python("trd_third_line")


def test_credible_intervals_are_those_of_the_file():
    for name in (DRAWN, ONE_DRAWN):
        with h5py.File(path_of(name)) as file:
            draws, group = file["draws"], file["uncertainty/curves"]
            rows = rows_of(in_python(name), ", %d draws of the numbers"
                           % draws.attrs["draws"])
            # Means are not corrected: they are those of the draws themselves.
            numpy.testing.assert_allclose(
                group["cumulative_remission_mean"],
                draws["cumulative_remission"][:].mean(axis=0), atol=1e-12)
            for p, pathway in enumerate(group["pathway"].asstr()[:]):
                wanted = [group[f"cumulative_remission_{end}"][p, :, -1]
                          for end in ("mean", "low", "high")]
                for shown, value in zip(rows[pathway],
                                        numpy.transpose(wanted).ravel()):
                    close(shown, 100 * value, 2)


def test_probabilities_of_being_best_are_those_of_the_file():
    rows = rows_of(in_python(DRAWN), "Highest net benefit at")
    with h5py.File(path_of(DRAWN)) as file:
        group = file["uncertainty/decision"]
        v = list(group["perspective"].asstr()[:]).index(
            file.attrs["perspective"])
        t = list(group["threshold"][:]).index(
            file["cost_effectiveness/threshold"][0])
        for p, pathway in enumerate(group["pathway"].asstr()[:]):
            # Counted in the example from /draws; by the program otherwise.
            close(rows[pathway][0],
                  100 * group["probability_best_naive"][v, t, p], 2)
            close(rows[pathway][1], 100 * group["probability_best"][v, t, p], 2)
    assert "Highest" not in in_python(ONE_DRAWN)


def test_r_prints_the_same():
    r_or_skip()
    for name, *pathways in ([["stard"], [COSTS], [COSTS, "ect3", "ect5"],
                             [COSTS, "ect3", "ect1"], ["ivi_mdd", "P1", "P4"],
                             ["trd_third_line"], [DRAWN], [ONE_DRAWN]]):
        shown = told("Rscript", EXAMPLES / "read_results.R", path_of(name),
                     *pathways)
        assert shown == in_python(name, *pathways), name


def test_the_r_of_the_page_runs_and_its_words_are_true():
    r_or_skip()
    snippets = re.findall(r"```r\n(.*?)```", README, re.DOTALL)
    assert snippets
    for snippet in snippets:
        script = FOLDER / "page.R"
        script.write_text(
            snippet.replace("results/stard.h5", str(path_of("stard")))
            + "cat(dim(curve), '\\n');"
            "cat(format(curve[57, 1, 1], digits = 17), '\\n');"
            "cat(class(entered[1]), entered[2, 2, 1])",
            encoding="utf-8")
        shown = told("Rscript", script).splitlines()
        with h5py.File(path_of("stard")) as file:
            curve = file["curves/cumulative_remission"]
            assert shown[-4] == f'[1] "{file.attrs["title"]}"'
            # pathway, estimand, week turned round
            assert shown[-3].split() == [str(n) for n in curve.shape[::-1]]
            assert float(shown[-2]) == curve[0, 0, 56]
            assert shown[-1] == f"numeric {file['steps/entered'][0, 1, 1]}"


def test_r_reads_large_and_missing_counts_as_the_page_says():
    r_or_skip()
    path = FOLDER / "counts.h5"
    with h5py.File(path, "w") as file:
        file["x"] = numpy.array([5_000_000_000, -1], dtype="int64")
    shown = told("Rscript", "-e", "suppressWarnings({library(rhdf5); "
                 f"x <- h5read('{path}', 'x'); "
                 f"y <- h5read('{path}', 'x', bit64conversion = 'double')}}); "
                 "cat(is.na(x), x[2], sprintf('%.0f', y))")
    assert shown.splitlines()[-1] == "TRUE FALSE -1 5000000000 -1", shown


def test_bad_use_is_one_line():
    bad = FOLDER / "bad.h5"
    bad.write_text("no HDF5\n", encoding="utf-8")
    calls = [[EXAMPLES / "read_results.py"]]
    try:
        r_or_skip()
        calls.append(["Rscript", EXAMPLES / "read_results.R"])
    except Skipped:
        pass
    for call in calls:
        for words, part, code in (
                ([bad], "cannot open", 2),
                ([FOLDER / "none.h5"], "cannot open", 3),
                ([path_of(COSTS), "moon"], "'moon'", 2)):
            made = subprocess.run([*map(str, call), *map(str, words)],
                                  text=True, capture_output=True, check=False)
            assert made.returncode == code
            assert part in made.stderr and made.stderr.count("\n") == 1, \
                made.stderr


def main(arguments):
    global FOLDER
    if len(arguments) != 1:
        print("usage: examples_test.py PROGRAM", file=sys.stderr)
        return 2
    tests = [item for name, item in globals().items()
             if name.startswith("test_")]
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = pathlib.Path(folder)
        for name in SCENARIOS:
            told(PROGRAM, "run", SOURCE / f"configs/{name}.toml", "--patients",
                 "5000", "-o", path_of(name))
        for name, made in ((COSTS, DRAWN), ("stard", ONE_DRAWN)):
            told(PROGRAM, "run", SOURCE / f"configs/{name}.toml", "--patients",
                 "2000", "--draws", "100", "--draw-patients", "500", "-o",
                 path_of(made))
        results = [passes(test) for test in tests]
    print(f"{results.count(True)} passed, {results.count(False)} failed, "
          f"{results.count(None)} skipped")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
