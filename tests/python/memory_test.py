#!/usr/bin/python3
"""Memory does not grow with what is simulated: usage memory_test.py PROGRAM.

Runs the program with more and more patients, histories and draws, and looks at
the most memory that each run had in use at once (ru_maxrss).
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import h5py

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
# What HDF5 may cache of a file's own structure (32 MB), and what allocators
# keep for later. Far less than what grows below would take.
ALLOWANCE = 40
# Of the rows of draws 64 MB are read at a time, and made into others.
AT_ONCE = 150


def peak(*words):
    """In MB, of a run on two threads."""
    child = subprocess.Popen([PROGRAM, "run", *words, "--threads", "2"],
                             stdout=subprocess.DEVNULL, cwd=ROOT)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, f"{words}: exit code {child.returncode}"
    print(f"{usage.ru_maxrss / 1024:6.0f} MB: {' '.join(map(str, words))}")
    return usage.ru_maxrss / 1024


def is_flat(small, large, what, allowance=ALLOWANCE):
    assert large <= small + allowance, (
        f"{what}: {large:.0f} MB of memory instead of {small:.0f} MB")


def test_patients():
    few, many = (peak("configs/smoke.toml", "--patients", patients)
                 for patients in ("100_000", "20_000_000"))
    is_flat(few, many, "patients")


def test_histories(folder):
    """Nine times the histories are 60 MB more in columns, and several copies of
    the file, where it is put together in memory."""
    output = folder / "histories.h5"
    peaks = []
    for traced in (100_000, 900_000):
        peaks.append(peak("configs/smoke.toml", "--patients", "1_000_000",
                          "--trace", str(traced), "-o", output))
        with h5py.File(output) as file:
            covariates = file["patients/covariates/patient"]
            assert covariates.shape == (traced,), covariates.shape
    is_flat(*peaks, "histories")


def test_draws(folder):
    """Of the larger run the curves alone are more than what is allowed."""
    scenario, output = folder / "long.toml", folder / "draws.h5"
    scenario.write_text(f'extends = "{ROOT}/configs/stard.toml"\n'
                        "[scenario]\nhorizon = 2000\n")
    peaks = []
    for draws in (50, 5_000):
        peaks.append(peak(str(scenario), "--patients", "1_000",
                          "--draws", str(draws), "--draw-patients", "20",
                          "-o", output))
        with h5py.File(output) as file:
            curves = file["draws/cumulative_remission"]
            assert curves.shape[0] == draws
            assert (curves[draws - 1, ..., -1] > 0).any()
            assert draws == 50 or curves.size * 8 / 1e6 > AT_ONCE
    is_flat(*peaks, "draws", AT_ONCE)


def main():
    with tempfile.TemporaryDirectory() as folder:
        test_patients()
        test_histories(pathlib.Path(folder))
        test_draws(pathlib.Path(folder))


main()
