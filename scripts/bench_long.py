#!/usr/bin/python3
"""Times jobs A and B from few patients to very many, with their memory.

Called by scripts/bench.sh --long. Writes a table in Markdown and a picture:
time and memory against the number of patients. Where the program for many
machines has been built, also what a second rank gains beside a second thread.
"""

import argparse
import datetime
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from bench_jobs import (ENGINE_LINE, JOB_A, JOB_B, engine_command, first_line,
                        processor, progress, timed)

MEMORY_ALLOWED = 200  # MB
RANKS_GAIN = 0.9  # of the gain of threads
LOOK_EVERY = 0.005  # seconds


@dataclass
class Run:
    job: str
    patients: int
    inside: float  # seconds of the simulation alone
    wall: float
    cpu: float
    peak: float  # MB


def main():
    options = parse_options()
    sizes = ((JOB_A, range(6, options.largest_a + 1)),
             (JOB_B, range(5, options.largest_b + 1)))
    runs = []
    for job, powers in sizes:
        for power in powers:
            runs.append(measured(options, job, 10 ** power))
            progress()
    progress("\n")
    lines = heading(options) + table(runs) + verdict(runs) + ranks(options)
    options.output.with_suffix(".md").write_text("\n".join(lines) + "\n",
                                                 encoding="utf-8")
    draw(runs, options.output.with_suffix(".png"))
    print("\n".join(lines))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", required=True)
    parser.add_argument("--mpi", help="the same program for many machines")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--largest-a", type=int, default=10,
                        help="power of ten of the patients of job A")
    parser.add_argument("--largest-b", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=5, help="of the ranks")
    parser.add_argument("--output", type=pathlib.Path, required=True,
                        help="of table and picture, without the ending")
    return parser.parse_args()


# ---- one run ----

def measured(options, job, patients):
    """As a user runs it: a result is written, and checkpoints on the way."""
    with tempfile.TemporaryDirectory() as folder:
        command = engine_command(options, job.scenario, patients,
                                 options.threads, 1)
        command += ["-o", f"{folder}/result.h5"]
        # The memory of a short run is seen in one of three; its times are those
        # of the shortest.
        runs = [watched(command) for _ in range(3 if patients < 1e8 else 1)]
    return Run(job.name, patients, *min(runs)[:3],
               max(peak for *_, peak in runs))


def watched(command):
    """Seconds inside, from start to exit and on processors; peak memory in MB.

    The memory is the kernel's high-water mark of the running program, looked at
    again and again: that of its resource usage starts with its parent's.
    """
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        # Waited for below, by a call that tells of this child alone.
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                                   stderr=said)
        program = os.path.realpath(command[0])
        peak = 0
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            peak = max(peak, high_water_mark(process.pid, program))
            time.sleep(LOOK_EVERY)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        found = ENGINE_LINE.search(text := said.read())
    if process.returncode != 0 or not found:
        sys.exit(f"bench_long.py: {' '.join(command)}: exit code "
                 f"{process.returncode}\n{text}")
    return (float(found[2]), seconds, usage.ru_utime + usage.ru_stime,
            peak * 1024 / 1e6)


def high_water_mark(process, program):
    """KiB; 0 before the program has started and after it has ended."""
    try:
        if os.readlink(f"/proc/{process}/exe") == program:
            with open(f"/proc/{process}/status", encoding="ascii",
                      errors="replace") as status:
                for line in status:
                    if line.startswith("VmHWM"):
                        return int(line.split()[1])
    except OSError:
        pass
    return 0


# ---- ranks beside threads ----

def ranks(options):
    lines = ["", "## Two ranks beside two threads", ""]
    if not options.mpi:
        return lines + ["Not measured: `stardsim-mpi` is not built here."]
    lines += ["Whole process, started by `mpirun` for ranks; medians of "
              f"{options.rounds} rounds, in each of which",
              "all four are run in turn.", "",
              "| job | patients | 1 to 2 threads | 1 to 2 ranks "
              f"| ranks / threads (required: {RANKS_GAIN}) |",
              "|---|---|---|---|---|"]
    for job, power in ((JOB_A, min(9, options.largest_a)),
                       (JOB_B, min(9, options.largest_b))):
        lines.append(ranks_row(options, job, 10 ** power))
    return lines


def ranks_row(options, job, patients):
    rounds = [ranks_round(options, job, patients, number)
              for number in range(options.rounds)]
    progress("\n")

    def median(value):
        return statistics.median(value(a_round) for a_round in rounds)

    def gain(a_round, kind):
        return a_round[kind, 1] / a_round[kind, 2]

    ratio = median(lambda r: gain(r, "ranks") / gain(r, "threads"))
    return (f"| {job.name} | {patients:,} "
            f"| {median(lambda r: gain(r, 'threads')):.3f} "
            f"| {median(lambda r: gain(r, 'ranks')):.3f} "
            f"| **{ratio:.3f}** {'met' if ratio >= RANKS_GAIN else 'not met'} |")


def ranks_round(options, job, patients, number):
    """{(kind, how many): seconds}; what goes first changes with the round."""
    def command(kind, count):
        if kind == "threads":
            return engine_command(options, job.scenario, patients, count,
                                  number + 1)
        return ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to",
                "none", "-n", str(count), options.mpi, "run", job.scenario,
                "--patients", str(patients), "--seed", str(number + 1),
                "--threads", "1"]

    order = [("threads", 1), ("ranks", 1), ("threads", 2), ("ranks", 2)]
    shift = number % len(order)
    result = {}
    for which in order[shift:] + order[:shift]:
        result[which] = timed(command(*which))[0]["whole"]
    progress()
    return result


# ---- what is told ----

def heading(options):
    commit = first_line(["git", "-c", "safe.directory=*", "rev-parse",
                         "--short", "HEAD"])
    day = datetime.datetime.now(datetime.timezone.utc).date()
    return ["# Long runs", "",
            f"By `scripts/bench.sh --long`, {day}, commit {commit}, "
            f"{options.threads} threads. Processor:",
            f"{processor()}. Compiler: {first_line(['g++', '--version'])}.", "",
            "*Inside*: the simulation alone. *Wall*: the whole process, its "
            "scenario file read, the",
            "exact twin computed and the result written. *CPU*: that of the "
            "whole process, all threads",
            "together. *Memory*: its peak. Shortest of three runs below 10^8 "
            "patients.", "",
            "![Time and memory against patients](long_runs.png)", ""]


def table(runs):
    return (["| job | patients | inside, s | wall, s | CPU, s | patients/s of "
             "wall | memory, MB |", "|---|---|---|---|---|---|---|"]
            + [f"| {run.job} | {run.patients:,} | {run.inside:.3f} "
               f"| {run.wall:.2f} | {run.cpu:.2f} "
               f"| {run.patients / run.wall:.3g} | {run.peak:.1f} |"
               for run in runs])


def verdict(runs):
    lines = [""]
    for job in (JOB_A, JOB_B):
        of_job = [run for run in runs if run.job == job.name]
        peaks = [run.peak for run in of_job]
        before, last = of_job[-2:]
        lines.append(
            f"Job {job.name}: the largest run takes "
            f"{last.inside / before.inside:.2f} times the time inside of the "
            "one with a\ntenth of the patients; "
            f"memory, largest / smallest: {max(peaks) / min(peaks):.3f}.")
    peak = max(run.peak for run in runs)
    lines.append(f"Required: below {MEMORY_ALLOWED} MB; the peak of all is "
                 f"{peak:.1f} MB: "
                 + ("met." if peak < MEMORY_ALLOWED else "**not met**."))
    return lines


def draw(runs, path):
    import plotting  # needs matplotlib

    pyplot = plotting.pyplot
    pyplot.style.use(["default", plotting.STYLE])
    mm = plotting.MM / 72  # inches
    figure, (times, memory) = pyplot.subplots(
        1, 2, figsize=(plotting.DEFAULT_WIDTH * mm, 65 * mm),
        layout="constrained")
    for number, job in enumerate((JOB_A, JOB_B)):
        of_job = [run for run in runs if run.job == job.name]
        patients = [run.patients for run in of_job]
        style = plotting.pathway_style(number)
        times.plot(patients, [run.inside for run in of_job], **style,
                   label=f"Job {job.name}, the simulation")
        times.plot(patients, [run.wall for run in of_job],
                   color=style["color"], linestyle=":", marker="",
                   label=f"Job {job.name}, the whole process")
        memory.plot(patients, [run.peak for run in of_job], **style,
                    label=f"Job {job.name}")
    memory.axhline(MEMORY_ALLOWED, color="0.3", linestyle="--", marker="",
                   linewidth=0.8, label=f"allowed: {MEMORY_ALLOWED} MB")
    times.set(title="Time", ylabel="Seconds")
    memory.set(title="Memory", ylabel="Peak of the process, MB",
               ylim=(1, 1000))
    for axes in (times, memory):
        axes.set(xscale="log", yscale="log", xlabel="Patients")
        axes.legend(loc="upper left")
    plotting.save(figure, path)


if __name__ == "__main__":
    main()
