#!/usr/bin/python3
"""Kills checkpointed runs at random moments, and holds what resuming gives
against the run that nobody killed.

Usage: kills.py PROGRAM [--runs N] [--seed N]

N times a start, one to three kills (SIGKILL) with --resume after each, and a
last --resume to the end, which writes no checkpoint; by turns a run with draws
and one with --until. The first kill of a run waits for the first checkpoint,
the others come at any moment from the program's start on. After every kill the
earlier result must be there untouched, or the new one whole; at the end all
datasets and attributes but those of provenance must be equal byte for byte, and
nothing else may be left in the folder. Exit code 1 if something is not so.
"""

import argparse
import dataclasses
import pathlib
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

from same_results import differences

SOURCE = pathlib.Path(__file__).resolve().parents[2]
EARLIER = b"an earlier result\n"
EVERY = "0.02"  # seconds between checkpoints
MOST_KILLS = 3  # of a run
LONGEST = 300   # seconds
OUTPUT, CHECKPOINT = "x.h5", "x.h5.checkpoint"


def jobs():
    """{name: command}: each takes a second or two."""
    def run(scenario, *more):
        return ["run", str(SOURCE / "configs" / scenario), "--threads", "2",
                *more, "-o", OUTPUT]
    return {"draws": run("ect_timing.toml", "--patients", "20000", "--draws",
                         "100", "--draw-patients", "500"),
            "until": run("smoke.toml", "--until",
                         "half_width(remission) < 0.0002")}


@dataclasses.dataclass
class Whole:
    """A run that nobody killed."""
    command: list
    folder: pathlib.Path
    seconds: float


@dataclasses.dataclass
class Found:
    kills: int = 0
    after_checkpoint: int = 0  # kills that found one to resume from
    runs: int = 0              # that were killed, and then gone on with


def start(program, command, folder):
    return subprocess.Popen([program, *command], cwd=folder,
                            stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(program, command, folder):
    """Runs to the end; the seconds it took. Ends this program if it fails."""
    begin = time.monotonic()
    process = start(program, command, folder)
    said = process.communicate(timeout=LONGEST)[1].decode(errors="replace")
    if process.returncode != 0:
        sys.exit(f"{shlex.join(command)}: exit code {process.returncode}: "
                 f"{said}\nin {folder}")
    return time.monotonic() - begin


def wait_for(path, process):
    while not path.exists() and process.poll() is None:
        time.sleep(0.002)


def kill_once(program, command, folder, seconds):
    """Starts and kills after so many seconds, on the first start after so many
    from the first checkpoint on. False where the run was done before."""
    process = start(program, command, folder)
    if "--resume" not in command:
        wait_for(folder / CHECKPOINT, process)
    try:
        said = process.communicate(timeout=seconds)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    if process.returncode != 0:
        sys.exit(f"{shlex.join(command)}: exit code {process.returncode}: "
                 f"{said.decode(errors='replace')}\nin {folder}")
    return False


def check_after_kill(folder, whole):
    """The earlier result, or the new one whole."""
    output = folder / OUTPUT
    if output.read_bytes() != EARLIER and differences(
            output, whole.folder / OUTPUT):
        sys.exit(f"a kill left half a result in {folder}")


def check_at_end(folder, whole):
    names = differences(folder / OUTPUT, whole.folder / OUTPUT)
    left = [path.name for path in folder.iterdir() if path.name != OUTPUT]
    if names or left:
        print(f"NOT EQUAL: {', '.join(names[:10])}; left: {left}: {folder}",
              flush=True)
    return not names and not left


def killed_run(program, whole, folder, chance, found):
    """Killed some times and resumed to the end, unless it was done before it
    could be killed at all. Whether all is as it should be."""
    folder.mkdir()
    (folder / OUTPUT).write_bytes(EARLIER)
    command = [*whole.command, "--checkpoint-every", EVERY]
    kills = 0
    for _ in range(chance.randint(1, MOST_KILLS)):
        if not kill_once(program, command, folder,
                         chance.uniform(0, whole.seconds / 3)):
            break
        kills += 1
        found.after_checkpoint += (folder / CHECKPOINT).exists()
        check_after_kill(folder, whole)
        command = [*whole.command, "--checkpoint-every", EVERY, "--resume"]
    else:
        finish(program, [*whole.command, "--resume"], folder)
    equal = check_at_end(folder, whole)
    found.kills += kills
    found.runs += kills > 0
    if equal:
        shutil.rmtree(folder)
    return equal


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    program = str(asked.program.resolve())
    chance = random.Random(asked.seed)
    found = Found()
    room = pathlib.Path(tempfile.mkdtemp(prefix="stardsim-kills-"))
    wholes = []
    for name, command in jobs().items():
        (room / name).mkdir()
        wholes.append(Whole(command, room / name,
                            finish(program, command, room / name)))
        print(f"{name}: {wholes[-1].seconds:.1f} s if nobody kills it",
              flush=True)
    while found.runs < asked.runs:
        whole = wholes[found.runs % len(wholes)]
        if not killed_run(program, whole, room / f"run-{found.runs}", chance,
                          found):
            return 1
    print(f"{found.kills} kills of {found.runs} runs (moments of seed "
          f"{asked.seed}), {found.after_checkpoint} of them after the first "
          f"checkpoint\n{found.runs} of {found.runs} results equal to the run "
          "that nobody killed, and nothing else left")
    shutil.rmtree(room)
    return 0


if __name__ == "__main__":
    sys.exit(main())
