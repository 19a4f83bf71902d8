#!/usr/bin/python3
"""Installs what was built into an empty folder, and uses it from there.

Usage: install_test.py CMAKE BUILD

The program runs an installed scenario, the manual and the completion of bash
know every command and option that the program has, every installed header
compiles, and the example of scripts/examples/library, built against the
installed library, prints what the program prints.
"""

import filecmp
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from harness import Skipped, passes

SOURCE = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = SOURCE / "scripts/examples/library"
PREFIX = FOLDER = BUILD = pathlib.Path()  # set by main
CMAKE = ""
BASH_COMPLETION = pathlib.Path("/usr/share/bash-completion/bash_completion")


def done(*words, folder=None, **variables):
    return subprocess.run(
        [str(word) for word in words], text=True, capture_output=True,
        check=False, cwd=folder or FOLDER, stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C.UTF-8", **variables})


def told(*words, folder=None, **variables):
    made = done(*words, folder=folder, **variables)
    assert made.returncode == 0, (words, made.stdout[-2000:], made.stderr)
    return made.stdout


def program(*words):
    return told(PREFIX / "bin/stardsim", *words)


def installed(name):
    return PREFIX / "share/stardsim/configs" / name


@functools.lru_cache(maxsize=None)
def commands():
    text = program("--help").split("\nSubcommands:\n")[1]
    names = re.findall(r"^  ([a-z]+) ", text, re.M)
    assert {"run", "replay"} <= set(names)
    return names


@functools.lru_cache(maxsize=None)
def options(command):
    """The long names of all its options, --help among them."""
    text = program(command, "--help").split("\nOptions:\n")[1]
    return [re.search(r"--[\w-]+", line).group() for line in text.splitlines()
            if re.match(r"  -", line)]


@functools.lru_cache(maxsize=None)
def cached(name):
    """A variable of the build's CMakeCache.txt."""
    text = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{name}:\w+=(.*)$", text, re.M)
    return found.group(1) if found else ""


def test_program_runs_an_installed_scenario():
    shown = json.loads(program("run", installed("stard.toml"), "--patients",
                               "2000", "--json"))["runs"][0]
    built = json.loads(told(BUILD / "stardsim", "run",
                            SOURCE / "configs/stard.toml", "--patients",
                            "2000", "--json"))["runs"][0]
    assert shown["patients"] == 2000
    assert shown["curves"] == built["curves"]


def test_scenarios_are_all_there_and_valid():
    for path in (SOURCE / "configs").rglob("*"):
        if path.is_file():
            copy = installed(path.relative_to(SOURCE / "configs"))
            assert filecmp.cmp(path, copy, shallow=False), path
    scenarios = sorted(installed("").glob("*.toml"))
    assert len(scenarios) > 10
    program("validate", *scenarios)


def test_documents_are_there():
    for name in ("README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"):
        assert filecmp.cmp(SOURCE / name, PREFIX / "share/doc/stardsim" / name,
                           shallow=False)


def test_destdir_goes_before_the_prefix():
    stage = FOLDER / "stage"
    told(CMAKE, "--install", BUILD, "--prefix", "/opt/stardsim", "--component",
         "program", DESTDIR=str(stage))
    assert filecmp.cmp(stage / "opt/stardsim/bin/stardsim",
                       PREFIX / "bin/stardsim", shallow=False)
    assert {path.name for path in stage.iterdir()} == {"opt"}


def manual():
    if not shutil.which("man"):
        raise Skipped("no man (scripts/install_packages.sh test)")
    made = done("man", "--warnings", "--local-file",
                PREFIX / "share/man/man1/stardsim.1", MANWIDTH="100",
                MAN_KEEP_FORMATTING="", GROFF_NO_SGR="1")
    assert made.returncode == 0 and made.stderr == "", made.stderr
    return made.stdout


def test_manual_renders_without_a_warning_and_knows_every_option():
    text = manual()
    parts = re.split(r"^   stardsim (\w+) ", text, flags=re.M)
    told_of = dict(zip(parts[1::2], parts[2::2]))
    assert list(told_of) == commands()
    for command, part in told_of.items():
        names = re.findall(r"^       (?:-\w, )?(--[\w-]+)", part, re.M)
        assert ["--help", *names] == options(command), command
    for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS",
                    "EXIT STATUS", "FILES"):
        assert re.search(rf"^{heading}$", text, re.M), heading


def test_no_line_of_the_manual_is_a_request_by_accident():
    page = (PREFIX / "share/man/man1/stardsim.1").read_text(encoding="utf-8")
    meant = {".\\\"", ".TH", ".SH", ".SS", ".TP", ".PP", ".EX", ".EE", ".ad",
             ".nh", ".B", ".I", ".BR", ".IR", ".RI", ".br"}
    found = {line.split()[0] for line in page.splitlines()
             if line[:1] in (".", "'")}
    assert found <= meant, found - meant


def completed(*lines):
    """For each line, typed in bash and completed at its end: the words."""
    if not BASH_COMPLETION.exists():
        raise Skipped("no bash-completion (scripts/install_packages.sh test)")
    found = FOLDER / "completion"  # bash-completion's own takes no spaces
    if not found.exists():
        found.symlink_to(PREFIX / "share/bash-completion")
    script = FOLDER / "complete.bash"
    script.write_text(f"""
      source {BASH_COMPLETION}
      _completion_loader stardsim
      finish() {{
        COMP_LINE="$1" COMP_POINT=${{#1}}
        read -ra COMP_WORDS <<<"${{1//=/ = }}"
        [[ $1 != *[\\ =] ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        [[ $1 != *= ]] || {{ unset "COMP_WORDS[COMP_CWORD]"; ((COMP_CWORD--)); }}
        COMPREPLY=()
        "$finisher" stardsim "${{COMP_WORDS[COMP_CWORD]}}" \\
          "${{COMP_WORDS[COMP_CWORD - 1]}}"
        echo "${{COMPREPLY[*]}}"
      }}
      finisher=$(complete -p stardsim | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
      while IFS= read -r line; do finish "$line"; done <{FOLDER}/lines
      """, encoding="utf-8")
    (FOLDER / "lines").write_text("".join(line + "\n" for line in lines),
                                  encoding="utf-8")
    made = done("bash", "--norc", script,
                PATH=f"{PREFIX}/bin:{os.environ['PATH']}",
                BASH_COMPLETION_USER_DIR=str(found))
    assert made.stderr == "", made.stderr
    words = [line.split() for line in made.stdout.split("\n")[:-1]]
    assert len(words) == len(lines)
    return words


def test_completion_knows_commands_and_options():
    assert completed("stardsim ru", "stardsim run --pat", "stardsim --ver") == [
        ["run"], ["--patients"], ["--version"]]
    assert completed("stardsim ")[0] == commands()
    shown = completed(*(f"stardsim {command} -" for command in commands()))
    for command, words in zip(commands(), shown):
        assert words == options(command), command


def test_completion_knows_what_options_take():
    formats, also, sets, number = completed(
        "stardsim compare --format ", "stardsim check --format=",
        "stardsim run --instructions ", "stardsim run --seed ")
    assert set(formats) == {"text", "csv", "markdown", "json"}
    assert set(also) == {"text", "csv", "markdown"}
    assert number == []
    for name in sets:
        program("run", installed("smoke.toml"), "--patients", "10",
                "--instructions", name)
    wrong = done(PREFIX / "bin/stardsim", "run", installed("smoke.toml"),
                 "--instructions", "none")
    assert ", ".join(sets) in wrong.stderr.replace('"', ""), wrong.stderr


def test_completion_offers_the_files_that_a_command_reads():
    for name in ("a.toml", "b.h5", "c.txt"):
        (FOLDER / "files").mkdir(exist_ok=True)
        (FOLDER / "files" / name).touch()
    assert completed("stardsim run files/", "stardsim report files/",
                     "stardsim compare files/", "stardsim run -o fil") == [
        ["files/a.toml"], ["files/b.h5"], ["files/a.toml", "files/b.h5"],
        ["files"]]


@functools.lru_cache(maxsize=None)
def example():
    """Its folder, configured and built against what is installed."""
    folder = FOLDER / "example"
    flags = cached("CMAKE_CXX_FLAGS")
    if cached("STARDSIM_SANITIZE"):
        flags += " -fsanitize=" + cached("STARDSIM_SANITIZE")
    told(CMAKE, "-G", "Ninja", "-S", EXAMPLE, "-B", folder,
         f"-DCMAKE_PREFIX_PATH={PREFIX}", f"-DCMAKE_CXX_FLAGS={flags}",
         f"-DCMAKE_CXX_COMPILER={cached('CMAKE_CXX_COMPILER')}",
         "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    told(CMAKE, "--build", folder)
    return folder


def test_example_prints_the_figures_of_the_program():
    for name in ("stard.toml", "ect_by_line.toml"):
        shown = told(example() / "remission", installed(name))
        run = json.loads(program("run", installed(name), "--json"))["runs"][0]
        curves = run["curves"]
        p = curves["pathway"].index(run["reference_pathway"])
        e = curves["estimand"].index(run["reported_first"])
        wanted = "%.2f %% in remission (standard error %.2f)\n" % (
            100 * curves["cumulative_remission"][p][e][-1],
            100 * curves["cumulative_remission_se"][p][e][-1])
        assert shown == wanted


def test_example_says_what_is_wrong():
    made = done(example() / "remission", FOLDER / "none.toml")
    assert made.returncode == 1 and "none.toml" in made.stderr
    assert done(example() / "remission").returncode == 2


def test_readme_shows_the_example():
    lines = (EXAMPLE / "main.cpp").read_text(encoding="utf-8")
    body = re.search(r"^void print_remission.*?^}\n", lines, re.M | re.S)
    readme = (SOURCE / "README.md").read_text(encoding="utf-8")
    assert body.group() in readme


def test_every_header_compiles():
    headers = sorted(path.relative_to(PREFIX / "include/stardsim")
                     for path in (PREFIX / "include").rglob("*.hpp"))
    assert len(headers) > 100
    source = FOLDER / "headers.cpp"
    source.write_text("".join(f'#include "{path}"\n' for path in headers),
                      encoding="utf-8")
    command = shlex.split(json.loads(
        (example() / "compile_commands.json").read_text(
            encoding="utf-8"))[0]["command"])
    main = [word for word in command if word.endswith("/main.cpp")]
    assert len(main) == 1
    told(*(str(source) if word in main else word for word in command),
         "-fsyntax-only", "-Wall", "-Wextra", "-Werror", folder=example())


def test_package_of_cmake_knows_nothing_of_the_build():
    files = [*PREFIX.rglob("*.cmake")]
    assert {"stardsimConfig.cmake", "stardsimConfigVersion.cmake",
            "stardsimTargets.cmake"} <= {path.name for path in files}
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert str(SOURCE) not in text and str(BUILD) not in text, path


def test_package_of_cmake_says_why_it_is_not_found():
    folder = FOLDER / "refused"
    folder.mkdir()
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\n"
        "project(refused LANGUAGES CXX)\n"
        "find_package(stardsim 99 QUIET)\n"
        "message(STATUS \"99: ${stardsim_FOUND}\")\n"
        "find_package(stardsim REQUIRED)\n", encoding="utf-8")
    made = done(CMAKE, "-G", "Ninja", "-S", folder, "-B", folder / "build",
                f"-DCMAKE_PREFIX_PATH={PREFIX}")
    assert made.returncode != 0
    assert "-- 99: 0\n" in made.stdout, made.stdout
    assert "the language C" in made.stderr, made.stderr


def main(arguments):
    global PREFIX, FOLDER, BUILD, CMAKE
    if len(arguments) != 2:
        print("usage: install_test.py CMAKE BUILD", file=sys.stderr)
        return 2
    CMAKE, BUILD = arguments[0], pathlib.Path(arguments[1]).resolve()
    tests = [item for name, item in globals().items()
             if name.startswith("test_")]
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = pathlib.Path(folder)
        PREFIX = FOLDER / "a prefix"
        told(CMAKE, "--install", BUILD, "--prefix", PREFIX)
        results = [passes(test) for test in tests]
    print(f"{results.count(True)} passed, {results.count(False)} failed, "
          f"{results.count(None)} skipped")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
