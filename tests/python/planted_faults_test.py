#!/usr/bin/python3
"""`stardsim check` finds each of the ten faults of models/planted.hpp, by the
checks that are meant to find it, and nothing where none is planted.

Usage: planted_faults_test.py STARDSIM_FAULTY

All draws are fixed by the scenarios' seeds. Where a check is not exact, the
fault moves a figure by many times the bound of about 5.5 standard errors.
"""
import csv
import io
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PATIENTS = 5000

# Fault: scenario: checks that must fail. The course in vectors runs STAR*D, the
# plain course IVI-MDD and ect_timing.
FAULTS = {
    "state_leak": {
        "stard": ["n patients are the first of more", "a cohort is its single lives"],
        "ect_timing": ["a cohort is its single lives"],
    },
    "last_step_skipped": {
        "stard": ["no remission, no leaving: all steps", "as the exact twin"],
        "ivi_mdd": ["no remission, no leaving: all steps"],
    },
    "rate_as_hazard": {
        "stard": ["a discounted stream by hand"],
        "ivi_mdd": ["a discounted stream by hand"],
    },
    "attrition_twice": {
        "stard": ["as the exact twin", "outcomes and leaving at stated rates"],
    },
    "relapse_clock": {
        "stard": ["relapse by its law, again and again"],
        "ivi_mdd": ["relapse by its law, again and again"],
    },
    "shares_ignored": {
        "stard_arms": ["arms by their stated shares", "shares 0 and 1: none and all"],
    },
    "partial_as_remission": {
        "smoke": ["remission 0: nobody remits"],
        "ivi_mdd": ["remission 0: nobody remits"],
    },
    "death_ratio_ignored": {
        "ivi_mdd": ["death at its hazard times its ratio"],
    },
    "previous_state": {
        "stard": ["QALYs are utility times time", "costs are price times use"],
        "ivi_mdd": ["QALYs are utility times time", "costs are price times use"],
    },
    "shared_luck": {
        "stard": ["as the exact twin", "outcomes and leaving at stated rates"],
    },
}


def check(program, fault, scenarios):
    """The exit code, and (scenario, check) of what failed."""
    files = [str(SOURCE / "configs" / f"{name}.toml") for name in scenarios]
    done = subprocess.run(
        [program, "check", "--format", "csv", "--patients", str(PATIENTS), *files],
        env={**os.environ, "STARDSIM_PLANT": fault}, capture_output=True, text=True)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    if not rows:
        sys.exit(f"{fault}: no table\n{done.stderr}")
    return done.returncode, {(row["scenario"], row["check"]) for row in rows
                             if row["result"] == "FAILED"}


def listed_faults():
    """As models/planted.hpp has them."""
    text = (SOURCE / "models" / "planted.hpp").read_text()
    names = re.search(r"enum class PlantedFault \{(.*?)\}", text, re.S)[1]
    return [name.strip() for name in names.split(",")][1:]


def main(program):
    problems = []
    if listed_faults() != list(FAULTS):
        problems.append(f"the faults tried are not those of planted.hpp: {listed_faults()}")
    everything = sorted({name for expected in FAULTS.values() for name in expected})
    code, failed = check(program, "none", everything)
    if code != 0 or failed:
        problems.append(f"nothing planted: exit code {code}, failed: {sorted(failed)}")
    found = 0
    for fault, expected in FAULTS.items():
        code, failed = check(program, fault, expected)
        missed = {(name, one) for name, ones in expected.items() for one in ones} - failed
        print(f"{fault}: {len(failed)} checks failed")
        if code != 1 or missed:
            problems.append(f"{fault}: exit code {code}, not found by: {sorted(missed)}")
        else:
            found += 1
    print(f"{found} of {len(FAULTS)} planted faults found")
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main(sys.argv[1])
