#!/usr/bin/python3
"""Files that are cut short, damaged, foreign or huge: usage hostile_test.py
PROGRAM [GROUP...], the groups being the functions named in main().

Whatever a file holds, the program ends soon, with exit code 2 (3 where the file
cannot be read at all) and one line that names it, or with 0 where the damage
does not matter; never by a signal, and within bounded memory.
"""
import gzip
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

import h5py
import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
SEEDS = ROOT / "tests/fuzz/seeds"
MOST_SECONDS = 60
MOST_KILOBYTES = 1_500_000  # tables of 256 MB are read, whatever is in them
TERABYTE = 1 << 40

checked = 0


def run(words, **more):
    """Exit code and stderr."""
    done = subprocess.run([PROGRAM, *map(str, words)], cwd=ROOT, check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          timeout=MOST_SECONDS,
                          **{"stdin": subprocess.DEVNULL, **more})
    return done.returncode, done.stderr.decode("utf-8")


def check(condition, what):
    global checked
    checked += 1
    if not condition:
        sys.exit(f"hostile_test: {what}")


def is_one_clear_line(text, path):
    return (text.count("\n") == 1 and text.endswith("\n") and path.name in text
            and text[:-1].isprintable() and len(text) < 10_000)


def refused(words, path, says="", codes=(2,)):
    """One line on stderr, which names the file and says this."""
    code, text = run(words)
    check(code in codes and is_one_clear_line(text, path) and says in text,
          f"{words}: {code}, not {codes} with {says!r}: {text[:2000]!r}")


def accepted(words, **more):
    code, text = run(words, **more)
    check(code == 0, f"{words}: {code}: {text[:2000]!r}")


def read_or_refused(words, path):
    code, text = run(words)
    check(code == 0 or (code == 2 and is_one_clear_line(text, path)),
          f"{words}: {code}: {text[:2000]!r}")


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else
                     content.encode("utf-8"))
    return path


def make_sparse(path, size, start=b""):
    with open(path, "wb") as file:
        file.write(start)
        file.truncate(size)
    return path


def places(size):
    """Where to cut a file: at its ends, and evenly between."""
    return sorted({0, 1, 7, 8, 40, 47, 48, 95, 512, size - 1, size - 8,
                   *range(1000, size, max(1, size // 25))})


def flipped(image, seed):
    """With one to three bits turned, at places that the seed tells."""
    some = random.Random(seed)
    changed = bytearray(image)
    for _ in range(some.randint(1, 3)):
        changed[some.randrange(len(changed))] ^= 1 << some.randrange(8)
    return bytes(changed)


def seed(name):
    return gzip.decompress((SEEDS / "result" / f"{name}.h5.gz").read_bytes())


# ---- result files ----

def seeds_are_results(folder):
    """A change of the format would make them useless for fuzzing: then
    tests/fuzz/make_seeds.py makes new ones."""
    paths = []
    for name in ("run", "sensitivity", "alternatives"):
        for form in ("", "_old_format"):
            paths.append(write(folder / f"{name}{form}.h5", seed(name + form)))
    for form in ("", "_old_format"):
        accepted(["report", folder / f"run{form}.h5",
                  folder / f"sensitivity{form}.h5",
                  folder / f"alternatives{form}.h5",
                  "-o", folder / f"report{form}.html"])
        accepted(["compare", folder / f"run{form}.h5"])


def cut_short(folder):
    image = seed("run")
    for size in places(len(image)):
        path = write(folder / "cut.h5", image[:size])
        refused(["compare", path], path)
    for size in places(len(image))[::8]:
        path = write(folder / "cut.h5", image[:size])
        refused(["report", path, "-o", folder / "cut.html"], path)
    check(not (folder / "cut.html").exists(), "a report of a cut file is there")


def bits_flipped(folder):
    path = folder / "flipped.h5"
    for name, count in (("run", 70), ("run_old_format", 140)):
        image = seed(name)
        for number in range(count):
            write(path, flipped(image, number))
            read_or_refused(["compare", path], path)
    image = seed("sensitivity_old_format")
    for number in range(60):
        write(path, flipped(image, number))
        read_or_refused(["report", path, "-o", folder / "flipped.html"], path)


def foreign(folder):
    contents = {
        "empty.h5": b"",
        "netcdf3.h5": b"CDF\x01" + bytes(200),
        "picture.h5": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "packed.h5": gzip.compress(b"stardsim results"),
        "text.h5": "format = stardsim results\n",
        "signature.h5": b"\x89HDF\r\n\x1a\n",
        "signature_zeros.h5": b"\x89HDF\r\n\x1a\n" + bytes(4000),
        "signature_ones.h5": b"\x89HDF\r\n\x1a\n" + b"\xff" * 4000,
    }
    for name, content in contents.items():
        path = write(folder / name, content)
        refused(["compare", path], path)
        refused(["report", path, "-o", folder / "foreign.html"], path)
    path = folder / "other.h5"
    with h5py.File(path, "w") as file:
        file["measurements"] = numpy.arange(5)
    refused(["compare", path], path, "attribute format is missing")
    (folder / "folder.h5").mkdir()
    refused(["compare", folder / "folder.h5"], folder / "folder.h5",
            "it is a folder", codes=(3,))
    os.mkfifo(folder / "pipe.h5")
    refused(["compare", folder / "pipe.h5"], folder / "pipe.h5",
            "it is a pipe", codes=(3,))


def replaced(folder, dataset, make):
    """A result in which `make` puts another dataset in the place of this."""
    path = write(folder / "replaced.h5", seed("run_old_format"))
    with h5py.File(path, "r+") as file:
        del file[dataset]
        make(file, dataset)
    return path


def huge(folder):
    def many_numbers(file, name):
        file.create_dataset(name, shape=(10**12,), dtype="f8", chunks=(1024,))

    def many_texts(file, name):
        file.create_dataset(name, shape=(10**12,), chunks=(1024,),
                            dtype=h5py.string_dtype())

    def long_texts(file, name):
        file.create_dataset(name, shape=(2,), dtype=f"S{(1 << 31) - 1}")

    def large_chunks(file, name):
        file.create_dataset(name, shape=(17,), maxshape=(None,), dtype="i4",
                            chunks=(1 << 28,), compression="gzip")

    for dataset in ("accumulators/pathway", "accumulators/measure",
                    "curves/week", "curves/pathway", "curves/estimand",
                    "cost_effectiveness/threshold", "draws/mean"):
        for make in (many_numbers, many_texts, long_texts, large_chunks):
            path = replaced(folder, dataset, make)
            refused(["report", path, "-o", folder / "huge.html"], path)
    for name in ("sparse.h5", "sparse_signature.h5"):
        start = b"\x89HDF\r\n\x1a\n" if "signature" in name else b""
        path = make_sparse(folder / name, TERABYTE, start)
        refused(["compare", path], path)
    path = make_sparse(folder / "long.h5", TERABYTE, seed("run"))
    read_or_refused(["compare", path], path)


def elsewhere(folder):
    """What would have HDF5 read another file."""
    with h5py.File(folder / "secret.h5", "w") as file:
        file["week"] = numpy.arange(17)
    write(folder / "secret.bin", bytes(17 * 8))

    def link(file, name):
        file[name] = h5py.ExternalLink("secret.h5", "/week")

    def outside(file, name):
        file.create_dataset(name, shape=(17,), dtype="i8",
                            external=[("secret.bin", 0, 17 * 8)])

    def virtual(file, name):
        layout = h5py.VirtualLayout(shape=(17,), dtype="i8")
        layout[:] = h5py.VirtualSource("secret.h5", "week", shape=(17,))
        file.create_virtual_dataset(name, layout)

    def itself(file, name):
        file[name] = h5py.SoftLink("/" + name)

    def group(file, name):
        file.create_group(name)

    for make, says in ((link, "a link to another file"),
                       (outside, "in another file"),
                       (virtual, "in another file"), (itself, ""), (group, "")):
        path = replaced(folder, "curves/week", make)
        refused(["report", path, "-o", folder / "elsewhere.html"], path, says)


# ---- tables ----

SCENARIO = """[scenario]
title = "Hostile"
reference = "usual"
[cohort]
patients = 10
seed = 1
[cohort.table]
file = "FILE"
GROUP
[cohort.covariates]
age = { distribution = "table" }
[pathways]
usual = ["first"]
[steps.first]
weeks = 12
remission = 0.4
"""


def table_of_patients(folder, name):
    scenario = SCENARIO.replace("FILE", name)
    scenario = scenario.replace("GROUP", 'group = "/cohort"'
                                if name.endswith(".h5") else "")
    return ["validate", write(folder / "with_table.toml", scenario)]


def sound_tables(folder):
    for content in ("age\n40\n50\n", "age\n40\n50", "age\r\n40\r\n50\r\n",
                    b"\xef\xbb\xbfage\n40\n", "\n\nage\n\n40\n"):
        write(folder / "sound.csv", content)
        accepted(table_of_patients(folder, "sound.csv"))
    os.mkfifo(folder / "fed.csv")
    with subprocess.Popen(["/bin/sh", "-c", "printf 'age\\n40\\n' >\"$1\"",
                           "feed", folder / "fed.csv"]):
        accepted(table_of_patients(folder, "fed.csv"))


def hostile_csv(folder):
    contents = {
        "empty.csv": b"",
        "only_header.csv": b"age\n",
        "nul.csv": b"age\n4\0\n",
        "latin1.csv": b"age\n\xe9\n",
        "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "many_columns.csv": b"age," * 10**6 + b"\n" + b"1," * 10**6 + b"\n",
        "long_line.csv": b"age\n" + b"1" * (100 << 20) + b"\n",
        "long_name.csv": b"x" * (20 << 20) + b"\n1\n",
        "not_closed.csv": b'age\n"' + b"1\n" * (10 << 20),
        "controls.csv": b"\x1b[2J\r\x07,id\n1,2\n",
        "many_rows.csv": b"age\n" + b"1\n" * 1_000_001,
        "infinite.csv": b"age\n1e999\n",
    }
    for name, content in contents.items():
        path = write(folder / name, content)
        refused(table_of_patients(folder, name), path)
        path.unlink()
    make_sparse(folder / "sparse.csv", TERABYTE)
    refused(table_of_patients(folder, "sparse.csv"), folder / "sparse.csv",
            "longer than 256 MB")
    (folder / "folder.csv").mkdir()
    refused(table_of_patients(folder, "folder.csv"), folder / "folder.csv",
            "Is a directory")
    os.mkfifo(folder / "pipe.csv")
    refused(table_of_patients(folder, "pipe.csv"), folder / "pipe.csv")


def hostile_table_in_hdf5(folder):
    path = folder / "patients.h5"
    words = table_of_patients(folder, path.name)
    for name in ("variable", "fixed", "chunked"):
        image = (SEEDS / "hdf5_table" / f"{name}.h5").read_bytes()
        write(path, image)
        accepted(words)
        for size in places(len(image))[::3]:
            write(path, image[:size])
            read_or_refused(words, path)
        for number in range(40):
            write(path, flipped(image, number))
            read_or_refused(words, path)
    with h5py.File(path, "w") as file:
        file.create_dataset("cohort/age", shape=(10**12,), dtype="f8",
                            chunks=(1024,))
    refused(words, path, "more than 1000000 rows")
    make_sparse(path, TERABYTE, b"\x89HDF\r\n\x1a\n")
    refused(words, path, "longer than 256 MB")


# ---- scenarios ----

SOUND = """[scenario]
title = "Sound"
reference = "usual"
[pathways]
usual = ["first"]
[steps.first]
weeks = 12
remission = 0.4
"""


def hostile_toml(folder):
    keys = "".join(f"k{i}=1\n" for i in range(80_000))
    contents = {
        "empty.toml": b"",
        "nul.toml": b"[scenario]\0\n",
        "picture.toml": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "arrays.toml": b"a = " + b"[" * 400_000,
        "tables.toml": b"a = " + b"{a=" * 300_000,
        "dots.toml": b"a" + b".a" * 400_000 + b" = 1\n",
        "header.toml": b"[" * 900_000,
        "one_line.toml": b"a = \"" + b"x" * 900_000,
        "too_long.toml": b"#" * 1_000_001,
        "cycle.toml": b'extends = "cycle.toml"\n',
        "folder_below.toml": b'extends = "."\n',
    }
    for name, content in contents.items():
        path = write(folder / name, content)
        code, text = run(["validate", path])
        check(code == 2 and name in text and text[:-1].replace("\n", "")
              .isprintable() and len(text) < 10_000,
              f"{name}: {code}: {text[:2000]!r}")
    write(folder / "keys.toml", keys + SOUND)
    code, text = run(["validate", folder / "keys.toml"])
    check(code == 2 and len(text) < 100_000 and "keys.toml: and 79800 more "
          "problems" in text, f"80,000 unknown keys: {code}: {text[-500:]!r}")
    for i in range(300):
        write(folder / f"chain{i}.toml", f'extends = "chain{i + 1}.toml"\n')
    refused(["validate", folder / "chain0.toml"], folder / "chain31.toml",
            "more than 32 files")
    refused(["validate", write(folder / "device_below.toml",
                               'extends = "/dev/zero"\n')],
            pathlib.Path("/dev/zero"), "longer than 1 MB")
    make_sparse(folder / "sparse.toml", TERABYTE)
    refused(["validate", folder / "sparse.toml"], folder / "sparse.toml",
            "longer than 1 MB")
    refused(["validate", folder], folder, "Is a directory", codes=(3,))
    os.mkfifo(folder / "pipe.toml")
    refused(["validate", folder / "pipe.toml"], folder / "pipe.toml",
            codes=(3,))


def sound_scenarios(folder):
    write(folder / "no_newline.toml", SOUND.rstrip("\n"))
    accepted(["validate", folder / "no_newline.toml"])
    write(folder / "crlf.toml", SOUND.replace("\n", "\r\n"))
    accepted(["validate", folder / "crlf.toml"])
    accepted(["validate", write(folder / "mark.toml", "\ufeff" + SOUND)])
    with subprocess.Popen(["/bin/echo", SOUND], stdout=subprocess.PIPE) as echo:
        accepted(["validate", "/dev/stdin"], stdin=echo.stdout)


def main():
    tests = (seeds_are_results, cut_short, bits_flipped, foreign, huge,
             elsewhere, sound_tables, hostile_csv, hostile_table_in_hdf5,
             hostile_toml, sound_scenarios)
    with tempfile.TemporaryDirectory() as name:
        for test in tests:
            if sys.argv[2:] and test.__name__ not in sys.argv[2:]:
                continue
            folder = pathlib.Path(name) / test.__name__
            folder.mkdir()
            started = time.monotonic()
            test(folder)
            print(f"{test.__name__}: {time.monotonic() - started:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    check(peak < MOST_KILOBYTES, f"took up to {peak} kB of memory")
    print(f"{checked} checks, at most {peak // 1000} MB of memory")


main()
