#!/usr/bin/python3
"""Times jobs A and B in the engine and in other programs, in turn.

Called by scripts/bench.sh; writes Markdown to stdout. Every round of a job
runs engine and floor once with one thread and once with two, the one that goes
first changing from round to round, and a seed of its own. Then what patients
who differ cost, and the memory.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

ENGINE_LINE = re.compile(
    r"simulated (\d+) patients in ([0-9.]+) s \(.*\), \d+ threads?, (\S+)")
FLOOR_LINE = re.compile(r"wall min/med/max [0-9.]+/([0-9.]+)/")
PROTOTYPE_LINE = re.compile(r"med ([0-9.e+]+) patients/s")
# In remission at the end of job B: both programs print it.
ENGINE_REMISSION = re.compile(
    r"^in remission, in follow-up +([0-9.]+)", re.MULTILINE)
FLOOR_REMISSION = re.compile(r"prev104 ([0-9.]+) \(([0-9.]+)\)")

DRAWS_LINE = re.compile(
    r"simulated (\d+) draws of (\d+) patients on (\d+) pathways? in ([0-9.]+) s "
    r"\(.*\), (\d+) threads?, (\S+)")

INSTRUCTION_SETS = re.compile(
    r"Instruction set \(default: the fastest\): ([a-z0-9, -]+);")

CLOCKS = ("whole", "inside", "processor")


@dataclass
class Job:
    name: str
    scenario: str
    patients: int
    floor: str  # the floor's name for its program
    others: tuple = ()  # further programs, for information
    required: float = 0  # least ratio of the engine's speed to the floor's
    note: str = ""


JOB_A = Job("A", "configs/bench/job_a.toml", 100_000_000, "A4v",
            ("prototype",))
JOB_B = Job("B", "configs/bench/job_b.toml", 20_000_000, "Bv", ("Bq",), 1 / 3,
            "Unlike work: all three accrue discounted costs and QALYs. Bv and Bq "
            "sum these and\nfollow one course; the engine sums every measure of the "
            "scenario, with squares and\nby batch, counts both estimands, where "
            "patients are in every week, and follow-up\ntables.")

# A probabilistic sensitivity analysis, and how long it may take.
DRAWS = "configs/bench/psa.toml"
DRAWS_COUNT, DRAWS_PATIENTS, DRAWS_THREADS = 1000, 10_000, 2
DRAWS_SECONDS, DRAWS_MEBIBYTES = 10, 500
# One on the plain course, with fewer draws: what a user may have to wait for.
PLAIN_DRAWS = "configs/ect_timing.toml"
PLAIN_DRAWS_COUNT = 20

# What is added to job B, and its scenario.
VARIANTS = (
    ("job B", "configs/bench/job_b.toml"),
    ("without costs and QALYs", "configs/bench/job_b_course.toml"),
    ("with 4 covariates", "configs/bench/job_b_covariates.toml"),
    ("with a latent propensity", "configs/bench/job_b_propensity.toml"),
    ("with staging, without costs", "configs/bench/job_b_staging.toml"),
)
VARIANT_PATIENTS = 10_000_000

# Of either job, with every instruction set.
SET_PATIENTS = 10_000_000

# The tools in which such cohorts are simulated today: job B, one thread.
PEER_PATIENTS = 1_000_000
PEER_ROUNDS = 3

# A published decision model, of which a published program in R does about 20
# patients a second.
MODEL = "configs/ivi_mdd.toml"
MODEL_PATIENTS = 100_000
MODEL_IN_R = 20


def main():
    options = parse_options()
    print(f"""# Speed and memory

Processor: {processor()}.
Compiler: {first_line(["g++", "--version"])}.

*Whole process*: from start to exit as seen from outside, for the engine with
its scenario file read, the exact twin computed and the table printed.
*Inside*: the simulation alone, by each program's own clock. *Processor*: time
that the whole process had a processor, all threads together; of the three it
heeds other work on the machine least. Medians of {options.rounds} rounds.""")
    if options.sets_only:
        report_sets(options)
        return
    for job in (JOB_A, JOB_B):
        report_job(options, job)
    report_sets(options)
    report_peers(options)
    report_draws(options)
    report_model(options)
    report_variants(options)
    report_memory(options)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", required=True)
    parser.add_argument("--floor")
    parser.add_argument("--prototype")
    parser.add_argument("--plain", help="plain C++, compiled")
    parser.add_argument("--peers", help="folder of the peers' scripts")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--largest-cohort", type=int, default=100_000_000,
                        help="for the memory of job B")
    parser.add_argument("--sets-only", action="store_true",
                        help="the instruction sets and nothing else")
    return parser.parse_args()


# ---- one run ----

def engine_command(options, scenario, patients, threads, seed):
    return [options.engine, "run", scenario, "--patients", str(patients),
            "--seed", str(seed), "--threads", str(threads), "--timing"]


def run_engine(options, scenario, patients, threads, seed, *more):
    times, text = timed(
        engine_command(options, scenario, patients, threads, seed) + [*more])
    found = ENGINE_LINE.search(text)
    if not found or int(found[1]) != patients:
        sys.exit(f"bench_jobs.py: the engine does not tell its time:\n{text}")
    return {**times, "inside": float(found[2]), "target": found[3],
            "text": text}


def run_floor(options, program, patients, threads, seed):
    times, text = timed([options.floor, program, str(patients), str(threads),
                         "1", str(seed)])
    return {**times, "inside": float(FLOOR_LINE.search(text)[1]), "text": text}


def run_prototype(options, patients, threads):
    times, text = timed([options.prototype, "4", str(patients), str(threads),
                         "1"])
    speed = float(PROTOTYPE_LINE.search(text)[1])
    return {**times, "inside": patients / speed}


def timed(command):
    """Seconds from start to exit and on a processor; what was printed."""
    def processor_time():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = processor_time()
    start = time.perf_counter()
    run = subprocess.run(command, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False)
    seconds = time.perf_counter() - start
    if run.returncode != 0:
        sys.exit(f"bench_jobs.py: {' '.join(command)}: exit code "
                 f"{run.returncode}\n{run.stdout}")
    return ({"whole": seconds, "processor": processor_time() - before},
            run.stdout)


def progress(text="."):
    sys.stderr.write(text)
    sys.stderr.flush()


# ---- a job beside its floor ----

def programs_of(options, job):
    """The engine, its floor, and what else there is of this job."""
    programs = ["engine"]
    if options.floor:
        programs.append(job.floor)
    for other in job.others:
        if options.prototype if other == "prototype" else options.floor:
            programs.append(other)
    return programs


def run_program(options, job, program, threads, seed):
    if program == "engine":
        return run_engine(options, job.scenario, job.patients, threads, seed)
    if program == "prototype":
        return run_prototype(options, job.patients, threads)
    return run_floor(options, program, job.patients, threads, seed)


def run_round(options, job, number):
    """{(program, threads): times}; engine and floor take turns to be first."""
    programs = programs_of(options, job)
    pair, others = programs[:2], programs[2:]
    order = (pair if number % 2 == 0 else pair[::-1]) + others
    result = {(program, threads):
              run_program(options, job, program, threads, number + 1)
              for threads in (1, 2) for program in order}
    progress()
    return result


def report_job(options, job):
    rounds = [run_round(options, job, number)
              for number in range(options.rounds)]
    progress("\n")
    programs = programs_of(options, job)

    def median(value):
        return statistics.median(value(a_round) for a_round in rounds)

    def speed(program, threads, clock):
        return median(lambda r: job.patients / r[program, threads][clock])

    def ratio(top, bottom, clock):
        """Median over the rounds of the ratio of two speeds."""
        return median(lambda r: r[bottom][clock] / r[top][clock])

    print(f"\n## Job {job.name}: {job.patients:,} patients\n")
    print("Engine's instruction set: "
          f"{rounds[0]['engine', 1]['target']}.")
    print_share(programs, rounds)
    if job.note and len(programs) > 1:
        print(f"\n{job.note}")
    print("\n| program, patients/s | threads | whole process | inside "
          "| processor |\n|---|---|---|---|---|")
    for program in programs:
        for threads in (1, 2):
            print(f"| {program} | {threads} | "
                  + " | ".join(f"{speed(program, threads, clock):.3g}"
                               for clock in CLOCKS) + " |")
    print("\n| ratio of speeds (median over rounds) | whole process | inside "
          "| processor |\n|---|---|---|---|")
    for program in programs[1:]:
        for threads in (1, 2):
            whole, *rest = (ratio(("engine", threads), (program, threads),
                                  clock) for clock in CLOCKS)
            print(f"| engine / {program}, {threads} "
                  f"thread{'s' * (threads > 1)} | **{whole:.3f}** | "
                  + " | ".join(f"{value:.3f}" for value in rest) + " |")
    gains = {}
    for program in programs:
        gains[program] = [ratio((program, 2), (program, 1), clock)
                          for clock in ("whole", "inside")]
        whole, inside = gains[program]
        print(f"| two-thread gain, {program} | {whole:.3f} | {inside:.3f} | |")
    if job.floor in gains:
        whole, inside = (engine / floor for engine, floor
                         in zip(gains["engine"], gains[job.floor]))
        print(f"| gain of the engine / gain of {job.floor} | {whole:.3f} "
              f"| {inside:.3f} | |")
        if job.required:
            print_requirement(job, {
                f"{threads} thread{'s' * (threads > 1)}, {clock}":
                    ratio(("engine", threads), (job.floor, threads), clock)
                for threads in (1, 2) for clock in ("whole", "processor")})
        print_same_job(job, rounds[0])


def print_share(programs, rounds):
    """How quiet the machine was: with two threads other work shows."""
    share = statistics.median(
        a_round[program, 2]["processor"] / a_round[program, 2]["whole"] / 2
        for a_round in rounds for program in programs)
    print("Share of the time that the threads had a processor, with two: "
          f"{share:.2f}"
          + ("." if share > 0.85 else ";\nother work was going on: the "
             "two-thread gains do not count, the processor\ncolumn does."))


def print_requirement(job, ratios):
    least = min(ratios, key=ratios.get)
    print(f"\nRequired of the engine: {job.required:.3f} of the speed of "
          f"{job.floor} per core. The least of\nits ratios, whole process and "
          f"processor, is {ratios[least]:.3f} ({least}): "
          f"{'met' if ratios[least] >= job.required else '**not met**'}.")


def print_same_job(job, a_round):
    """That the two simulate the same thing, where both say so."""
    engine = ENGINE_REMISSION.search(a_round["engine", 1]["text"])
    floor = FLOOR_REMISSION.search(a_round[job.floor, 1]["text"])
    if engine and floor:
        print(f"\nIn remission at the end: engine {float(engine[1]):.3f} %, "
              f"{job.floor} {100 * float(floor[1]):.3f} %, exact "
              f"{100 * float(floor[2]):.3f} %.")


# ---- the instruction sets ----

def instruction_sets(options):
    """Those of the engine on this machine, the fastest first."""
    text = subprocess.run([options.engine, "run", "--help"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return INSTRUCTION_SETS.search(text)[1].split(", ")


def report_sets(options):
    sets = instruction_sets(options)
    print(f"""
## Instruction sets, one thread, inside

The results are equal to the byte. Medians of {options.rounds} rounds; `one-lane` is what every
machine can run, compiled for the baseline of its architecture.

| job | set | patients/s | ratio to the fastest (median over rounds) |
|---|---|---|---|""")
    for job in (JOB_A, JOB_B):
        rounds = [sets_round(options, job, sets, number)
                  for number in range(options.rounds)]
        progress("\n")
        for name in sets:
            seconds = statistics.median(one[name] for one in rounds)
            ratio = statistics.median(one[sets[0]] / one[name]
                                      for one in rounds)
            print(f"| {job.name} | {name} | {SET_PATIENTS / seconds:.3g} "
                  f"| {ratio:.3f} |")


def sets_round(options, job, sets, number):
    """{set: seconds}, each in turn being the first."""
    shift = number % len(sets)
    result = {name: run_engine(options, job.scenario, SET_PATIENTS, 1,
                               number + 1, "--instructions", name)["inside"]
              for name in sets[shift:] + sets[:shift]}
    progress()
    return result


# ---- job B beside other tools ----

def peers_of(options):
    """{name: command}, each in the folder of the peers' scripts."""
    size = str(PEER_PATIENTS)
    peers = {}
    if options.peers:
        peers["numpy"] = ["/usr/bin/python3", "peer_numpy.py", "B", size, "3"]
        peers["numba"] = ["/usr/bin/python3", "peer_numba.py", "B", size, "1",
                          "3"]
        peers["base R"] = ["Rscript", "peer_base.R", "B", size, "1"]
    if options.plain:
        peers["plain C++"] = [os.path.realpath(options.plain), "boost", "B",
                              size, "3"]
    return peers


def run_peer(options, command):
    """Seconds inside; None if it cannot be run here."""
    try:
        run = subprocess.run(command, cwd=options.peers, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             check=False)
    except FileNotFoundError:
        return None
    found = FLOOR_LINE.search(run.stdout)
    return float(found[1]) if run.returncode == 0 and found else None


def report_peers(options):
    peers = peers_of(options)
    if not peers:
        return
    times = {name: [] for name in peers}
    engine = []
    for number in range(PEER_ROUNDS):
        engine.append(run_engine(options, JOB_B.scenario, JOB_B.patients, 1,
                                 number + 1)["inside"] / JOB_B.patients)
        for name, command in peers.items():
            if None not in times[name]:
                seconds = run_peer(options, command)
                times[name].append(seconds and seconds / PEER_PATIENTS)
        progress()
    progress("\n")
    print(f"""
## Job B beside other tools, one thread, inside

Each with {PEER_PATIENTS:,} patients, the engine with {JOB_B.patients:,}; medians of {PEER_ROUNDS} rounds.

| program | patients/s | engine / program |
|---|---|---|
| engine | {1 / statistics.median(engine):.3g} | |""")
    for name, seconds in times.items():
        if None in seconds:
            print(f"| {name} | not to be had here | |")
            continue
        ratio = statistics.median(
            peer / own for peer, own in zip(seconds, engine))
        print(f"| {name} | {1 / statistics.median(seconds):.3g} "
              f"| {ratio:.1f} |")


# ---- uncertainty draws ----

def draws_command(options, scenario, draws, threads, seed):
    """The deterministic run before them is kept small."""
    return [options.engine, "run", scenario, "--patients", "1", "--seed",
            str(seed), "--threads", str(threads), "--draws", str(draws),
            "--draw-patients", str(DRAWS_PATIENTS), "--timing"]


def run_draws(options, scenario, draws, seed):
    times, text = timed(
        draws_command(options, scenario, draws, DRAWS_THREADS, seed))
    found = DRAWS_LINE.search(text)
    if not found or int(found[1]) != draws:
        sys.exit(f"bench_jobs.py: the engine does not tell its time:\n{text}")
    return {**times, "inside": float(found[4]), "pathways": int(found[3]),
            "target": found[6]}


def draw_peers_of(options):
    """{name: (command, threads, trajectories)}: job C where they have it."""
    size = DRAWS_COUNT * DRAWS_PATIENTS
    patients = str(DRAWS_PATIENTS)
    peers = {}
    if options.floor:
        peers["C4v"] = ([os.path.realpath(options.floor), "C4v", patients, "2",
                         "3"], 2, size)
    if options.peers:
        peers["numpy"] = (["/usr/bin/python3", "peer_numpy.py", "C", patients,
                           "3"], 1, size)
        peers["numba"] = (["/usr/bin/python3", "peer_numba.py", "C", patients,
                           "2", "3"], 2, size)
        peers["base R"] = (["Rscript", "peer_base.R", "C", patients, "1"], 1,
                           size)
    if options.plain:
        peers["plain C++"] = ([os.path.realpath(options.plain), "boost", "C",
                               patients, "3"], 1, size)
    return peers


def report_draws(options):
    peers = draw_peers_of(options)
    times = {name: [] for name in peers}
    engine = []
    for number in range(PEER_ROUNDS):
        engine.append(run_draws(options, DRAWS, DRAWS_COUNT, number + 1))
        for name, (command, _, _) in peers.items():
            if None not in times[name]:
                times[name].append(run_peer(options, command))
        progress()
    progress("\n")
    pathways = engine[0]["pathways"]
    trajectories = DRAWS_COUNT * DRAWS_PATIENTS * pathways
    whole = statistics.median(one["whole"] for one in engine)
    inside = statistics.median(one["inside"] for one in engine)
    memory = peak_memory_of(
        options, draws_command(options, DRAWS, DRAWS_COUNT, DRAWS_THREADS, 1))
    met = whole < DRAWS_SECONDS and memory < DRAWS_MEBIBYTES
    print(f"""
## Uncertainty draws: {DRAWS_COUNT:,} x {DRAWS_PATIENTS:,} patients x {pathways} pathways

Relapse, costs and QALYs, every number uncertain; {DRAWS_THREADS} threads, instruction set
{engine[0]["target"]}. Whole process **{whole:.2f} s** (median of {PEER_ROUNDS}), draws alone {inside:.2f} s,
peak memory {memory:.0f} MiB. Required: below {DRAWS_SECONDS} s and {DRAWS_MEBIBYTES} MiB: {'met' if met else '**not met**'}.

What the peers do is less: job C, the same numbers of draws and patients, but one
pathway of acute steps alone, without relapse, costs or QALYs. Speeds are of
trajectories, a patient on a pathway in a draw.

| program | threads | seconds | trajectories/s | engine / program, of speeds |
|---|---|---|---|---|
| engine | {DRAWS_THREADS} | {inside:.2f} | {trajectories / inside:.3g} | |""")
    for name, (_, threads, count) in peers.items():
        if None in times[name]:
            print(f"| {name} | {threads} | not to be had here | | |")
            continue
        seconds = statistics.median(times[name])
        ratio = statistics.median(
            (trajectories / own["inside"]) / (count / peer)
            for own, peer in zip(engine, times[name]))
        print(f"| {name}, job C | {threads} | {seconds:.3f} "
              f"| {count / seconds:.3g} | {ratio:.2f} |")
    plain = run_draws(options, PLAIN_DRAWS, PLAIN_DRAWS_COUNT, 1)
    print(f"""
Where only the plain course will do ({PLAIN_DRAWS}, {plain["pathways"]} pathways): {plain["inside"] / PLAIN_DRAWS_COUNT:.3f} s a draw of
{DRAWS_PATIENTS:,} patients, so {plain["inside"] / PLAIN_DRAWS_COUNT * 1000:.0f} s for 1,000.""")
    progress("\n")


# ---- a published decision model ----

def report_model(options):
    if not os.path.exists(MODEL):
        return
    speeds = [MODEL_PATIENTS / run_engine(options, MODEL, MODEL_PATIENTS, 1,
                                          number + 1)["inside"]
              for number in range(PEER_ROUNDS)]
    speed = statistics.median(speeds)
    print(f"""
## IVI-MDD, all pathways

{speed:,.0f} patients a second and core, each on every pathway ({MODEL_PATIENTS:,} patients, median of
{PEER_ROUNDS} runs, {min(speeds):,.0f} to {max(speeds):,.0f}); the published program in R does about
{MODEL_IN_R}: {speed / MODEL_IN_R:,.0f} times as fast.""")
    progress("\n")


# ---- what is added to job B ----

def report_variants(options):
    """Every round runs all of them, each in turn being the first."""
    times = {name: [] for name, _ in VARIANTS}
    set_up = {name: [] for name, _ in VARIANTS}
    for number in range(options.rounds):
        shift = number % len(VARIANTS)
        for name, scenario in VARIANTS[shift:] + VARIANTS[:shift]:
            times[name].append(run_engine(options, scenario, VARIANT_PATIENTS,
                                          1, number + 1))
            set_up[name].append(run_engine(options, scenario, 1, 1,
                                           number + 1)["processor"])
        progress()
    progress("\n")

    def cost(name, number, clock):
        """Nanoseconds a patient."""
        seconds = times[name][number][clock]
        if clock == "processor":
            seconds -= set_up[name][number]
        return seconds / VARIANT_PATIENTS * 1e9

    def median(value):
        return statistics.median(value(i) for i in range(options.rounds))

    plain = VARIANTS[0][0]
    print(f"""
## What it costs: {VARIANT_PATIENTS:,} patients of job B, one thread

Processor time here is that of the patients alone: without the set-up, which is
a run of one patient (file, intercepts solved by the engine, exact twin if any,
table). Ratios are medians over rounds.

| scenario | inside, ns/patient | ratio | processor, ns/patient | ratio """
          "| set-up, ms |\n|---|---|---|---|---|---|")
    for name, _ in VARIANTS:
        cells = []
        for clock in ("inside", "processor"):
            cells += [
                f"{median(lambda i: cost(name, i, clock)):.1f}",
                f"{median(lambda i: cost(name, i, clock) / cost(plain, i, clock)):.2f}"]
        print(f"| {name} | {' | '.join(cells)} "
              f"| {1e3 * statistics.median(set_up[name]):.0f} |")


# ---- memory ----

def peak_memory(options, scenario, patients, threads):
    return peak_memory_of(
        options, engine_command(options, scenario, patients, threads, 1))


def peak_memory_of(options, command):
    """MiB, in a run of its own that is not timed.

    The kernel's high-water mark of the running program, polled every
    millisecond: the one in its resource usage starts at its parent's size.
    """
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
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
    if process.returncode != 0:
        sys.exit(f"bench_jobs.py: the engine ended with exit code "
                 f"{process.returncode} when its memory was measured")
    return peak / 1024


def report_memory(options):
    def row(job, patients):
        # A short run may end between two looks: the largest of three counts.
        peaks = [max(peak_memory(options, job.scenario, patients, threads)
                     for _ in range(3 if patients <= 1_000_000 else 1))
                 for threads in (1, 2)]
        print(f"| {job.name} | {patients:,} | {peaks[0]:.1f} "
              f"| {peaks[1]:.1f} |")
        progress()
        return peaks

    print("\n## Memory: peak of the engine, MiB\n\n"
          "| job | patients | 1 thread | 2 threads |\n|---|---|---|---|")
    cohorts = [10 ** power for power in range(5, 10)
               if 10 ** power <= options.largest_cohort]
    peaks = [row(JOB_B, patients) for patients in cohorts]
    row(JOB_A, JOB_A.patients)
    growth = [max(column) / min(column) for column in zip(*peaks)]
    print(f"\nLargest / smallest peak of job B, {cohorts[0]:,} to "
          f"{cohorts[-1]:,} patients: {growth[0]:.3f} with one\nthread, "
          f"{growth[1]:.3f} with two.")
    progress("\n")


# ---- the machine ----

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
