#!/usr/bin/python3
"""The job scripts for Slurm, with stand-ins for srun, scontrol and the program.

Usage: slurm_test.py
"""

import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "slurm"

# It says how it was called; then it ends, or waits for a signal to end with 4.
PROGRAM = """#!/bin/bash
trap 'exit 4' TERM USR1
echo "$(basename "$0") $*" >>calls
while [[ -e long ]]; do sleep 0.01; done
exit "$(cat code 2>/dev/null || echo 0)"
"""
# As srun does, it passes SIGUSR1 on, and kills the program when told to end.
SRUN = """#!/bin/bash
trap 'kill -USR1 $!' USR1
trap 'kill -KILL $!' TERM
echo "srun $1 $2" >>calls
shift 2
"$@" &
wait $!
status=$?
while kill -0 $! 2>/dev/null; do
  wait $!
  status=$?
done
exit "$status"
"""
SCONTROL = """#!/bin/bash
echo "scontrol $*" >>calls
"""


class JobScripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, text in (("stardsim", PROGRAM), ("stardsim-mpi", PROGRAM),
                           ("srun", SRUN), ("scontrol", SCONTROL)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)

    def start(self, script, *arguments, **variables):
        return subprocess.Popen(
            [SCRIPTS / script, *arguments], cwd=self.folder, text=True,
            stderr=subprocess.PIPE,
            env={"PATH": f"{self.folder}:{os.environ['PATH']}", **variables})

    def run_script(self, script, *arguments, **variables):
        process = self.start(script, *arguments, **variables)
        self.complaint = process.communicate(timeout=60)[1]
        return process.returncode

    def calls(self):
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def interrupt(self, script, *arguments, which=signal.SIGUSR1, **variables):
        """As Slurm does before the time is up: the script alone is told."""
        (self.folder / "long").touch()
        process = self.start(script, *arguments, **variables)
        until = time.monotonic() + 60
        while not any("stardsim" in call for call in self.calls()):
            self.assertLess(time.monotonic(), until, "the run never began")
            time.sleep(0.01)
        process.send_signal(which)
        process.communicate(timeout=60)
        return process.returncode

    def test_a_run_takes_its_nodes_cores_and_goes_on_where_it_was(self):
        self.assertEqual(0, self.run_script(
            "run.sbatch", "a b.toml", "a.h5", "--patients", "1e12",
            SLURM_CPUS_PER_TASK="8", SLURM_JOB_ID="7"))
        self.assertEqual(
            ["srun --mpi=pmix --cpus-per-task=8",
             "stardsim-mpi run a b.toml -o a.h5 --threads 8 --resume "
             "--patients 1e12"], self.calls())

    def test_an_interrupted_run_is_put_back_into_the_queue(self):
        self.assertEqual(0, self.interrupt("run.sbatch", "a.toml", "a.h5",
                                           SLURM_JOB_ID="7"))
        self.assertEqual("scontrol requeue 7", self.calls()[-1])

    def test_an_interrupted_task_is_put_back_into_the_queue(self):
        self.assertEqual(0, self.interrupt(
            "array.sbatch", "results", "a.toml", SLURM_ARRAY_JOB_ID="7",
            SLURM_ARRAY_TASK_ID="3"))
        self.assertEqual("scontrol requeue 7_3", self.calls()[-1])

    def test_a_task_that_somebody_cancels_stays_cancelled(self):
        self.assertEqual(4, self.interrupt(
            "array.sbatch", "results", "a.toml", which=signal.SIGTERM,
            SLURM_ARRAY_TASK_ID="3"))
        self.assertNotIn("scontrol", " ".join(self.calls()))

    def test_a_run_that_fails_is_not_tried_again(self):
        for script, arguments in (("run.sbatch", ("a.toml", "a.h5")),
                                  ("array.sbatch", ("results", "a.toml"))):
            (self.folder / "code").write_text("2")
            self.assertEqual(2, self.run_script(script, *arguments,
                                                SLURM_ARRAY_TASK_ID="1"))
        self.assertNotIn("scontrol", " ".join(self.calls()))

    def test_a_task_takes_its_scenario(self):
        self.assertEqual(0, self.run_script(
            "array.sbatch", "results", "x/a.toml", "x/b.toml", PATIENTS="1e6",
            SLURM_ARRAY_TASK_ID="2", SLURM_CPUS_PER_TASK="4"))
        self.assertEqual(
            ["stardsim run x/b.toml -o results/b.h5 --threads 4 --resume "
             "--patients 1e6"], self.calls())

    def test_a_task_of_one_scenario_takes_its_seed(self):
        self.assertEqual(0, self.run_script(
            "array.sbatch", "results", "x/a.toml", SLURM_ARRAY_TASK_ID="12"))
        self.assertEqual(
            ["stardsim run x/a.toml -o results/a_seed_12.h5 --threads 1 "
             "--resume --seed 12"], self.calls())

    def test_scenarios_of_one_name_are_refused(self):
        self.assertEqual(2, self.run_script(
            "array.sbatch", "results", "x/a.toml", "y/a.toml",
            SLURM_ARRAY_TASK_ID="1"))
        self.assertIn("two scenarios are called a.toml", self.complaint)
        self.assertEqual([], self.calls())

    def test_a_task_without_a_scenario_says_how_it_is_called(self):
        for arguments in ((), ("results", "a.toml", "b.toml")):
            self.assertEqual(2, self.run_script(
                "array.sbatch", *arguments, SLURM_ARRAY_TASK_ID="3"))
            self.assertIn("Usage: sbatch --array=1-N", self.complaint)
        self.assertEqual([], self.calls())


if __name__ == "__main__":
    unittest.main()
