"""What the scripts plot_*.py share of files of `stardsim sensitivity`: the
question asked, and numbers in short."""

from dataclasses import dataclass

import numpy

import plotting


@dataclass
class Question:
    words: str  # a sentence: what is shown
    axis: str
    factor: int  # 100 where shares are shown as percentage points
    base: float  # the difference as stated, times factor


def short(value):
    """With four digits, or all of a large one."""
    if abs(value) >= 1000:
        return plotting.minus(f"{value:,.0f}")
    return plotting.minus(f"{value:.4g}")


def within(text):
    """The words as they stand within a sentence; "QALYs" stays."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def pathways_of(file):
    """Names, and labels for people."""
    group = file["sensitivity"]
    names, labels = (plotting.words(group, name)
                     for name in ("pathway", "pathway_label"))
    return names, [label or name for name, label in zip(names, labels)]


def where_worth(attributes):
    """Of net benefit: at which worth of a QALY."""
    if not numpy.isfinite(attributes["threshold"]):
        return ""
    return (f", where a QALY is worth {attributes['threshold']:,.10g} "
            f"{attributes['unit']}")


def question_of(file):
    attributes = file["sensitivity"].attrs
    pathways, labels = pathways_of(file)
    unit, pathway = attributes["unit"], attributes["pathway"]
    against = attributes["against"]
    is_share = attributes["measure"] in plotting.FRACTIONS
    factor = 100 if is_share else 1
    if is_share:
        unit = "percentage points" if against else "%"
    named = [labels[pathways.index(name)] for name in (pathway, against)
             if name]
    words = f"{attributes['long_name']}: {' less '.join(named)}."
    words = words[:-1] + where_worth(attributes) + "."
    name = "Difference" if against else "Value"
    base = float(numpy.ravel(file["sensitivity/difference_at_base"][()])[0])
    return Question(words, name + ("" if unit == "1" else f" ({unit})"),
                    factor, factor * base)
