"""Whether two result files say the same."""

import re

import h5py
import numpy

# How a run went, not what came out (results/README.md, "Root attributes").
PROVENANCE = {"scenario_file", "program_version", "commit", "compiler",
              "command_line", "instruction_set", "threads", "start_time"}
TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def without_times(content):
    """The bytes of a file, whatever the time at which it was made."""
    return TIME.sub(b"<time>", content)


def _bytes_of(value):
    array = numpy.asarray(value)
    content = repr(array.tolist()).encode() if array.dtype == object \
        else array.tobytes()
    return str(array.dtype), array.shape, content


def _contents(path):
    """{name: bytes} of all datasets and of all attributes but provenance."""
    found = {}
    with h5py.File(path, "r") as file:
        def take(name, item):
            for key, value in item.attrs.items():
                if key in {"DIMENSION_LIST", "REFERENCE_LIST"}:
                    continue  # references: where things are, not what they say
                if name or key not in PROVENANCE:
                    found[f"{name}@{key}"] = _bytes_of(value)
            if isinstance(item, h5py.Dataset):
                found[name] = _bytes_of(item[()])
        take("", file)
        file.visititems(take)
    return found


def differences(path, other):
    """Names of the datasets and attributes that are not equal byte for byte."""
    ours, theirs = _contents(path), _contents(other)
    return sorted(name for name in ours.keys() | theirs.keys()
                  if ours.get(name) != theirs.get(name))
