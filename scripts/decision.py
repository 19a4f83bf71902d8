"""What the scripts plot_*.py share of decisions under uncertainty: reading
/uncertainty/decision, and axes over the worth of a QALY."""

from dataclasses import dataclass

import numpy
from matplotlib import ticker

import line_panels
import plotting
from line_panels import Line, Panel

MOST_NUMBERS = 3  # beside the name of a pathway


@dataclass
class Decision:
    """Of one perspective."""

    perspective: str
    place: int  # of the perspective in the file
    money: str  # currency and price year
    labels: list  # of the pathways
    thresholds: numpy.ndarray
    stated: numpy.ndarray  # those of them that the scenario names
    values: dict  # by name: threshold, or threshold and pathway

    def lines(self, name, words):
        """One for each pathway, with its values at the stated thresholds."""
        at = numpy.searchsorted(self.thresholds, self.stated[:MOST_NUMBERS])
        made = []
        for p, label in enumerate(self.labels):
            values = self.values[name][:, p]
            style = plotting.pathway_style(p)
            numbers = " / ".join(words(values[t]) for t in at)
            made.append(Line(f"{label}: {numbers}", values, style["color"],
                             style["marker"]))
        return made


def decision_of(file, options, names):
    group = plotting.drawn_parameters(file, options.result,
                                      "uncertainty/decision")
    perspectives = plotting.words(group, "perspective")
    v = plotting.place_of(options.perspective or file.attrs["perspective"],
                          perspectives, "perspective")
    return Decision(
        perspective=plotting.perspective_label(file, perspectives[v]),
        place=v, money=f"{file.attrs['currency']} {file.attrs['price_year']}",
        labels=plotting.pathway_labels(file, plotting.words(group, "pathway")),
        thresholds=group["threshold"][:],
        stated=file["cost_effectiveness/threshold"][:],
        values={name: group[name][v] for name in names})


def threshold_axis(axes, decision):
    axes.set_xlim(0, decision.thresholds[-1])
    axes.xaxis.set_major_locator(ticker.MaxNLocator(5))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(
        lambda x, _: f"{x:,.0f}"))
    axes.set_xlabel(f"Worth of a QALY ({decision.money})")
    line_panels.mark_thresholds(axes, decision.stated)


def note(file, decision, texts):
    return (f"From {plotting.draws_made(file)} Perspective: "
            f"{decision.perspective}. Dashed: worth of a QALY as the scenario "
            f"states it. {texts}")


def figure_of(file, options, text, lines, drawing, key, left=36):
    return line_panels.figure_of(
        options, plotting.title_of(file), text, [Panel("", lines, drawing)],
        key, above=line_panels.THRESHOLD_WORDS, left=left, right=18)


def parser(description, example):
    made = plotting.parser(description, example)
    made.add_argument("--perspective", metavar="NAME",
                      help="whose costs (default: the one reported first)")
    made.add_argument("--naive", action="store_true",
                      help="also, dotted, as read off the draws, with the "
                      "luck of their patients")
    return made
