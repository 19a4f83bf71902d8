#!/usr/bin/python3
"""Makes Debian's package of what was built, installs it, runs it, removes it.

Usage: package_test.py CPACK BUILD

As root it is installed on this machine and purged again. Without root, or where
a package or a program of that name is there already, which is left alone, it
is installed below a folder, against a copy of dpkg's list of what is
installed; the output says so.
"""

import contextlib
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from harness import passes

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FOLDER = BUILD = DEB = pathlib.Path()  # set by main
PATIENCE = 300  # seconds that another dpkg may take
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
         "HOME": "/nonexistent"}


def done(*words, folder=None):
    return subprocess.run([str(word) for word in words], text=True,
                          capture_output=True, check=False,
                          cwd=folder or FOLDER, env=CLEAN)


def told(*words, folder=None):
    made = done(*words, folder=folder)
    assert made.returncode == 0, (words, made.stdout[-2000:], made.stderr)
    return made.stdout


def field(name):
    return told("dpkg-deb", "--field", DEB, name).strip()


def listed():
    """[mode, owner, path] of all that it holds."""
    rows = [line.split(None, 5) for line in
            told("dpkg-deb", "--contents", DEB).splitlines()]
    return [(row[0], row[1], row[5].removeprefix(".")) for row in rows]


def unpacked():
    folder = FOLDER / "unpacked"
    if not folder.exists():
        told("dpkg-deb", "--extract", DEB, folder)
    return folder


def test_fields_are_those_of_the_project():
    lists = (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8")
    citation = (SOURCE / "CITATION.cff").read_text(encoding="utf-8")
    version = re.search(r"project\(stardsim VERSION (\S+)", lists).group(1)
    author = re.search(r"^ +- name: \"(.*)\"$", citation, re.M).group(1)
    assert field("Package") == "stardsim"
    assert field("Version") == version
    assert field("Architecture") == told(
        "dpkg", "--print-architecture").strip()
    assert field("Section") == "science"
    assert field("Maintainer").startswith(author)
    first, *others = field("Description").splitlines()
    assert first and len(first) < 80 and len(others) >= 3
    assert DEB.name == f"stardsim_{version}_{field('Architecture')}.deb"


def test_it_depends_on_what_its_libraries_come_from():
    packages = {re.split(r"[ :(]", one.strip())[0]
                for one in field("Depends").split(",")}
    dynamic = told("readelf", "--dynamic", unpacked() / "usr/bin/stardsim")
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    assert len(needed) > 5
    files = {path.rsplit("/", 1)[-1] for path in
             told("dpkg", "--listfiles", *packages).splitlines()}
    assert set(needed) <= files, set(needed) - files


def test_it_holds_the_program_and_nothing_of_the_library():
    files = {path for mode, _, path in listed() if mode.startswith("-")}
    configs = {"/usr/share/stardsim/configs/" + str(path.relative_to(
        SOURCE / "configs")) for path in (SOURCE / "configs").rglob("*")
               if path.is_file()}
    documents = {"/usr/share/doc/stardsim/" + name for name in (
        "README.md", "CHANGELOG.md.gz", "CITATION.cff", "changelog.gz",
        "copyright")}
    assert files == configs | documents | {
        "/usr/bin/stardsim", "/usr/share/man/man1/stardsim.1.gz",
        "/usr/share/bash-completion/completions/stardsim"}
    for mode, owner, path in listed():
        assert owner == "root/root", path
        wanted = ("drwxr-xr-x" if path.endswith("/") else "-rwxr-xr-x"
                  if path.startswith("/usr/bin/") else "-rw-r--r--")
        assert mode == wanted, (mode, path)


def test_documents_have_the_form_that_debian_asks_for():
    share = unpacked() / "usr/share"
    for name in ("man/man1/stardsim.1.gz", "doc/stardsim/CHANGELOG.md.gz",
                 "doc/stardsim/changelog.gz"):
        packed = (share / name).read_bytes()
        assert packed[3:8] == bytes(5), f"{name}: a name or time in it"
        assert packed[8] == 2, f"{name}: not packed with gzip -9"
    page = gzip.decompress((share / "man/man1/stardsim.1.gz").read_bytes())
    assert page == (BUILD / "generated/stardsim.1").read_bytes()
    rights = (share / "doc/stardsim/copyright").read_text(encoding="utf-8")
    for path in (SOURCE / "LICENSE",
                 *(SOURCE / "sim/io/report/vendor").glob("LICENSE*")):
        assert path.read_text(encoding="utf-8") in rights, path


def usable(word):
    return shutil.which(word, path=CLEAN["PATH"])


class Machine:
    """This one, as root."""
    root = pathlib.Path("/")

    def dpkg(self, *words):
        return done("dpkg", *words)


class Folder:
    """One for which dpkg keeps books of its own, begun as a copy."""

    def __init__(self):
        self.root = FOLDER / "root"
        self.books = FOLDER / "books"
        for path in (self.root, self.books / "info", self.books / "updates",
                     self.books / "triggers"):
            path.mkdir(parents=True)
        shutil.copy("/var/lib/dpkg/status", self.books / "status")
        (self.books / "available").touch()

    def dpkg(self, *words):
        return done("dpkg", "--force-not-root", "--force-script-chrootless",
                    f"--instdir={self.root}", f"--admindir={self.books}",
                    f"--log={FOLDER}/dpkg.log", *words)


def place():
    if os.geteuid() != 0:
        reason = "not root"
    elif done("dpkg-query", "--show", "stardsim").returncode == 0:
        reason = "a package stardsim is here already"
    elif any(pathlib.Path(path).exists() for mode, _, path in listed()
             if mode.startswith("-")):
        reason = "there are files that it would overwrite"
    else:
        return Machine()
    print(f"{reason}: installed below a folder, not on this machine")
    return Folder()


def patiently(dpkg, *words):
    end = time.monotonic() + PATIENCE
    while True:
        made = dpkg(*words)
        is_locked = "lock was locked by another process" in made.stderr
        if not is_locked or time.monotonic() > end:
            return made
        time.sleep(1)


@contextlib.contextmanager
def installed(machine):
    try:
        made = patiently(machine.dpkg, "--install", DEB)
        assert made.returncode == 0, made.stderr
        yield
    finally:
        gone = patiently(machine.dpkg, "--purge", "stardsim")
        assert gone.returncode == 0, gone.stderr


def use(root):
    program = root / "usr/bin/stardsim"
    scenario = root / "usr/share/stardsim/configs/stard.toml"
    result = FOLDER / "result.h5"
    text = told(program, "run", scenario, "--patients", "1000", "-o", result,
                "--json")
    built = told(BUILD / "stardsim", "run", SOURCE / "configs/stard.toml",
                 "--patients", "1000", "--json")
    shown, wanted = (json.loads(one)["runs"][0] for one in (text, built))
    assert shown["patients"] == 1000 and shown["curves"] == wanted["curves"]
    told(program, "report", result)
    assert result.with_suffix(".html").stat().st_size > 100_000
    if usable("man") and root == pathlib.Path("/"):
        assert told("man", "--where", "stardsim").strip() == \
            "/usr/share/man/man1/stardsim.1.gz"


def test_it_is_installed_run_and_removed_without_a_trace():
    machine = place()
    with installed(machine):
        status = machine.dpkg("--status", "stardsim")
        assert "Status: install ok installed" in status.stdout
        assert machine.dpkg("--verify", "stardsim").stdout == ""
        use(machine.root)
    assert machine.dpkg("--status", "stardsim").returncode != 0
    left = [path for _, _, path in listed() if "stardsim" in path
            and (machine.root / path.strip("/")).exists()]
    assert left == [], left


def main(arguments):
    global FOLDER, BUILD, DEB
    if len(arguments) != 2:
        print("usage: package_test.py CPACK BUILD", file=sys.stderr)
        return 2
    BUILD = pathlib.Path(arguments[1]).resolve()
    tests = [item for name, item in globals().items()
             if name.startswith("test_")]
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = pathlib.Path(folder)
        FOLDER.chmod(0o755)
        told(arguments[0], "-G", "DEB", "-B", FOLDER / "packages", folder=BUILD)
        (DEB,) = (FOLDER / "packages").glob("*.deb")
        results = [passes(test) for test in tests]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
