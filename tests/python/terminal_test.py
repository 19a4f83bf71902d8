#!/usr/bin/python3
"""The program on a terminal, and in JSON: usage terminal_test.py PROGRAM.

Runs it on a pseudo-terminal: bold and dim and when they are off, progress, the
width of tables. Holds its JSON against the HDF5 files of the same runs and
against figures worked out here.
"""
import fcntl
import json
import math
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import h5py

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
ENVIRONMENT = {"PATH": os.environ["PATH"], "TERM": "xterm",
               "LC_ALL": "C.UTF-8"}
ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
SLOW = ["run", "configs/ivi_mdd.toml", "--patients", "140_000", "--threads", "1"]


def on_terminal(words, columns=80, resized=None, **environment):
    """What a terminal gets, stdout and stderr, and the exit code. `resized` is
    (seconds, columns)."""
    master, slave = pty.openpty()

    def set_columns(number):
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, number, 0, 0))

    set_columns(columns)
    with subprocess.Popen([PROGRAM, *words], cwd=ROOT, stdin=slave,
                          stdout=slave, stderr=slave, start_new_session=True,
                          env={**ENVIRONMENT, **environment}) as process:
        start = time.monotonic()
        os.set_blocking(master, False)
        shown = b""
        while True:
            over = process.poll() is not None
            try:
                while more := os.read(master, 65536):
                    shown += more
            except (BlockingIOError, OSError):
                pass
            if over:
                break
            if resized and time.monotonic() - start > resized[0]:
                set_columns(resized[1])
                process.send_signal(signal.SIGWINCH)
                resized = None
            time.sleep(0.02)
        code = process.returncode
    os.close(slave)
    os.close(master)
    return shown.decode("utf-8").replace("\r\n", "\n"), code


def piped(*words, **environment):
    return subprocess.run([PROGRAM, *words], cwd=ROOT, text=True, check=False,
                          capture_output=True,
                          env={**ENVIRONMENT, **environment})


def lines_of(shown):
    """What is left on the terminal: without what was wiped, and escapes."""
    return [ESCAPE.sub("", line.split("\r\x1b[K")[-1])
            for line in shown.split("\n")]


def progress_of(shown):
    return [part for part in shown.split("\n")[0].split("\r\x1b[K")[1:-1]]


def test_heads_are_bold_and_notes_dim_on_a_terminal():
    for words in (["run", "configs/smoke.toml"], ["exact", "configs/stard.toml"],
                  ["compare", "configs/smoke.toml"]):
        shown, code = on_terminal(words)
        assert code == 0, shown
        assert "\x1b[1m" in shown and "\x1b[2m" in shown, shown
        left = re.sub(r"\x1b\[[012]m", "", shown)
        assert "\x1b" not in left.replace("\r\x1b[K", ""), left


def test_nothing_is_bold_where_that_is_not_wanted():
    words = ["run", "configs/smoke.toml"]
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}):
        shown, code = on_terminal(words, **environment)
        assert code == 0
        assert "\x1b[1m" not in shown and "\x1b[2m" not in shown, environment
    shown, _ = on_terminal(words, NO_COLOR="")
    assert "\x1b[1m" in shown
    for told in (piped(*words), piped(*words, CLICOLOR_FORCE="1")):
        assert "\x1b" not in told.stdout + told.stderr


def test_progress_is_drawn_on_a_terminal_and_wiped():
    shown, code = on_terminal(SLOW)
    assert code == 0, shown
    drawn = progress_of(shown)
    assert drawn, shown
    shares = []
    for line in drawn:
        found = re.fullmatch(r" *(\d+) %  [\d,.]+ patients/s  .* left", line)
        assert found, line
        shares.append(int(found.group(1)))
    assert shares == sorted(shares)
    assert "patients/s" not in "\n".join(lines_of(shown))


def test_no_progress_without_a_terminal_that_can_wipe_a_line():
    words = [*SLOW[:3], "100_000", *SLOW[4:]]
    assert piped(*words).stderr == ""
    shown, _ = on_terminal(words, TERM="dumb")
    assert "patients/s" not in shown and "\r" not in shown


def test_progress_of_until_tells_the_error_and_the_goal():
    shown, code = on_terminal(
        ["run", "configs/ivi_mdd.toml", "--threads", "1", "--until",
         "se(remission_difference) < 0.0015", "--max-patients", "110_000"],
        columns=100)
    assert code == 0, shown
    drawn = progress_of(shown)
    assert any(re.search(r"se [\d.e-]+, to be below 0\.0015$", line)
               for line in drawn), drawn


def test_progress_fits_a_narrow_terminal_also_when_it_gets_narrower():
    shown, code = on_terminal(SLOW, columns=24)
    assert code == 0
    assert all(len(line) < 24 for line in progress_of(shown)), shown
    shown, code = on_terminal(SLOW, columns=80, resized=(1, 20))
    assert code == 0
    drawn = progress_of(shown)
    assert len(drawn[-1]) < 20, drawn


def test_tables_fit_the_terminal():
    for words in (["run", "configs/ect_timing.toml", "--patients", "2000"],
                  ["run", "configs/stard.toml", "--patients", "2000"],
                  ["compare", "configs/ect_timing.toml", "--patients", "2000"]):
        for columns in (80, 100, 160):
            shown, code = on_terminal(words, columns=columns)
            assert code == 0
            # Titles and notes may break; rows of tables, which have two blanks
            # between their cells, do not.
            wide = [line for line in lines_of(shown)
                    if len(line) > columns and "  " in line.strip()]
            assert not wide, (columns, wide)


def blocks_in(text):
    return set(re.findall("[\u2581-\u2588]", text))


def test_curves_are_blocks_where_the_locale_is_utf8_and_else_ascii():
    words = ["run", "configs/stard.toml", "--patients", "2000"]
    assert len(blocks_in(piped(*words).stdout)) > 3
    for environment in ({"LC_ALL": "C"}, {"LC_ALL": "", "LANG": ""},
                        {"LC_ALL": "de_DE.ISO-8859-1"}):
        told = piped(*words, **environment)
        assert told.stdout.isascii(), environment
        assert re.search(r"^stard +if all continue +_[_.:=+*#-]+#  ",
                         told.stdout, re.M), told.stdout
    plain = piped(*words, LC_ALL="C").stdout.splitlines()
    blocks = piped(*words).stdout.splitlines()
    row = next(i for i, line in enumerate(plain) if line.startswith("stard "))
    assert [len(line) for line in plain[row:row + 2]] == \
        [len(line) for line in blocks[row:row + 2]]


# ---- JSON ----


def same(value, number):
    """A value of the document against one of the file."""
    if isinstance(number, bytes):
        return value == number.decode("utf-8")
    if isinstance(value, str):
        return value == number
    if value is None:
        return not math.isfinite(number) or number == -1
    return value == number


def compare_arrays(where, value, array):
    if getattr(array, "shape", ()) == ():
        assert same(value, array), (where, value, array)
        return 1
    assert len(value) == array.shape[0], where
    return sum(compare_arrays(where, one, part)
               for one, part in zip(value, array))


def compare_document(document, path):
    """Everything in the file that is not left out, against the document."""
    compared = 0
    with h5py.File(path) as file:
        for name, value in file.attrs.items():
            if name in ("scenario", "in_words", "command_line", "start_time"):
                continue
            compared += compare_arrays(name, document[name], value)
        for group in file:
            if group in ("accumulators", "tally", "patients"):
                assert group not in document
                continue
            assert set(document[group]) == set(file[group]), group
            for name, dataset in file[group].items():
                compared += compare_arrays(f"{group}/{name}",
                                           document[group][name], dataset[()])
    return compared


def test_the_document_of_a_run_has_the_values_of_its_file():
    for name in ("smoke", "ivi_mdd", "stard_follow_up"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "run.h5"
            told = piped("run", f"configs/{name}.toml", "--patients", "3000",
                         "--json", "-o", str(path))
            assert told.returncode == 0 and told.stderr == "", told.stderr
            document = json.loads(told.stdout)
            assert told.stdout.count("\n") == 1
            assert document["format"] == "stardsim run"
            assert document["format_version"] == 1
            run = document["runs"][0]
            assert run["saved"] == str(path)
            assert run["until"] is None
            assert run["patients"] == 3000
            assert compare_document(run, path) > 500


def test_the_document_of_a_comparison_has_the_values_of_its_file():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "comparison.h5"
        words = ("compare", "configs/ivi_mdd.toml", "--patients", "3000")
        told = piped(*words, "--json", "-o", str(path))
        assert told.returncode == 0 and told.stderr == "", told.stderr
        document = json.loads(told.stdout)
        assert document["format"] == "stardsim comparison"
        assert compare_document(document, path) > 500
        again = json.loads(piped(*words, "--format", "json").stdout)
        for one in (document, again):
            del one["command_line"], one["start_time"]
        assert again == document


def test_several_scenarios_are_one_document():
    told = piped("run", "configs/smoke.toml", "configs/stard.toml", "--json",
                 "--patients", "1000")
    runs = json.loads(told.stdout)["runs"]
    assert [run["scenario_file"] for run in runs] == [
        "configs/smoke.toml", "configs/stard.toml"]
    assert runs[0]["unsourced"] and runs[1]["unsourced"] == []


def test_until_is_in_the_document():
    told = piped("run", "configs/stard.toml", "--json", "--until",
                 "se(curve(observed, 56)) < 0.004")
    run = json.loads(told.stdout)["runs"][0]
    assert run["until"]["goal"] == "se(curve(observed, 56)) < 0.004"
    assert run["until"]["reached"] is True
    # Observed remission is 0.51: sqrt(0.51 * 0.49 / n).
    assert math.isclose(run["until"]["value"],
                        math.sqrt(0.25 / run["patients"]), rel_tol=0.01)


def test_the_exact_document_has_the_product_rule():
    told = piped("exact", "configs/stard.toml", "--json")
    document = json.loads(told.stdout)
    assert document["format"] == "stardsim exact"
    exact = document["scenarios"][0]
    rates = [0.368, 0.306, 0.137, 0.130]  # Rush 2006
    steps = exact["steps"]
    assert steps["estimand"][0] == "if_all_continue"
    left = 1
    for step, rate in enumerate(rates):
        assert abs(steps["entered_fraction"][0][0][step] - left) < 1e-8
        assert abs(steps["remission_rate"][0][0][step] - rate) < 1e-8
        left *= 1 - rate
        cumulative = steps["cumulative_remission"][0][0][step]
        assert abs(cumulative - (1 - left)) < 1e-8
    assert steps["partial_response_rate"][0][0][0] is None
    assert steps["intolerance_rate"][0][0][0] is not None
    curve = exact["curves"]["cumulative_remission"][0][0]
    assert len(curve) == len(exact["curves"]["week"])
    assert abs(curve[-1] - (1 - left)) < 1e-8
    assert exact["arms"]["entered_fraction"][0][0][0][0] == 1


def test_the_keys_of_exact_are_those_of_a_run():
    exact = json.loads(piped("exact", "configs/stard_follow_up.toml",
                             "--json").stdout)["scenarios"][0]
    run = json.loads(piped("run", "configs/stard_follow_up.toml", "--json",
                           "--patients", "200_000").stdout)["runs"][0]
    for group in ("curves", "steps", "arms"):
        for name, value in exact[group].items():
            assert name in run[group], (group, name)
            if name + "_se" not in run[group] and name != "mean_weeks":
                assert value == run[group][name], (group, name)
    # Five standard errors, for about 1,000 numbers.
    for name in ("cumulative_remission", "occupancy"):
        for one, other in zip(exact["curves"][name], run["curves"][name]):
            for by_week, simulated in zip(one, other):
                for p, q in zip(by_week, simulated):
                    error = math.sqrt(max(p * (1 - p), 1e-6) / 200_000)
                    assert abs(p - q) < 5 * error + 1e-5, (name, p, q)


def test_validate_says_what_is_there():
    told = piped("validate", "configs/smoke.toml", "configs/stard.toml",
                 "--json")
    document = json.loads(told.stdout)
    assert document["format"] == "stardsim validate"
    smoke, stard = document["scenarios"]
    assert smoke["unsourced"] and stard["unsourced"] == []
    assert stard["pathways"] == ["stard"]
    assert stard["steps"] == ["step1", "step2", "step3", "step4"]
    assert stard["unused_steps"] == []


def test_errors_stay_lines_on_stderr():
    for command, code in (("run", 3), ("compare", 3), ("exact", 3),
                          ("validate", 3)):
        told = piped(command, "missing.toml", "--json")
        assert told.returncode == code
        assert told.stdout == ""
        assert told.stderr.count("\n") == 1
    told = piped("compare", "configs/smoke.toml", "--json", "--format", "csv")
    assert told.returncode == 2 and told.stdout == ""


def main():
    failed = 0
    tests = [value for name, value in globals().items()
             if name.startswith("test_")]
    for test in tests:
        try:
            test()
        except AssertionError as error:
            failed += 1
            print(f"FAILED: {test.__name__}: {str(error)[:2000]}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
