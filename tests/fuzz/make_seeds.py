#!/usr/bin/python3
"""Makes the HDF5 files in tests/fuzz/seeds anew: usage make_seeds.py PROGRAM.

Needed when the format of results changes. Of each kind of result there is the
file that the program writes, and one with the same values in the oldest form of
HDF5, whose parts have no checksums, so that damage gets further.
"""
import gzip
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy

SEEDS = pathlib.Path(__file__).resolve().parent / "seeds"
SCENARIO = SEEDS / "scenario/tiny.toml"
# Of the linking of dimensions, for netCDF alone, and of no use to the readers.
LEFT_OUT = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST",
            "_Netcdf4Dimid", "_Netcdf4Coordinates", "_FillValue", "units",
            "_NCProperties", "description", "in_words"}


def without_economics_and_draws():
    """The scenario with counts alone, which makes a smaller result."""
    text = SCENARIO.read_text(encoding="utf-8")
    costs = "[steps.first.costs]"
    head, rest = text.split(costs)
    text = head + rest.split("\n\n", 1)[1]
    head, rest = text.split("[economics]")
    return head + "[published" + rest.split("[published", 1)[1].split(
        "[alternatives", 1)[0]


def with_few_draws():
    text = SCENARIO.read_text(encoding="utf-8")
    return text.split("[alternatives", 1)[0].replace("draws = 20", "draws = 4")


def copy_attributes(source, target):
    for name, value in source.attrs.items():
        of_dataset = isinstance(source, h5py.Dataset)
        if name in LEFT_OUT or (name == "long_name" and of_dataset):
            continue
        target.attrs[name] = value[:300] if isinstance(value, str) else value


def copy_group(source, target):
    copy_attributes(source, target)
    for name, value in source.items():
        if isinstance(value, h5py.Group):
            copy_group(value, target.create_group(name))
        elif value.dtype.kind == "O":
            target.create_dataset(name, data=value[()],
                                  dtype=h5py.string_dtype())
        else:
            target.create_dataset(name, data=value[()])


def keep(path, name):
    (SEEDS / "result" / f"{name}.h5.gz").write_bytes(
        gzip.compress(path.read_bytes(), mtime=0))


def keep_in_oldest_form(path, name):
    copy = path.with_suffix(".old")
    with h5py.File(path) as source, \
            h5py.File(copy, "w", libver="earliest") as target:
        copy_group(source, target)
    keep(copy, name + "_old_format")


def make_results(program, folder):
    def run(command, text, *options):
        scenario = folder / "tiny.toml"
        scenario.write_text(text, encoding="utf-8")
        path = folder / f"{command}.h5"
        path.unlink(missing_ok=True)
        subprocess.run([program, command, scenario, *options, "-o", path],
                       check=True, stdout=subprocess.DEVNULL)
        return path

    whole = SCENARIO.read_text(encoding="utf-8")
    keep(run("run", without_economics_and_draws()), "run")
    keep_in_oldest_form(run("run", with_few_draws(), "--draws", "4"), "run")
    two = ["--two-way", "--parameter", "steps.first.remission",
           "--parameter", "steps.second.remission"]
    for name, path in (("sensitivity", run("sensitivity", whole, *two)),
                       ("alternatives", run("alternatives", whole))):
        keep(path, name)
        keep_in_oldest_form(path, name)


def make_tables():
    texts = numpy.array(["f", "m", "f"], dtype=object)
    forms = {"variable.h5": ("earliest", texts, h5py.string_dtype(), {}),
             "fixed.h5": ("v108", texts.astype("S4"), "S4", {}),
             "chunked.h5": ("earliest", texts, h5py.string_dtype(),
                            {"chunks": (2,), "compression": "gzip",
                             "shuffle": True, "fletcher32": True})}
    for name, (version, sex, text, chunked) in forms.items():
        with h5py.File(SEEDS / "hdf5_table" / name, "w",
                       libver=version) as file:
            group = file.create_group("cohort")
            group.create_dataset("id", data=[3, 1, 2], **chunked)
            group.create_dataset("age", data=[40.5, 52, 61], **chunked)
            group.create_dataset(
                "sex", data=sex, dtype=text,
                **({"chunks": (2,)} if chunked else {}))


def main():
    with tempfile.TemporaryDirectory() as name:
        make_results(str(pathlib.Path(sys.argv[1]).resolve()),
                     pathlib.Path(name))
    make_tables()


main()
