#!/usr/bin/python3
"""Sums what gcov counted: which lines of models/ and sim/ the tests reach.

Usage: coverage.py BUILD_FOLDER [--missed]
A line that is compiled several times (templates, instruction sets) counts once,
and as reached if it was reached in one of them. Writes a table in Markdown;
with --missed also the lines that nothing reached, as FILE:LINE.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = ("models", "sim/core", "sim/analysis", "sim/io", "sim/app")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--missed", action="store_true")
    options = parser.parse_args()
    lines = reached_lines(options.folder)
    if not lines:
        sys.exit(f"coverage.py: no counts in {options.folder}: build with the "
                 "preset coverage and run its tests first")
    print_table(lines)
    if options.missed:
        for (file, line), reached in sorted(lines.items()):
            if not reached:
                print(f"{file}:{line}")


def reached_lines(folder):
    """{(file, line): whether it was reached}."""
    lines = collections.defaultdict(bool)
    for counts in sorted(folder.resolve().rglob("*.gcda")):
        found = counted_by(counts)
        for file in found["files"]:
            name = os.path.relpath(os.path.realpath(os.path.join(
                found["current_working_directory"], file["file"])), ROOT)
            if layer_of(name):
                for line in file["lines"]:
                    lines[name, line["line_number"]] |= line["count"] > 0
    return lines


def counted_by(counts):
    run = subprocess.run(
        ["gcov-12", "--json-format", "--stdout", str(counts)], check=True,
        stdout=subprocess.PIPE, cwd=counts.parent)
    return json.loads(run.stdout)


def layer_of(file):
    for layer in LAYERS:
        if file.startswith(layer + "/"):
            return layer
    return None


def print_table(lines):
    print("| layer | lines | reached | % |\n|---|---|---|---|")
    for layer in LAYERS + ("all",):
        of_layer = [reached for (file, _), reached in lines.items()
                    if layer in ("all", layer_of(file))]
        if of_layer:
            print(f"| {layer} | {len(of_layer):,} | {sum(of_layer):,} "
                  f"| {100 * sum(of_layer) / len(of_layer):.1f} |")


if __name__ == "__main__":
    main()
