#!/usr/bin/python3
"""Draws who goes where through the steps of one pathway (a Sankey diagram).

On the observed course. The stem leads down from step to step, as wide as there
are patients; to the right go those whom a step loses, from the left come those
who are back. What is drawn balances: what comes into a step goes out of it.

Exit codes: 0 done, 2 bad arguments or no result of stardsim, 3 cannot read or
write.
"""

import sys
from dataclasses import dataclass

from matplotlib import colors
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

import plotting
from plotting import EDGE, MM

ESTIMAND = "observed"
# Out of a step, from the top: kind, name of the dataset, words.
EXITS = [("remission", "Remission"),
         ("follow_up", "Follow-up, not remitted"),
         ("gap", "Gap in treatment"),
         ("left_care", "Left care"),
         ("unfinished", "Unfinished")]
NOT_BEGUN = "Next step not begun"
EXHAUSTED = "No step left"
BACK, SKIPPED = "Back after relapse or a gap", "Passed over a step"
BACK_OR_SKIPPED = BACK + ", or passed over a step"

# Of the bars; bands are lighter.
COLOURS = {"step": "#3b5b7c", "flow": "#8facc9", "remission": "#009e73",
           "follow_up": "#56b4e9", "gap": "#e69f00", "left_care": "#d55e00",
           "unfinished": "#8c8c8c", "not_begun": "#c0c0c0",
           "exhausted": "#4d4d4d", "again": "#cc79a7"}
LIGHTER = 0.35  # part of white in a band
BAR = 5  # points, thickness of a step's bar
GAP = 4  # points between two exits, and between bands and bars
PAD = 4  # points between a word and what it names
TALLEST = 150 * MM  # of the drawing, if the words allow


@dataclass
class Step:
    """One step of the pathway, or the cohort before the first; exits: [(kind,
    words, patients)] of those who do not go on to the next."""

    label: str
    entered: int
    from_before: int  # came from the step before
    again: int  # came from elsewhere
    exits: list
    onward: int  # begin the next step without a detour


@dataclass
class Link:
    """`source` and `target` are (step, kind); step 0 is the cohort."""

    source: tuple
    target: tuple
    patients: int


def flow_of(steps, pathway, patients):
    """The cohort and the steps of the pathway, each with its balance.

    Those who went on are the ones that were neither remitted nor lost. Where
    more enter the next step, the rest is back from elsewhere; where fewer do,
    the rest has not begun it. Both are net of each other."""
    names = plotting.words(steps, "estimand")
    estimand = plotting.place_of(ESTIMAND, names, "estimand")
    labels = ["Cohort", *steps["step_label"].asstr()[pathway]]
    counts = {kind: [0, *steps[kind][pathway, estimand]] for kind, _ in EXITS}
    entered = [patients, *(int(count) for count
                           in steps["entered"][pathway, estimand]
                           if count >= 0)]
    flow, before = [], patients
    for k, here in enumerate(entered):
        exits = [(kind, label, max(int(counts[kind][k]), 0))
                 for kind, label in EXITS]
        rest = here - sum(count for _, _, count in exits)
        last = k + 1 == len(entered)
        onward = 0 if last else min(rest, entered[k + 1])
        exits.append(("exhausted", EXHAUSTED, rest) if last
                     else ("not_begun", NOT_BEGUN, rest - onward))
        from_before = min(before, here)
        flow.append(Step(label=labels[k], entered=here,
                         from_before=from_before, again=here - from_before,
                         exits=[e for e in exits if e[2] > 0], onward=onward))
        before = rest
    return flow


def links_of(flow):
    """What the drawing shows, as a list."""
    links = []
    for k, step in enumerate(flow):
        if k > 0:
            links.append(Link((k - 1, "step"), (k, "step"), step.from_before))
        links.append(Link((k, "again"), (k, "step"), step.again))
        links += [Link((k, "step"), (k, kind), count)
                  for kind, _, count in step.exits]
    return [link for link in links if link.patients > 0]


def share(count, patients):
    percent = 100 * count / patients
    if 0 < percent < 0.05:
        return "<\u00a00.1"
    return f"{percent:.1f}" if percent < 10 else f"{percent:.0f}"


def count_of(count, patients):
    return f"{count:,}\u00a0({share(count, patients)}\u00a0%)"


def band(axes, left_edge, right_edge, kind):
    """Between two edges of four points each (cubic curves)."""
    vertices = left_edge + right_edge[::-1] + [left_edge[0]]
    codes = ([Path.MOVETO] + 3 * [Path.CURVE4]
             + [Path.LINETO] + 3 * [Path.CURVE4] + [Path.CLOSEPOLY])
    colour = [part + LIGHTER * (1 - part)
              for part in colors.to_rgb(COLOURS[kind])]
    axes.add_patch(PathPatch(Path(vertices, codes), facecolor=colour,
                             edgecolor=colour, linewidth=0.25))


def bar(axes, left, top, width, height, kind):
    axes.add_patch(Rectangle((left, top), width, height, linewidth=0,
                             facecolor=COLOURS[kind]))


def straight(x, top, bottom):
    return [(x, top)] * 2 + [(x, bottom)] * 2


def sway(x, top, to, bottom):
    """An edge that goes down, and sideways on the way."""
    middle = (top + bottom) / 2
    return [(x, top), (x, middle), (to, middle), (to, bottom)]


def turn(x, top, to, level):
    """An edge that goes down and turns to the right."""
    return [(x, top), (x, top + 0.55 * (level - top)),
            (x + 0.45 * (to - x), level), (to, level)]


def turn_in(level, to, bottom):
    """An edge that comes from the left and turns down."""
    return [(0, level), (0.55 * to, level),
            (to, level + 0.45 * (bottom - level)), (to, bottom)]


class Layout:
    """The page's columns, words and scale; in points."""

    def __init__(self, flow, patients, options, again):
        self.patients = patients
        self.whole = options.width * MM - 2 * EDGE
        narrow = options.width < plotting.NARROW
        self.size = plotting.font_size() - (0.5 if narrow else 0)
        self.line = plotting.line_height(self.size)
        lefts = [(step.label, step.entered) for step in flow]
        lefts += [(again, step.again) for step in flow if step.again > 0]
        self.left_words, self.left = self.column(
            lefts, "\n", 0.25 * self.whole)
        rights = [exit_[1:] for step in flow for exit_ in step.exits]
        self.right_words, self.right = self.column(
            rights, "\n" if narrow else "  ", 0.32 * self.whole)
        self.again = again
        self.axes = self.whole - self.left - self.right
        joined = any(step.again > 0 for step in flow)
        self.stem = (0.12 if joined else 0.02) * self.axes  # its left edge
        self.outlet = self.axes - BAR  # where the exits end
        widest = max(step.entered for step in flow)
        self.scale = 0.58 * self.axes / widest
        while self.height(flow) > TALLEST and \
                self.scale > 0.25 * self.axes / widest:
            self.scale *= 0.95

    def column(self, rows, between, most):
        """The words of each row, with its count, and the width of all. The
        left column's step names are bold, so its words are measured so."""
        words = {}
        for label, count in rows:
            words[label, count] = plotting.wrapped(
                label + between + count_of(count, self.patients), most,
                self.size, "bold")
        wide = max(plotting.text_width(text, self.size, "bold")
                   for text in words.values())
        return words, wide + PAD + 1

    def room(self, words):
        return self.line * plotting.line_count(words) + 3

    def exit_pitch(self, exit_):
        """What an exit takes of the height, with its words."""
        return max(exit_[2] * self.scale + GAP,
                   self.room(self.right_words[exit_[1:]]))

    def make_room(self, step):
        """Height in which the stem makes room for those who are back."""
        return max(0.5 * step.again * self.scale, 6)

    def inflow(self, step):
        if step.again <= 0:
            return 0
        return self.make_room(step) + max(
            step.again * self.scale + GAP,
            self.room(self.left_words[self.again, step.again]) + 2)

    def row(self, step):
        words = self.room(self.left_words[step.label, step.entered])
        return max(BAR + GAP + sum(map(self.exit_pitch, step.exits)),
                   words + GAP)

    def height(self, flow):
        return sum(self.row(step) + self.inflow(step) for step in flow)


def write(axes, layout, x, y, text, align, **style):
    axes.text(x, y, plotting.plain(text), ha=align, va="center",
              size=layout.size, linespacing=1.1, **style)


def draw_exits(axes, layout, step, top):
    """Right of the stem, the first at the top and from the stem's right."""
    x = layout.stem + step.entered * layout.scale
    level = top + GAP
    for exit_ in step.exits:
        kind, label, count = exit_
        thick, pitch = count * layout.scale, layout.exit_pitch(exit_)
        upper = level + (pitch - GAP - thick) / 2
        band(axes, turn(x - thick, top, layout.outlet, upper + thick),
             turn(x, top, layout.outlet, upper), kind)
        bar(axes, layout.outlet, upper, BAR, thick, kind)
        write(axes, layout, layout.axes + PAD, upper + thick / 2,
              layout.right_words[label, count], "left")
        x -= thick
        level += pitch


def draw_back(axes, layout, step, top):
    """From the left into the stem; returns where the step's bar is."""
    thick = step.again * layout.scale
    level, bottom = top + layout.make_room(step), top + layout.inflow(step)
    stem, come = layout.stem, step.from_before * layout.scale
    band(axes, sway(stem, top, stem + thick, level),
         sway(stem + come, top, stem + thick + come, level), "flow")
    band(axes, straight(stem + thick, level, bottom),
         straight(stem + thick + come, level, bottom), "flow")
    upper = level + GAP / 2
    band(axes, turn_in(upper + thick, stem, bottom),
         turn_in(upper, stem + thick, bottom), "again")
    words = layout.left_words[layout.again, step.again]
    half = layout.room(words) / 2
    write(axes, layout, -PAD, min(max(upper + thick / 2, level + half),
                                  bottom - half), words, "right")
    return bottom


def draw_stem(axes, layout, top, bottom, count):
    if count <= 0:
        return
    band(axes, straight(layout.stem, top, bottom),
         straight(layout.stem + count * layout.scale, top, bottom), "flow")


def draw(axes, layout, flow):
    top = 0
    for step in flow:
        if step.again > 0:
            top = draw_back(axes, layout, step, top)
        bar(axes, layout.stem, top, step.entered * layout.scale, BAR, "step")
        words = layout.left_words[step.label, step.entered]
        write(axes, layout, -PAD, top + layout.room(words) / 2 - 1, words,
              "right", weight="bold")
        bottom = top + layout.row(step)
        draw_exits(axes, layout, step, top + BAR)
        draw_stem(axes, layout, top + BAR, bottom, step.onward)
        top = bottom


def again_words(file, flow):
    """Where those come from who were not in the step before."""
    kinds = {kind for step in flow for kind, _, _ in step.exits}
    if "follow_up" not in file and not kinds & {"gap", "follow_up"}:
        return SKIPPED
    return BACK_OR_SKIPPED if "not_begun" in kinds else BACK


def note_of(flow, patients):
    note = "Observed course, to the horizon; percentages are of the cohort."
    if any(step.entered > patients or step.again for step in flow):
        note += " A patient who comes back counts each time."
    if any(kind == "unfinished" for step in flow for kind, _, _ in step.exits):
        note += " Unfinished: the horizon, or death, came within the step."
    return note


def figure_of(file, options):
    names = plotting.words(file["steps"], "pathway")
    pathway = plotting.reference_of(file, names)
    if options.pathway is not None:
        pathway = plotting.place_of(options.pathway, names, "pathway")
    patients = int(file.attrs["patients"])
    flow = flow_of(file["steps"], pathway, patients)
    label = plotting.pathway_labels(file, names)[pathway]
    layout = Layout(flow, patients, options, again_words(file, flow))
    height = layout.height(flow) + 4
    title = plotting.title_of(file)
    if len(names) > 1:
        title += f"\n{label}"
    note = plotting.simulated(file) + " " + note_of(flow, patients)
    page = plotting.Page(options, title, note, height)
    axes = page.axes(EDGE + layout.left, 0, layout.axes, height)
    axes.set(xlim=(0, layout.axes), ylim=(height - 2, -2))
    axes.set_axis_off()
    draw(axes, layout, flow)
    return page.figure


def parser():
    made = plotting.parser(
        "Draws who goes where through the steps of a pathway, from a result "
        "file.", "scripts/plot_flow.py results/stard.h5 -o results/flow.svg")
    made.add_argument("--pathway", metavar="NAME",
                      help="whose steps (default: the reference pathway)")
    return made


def main(arguments):
    return plotting.run("plot_flow.py", parser(), figure_of, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
