#!/usr/bin/python3
"""Kills some checkpointed runs and resumes them to the end.

Usage: endurance_test.py PROGRAM

A few of the kills of tests/faults/kills.py, which scripts/endurance.sh does 200
times.
"""

import pathlib
import subprocess
import sys

KILLS = pathlib.Path(__file__).resolve().parents[1] / "faults/kills.py"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    done = subprocess.run([sys.executable, KILLS, sys.argv[1], "--runs", "4"],
                          check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
