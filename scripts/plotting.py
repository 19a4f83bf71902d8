"""What the scripts plot_*.py share: reading, words, pages, arguments, messages.

A script says what it draws and leaves the rest to run():

    def figure_of(file, options): ...   # an open HDF5 file -> matplotlib figure
    sys.exit(plotting.run("plot_x.py", parser, figure_of, sys.argv[1:]))

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import argparse
import io
import math
import os
import pathlib
import sys
import tempfile
import textwrap

import h5py
import matplotlib
import numpy

matplotlib.use("Agg")
from matplotlib import pyplot, textpath, ticker  # noqa: E402 (needs Agg)
from matplotlib.font_manager import FontProperties  # noqa: E402

BAD_INPUT, CANNOT_READ_OR_WRITE = 2, 3
FORMAT_VERSION = 1  # of results/README.md
RESULT, COMPARISON = "stardsim results", "stardsim comparison"
SENSITIVITY = "stardsim sensitivity"
ALTERNATIVES = "stardsim alternatives"
KINDS = {RESULT: "a result of `stardsim run`",
         COMPARISON: "a comparison of `stardsim compare`",
         SENSITIVITY: "a sensitivity analysis of `stardsim sensitivity`",
         ALTERNATIVES: "a file of `stardsim alternatives`"}
FORMATS = {".png": "png", ".pdf": "pdf", ".svg": "svg"}
# Without a date, so that equal results give equal files.
METADATA = {"png": {}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
STYLE = pathlib.Path(__file__).resolve().with_name("stardsim.mplstyle")

MM = 72 / 25.4  # points
WIDTHS = (80, 400)  # mm
DEFAULT_WIDTH = 180  # mm: two columns of most journals; one column is 85 to 90
NARROW = 130  # mm: below, labels stand under the picture instead of beside it
EDGE = 3  # points of white around the page
LABEL_CHARACTERS = 60  # of a pathway's label; the rest is cut off
NORMAL_95 = 1.96
MONTE_CARLO = ("{} 95 % Monte Carlo intervals: the error of simulating a "
               "finite cohort, not of the scenario's numbers.")
CREDIBLE = ("{} 95 % credible intervals: how sure the scenario's numbers are.")

# Measures that are the fraction of patients to whom something happens.
FRACTIONS = {"remission_if_all_continue", "remission", "sustained_remission",
             "partial_response", "response", "lasting_remission", "resistant",
             "adverse_event", "died", "suicide", "procedure_death"}


class Failure(Exception):
    """What stops the program: one line for the user and an exit code."""

    def __init__(self, line, code=BAD_INPUT):
        super().__init__(line)
        self.code = code


# Reading

def opened(path, formats):
    """The open file, if it is of one of the formats."""
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise unreadable(path, error) from error
    kind = file.attrs.get("format")
    if kind in KINDS and kind not in formats:
        raise Failure(f"{path} is {KINDS[kind]}; this draws "
                      f"{KINDS[formats[0]]}")
    if kind not in formats:
        raise Failure(f"{path} is not a result of stardsim")
    version = file.attrs.get("format_version")
    if version != FORMAT_VERSION:
        raise Failure(f"{path} has format version {version}; this reads "
                      f"{FORMAT_VERSION}")
    return file


def unreadable(path, error):
    """h5py says "not HDF5" and "no such file" by the same exception."""
    try:
        with open(path, "rb"):
            pass
    except OSError as reason:
        return Failure(f"cannot read {path}: {reason.strerror}",
                       CANNOT_READ_OR_WRITE)
    if h5py.is_hdf5(path):
        return Failure(f"cannot read {path}: {error}", CANNOT_READ_OR_WRITE)
    return Failure(f"{path} is not a result of stardsim")


def words(group, name):
    return list(group[name].asstr()[...])


def place_of(name, names, what):
    """The number of a name that the user gave."""
    if name not in names:
        raise Failure(f"no {what} is called '{name}'; there is: "
                      + ", ".join(names))
    return names.index(name)


def pathway_labels(file, names):
    """{name: label for people}; a comparison knows the names alone."""
    labels = {}
    if "curves" in file:
        labels = dict(zip(words(file["curves"], "pathway"),
                          words(file["curves"], "pathway_label")))
    return [textwrap.shorten(labels.get(name) or name, LABEL_CHARACTERS,
                             placeholder="…") for name in names]


def reference_of(file, names):
    return place_of(file.attrs["reference_pathway"], names, "pathway")


def perspective_label(file, name):
    """From the label of its total cost: "Total cost: Payer"."""
    measures = words(file["outcomes"], "measure")
    if "total_" + name not in measures:
        return name.replace("_", " ")
    label = file["outcomes/measure_label"].asstr()[
        measures.index("total_" + name)]
    return label.removeprefix("Total cost: ")


def title_of(file):
    if "title" in file.attrs:
        return file.attrs["title"]
    return "Comparison of " + ", ".join(
        pathlib.Path(name).stem for name in words(file["runs"], "file"))


def simulated(file):
    """How many patients, in words."""
    if "patients" in file.attrs:
        return (f"{file.attrs['patients']:,} simulated patients, seed "
                f"{file.attrs['seed']}.")
    patients = file["runs/patients"][:]
    if len(set(patients)) == 1:
        return f"{patients[0]:,} simulated patients on each pathway."
    return (f"{min(patients):,} to {max(patients):,} simulated patients on "
            "each pathway.")


def drawn_parameters(file, path, part):
    """The group of the results of all draws; one line where there are none."""
    if "draws" not in file or part not in file:
        raise Failure(
            f"{path} has no " + ("draws" if "draws" not in file else part)
            + ": `stardsim run SCENARIO --draws 200` makes them"
            + (", for a scenario with costs and QALYs" if "draws" in file
               else ""))
    return file[part]


def draws_made(file):
    """How many draws of how many patients, in words."""
    attributes = file["draws"].attrs
    luck = ("with the same luck" if attributes["luck"] == "common"
            else "their luck taken out")
    return (f"{attributes['draws']:,} draws of the scenario's numbers, "
            f"{attributes['patients']:,} patients each, {luck}.")


# Words

def plain(text):
    """Text that matplotlib does not take for a formula."""
    return text.replace("$", r"\$")


def text_width(text, size, weight="normal"):
    """In points, of the longest line."""
    font = FontProperties(family=matplotlib.rcParams["font.sans-serif"],
                          size=size, weight=weight)
    measure = textpath.TextToPath().get_text_width_height_descent
    return max(measure(line or " ", font, False)[0]
               for line in text.split("\n"))


def wrapped(text, width, size, weight="normal"):
    """With line breaks, so that no line is wider than that many points, as far
    as words allow."""
    if "\n" in text:
        return "\n".join(wrapped(line, width, size, weight)
                         for line in text.split("\n"))
    lines = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def wrapped_key(key, width, size):
    """As wrapped(), for the key of a number, which is broken at its dots; words
    with spaces are wrapped as such."""
    if " " in key:
        return wrapped(key, width, size)
    lines = []
    for part in key.replace(".", ". ").split(" "):
        if lines and text_width(lines[-1] + part, size) <= width:
            lines[-1] += part
        else:
            lines.append(part)
    return "\n".join(lines)


def line_count(text):
    return text.count("\n") + 1


def minus(text):
    """A number's hyphen as a minus sign."""
    return text.replace("-", "\u2212")


# Pages

def font_size():
    return matplotlib.rcParams["font.size"]


def line_height(size):
    return 1.25 * size


def pathway_style(number):
    """Colour and marker of the pathway at that place of the file."""
    cycle = list(matplotlib.rcParams["axes.prop_cycle"])
    return cycle[number % len(cycle)]


class Page:
    """A figure in points: the title, then the body, then the note. Axes are
    placed by their distance from the left and from the body's bottom."""

    def __init__(self, options, title, note, body_height):
        self.width = options.width * MM
        inner = self.width - 2 * EDGE
        title_size = matplotlib.rcParams["figure.titlesize"]
        note_size = font_size() - 1
        title = wrapped(title, inner, title_size, "bold")
        note = wrapped(note, inner, note_size)
        if options.bare:
            title = note = ""
        head = line_height(title_size) * line_count(title) + 4 if title else 0
        self.foot = line_height(note_size) * line_count(note) + 4 if note else 0
        self.foot += EDGE
        self.height = head + body_height + self.foot + EDGE
        self.figure = pyplot.figure(
            figsize=(self.width / 72, self.height / 72))
        self.write(EDGE, self.height - EDGE - self.foot, title, va="top",
                   size=title_size, weight="bold")
        self.write(EDGE, EDGE - self.foot, note, va="bottom", size=note_size,
                   color="0.3", linespacing=1.15)

    def write(self, left, bottom, text, **style):
        if text:
            self.figure.text(left / self.width,
                             (bottom + self.foot) / self.height, plain(text),
                             **style)

    def axes(self, left, bottom, width, height):
        return self.figure.add_axes(
            (left / self.width, (bottom + self.foot) / self.height,
             width / self.width, height / self.height))


def spread(wanted, heights, low, high):
    """Middles of labels of those heights, in the order of the places wanted,
    without overlap and as near to them as can be; within low to high, as far as
    there is room."""
    order = numpy.argsort(wanted, kind="stable")
    heights = numpy.broadcast_to(heights, len(wanted))[order]
    heights = heights * min(1, (high - low) / heights.sum())
    offsets = numpy.cumsum(heights) - heights / 2
    blocks = []  # of labels that touch: [mean place less its offsets, labels]
    for place in numpy.array(wanted, dtype=float)[order] - offsets:
        blocks.append([place, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            place, size = blocks.pop()
            mean, others = blocks[-1]
            total = size + others
            blocks[-1] = [(mean * others + place * size) / total, total]
    starts = numpy.repeat([place for place, _ in blocks],
                          [size for _, size in blocks])
    placed = numpy.empty(len(wanted))
    placed[order] = numpy.clip(starts, low, high - heights.sum()) + offsets
    return placed


def grid_shape(panels, columns):
    columns = min(columns, panels)
    return math.ceil(panels / columns), columns


def week_ticks(axes, weeks, most=9):
    """Quarters and years where the time is long."""
    step = next((s for s in (1, 2, 4, 8, 13, 26, 52, 104, 260)
                 if weeks <= most * s), 520)
    axes.set_xlim(0, max(weeks, 1))
    axes.xaxis.set_major_locator(ticker.MultipleLocator(step))
    axes.set_xlabel("Weeks since entry")


# Arguments, and the whole program

class OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        raise Failure(message)


def width_in_mm(text):
    try:
        width = float(text)
    except ValueError:
        width = math.nan
    if not WIDTHS[0] <= width <= WIDTHS[1]:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no width in mm ({WIDTHS[0]} to {WIDTHS[1]})")
    return width


def number(text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"'{text}' is no number")
    return value


def positive(text):
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no whole number above 0")
    return int(text)


def parser(description, example, result="a result file of stardsim"):
    made = OneLineParser(description=description,
                         epilog=f"Example: {example}")
    made.add_argument("result", type=pathlib.Path, metavar="RESULT.h5",
                      help=result)
    made.add_argument("-o", "--output", type=pathlib.Path, required=True,
                      metavar="FILE", help="the picture: .png, .pdf or .svg")
    made.add_argument("--width", type=width_in_mm, default=DEFAULT_WIDTH,
                      metavar="MM", help="of the picture, in mm: 180 (default) "
                      "is two columns of most journals, 88 is one")
    made.add_argument("--bare", action="store_true",
                      help="without title and note, for a caption of your own")
    return made


def save(figure, path):
    """Under its name only when it is whole."""
    kind = FORMATS[path.suffix.lower()]
    image = io.BytesIO()
    figure.savefig(image, format=kind, metadata=METADATA[kind])
    pyplot.close(figure)
    try:
        write_atomically(path, image.getvalue())
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}",
                      CANNOT_READ_OR_WRITE) from error


def write_atomically(path, content):
    if path.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    if path.exists() and not path.is_file():  # a pipe or a device
        path.write_bytes(content)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def draw(options, figure_of, formats=(RESULT,)):
    """The figure of the options' file, in the style of all pictures."""
    pyplot.style.use(["default", STYLE])
    with opened(options.result, formats) as file:
        try:
            return figure_of(file, options)
        except KeyError as error:
            raise Failure(f"{options.result} is no whole result of stardsim: "
                          f"{error.args[0]}") from error
        except OSError as error:
            raise Failure(f"cannot read {options.result}: {error}",
                          CANNOT_READ_OR_WRITE) from error


def run(program, made_parser, figure_of, arguments, formats=(RESULT,)):
    try:
        options = made_parser.parse_args(arguments)
        if options.output.suffix.lower() not in FORMATS:
            raise Failure(f"{options.output} is none of .png, .pdf, .svg")
        save(draw(options, figure_of, formats), options.output)
    except Failure as failure:
        print(f"{program}: {failure}", file=sys.stderr)
        return failure.code
    return 0
