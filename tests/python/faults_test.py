#!/usr/bin/python3
"""Holds small runs against a sample of the faults that they can meet.

Usage: faults_test.py PROGRAM LIBRARY

As tests/faults/faults.py, which tries them all: of each kind of call the first,
the last and some between, in every job.
"""

import pathlib
import subprocess
import sys

FAULTS = pathlib.Path(__file__).resolve().parents[1] / "faults/faults.py"
SAMPLE = ["--most", "3", "--most-memory", "100"]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    done = subprocess.run([sys.executable, FAULTS, *sys.argv[1:], *SAMPLE],
                          check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
