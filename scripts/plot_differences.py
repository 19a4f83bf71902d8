#!/usr/bin/python3
"""Draws what each pathway gains or costs beside the reference pathway.

Paired differences of means with their 95 % Monte Carlo intervals, a panel for
each measure, in its own unit; from a result of `stardsim run` or the file of
`stardsim compare -o`.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import sys
from dataclasses import dataclass

import numpy
from matplotlib import ticker

import plotting
from plotting import EDGE, MM

ALWAYS = ["remission_if_all_continue", "remission", "sustained_remission"]
WITH_TIMES = ["remission", "weeks_in_remission", "relapses"]
ROW = 5 * MM  # of a pathway
AXIS = 34  # points below the rows of a panel
TICK = 40  # points of an axis for a tick and its number


@dataclass
class Panel:
    label: str
    unit: str
    values: numpy.ndarray  # of each pathway but the reference
    half: numpy.ndarray  # half the width of the 95 % interval


def default_measures(file, measures):
    """What decisions are made on, or else the three of every result."""
    chosen = list(WITH_TIMES)
    chosen.append(file.attrs.get("effect_measure", "qalys"))
    cost = "total_" + file.attrs.get("perspective", "")
    chosen.append(cost + "_discounted" if cost + "_discounted" in measures
                  else cost)
    known = [name for name in chosen if name in measures]
    return known if len(known) > 1 else ALWAYS


def chosen_measures(file, text):
    measures = plotting.words(file["differences"], "measure")
    if text is None:
        wanted = default_measures(file, measures)
    else:
        wanted = list(measures) if text == "all" else text.split(",")
    return [plotting.place_of(name.strip(), measures, "measure")
            for name in wanted]


def panels_of(file, chosen, rows):
    differences = file["differences"]
    names, labels, units = (plotting.words(differences, name) for name in
                            ("measure", "measure_label", "measure_unit"))
    panels = []
    for m in chosen:
        factor, unit = 1, "" if units[m] == "1" else units[m]
        if names[m] in plotting.FRACTIONS:
            factor, unit = 100, "percentage points"
        elif not unit:
            unit = "per patient"
        panels.append(Panel(
            label=labels[m], unit=unit,
            values=factor * differences["mean"][:, m][rows],
            half=factor * plotting.NORMAL_95 * differences["se"][:, m][rows]))
    return panels


def decimals_for(panel):
    """Enough for two digits of the typical interval, at most 4."""
    half = panel.half[panel.half > 0]
    if len(half) == 0:
        return 0
    return int(numpy.clip(1 - numpy.floor(numpy.log10(numpy.median(half))),
                          0, 4))


def number_words(panel):
    places = decimals_for(panel)
    words = []
    for value, half in zip(panel.values, panel.half):
        if numpy.isnan(value):
            words.append("")
            continue
        low, high = (plotting.minus(f"{end:,.{places}f}")
                     for end in (value - half, value + half))
        words.append(f"{plotting.minus(f'{value:,.{places}f}')} "
                     f"({low} to {high})")
    return words


def draw_panel(axes, panel, pathways, ticks):
    """Rows from the top; the numbers stand in the axes' right part."""
    rows = numpy.arange(len(panel.values))
    axes.axvline(0, color="0.25", linewidth=0.8)
    for row, pathway in zip(rows, pathways):
        style = plotting.pathway_style(pathway)
        axes.errorbar(panel.values[row], row, xerr=panel.half[row],
                      color=style["color"], marker=style["marker"],
                      linestyle="", markersize=2.8, elinewidth=1.1,
                      capsize=2)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(rows)
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.1)
    axes.xaxis.set_major_locator(
        ticker.MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(
        lambda x, _: plotting.minus(f"{x:,.10g}") if abs(x) > 1e-12 else "0"))
    axes.set_xlabel(panel.unit)


def figure_of(file, options):
    names = plotting.words(file["differences"], "pathway")
    labels = plotting.pathway_labels(file, names)
    reference = plotting.reference_of(file, names)
    pathways = [p for p in range(len(names)) if p != reference]
    if not pathways:
        raise plotting.Failure(f"{options.result} has one pathway: there is "
                               "nothing to compare")
    panels = panels_of(file, chosen_measures(file, options.measures), pathways)

    size = plotting.font_size()
    whole = options.width * MM - 2 * EDGE
    narrow = options.width < plotting.NARROW
    label_room = min(max(plotting.text_width(labels[p], size)
                         for p in pathways) + 8,
                     (0.34 if narrow else 0.25) * whole)
    texts = [plotting.wrapped(labels[p], label_room - 8, size)
             for p in pathways]
    row_height = max(ROW, *(plotting.line_height(size)
                            * plotting.line_count(text) + 2
                            for text in texts))
    rows, columns = plotting.grid_shape(len(panels), 1 if narrow else 2)
    panel_width = (whole - label_room) / columns
    numbers = [number_words(panel) for panel in panels]
    number_room = max(plotting.text_width(text, size - 1)
                      for words in numbers for text in words) + 6
    headings = [plotting.wrapped(panel.label, panel_width - 10, size + 0.5,
                                 "bold") for panel in panels]
    heading = 8 + plotting.line_height(size + 0.5) * max(
        map(plotting.line_count, headings))
    height = row_height * len(pathways)
    unpaired = "paired" in file["differences"] and not all(
        file["differences/paired"][:][pathways])
    page = plotting.Page(
        options, plotting.title_of(file),
        plotting.simulated(file)
        + f" Differences of means from the pathway \u201c{labels[reference]}"
        "\u201d, " + ("paired where patients and luck are the same. "
                      if unpaired else "paired by patient. ")
        + plotting.MONTE_CARLO.format("Bars and brackets:"),
        rows * (heading + height + AXIS))
    for number, (panel, words) in enumerate(zip(panels, numbers)):
        row, column = divmod(number, columns)
        bottom = (rows - 1 - row) * (heading + height + AXIS) + AXIS
        left = EDGE + label_room + column * panel_width
        wide = panel_width - number_room - 12
        axes = page.axes(left + 4, bottom, wide, height)
        draw_panel(axes, panel, pathways, max(1, min(5, int(wide / TICK))))
        page.write(left + 4, bottom + height + 5,
                   headings[number], va="bottom", size=size + 0.5,
                   weight="bold")
        for place, text in enumerate(words):
            y = bottom + height - (place + 0.5) * row_height
            page.write(left + panel_width - 6, y, text, ha="right",
                       va="center", size=size - 1)
            if column == 0:
                page.write(EDGE + label_room - 4, y, texts[place], ha="right",
                           va="center", linespacing=1.1)
    return page.figure


def parser():
    made = plotting.parser(
        "Draws paired differences from the reference pathway with their 95 % "
        "Monte Carlo intervals.", "scripts/plot_differences.py "
        "results/ect_timing.h5 --measures qalys_discounted,relapses "
        "-o results/differences.pdf",
        "a result of `stardsim run`, or the file of `stardsim compare -o`")
    made.add_argument("--measures", metavar="NAMES",
                      help="names of /differences/measure with commas between, "
                      "or all (default: remission, time in remission, "
                      "relapses, QALYs and total cost, as far as they are there)")
    return made


def main(arguments):
    return plotting.run("plot_differences.py", parser(), figure_of, arguments,
                        (plotting.RESULT, plotting.COMPARISON))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
