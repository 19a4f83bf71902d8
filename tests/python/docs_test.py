#!/usr/bin/python3
"""Does what the documentation tells its reader to do, and looks at the result.

Usage: docs_test.py PROGRAM [--update] [PAGE...]

A page is followed from its beginning, in a copy of configs/, scripts/ and tests/
in an empty folder, with PROGRAM on the path as "stardsim":

- ```sh     is run; it ends with exit code 0, or N after "<!-- exit N -->".
- ```python is run.
- ```text   just below one of these is all that it prints, but for a line "..."
            (any lines are left out) and "..." within a line (any text).
- ```toml   is TOML. If its first line is "# name.toml", it becomes that file;
            if it is a whole scenario, "stardsim validate" accepts it; not so
            a file of targets.

Links, files and options that a page names are there. In the tutorials numbers in
bold are printed by the commands of their section, and every other number with
decimals, or of 1,000 and more (but years), stands in what the reader types. Those
of README.md stand in the page that explains them.

--update writes what is printed today into the ```text blocks, cut as they were,
and says what it could not place; it does not touch prose.
"""
import dataclasses
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TUTORIALS = ["configs/tutorials/researcher.md", "configs/tutorials/analyst.md"]
PAGES = ["README.md", "configs/README.md", "models/README.md",
         "results/README.md", "sim/README.md", *TUTORIALS]

# Not run as printed; --help stands in for them.
ONLY_HELP = {
    "scripts/run_stard.sh": "installs packages, builds, runs a million patients",
    "scripts/run_tests.sh": "installs packages, builds, runs this test",
    "scripts/run_checks.sh": "runs linters over the sources for minutes",
    "scripts/bench.sh": "measures speed for minutes",
}
# What a page takes for granted of the pages before it.
BEFORE = {"results/README.md":
          "stardsim run configs/stard.toml --patients 10000 --trace 100"
          " -o results/stard.h5\n"
          "stardsim run configs/ect_timing.toml --patients 2000"
          " -o results/ect_timing.h5"}
FORMATS = ["stardsim results", "stardsim comparison"]  # of files, no commands
CUT = "..."
NUMBER = re.compile(r"(?<![\w.])\d+(?:[,_]\d{3})*(?:\.\d+)?")


@dataclasses.dataclass
class Block:
    language: str
    lines: list
    start: int  # index of the first line of the body in the page
    exit_code: int = 0
    shown: "Block" = None  # what it prints, as the page has it

    @property
    def body(self):
        return "".join(line + "\n" for line in self.lines)


class Page:
    def __init__(self, name):
        self.name = name
        self.lines = (ROOT / name).read_text(encoding="utf-8").split("\n")
        self.blocks = []
        self.prose = []  # (line number from 1, text), without blocks
        self.read()

    def read(self):
        block, at_end, exit_code = None, None, 0
        for number, line in enumerate(self.lines):
            fence = re.fullmatch(r"```(\w*)", line)
            if block is None and fence:
                block = Block(fence[1], [], number + 1, exit_code)
                before = self.blocks[-1] if self.blocks else None
                if (block.language == "text" and at_end
                        and not any(self.lines[at_end:number])):
                    before.shown = block
                exit_code = 0
            elif block is not None and line == "```":
                self.blocks.append(block)
                block, at_end = None, number + 1
            elif block is not None:
                block.lines.append(line)
            else:
                said = re.fullmatch(r"<!-- exit (\d+) -->", line)
                exit_code = int(said[1]) if said else exit_code
                self.prose.append((number + 1, line))
        assert block is None, f"{self.name}: a block has no end"

    def of(self, *languages):
        return [b for b in self.blocks if b.language in languages]

    def place(self, block):
        return f"{self.name}:{block.start}"


class Reader:
    """Who follows a page, in a folder of his own."""

    def __init__(self, program, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "bin").mkdir()
        (self.folder / "bin/stardsim").symlink_to(program)
        for name in ("configs", "scripts", "tests"):
            shutil.copytree(ROOT / name, self.folder / name)
        (self.folder / "results").mkdir()
        path = f"{self.folder / 'bin'}:/usr/bin:/bin"
        self.environment = {"PATH": path, "HOME": str(self.folder),
                            "LC_ALL": "C.UTF-8", "MPLBACKEND": "Agg",
                            "LD_LIBRARY_PATH": os.environ.get(
                                "LD_LIBRARY_PATH", "")}

    def does(self, language, text):
        """(exit code, lines that a terminal would show)."""
        tool = {"sh": ["/bin/bash", "-e", "-o", "pipefail", "-c", text],
                "python": ["/usr/bin/python3", "-c", text]}[language]
        done = subprocess.run(tool, cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL, text=True,
                              encoding="utf-8", stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300,
                              check=False)
        return done.returncode, [l.rstrip() for l in done.stdout.splitlines()]


def with_help_only(text):
    """The commands, --help in place of all words after those of ONLY_HELP."""
    lines = []
    for line in text.splitlines():
        tool = line.split()[0] if line.split() else ""
        lines.append(f"{tool} --help" if tool in ONLY_HELP else line)
    return "\n".join(lines)


def fits(shown, line):
    parts = [re.escape(part) for part in shown.split(CUT)]
    return re.fullmatch(".*".join(parts), line) is not None


def first_misfit(shown, printed):
    """Index of the first line of shown that is not printed; None if all are."""
    runs, run = [], []
    for index, line in enumerate(shown):
        if line == CUT:
            runs.append(run)
            run = []
        else:
            run.append((index, line))
    runs.append(run)
    at, reached = 0, 0
    for number, run in enumerate(runs):
        last = number == len(runs) - 1
        places = [at] if number == 0 else range(at, len(printed) + 1)
        if last and number > 0:
            places = [max(len(printed) - len(run), at)]
        for place in places:
            length = next((i for i, (_, line) in enumerate(run)
                           if place + i >= len(printed)
                           or not fits(line, printed[place + i])), len(run))
            if length == len(run):
                break
            reached = max(reached, run[length][0])
        else:
            return max(reached, run[0][0])
        at = place + len(run)
    return None if at == len(printed) or shown[-1:] == [CUT] else len(shown)


# ---- --update ----

def mask(line):
    return re.sub(r"\s+", " ", re.sub(r"(?<![A-Za-z_])[\d.,+-]+", "0", line))


def likeness(shown, line):
    """0 (another line) to 1.2 (the same)."""
    if fits(shown, line):
        return 1.2
    shown, line = shown.strip(), line.strip()
    label = re.split(r"\s{2,}", shown)[0] == re.split(r"\s{2,}", line)[0]
    ratio = difflib.SequenceMatcher(None, mask(shown), mask(line)).ratio()
    return 0.5 * ratio + 0.5 * label if label else 0.75 * ratio


def matched(shown, printed):
    """For each shown line the index of the printed one most like it, in order,
    or None."""
    score, came = [0.0] * (len(printed) + 1), []
    for line in shown:
        # score[j]: best of the lines so far, the last one at printed[j - 1] or
        # before; row[j]: with this line exactly there.
        row, links = [0.0] * (len(printed) + 1), [None] * (len(printed) + 1)
        for j in range(1, len(printed) + 1):
            like = likeness(line, printed[j - 1])
            alone = score[j - 1] + like if like >= 0.6 else -1.0
            row[j], links[j] = max((row[j - 1], links[j - 1]), (score[j], 0),
                                   (alone, j), key=lambda pair: pair[0])
        came.append(links)
        score = row
    found, j = [None] * len(shown), len(printed)
    for i in reversed(range(len(shown))):
        place = came[i][j]
        if place:
            found[i], j = place - 1, place - 1
    return found


def updated(shown, printed):
    """(new lines to show, lines of the old that have no successor)."""
    if not any(CUT in line for line in shown):
        return printed, []
    old = [line for line in shown if line != CUT]
    found = matched(old, printed)
    lost = [line for line, place in zip(old, found) if place is None]
    kept = {place: line for line, place in zip(old, found)
            if place is not None}
    new, at = [], 0
    for place in sorted(kept):
        new += printed[at:place] if place - at <= 1 and at else (
            [CUT] if place > at else [])
        new.append(cut_like(kept[place], printed[place], lost))
        at = place + 1
    new += [CUT] if at < len(printed) else []
    return [line for i, line in enumerate(new)
            if line or CUT not in (new[i - 1:i] + new[i + 1:i + 2])], lost


def cut_like(shown, line, lost):
    """The new line, its last word left out where the old one had "..." there."""
    if fits(shown, line):
        return shown
    if CUT not in shown:
        return line
    if shown.endswith(" " + CUT):
        words = len(shown.split())
        head = re.match(r"\s*(?:\S+\s+){%d}" % (words - 1), line)
        if head:
            return head[0] + CUT
    lost.append(shown)
    return line


def rewrite(page, results):
    """Puts what was printed into the page; gives what needs a human."""
    problems = []
    for block, printed in reversed(results):
        old = block.shown
        if not old or first_misfit(old.lines, printed) is None:
            continue
        new, lost = updated(old.lines, printed)
        place = page.place(old)
        problems += [f"{place}: nothing like this is printed now: {line}"
                     for line in lost]
        if len(lost) > len(old.lines) / 2:
            problems.append(f"{place}: left as it was")
            continue
        print(f"{place}: rewritten")
        page.lines[old.start:old.start + len(old.lines)] = new
    (ROOT / page.name).write_text("\n".join(page.lines), encoding="utf-8")
    return problems


# ---- what is held ----

def follow(page, reader, update):
    """Problems met by who does all that the page says, in its order."""
    problems, results = [], []
    if page.name in BEFORE:
        reader.does("sh", BEFORE[page.name])
    for block in page.blocks:
        place = page.place(block)
        if block.language == "toml":
            problems += write_down(block, place, reader)
        if block.language not in ("sh", "python"):
            continue
        text = block.body
        if block.language == "sh":
            text = with_help_only(text)
        code, printed = reader.does(block.language, text)
        if code != block.exit_code:
            problems.append(f"{place}: ends with exit code {code}, not "
                            f"{block.exit_code}: " + "\n".join(printed[-5:]))
        elif block.shown and update:
            results.append((block, printed))
        elif block.shown:
            problems += compare(page, block.shown, printed)
    return problems + (rewrite(page, results) if update else [])


def compare(page, shown, printed):
    index = first_misfit(shown.lines, printed)
    if index is None:
        return []
    place = f"{page.name}:{shown.start + index + 1}"
    if index == len(shown.lines):
        return [f"{place}: more is printed than is shown"]
    line = shown.lines[index]
    near = difflib.get_close_matches(line, printed, 1, 0.5)
    return [f"{place}: not printed: {line}"
            + (f"\n  but perhaps: {near[0]}" if near else "")]


def write_down(block, place, reader):
    try:
        table = tomllib.loads(block.body)
    except tomllib.TOMLDecodeError as error:
        return [f"{place}: {error}"]
    named = re.fullmatch(r"# ([\w./]+\.toml)", block.lines[0])
    file = named[1] if named else "unnamed.toml"
    (reader.folder / file).write_text(block.body, encoding="utf-8")
    if "targets" in table:  # of `stardsim calibrate`, which reads them
        return []
    if named or ("scenario" in table and "extends" not in table):
        code, printed = reader.does("sh", f"stardsim validate {file}")
        return [f"{place}: {line}" for line in printed] if code else []
    return []


def spans(page):
    for number, line in page.prose:
        for code in re.findall(r"`([^`]+)`", line):
            yield f"{page.name}:{number}", code


def slugs(path):
    """The anchors of the headings of a page."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")
            for head in heads}


def test_links_lead_somewhere(page, _):
    problems = []
    here = (ROOT / page.name).parent
    for number, line in page.prose:
        for link in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", line):
            target, _, anchor = "".join(link).partition("#")
            if target.startswith("http"):
                continue
            path = here / target if target else ROOT / page.name
            if not path.exists():
                problems.append(f"{page.name}:{number}: no file {target}")
            elif anchor and anchor not in slugs(path):
                problems.append(f"{page.name}:{number}: no heading #{anchor}")
    return problems


def test_files_that_are_named_are_there(page, _):
    pattern = re.compile(r"(configs|models|scripts|sim|tests)/[\w./*-]*")
    return [f"{place}: no file {code}" for place, code in spans(page)
            if pattern.fullmatch(code) and not any(ROOT.glob(code))]


def test_commands_and_options_are_the_programs(page, reader):
    _, text = reader.does("sh", "stardsim --help")
    commands = re.findall(r"^  (\w+) {2,}", "\n".join(text), re.M)
    helps = "\n".join("\n".join(reader.does("sh", f"stardsim {c} --help")[1])
                      for c in commands)
    helps += "".join(path.read_text(encoding="utf-8")
                     for path in (ROOT / "scripts").glob("**/*.*")
                     if path.suffix in (".sh", ".py", ".sbatch"))
    problems = []
    for place, code in spans(page):
        tool, *words = code.split()
        if (tool == "stardsim" and words and code not in FORMATS
                and words[0] not in commands):
            problems.append(f"{place}: no command {words[0]}")
        problems += [f"{place}: no option {option}"
                     for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", code)
                     if option not in helps and tool not in ("cmake", "git")]
    return problems


def numbers_in(text):
    return {float(re.sub("[,_]", "", n)) for n in NUMBER.findall(text)}


def stray_numbers(page, number, text, known):
    """Those of a line of prose that stand nowhere else."""
    text = re.sub(r"`[^`]+`|\]\([^)]*\)|<!--.*?-->", "", text)
    return [f"{page.name}:{number}: where is {n:,} from?"
            for n in numbers_in(text) - known
            if n % 1 or (n >= 1000 and not 1900 <= n < 2100)]


def test_numbers_in_prose_are_printed_or_typed(page, _):
    if page.name not in TUTORIALS:
        return []
    typed = numbers_in("".join(b.body for b in page.of("toml", "sh", "python")))
    heads = [0, *(n for n, line in page.prose if line.startswith("## "))]
    problems = []
    for number, line in page.prose:
        begin = max(n for n in heads if n <= number)
        end = min([n for n in heads if n > number], default=len(page.lines))
        printed = numbers_in("".join(
            b.body for b in page.of("text") if begin <= b.start < end))
        for bold in re.findall(r"\*\*([^*]+)\*\*", line):
            problems += [f"{page.name}:{number}: {n:,} is not printed in this "
                         "section" for n in numbers_in(bold) - printed]
        rest = re.sub(r"\*\*[^*]+\*\*", "", line)
        problems += stray_numbers(page, number, rest, typed)
    return problems


def test_numbers_of_the_readme_stand_where_they_are_explained(page, _):
    if page.name != "README.md":
        return []
    sources = [name for name in PAGES if name not in ("README.md", *TUTORIALS)]
    known = numbers_in("\n".join(
        (ROOT / name).read_text(encoding="utf-8")
        for name in [*sources, "configs/ect_timing.toml"]))
    return [problem for number, line in page.prose if line[:1] != "|"
            for problem in stray_numbers(page, number, line, known)]


def test_the_two_by_two_of_the_readme(page, reader):
    if page.name != "README.md":
        return []
    problems = []
    for name in ("stard", "stard_hrsd"):
        number, line = next((n, l) for n, l in page.prose
                            if l.startswith("|") and f"{name}.toml" in l)
        shown = [float(x) for x in re.findall(r"([\d.]+) %", line)]
        _, printed = reader.does("sh", f"stardsim exact configs/{name}.toml")
        ends = {}
        for course in "\n".join(printed).split("\nPathway ")[1:]:
            row = next(l for l in course.splitlines() if l.startswith("4 "))
            ends["if all continue" in course] = round(float(row.split()[-1]), 1)
        exact = [ends[True], ends[False]]
        if shown != exact:
            problems.append(f"{page.name}:{number}: exact figures are {exact}")
    return problems


def test_the_version_to_cite_is_the_programs(page, reader):
    if page.name != "README.md":
        return []
    _, told = reader.does("sh", "stardsim --version")
    version = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(
        encoding="utf-8"), re.M)[1]
    return ([] if version in told[0] else
            [f"CITATION.cff: version {version}, but the program says {told[0]}"])


def test_the_report_has_the_sections_of_the_tutorial(page, reader):
    if page.name != "configs/tutorials/analyst.md":
        return []
    text = "\n".join(page.lines).split("| section | look for |\n|---|---|\n")[1]
    told = re.findall(r"^\| ([^|]+) \|", text.split("\n\n")[0], re.M)
    report = reader.folder / "results/ect.html"
    html = report.read_text(encoding="utf-8") if report.exists() else ""
    heads = re.findall(r"<h2[^>]*>([^<]*)<", html)
    return ([] if told == heads else
            [f"{page.name}: the report has the sections {heads}"])


def main(arguments):
    update = "--update" in arguments
    program, *pages = [word for word in arguments if word != "--update"]
    tests = [value for name, value in globals().items()
             if name.startswith("test_")]
    problems = []
    for name in pages or PAGES:
        with tempfile.TemporaryDirectory() as folder:
            reader = Reader(pathlib.Path(program).resolve(), folder)
            found = follow(Page(name), reader, update)
            for test in tests:
                found += test(Page(name), reader)
        page = Page(name)
        print(f"{name}: {len(page.of('sh', 'python'))} blocks run, "
              f"{len(found)} problems")
        problems += found
    print("\n".join(problems) if problems else "all as printed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
