#!/usr/bin/python3
"""Times job A (100,000,000 patients) in the engine and in the floor, in turn.

Called by scripts/bench.sh; writes Markdown to stdout. Every round runs engine
and floor once with one thread and once with two, the one that goes first
changing from round to round, and a seed of its own.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import time

PATIENTS = 100_000_000
ENGINE_LINE = re.compile(
    r"simulated (\d+) patients in ([0-9.]+) s \(.*\), \d+ threads?, (\S+)")
FLOOR_LINE = re.compile(r"wall min/med/max [0-9.]+/([0-9.]+)/")
PROTOTYPE_LINE = re.compile(r"med ([0-9.e+]+) patients/s")


def main():
    options = parse_options()
    rounds = [run_round(options, number) for number in range(options.pairs)]
    print_report(options, rounds)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", required=True)
    parser.add_argument("--floor")
    parser.add_argument("--prototype")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--scenario", required=True)
    return parser.parse_args()


def run_round(options, number):
    """{(program, threads): {"whole": s, "inside": s, "target": name}}"""
    seed = number + 1
    order = [run_engine, run_floor] if number % 2 == 0 else [
        run_floor, run_engine]
    result = {}
    for threads in (1, 2):
        for run in order:
            if run is run_floor and not options.floor:
                continue
            name = "engine" if run is run_engine else "floor"
            result[name, threads] = run(options, threads, seed)
        if options.prototype:
            result["prototype", threads] = run_prototype(options, threads)
        sys.stderr.write(".")
        sys.stderr.flush()
    if seed == options.pairs:
        sys.stderr.write("\n")
    return result


def engine_command(options, threads, seed):
    return [options.engine, "run", options.scenario,
            "--patients", str(PATIENTS), "--seed", str(seed),
            "--threads", str(threads), "--timing"]


def run_engine(options, threads, seed):
    whole, text = timed(engine_command(options, threads, seed))
    found = ENGINE_LINE.search(text)
    if not found or int(found[1]) != PATIENTS:
        sys.exit(f"bench_job_a.py: the engine does not tell its time:\n{text}")
    return {"whole": whole, "inside": float(found[2]), "target": found[3]}


def run_floor(options, threads, seed):
    whole, text = timed([options.floor, "A4v", str(PATIENTS), str(threads),
                         "1", str(seed)])
    return {"whole": whole, "inside": float(FLOOR_LINE.search(text)[1])}


def run_prototype(options, threads):
    whole, text = timed([options.prototype, "4", str(PATIENTS), str(threads),
                         "1"])
    speed = float(PROTOTYPE_LINE.search(text)[1])
    return {"whole": whole, "inside": PATIENTS / speed}


def timed(command):
    """Seconds from start to exit, and what the program printed."""
    start = time.perf_counter()
    run = subprocess.run(command, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False)
    seconds = time.perf_counter() - start
    if run.returncode != 0:
        sys.exit(f"bench_job_a.py: {' '.join(command)}: exit code "
                 f"{run.returncode}\n{run.stdout}")
    return seconds, run.stdout


def peak_memory(options, threads):
    """MiB, in a run of its own that is not timed.

    The kernel's high-water mark of the running program, polled every
    millisecond: the one in its resource usage starts at its parent's size.
    """
    process = subprocess.Popen(engine_command(options, threads, 1),
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    own = os.path.realpath(options.engine)
    peak = 0
    while process.poll() is None:
        try:
            if os.readlink(f"/proc/{process.pid}/exe") == own:
                with open(f"/proc/{process.pid}/status",
                          encoding="ascii", errors="replace") as status:
                    for line in status:
                        if line.startswith("VmHWM"):
                            peak = max(peak, int(line.split()[1]))
        except OSError:
            pass
        time.sleep(0.001)
    return peak / 1024


def print_report(options, rounds):
    def median(value):
        return statistics.median(value(a_round) for a_round in rounds)

    def speed(name, threads, clock):
        return median(lambda r: PATIENTS / r[name, threads][clock])

    def ratio(top, bottom, clock):
        """Median over the rounds of the ratio of two speeds."""
        return median(lambda r: r[bottom][clock] / r[top][clock])

    names = [name for name in ("engine", "floor", "prototype")
             if (name, 1) in rounds[0]]
    target = rounds[0]["engine", 1]["target"]
    print(f"""# Job A: {PATIENTS:,} patients, {len(rounds)} rounds

Processor: {processor()}; engine's instruction set: {target}.
Compiler: {first_line(["g++", "--version"])}.

*Whole process*: from start to exit as seen from outside, for the engine with
its scenario file read, the exact twin computed and the table printed.
*Inside*: the simulation alone, by each program's own clock. Medians of the
rounds.

| program | threads | whole process, patients/s | inside, patients/s |
|---|---|---|---|""")
    for name in names:
        for threads in (1, 2):
            print(f"| {name} | {threads} "
                  f"| {speed(name, threads, 'whole'):.3g} "
                  f"| {speed(name, threads, 'inside'):.3g} |")
    print("\n| figure (median over rounds) | whole process | inside |"
          "\n|---|---|---|")
    for name in names[1:]:
        for threads in (1, 2):
            pair = ("engine", threads), (name, threads)
            print(f"| engine / {name}, {threads} thread{'s' * (threads > 1)} "
                  f"| **{ratio(*pair, 'whole'):.3f}** "
                  f"| {ratio(*pair, 'inside'):.3f} |")
    gains = {}
    for name in names:
        gains[name] = {clock: ratio((name, 2), (name, 1), clock)
                       for clock in ("whole", "inside")}
        print(f"| two-thread gain, {name} | {gains[name]['whole']:.3f} "
              f"| {gains[name]['inside']:.3f} |")
    if "floor" in gains:
        whole, inside = (gains["engine"][clock] / gains["floor"][clock]
                         for clock in ("whole", "inside"))
        print(f"| gain of the engine / gain of the floor | {whole:.3f} "
              f"| {inside:.3f} |")
    print(f"\nPeak memory of the engine: {peak_memory(options, 1):.1f} MiB "
          f"with one thread, {peak_memory(options, 2):.1f} MiB with two.")


def processor():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown"


def first_line(command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          check=True).stdout.splitlines()[0]


if __name__ == "__main__":
    main()
