#!/usr/bin/python3
"""Holds what the READMEs print against the program: usage readme_test.py PROGRAM.

Every whole scenario in a README is valid, and the mistake that README.md shows
gets the line that it shows; the comparison that README.md shows is the one that
its command prints.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(sys.argv[1]).resolve()


def blocks(readme, language):
    text = (ROOT / readme).read_text(encoding="utf-8")
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    return [body for name, body in fenced if name == language]


def stardsim(folder, *words):
    return subprocess.run([PROGRAM, *words], cwd=folder, text=True,
                          capture_output=True, check=False)


def test_scenarios_are_valid(folder):
    found = 0
    for readme in ("README.md", "configs/README.md"):
        for text in blocks(readme, "toml"):
            if "[scenario]" not in text or "extends" in text:
                continue
            found += 1
            (folder / "my.toml").write_text(text, encoding="utf-8")
            told = stardsim(folder, "validate", "my.toml")
            assert told.returncode == 0, told.stderr
    assert found >= 2, found


def test_the_mistake_gets_its_line(folder):
    text = next(t for t in blocks("README.md", "toml") if "[scenario]" in t)
    wrong = text.replace("value = 0.368", "value = 1.368", 1)
    assert wrong != text
    (folder / "my.toml").write_text(wrong, encoding="utf-8")
    told = stardsim(folder, "run", "my.toml")
    assert told.returncode == 2
    shown = [b for b in blocks("README.md", "") if b.startswith("my.toml:")]
    assert [told.stderr] == shown, told.stderr


def test_the_two_by_two_of_the_readme(folder):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, row in (("stard", "Rush 2006"), ("stard_hrsd", "Pigott 2023")):
        line = next(l for l in text.splitlines()
                    if l.startswith("|") and f"{name}.toml" in l)
        assert row in line
        printed = [float(x) for x in re.findall(r"([\d.]+) %", line)]
        told = stardsim(ROOT, "exact", f"configs/{name}.toml")
        assert told.returncode == 0
        last = {}
        for course in told.stdout.split("\nPathway ")[1:]:
            steps = [l for l in course.splitlines() if l.startswith("4 ")]
            question = ("all" if "if all continue" in course.splitlines()[0]
                        else "observed")
            last[question] = float(steps[0].split()[-1])
        assert printed == [round(last["all"], 1), round(last["observed"], 1)]


def test_the_comparison_of_the_readme(folder):
    command = next(b for b in blocks("README.md", "sh")
                   if b.startswith("stardsim compare configs/"))
    told = stardsim(ROOT, *command.split()[1:])
    assert told.returncode == 0, told.stderr
    shown = next(b for b in blocks("README.md", "text")
                 if "pathways compared" in b)
    missing = [l for l in shown.splitlines()
               if l != "..." and l not in told.stdout.splitlines()]
    assert not missing, missing


def main():
    failed = 0
    tests = [value for name, value in globals().items()
             if name.startswith("test_")]
    for test in tests:
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
            except AssertionError as error:
                failed += 1
                print(f"FAILED: {test.__name__}: {error}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
