#!/usr/bin/python3
"""Makes the n-th call of a kind fail in small runs, and looks what is left.

Usage: faults.py PROGRAM LIBRARY [--most N] [--most-memory N] [--job TEXT]
                 [--kind KIND]

LIBRARY is tests/faults/inject.cpp, built. Every job is run once to count its
calls; then once for each call, or for an even sample of --most of each kind,
with that call failing. Of allocations, which are tens of thousands, a few are
tried so; and all, or an even sample of --most-memory, in copies of the process,
which write no files. What does not end there with the line about memory and
exit code 1 is tried in full too. After each:

- the exit code is 3, or 1 where memory or threads are wanting, and stderr has
  one line that says why; or all went well in spite of it, exit code 0, with the
  whole result and the same printed
- the earlier result is as it was to the byte; or, where the fault came after
  the new one had taken its place, the new one is there whole
- there is no temporary file; of a run that keeps checkpoints there may be one,
  which a failure of the run has said. One that cannot be written is told, and
  the run goes on
- the same command, now without faults, succeeds and gives the right result
  (after an allocation that left the folder as it was, this is known already)

Prints a line for each job and kind; each fault that is not survived, with how
to make it again. Exit code 1 if there is one.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from same_results import differences, without_times

SOURCE = pathlib.Path(__file__).resolve().parents[2]
EARLIER = b"an earlier result\n"
KEPT = {"x.h5.checkpoint", "x.h5.rows"}  # of an unfinished run
# What is said of them: that there is none, or where the run failed, that there
# is one.
NOT_KEPT = re.compile(r"stardsim: cannot write x\.h5\.(checkpoint|rows): .*"
                      r"; the run goes on, but is not kept\n")
IS_KEPT = "; x.h5.checkpoint keeps what is done: the same command with " \
          "--resume goes on"
AT_ONCE = 2
LONGEST, LONGEST_APART = 120, 1800  # seconds
MEMORY_IN_FULL = 20
NO_MEMORY = "stardsim: out of memory; fewer --threads need less"

# Of each kind: how it fails, and what is said on stderr.
NO_SPACE = "No space left on device"
BROKEN = "Input/output error"
NO_THREAD = "Resource temporarily unavailable"
CANNOT_WRITE = "stardsim: cannot write .*: "
# Rows that are gone on with are opened to be read first.
CANNOT_OPEN = r"stardsim: cannot (write .*|read x\.h5\.rows): "
HOW = {
    "write": {"ENOSPC": (3, CANNOT_WRITE + NO_SPACE),
              "short": (3, CANNOT_WRITE + NO_SPACE),
              "EIO": (3, CANNOT_WRITE + BROKEN)},
    "sync": {"EIO": (3, CANNOT_WRITE + BROKEN)},
    "rename": {"EIO": (3, CANNOT_WRITE + BROKEN)},
    "open": {"ENOSPC": (3, CANNOT_OPEN + NO_SPACE),
             "EMFILE": (3, CANNOT_OPEN + "Too many open files")},
    "close": {"EIO": (3, CANNOT_WRITE + BROKEN)},
    "read": {"EIO": (3, "stardsim: cannot read .*: " + BROKEN)},
    "print": {"ENOSPC": (3, "stardsim: cannot write standard output: "
                         + NO_SPACE)},
    # What OpenMP's runtime cannot start after the program's own trial could, it
    # says itself, with an empty line in front.
    "thread": {"EAGAIN": (1, f"(stardsim: cannot start .*: {NO_THREAD}.*|"
                          rf"\nlibgomp: Thread creation failed: {NO_THREAD})")},
    "memory": {"ENOMEM": (1, NO_MEMORY)},
}


@dataclasses.dataclass
class Job:
    """A small run, in a folder of its own."""
    name: str
    command: list
    output: str
    before: list = dataclasses.field(default_factory=list)  # makes its inputs
    interrupted: bool = False  # goes on with itself, stopped in its middle
    keeps: bool = False        # has a checkpoint where it fails


def jobs():
    def scenario(name):
        return str(SOURCE / "configs" / name)

    def kept(name, command, **more):
        return Job(name, [*command, "--checkpoint-every", "0.000001",
                          "-o", "x.h5"], "x.h5", keeps=True, **more)

    smoke = ["run", scenario("smoke.toml"), "--threads", "2"]
    many = smoke + ["--patients", "400000"]
    few = smoke + ["--patients", "1000", "--draw-patients", "100"]
    drawn = few + ["--draws", "12"]
    costs = ["run", scenario("ect_timing.toml"), "--patients", "300",
             "--threads", "2"]
    return [
        Job("run", smoke + ["--patients", "150000", "-o", "x.h5"], "x.h5"),
        Job("trace", smoke + ["--patients", "2000", "--trace", "500",
                              "-o", "x.h5"], "x.h5"),
        Job("draws", few + ["--draws", "4", "-o", "x.h5"], "x.h5"),
        Job("until", smoke + ["--until", "half_width(remission) < 0.02",
                              "-o", "x.h5"], "x.h5"),
        kept("checkpoint", many),
        kept("checkpoint of draws", drawn),
        kept("resume", many + ["--resume"], interrupted=True),
        kept("resume draws", drawn + ["--resume"], interrupted=True),
        kept("extend", many + ["--extend"],
             before=[smoke + ["--patients", "200000", "-o", "x.h5"]]),
        kept("extend draws", drawn + ["--extend"],
             before=[few + ["--draws", "6", "-o", "x.h5"]]),
        Job("compare", ["compare", "made.h5", "-o", "x.h5"], "x.h5",
            [costs + ["-o", "made.h5"]]),
        Job("sensitivity", ["sensitivity", scenario("smoke.toml"),
                            "--patients", "500", "--threads", "2",
                            "-o", "x.h5"], "x.h5"),
        Job("report", ["report", "made.h5", "-o", "x.html"], "x.html",
            [costs + ["-o", "made.h5"]]),
    ]


@dataclasses.dataclass
class Fault:
    job: Job
    kind: str
    how: str
    number: int
    threads: str = "2"

    def command(self):
        """The job's, with as many threads."""
        words = list(self.job.command)
        if "--threads" in words:
            words[words.index("--threads") + 1] = self.threads
        return words


@dataclasses.dataclass
class Setting:
    """A job with the files that it finds, and with what it should leave."""
    job: Job
    folder: pathlib.Path
    counts: dict
    printed: bytes


def counts_in(report):
    return {kind: int(count) for kind, count in
            (line.split() for line in report.read_text().splitlines())}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Bench:
    """Runs jobs in copies of their folders."""

    def __init__(self, program, library, room):
        self.program, self.library, self.room = program, library, room

    def call(self, command, folder, longest=LONGEST, **fault):
        """Runs the program in the folder; with a fault if one is given."""
        environment = dict(os.environ, LC_ALL="C.UTF-8")
        if fault:
            environment["LD_PRELOAD"] = str(self.library)
            environment.update({f"FAULT_{key.upper()}": str(value)
                                for key, value in fault.items()})
        return subprocess.run([str(self.program), *command], cwd=folder,
                              env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=longest,
                              check=False)

    def prepare(self, job):
        """Makes the job's inputs, what it should give, and its counts."""
        folder = self.room / job.name
        folder.mkdir()
        for command in job.before:
            self.require_success(self.call(command, folder), job, command)
        if not (folder / job.output).exists():
            (folder / job.output).write_bytes(EARLIER)
        if job.interrupted:
            self.interrupt(job, folder)
        right = self.room / f"{job.name}-right"
        shutil.copytree(folder, right)
        report = self.room / f"{job.name}-counts"
        outcome = self.call(job.command, right, kind="none", at=0,
                            report=report)
        self.require_success(outcome, job, job.command)
        return Setting(job, folder, counts_in(report), outcome.stdout)

    def interrupt(self, job, folder):
        """Leaves what the job goes on with: the disk is full when the result is
        half written."""
        command = [word for word in job.command if word != "--resume"]
        report = self.room / f"{job.name}-whole"
        whole = self.room / f"{job.name}-whole-run"
        shutil.copytree(folder, whole)
        self.require_success(self.call(command, whole, kind="none", at=0,
                                       report=report), job, command)
        self.call(command, folder, kind="write", how="ENOSPC",
                  at=counts_in(report)["write"] // 2)
        if not (folder / f"{job.output}.checkpoint").exists():
            sys.exit(f"{job.name}: no checkpoint to go on with")

    @staticmethod
    def require_success(outcome, job, command):
        if outcome.returncode != 0:
            sys.exit(f"{job.name}: {shlex.join(command)} fails without "
                     f"faults:\n{outcome.stderr.decode()}")

    def try_fault(self, setting, fault):
        """What is wrong after the fault; None where it was not reached."""
        name = (f"{fault.job.name}-{fault.kind}-{fault.how}-{fault.number}-"
                f"{fault.threads}")
        folder, report = self.room / name, self.room / f"{name}-report"
        shutil.copytree(setting.folder, folder)
        outcome = self.call(fault.command(), folder, kind=fault.kind,
                            at=fault.number, how=fault.how, report=report)
        fired = report.exists() and "fired" in report.read_text()
        wrong = self.wrong_outcome(setting, fault, outcome, fired, folder)
        wrong += self.wrong_files(setting, fault, folder)
        wrong += self.wrong_again(setting, fault, folder)
        if not wrong:
            shutil.rmtree(folder)
            report.unlink(missing_ok=True)
        return wrong if fired or wrong else None

    def wrong_outcome(self, setting, fault, outcome, fired, folder):
        code, said = HOW[fault.kind][fault.how]
        stderr = outcome.stderr.decode(errors="replace")
        not_kept = 0
        if fault.job.keeps:
            stderr, not_kept = NOT_KEPT.subn("", stderr)
            stderr = stderr.replace(IS_KEPT, "")
        if outcome.returncode == 0:
            wrong = []
            if fired and not not_kept and fault.kind in {"write", "rename",
                                                         "print"}:
                wrong.append("exit code 0, as if nothing had been")
            if stderr:
                wrong.append(f"exit code 0, but on stderr: {stderr!r}")
            if outcome.stdout != setting.printed:
                wrong.append("exit code 0, but something else is printed")
            if not self.is_right(fault.job, folder):
                wrong.append("exit code 0, but the result is not right")
            return wrong
        if outcome.returncode == code and re.fullmatch(f"{said}\n", stderr):
            return []
        return [f"exit code {outcome.returncode}, on stderr: {stderr!r}"]

    def is_right(self, job, folder):
        """Whether the job's output is there, whole."""
        file = folder / job.output
        right = self.room / f"{job.name}-right" / job.output
        if without_times(file.read_bytes()) == without_times(
                right.read_bytes()):
            return True
        if file.suffix != ".h5":
            return False
        try:
            return not differences(file, right)
        except OSError:
            return False

    def wrong_files(self, setting, fault, folder):
        before, after = contents(setting.folder), contents(folder)
        output = fault.job.output
        unfinished = KEPT if fault.job.keeps and KEPT & after.keys() != {
            "x.h5.rows"} else set()
        wrong = [f"leaves the file {name}"
                 for name in after.keys() - before.keys() - unfinished]
        for name, content in before.items():
            if name in KEPT:
                continue  # what is in them the next run shows
            if name not in after:
                wrong.append(f"removes {name}")
            elif after[name] != content and not (
                    name == output and self.is_right(fault.job, folder)):
                wrong.append(f"leaves {name} neither as it was nor new")
        return wrong

    def wrong_again(self, setting, fault, folder):
        if fault.kind == "memory" and contents(folder) == contents(
                setting.folder):
            return []
        command = [word for word in fault.job.command if word != "--resume"]
        if "x.h5.checkpoint" in contents(folder):
            command.append("--resume")
        elif "--extend" in command and self.is_right(fault.job, folder):
            return []
        outcome = self.call(command, folder)
        if outcome.returncode != 0:
            return ["run again it fails: "
                    + outcome.stderr.decode(errors="replace")]
        if outcome.stdout != setting.printed:
            return ["run again it prints something else"]
        return [] if self.is_right(fault.job, folder) \
            else ["run again it gives another result"]

    def again(self, fault):
        """The line for a shell that makes the fault happen."""
        settings = [f"FAULT_KIND={fault.kind}", f"FAULT_AT={fault.number}",
                    f"FAULT_HOW={fault.how}", f"LD_PRELOAD={self.library}"]
        before = [shlex.join([str(self.program), *command])
                  for command in fault.job.before]
        return " && ".join(["cd $(mktemp -d)", *before, shlex.join(
            ["env", *settings, str(self.program), *fault.command()])])

    def try_apart(self, setting, most):
        """How many allocations failed in copies of the process, on one thread,
        and those of them that have to be looked at in full."""
        folder = self.room / f"{setting.job.name}-apart"
        report = self.room / f"{setting.job.name}-apart-report"
        shutil.copytree(setting.folder, folder)
        one = Fault(setting.job, "memory", "ENOMEM", 0, "1")
        outcome = self.call(
            one.command(), folder, LONGEST_APART, kind="memory", how="apart",
            at=1, every=-(-setting.counts["memory"] // most), report=report)
        self.require_success(outcome, setting.job, one.command())
        lines = [line.split(" ", 3) for line in
                 report.read_text(errors="replace").splitlines()
                 if line.startswith("apart ")]
        as_expected = [str(1 << 8), NO_MEMORY + "|"]  # as waitpid has exit code 1
        return len(lines), [
            dataclasses.replace(one, number=int(line[1])) for line in lines
            if line[2:] != as_expected]


def sample(count, most):
    """Call numbers from the first to the last, evenly spaced."""
    if count <= most:
        return list(range(1, count + 1))
    step = (count - 1) / max(most - 1, 1)
    return sorted({1 + round(i * step) for i in range(most)})


def faults_of(setting, kind, most):
    return [Fault(setting.job, kind, how, number) for how in HOW[kind]
            for number in sample(setting.counts[kind], most)]


def survive(bench, setting, kind, faults, pool):
    """Tries faults of a kind; how many there were and were survived."""
    survived, reached = 0, 0
    for fault, wrong in zip(faults, pool.map(
            lambda one: bench.try_fault(setting, one), faults)):
        if wrong is None:
            continue
        reached += 1
        survived += not wrong
        if wrong:
            print(f"NOT SURVIVED: {setting.job.name}: {kind} {fault.number} "
                  f"({fault.how}): {'; '.join(wrong)}\n"
                  f"  again: {bench.again(fault)}", flush=True)
    return reached, survived


def survive_all(bench, setting, kind, asked, pool):
    """The same for every call of a kind, or the sample asked for."""
    most, apart = asked.most, 0
    faults = []
    if kind == "memory":
        most = min(most, MEMORY_IN_FULL)
        apart, faults = bench.try_apart(setting, asked.most_memory)
        apart -= len(faults)
    faults += faults_of(setting, kind, most)
    reached, survived = survive(bench, setting, kind, faults, pool)
    if faults:
        print(f"{setting.job.name:<19} {kind:<7} {survived + apart} of "
              f"{reached + apart} survived ({setting.counts[kind]} calls)",
              flush=True)
    return reached + apart, survived + apart


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("library", type=pathlib.Path)
    parser.add_argument("--most", type=int, default=10**9)
    parser.add_argument("--most-memory", type=int, default=10**9)
    parser.add_argument("--job", default="")
    parser.add_argument("--kind", choices=HOW)
    asked = parser.parse_args()
    reached, survived = 0, 0
    with tempfile.TemporaryDirectory(prefix="stardsim-faults-") as room, \
            concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        bench = Bench(asked.program.resolve(), asked.library.resolve(),
                      pathlib.Path(room))
        for job in jobs():
            if asked.job not in job.name:
                continue
            setting = bench.prepare(job)
            for kind in [asked.kind] if asked.kind else HOW:
                done = survive_all(bench, setting, kind, asked, pool)
                reached, survived = reached + done[0], survived + done[1]
    print(f"{survived} of {reached} faults survived")
    return 0 if survived == reached > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
