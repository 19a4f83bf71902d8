#!/usr/bin/python3
"""Runs that are interrupted and gone on with, extended, or shared among ranks
give the same file, byte for byte, as one run that nobody disturbed.

Usage: resume_test.py STARDSIM [STARDSIM_MPI]
"""
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import h5py
import numpy

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/faults"))
from same_results import differences  # noqa: E402

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
MPI_PROGRAM = str(pathlib.Path(sys.argv[2]).resolve()) if len(sys.argv) > 2 else ""
# Each takes about a second: the plain course, the one in vectors, draws.
DRAWS = ["configs/ect_timing.toml", "--patients", "20000", "--draws", "200",
         "--draw-patients", "500"]
UNTIL = ["configs/smoke.toml", "--until", "half_width(remission) < 0.0001"]
COHORT = ["configs/stard_follow_up.toml", "--patients", "20_000_000"]

checked = 0


def check(condition, what):
    global checked
    checked += 1
    if not condition:
        sys.exit(f"resume_test: {what}")


def command(arguments, output, *more):
    return ["run", str(SOURCE / arguments[0]), *arguments[1:], "-o", output,
            *more]


def run(words, folder, program=(PROGRAM,)):
    done = subprocess.run([*program, *words], cwd=folder, check=False,
                          capture_output=True, text=True, timeout=300)
    return done.returncode, done.stderr


def succeed(words, folder, program=(PROGRAM,)):
    code, err = run(words, folder, program)
    check(code == 0, f"{words}: exit code {code}: {err}")


def ranks(number):
    return ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n",
            str(number), MPI_PROGRAM]


def same(folder, one, other, what):
    check(differences(folder / one, folder / other) == [],
          f"{what}: {differences(folder / one, folder / other)[:5]}")


def wait_for(path, process):
    while not path.exists() and process.poll() is None:
        time.sleep(0.01)


def interrupted(folder, arguments, which):
    """Stops a run once it has a checkpoint; whether it was in time."""
    process = subprocess.Popen(
        [PROGRAM, *command(arguments, "x.h5", "--checkpoint-every", "0.02")],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_for(folder / "x.h5.checkpoint", process)
    process.send_signal(which)
    err = process.communicate()[1]
    if process.returncode == 0:
        return False
    check(process.returncode == 4, f"exit code {process.returncode}: {err}")
    check(err == "stardsim: interrupted; x.h5.checkpoint keeps what is done: the "
          "same command with --resume goes on\n", err)
    return True


def resumes(folder):
    for arguments in (DRAWS, UNTIL, COHORT):
        succeed(command(arguments, "whole.h5"), folder)
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            (folder / "x.h5").unlink(missing_ok=True)
            in_time = interrupted(folder, arguments, which)
            check(in_time, f"{arguments}: too short to be interrupted")
            check(not (folder / "x.h5").exists(), "half a result")
            code, err = run(command(arguments, "x.h5"), folder)
            check(code == 2 and "x.h5.checkpoint keeps an unfinished run" in err,
                  f"a checkpoint was overwritten: {code} {err}")
            succeed(command(arguments, "x.h5", "--resume"), folder)
            same(folder, "whole.h5", "x.h5", f"resumed {arguments} {which}")
            check(sorted(os.listdir(folder)) == ["whole.h5", "x.h5"],
                  f"left behind: {os.listdir(folder)}")


def refuses_others(folder):
    """A checkpoint of another run, or a damaged one."""
    check(interrupted(folder, DRAWS, signal.SIGTERM), "too short")
    rows = (folder / "x.h5.rows").read_bytes()
    for change, says in (
            (["--seed", "5"], "seed: 2018 there, 5 here"),
            (["--patients", "20001"], "patients: 20000 there, 20001 here"),
            (["--draws", "201"], "draws: 200 there, 201 here"),
            (["--draw-patients", "501"],
             "patients of a draw: 500 there, 501 here")):
        code, err = run(command(DRAWS, "x.h5", "--resume", *change), folder)
        check(code == 2 and says in err and err.count("\n") == 1,
              f"{change}: {code} {err}")
    other = ["configs/ect_by_line.toml", *DRAWS[1:]]
    code, err = run(command(other, "x.h5", "--resume"), folder)
    check(code == 2 and "scenario: " in err, f"another scenario: {code} {err}")
    check((folder / "x.h5.rows").read_bytes() == rows, "rows were changed")
    checkpoint = folder / "x.h5.checkpoint"
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    checkpoint.write_bytes(content)
    code, err = run(command(DRAWS, "x.h5", "--resume"), folder)
    check(code == 2 and err == "stardsim: x.h5.checkpoint is damaged: its "
          "checksum is not right\n", f"a damaged one: {code} {err}")


def two_at_once_are_refused(folder):
    first = subprocess.Popen(
        [PROGRAM, *command(DRAWS, "x.h5", "--checkpoint-every", "0.02")],
        cwd=folder, stdout=subprocess.DEVNULL)
    wait_for(folder / "x.h5.checkpoint", first)
    for more in ([], ["--resume"]):
        code, err = run(command(DRAWS, "x.h5", *more), folder)
        check(code == 3 and err.startswith(
            "stardsim: cannot write x.h5: another run is at work on it; "),
            f"a second run {more}: {code} {err}")
    check(first.wait() == 0, f"the first run: {first.returncode}")
    check(os.listdir(folder) == ["x.h5"], f"left: {os.listdir(folder)}")


def begins_anew_without_one(folder):
    code, err = run(command(COHORT, "x.h5", "--resume", "--patients", "1000"),
                    folder)
    check(code == 0 and err == "stardsim: x.h5.checkpoint is not there: the run "
          "begins anew\n", f"{code} {err}")


def extends(folder):
    draws = ["configs/ect_timing.toml", "--draw-patients", "300"]
    succeed(command([*draws, "--patients", "9000", "--draws", "30"], "whole.h5"),
            folder)
    succeed(command([draws[0], "--patients", "2000"], "x.h5"), folder)
    for more in (["--patients", "5001"], ["--draws", "7", *draws[1:]],
                 ["--draws", "30"], ["--patients", "9000"]):
        succeed(command([draws[0], *more], "x.h5", "--extend"), folder)
    same(folder, "whole.h5", "x.h5", "extended four times")
    before = (folder / "x.h5").read_bytes()
    for change, says in (
            (["--patients", "8999"], "x.h5 has 9,000 patients already"),
            (["--draws", "29"], "x.h5 has 30 draws already"),
            (["--draw-patients", "100", "--draws", "31"],
             "they have 300 patients each"),
            (["--seed", "5"], "seed: 2018 there, 5 here"),
            (["--until", "se(remission) < 0.1"], "--until")):
        code, err = run(command([draws[0], *change], "x.h5", "--extend"), folder)
        check(code == 2 and says in err and err.count("\n") == 1,
              f"{change}: {code} {err}")
    check((folder / "x.h5").read_bytes() == before, "a refused one was changed")


def extends_with_histories(folder):
    smoke = ["configs/smoke.toml"]
    succeed(command([*smoke, "--patients", "900", "--trace", "50"], "whole.h5"),
            folder)
    succeed(command([*smoke, "--patients", "200", "--trace", "20"], "x.h5"),
            folder)
    code, err = run(command([*smoke, "--patients", "900"], "x.h5", "--extend"),
                    folder)
    check(code == 2 and "x.h5 has histories" in err, f"{code} {err}")
    succeed(command([*smoke, "--patients", "900", "--trace", "50"], "x.h5",
                    "--extend"), folder)
    same(folder, "whole.h5", "x.h5", "extended with histories")


def interrupted_histories_are_made_anew(folder):
    """A run that is asked to stop while it stores histories has done all
    else, and keeps that."""
    words = [DRAWS[0], "--patients", "20000", "--trace", "20000", "--draws",
             "12", "--draw-patients", "100"]
    succeed(command(words, "whole.h5"), folder)
    process = subprocess.Popen([PROGRAM, *command(words, "x.h5")], cwd=folder,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    wait_for(folder / ".x.h5.stardsim-0.tmp", process)
    process.send_signal(signal.SIGTERM)
    err = process.communicate()[1]
    check(process.returncode == 4 and "x.h5.checkpoint keeps what is done" in err,
          f"{process.returncode} {err}")
    succeed(command(words, "x.h5", "--resume"), folder)
    same(folder, "whole.h5", "x.h5", "resumed for the histories alone")
    check(sorted(os.listdir(folder)) == ["whole.h5", "x.h5"],
          f"left behind: {os.listdir(folder)}")


def lost_rows_are_made_anew(folder):
    succeed(command(DRAWS, "whole.h5"), folder)
    for rows in (None, b"", b"something else"):
        check(interrupted(folder, DRAWS, signal.SIGTERM), "too short")
        file = folder / "x.h5.rows"
        file.unlink() if rows is None else file.write_bytes(rows)
        succeed(command(DRAWS, "x.h5", "--resume"), folder)
        same(folder, "whole.h5", "x.h5", f"rows were {rows}")
        (folder / "x.h5").unlink()


def rows_of_another_run_are_not_taken(folder):
    """Left by a run whose checkpoint was deleted. The patients that are added
    take several blocks, so that there is a checkpoint before the draws."""
    more = [DRAWS[0], "--patients", "150000", *DRAWS[3:]]
    succeed(command(more, "whole.h5"), folder)
    check(interrupted(folder, [*DRAWS, "--seed", "5"], signal.SIGTERM),
          "too short to be interrupted")
    rows = (folder / "x.h5.rows").read_bytes()
    (folder / "x.h5.checkpoint").unlink()
    fewer = [DRAWS[0], "--patients", "10000", "--draws", "20", *DRAWS[5:]]
    succeed(command(fewer, "x.h5"), folder)
    (folder / "x.h5.rows").write_bytes(rows)
    succeed(command(more, "x.h5", "--extend", "--checkpoint-every", "0.001"),
            folder)
    same(folder, "whole.h5", "x.h5", "extended beside rows of another run")


def what_a_killed_run_left_is_cleared_away(folder):
    left = folder / ".x.h5.checkpoint.stardsim-0.tmp"
    left.write_text("half a checkpoint")
    succeed(command(COHORT, "x.h5", "--patients", "1000"), folder)
    check(os.listdir(folder) == ["x.h5"], f"left: {os.listdir(folder)}")


def a_limit_on_the_size_of_files_is_told(folder):
    """In bytes; the signal of the system, which ends a program, is held off."""
    limit = (1000, 1000)
    done = subprocess.run(
        [PROGRAM, *command(COHORT, "x.h5", "--patients", "1000")], cwd=folder,
        check=False, capture_output=True, text=True, timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    check(done.returncode == 3 and done.stderr == "stardsim: cannot write x.h5: "
          "File too large\n", f"{done.returncode} {done.stderr}")
    check(os.listdir(folder) == [], f"left: {os.listdir(folder)}")


def interrupted_without_a_checkpoint_is_told(folder):
    """None can be written. The second line comes after Ctrl-C."""
    limit = (1000, 1000)
    process = subprocess.Popen(
        [PROGRAM, *command(COHORT, "x.h5", "--patients", "1e9",
                           "--checkpoint-every", "0.02")],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    first = process.stderr.readline()
    cannot = "stardsim: cannot write x.h5.checkpoint: File too large; "
    check(first == cannot + "the run goes on, but is not kept\n", first)
    process.send_signal(signal.SIGINT)
    rest = process.communicate()[1]
    check(process.returncode == 3 and rest == cannot +
          "interrupted; nothing was saved\n", f"{process.returncode} {rest}")


def contradictory_counts_are_not_extended(folder):
    succeed(command(DRAWS, "whole.h5"), folder)
    for group, name, number, says in (
            ("/", "patients", 1, "counts other patients than the file says"),
            ("draws", "draws", 2**32 + 200, "is none of a run"),
            ("draws", "patients", 0, "is none of a run")):
        shutil.copyfile(folder / "whole.h5", folder / "x.h5")
        with h5py.File(folder / "x.h5", "r+") as file:
            file[group].attrs[name] = numpy.uint64(number)
        code, err = run(command([DRAWS[0]], "x.h5", "--extend"), folder)
        check(code == 2 and says in err and err.count("\n") == 1,
              f"{name} {number}: {code} {err}")


def ranks_agree(folder):
    for arguments in (DRAWS, UNTIL, COHORT,
                      ["configs/smoke.toml", "--patients", "100", "--trace",
                       "50"]):
        succeed(command(arguments, "whole.h5", "--threads", "2"), folder)
        for number in (1, 2, 4):
            succeed(command(arguments, "x.h5", "--threads", "1"), folder,
                    ranks(number))
            same(folder, "whole.h5", "x.h5", f"{number} ranks of {arguments}")


def ranks_stop_and_resume(folder):
    """mpirun passes SIGUSR1 on to all ranks; any number of them goes on."""
    succeed(command(DRAWS, "whole.h5"), folder)
    process = subprocess.Popen(
        [*ranks(2), *command(DRAWS, "x.h5", "--threads", "1",
                             "--checkpoint-every", "0.02")],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_for(folder / "x.h5.checkpoint", process)
    process.send_signal(signal.SIGUSR1)
    err = process.communicate(timeout=300)[1]
    check(process.returncode == 4 and "x.h5.checkpoint keeps" in err,
          f"exit code {process.returncode}: {err}")
    succeed(command(DRAWS, "x.h5", "--resume"), folder, ranks(3))
    same(folder, "whole.h5", "x.h5", "resumed by three ranks")


def ranks_fail_together(folder):
    for words, code, says in (
            (["run", "none.toml", "-o", "x.h5"], 3, "none.toml"),
            (command(COHORT, "none/x.h5"), 3, "the folder none does not exist"),
            (command(UNTIL, "x.h5", "--until", "nonsense"), 2, "nonsense"),
            (["compare", str(SOURCE / "configs/smoke.toml")], 2, "only run")):
        got, err = run(words, folder, ranks(3))
        mine = [line for line in err.splitlines() if says in line]
        check(got == code and len(mine) == 1, f"{words}: {got} {err}")


def one_rank_fails_alone(folder):
    """Each of two ranks has a command line of its own: what one alone finds is
    what all end with, told once."""
    smoke = str(SOURCE / "configs/smoke.toml")
    good = ["run", smoke, "-o", "x.h5"]
    (folder / "bad.toml").write_text('title = 7\n')
    for bad, code, says in (
            (["run", "none.toml"], 3, "rank 1: stardsim: cannot read none.toml"),
            (["run", "bad.toml"], 2, "rank 1: bad.toml:1:"),
            (["run", smoke, "--nonsense"], 2, "rank 1: stardsim: "),
            (["run", smoke, "--seed", "5"], 2, "rank 1 does another run (seed: 5 there, ")):
        start = ranks(1)
        got, err = run([*good, ":", "-n", "1", MPI_PROGRAM, *bad], folder, start)
        mine = [line for line in err.splitlines() if says in line]
        check(got == code and len(mine) == 1 and "fault" not in err,
              f"{bad}: {got} {err}")
        check(not (folder / "x.h5").exists(), "a failed run wrote a result")


def main():
    tests = [resumes, refuses_others, two_at_once_are_refused,
             begins_anew_without_one, extends,
             extends_with_histories, interrupted_histories_are_made_anew,
             lost_rows_are_made_anew, rows_of_another_run_are_not_taken,
             what_a_killed_run_left_is_cleared_away,
             a_limit_on_the_size_of_files_is_told,
             interrupted_without_a_checkpoint_is_told,
             contradictory_counts_are_not_extended]
    if MPI_PROGRAM:
        tests += [ranks_agree, ranks_stop_and_resume, ranks_fail_together,
                  one_rank_fails_alone]
    for test in tests:
        folder = pathlib.Path(tempfile.mkdtemp())
        begin = time.monotonic()
        try:
            test(folder)
        finally:
            shutil.rmtree(folder)
        print(f"{test.__name__}: {time.monotonic() - begin:.1f} s")
    print(f"{checked} checks passed")


main()
