// Fills the figures of a report: draws, lets choose, reads values off, and
// writes every chart's values as a table. Words come from the page's data and
// are only ever set as text. Colours are variables of report.css, so that a
// change of scheme needs no drawing.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const errorsOf95 = 1.96; // standard errors, either side of the mean
  const errorsOf95InThePlane = Math.sqrt(5.991); // 95 % of chi-squared, 2 df

  // ---- Words and numbers ----

  const none = "no value";

  function fixed(value, digits) {
    const shown = value.toLocaleString("en-US", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    return /^-[0.,]*$/.test(shown) ? shown.slice(1) : shown.replace("-", "\u2212");
  }

  const count = (value) => fixed(value, 0);
  const percent = (value, digits = 1) =>
    value == null ? none : `${fixed(100 * value, digits)}\u00a0%`;

  // As many decimals as show two digits of the error.
  function decimalsFor(error) {
    if (!(error > 0)) return 3;
    return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(error))));
  }

  function interval(mean, error) {
    if (mean == null || error == null) return null;
    return [mean - errorsOf95 * error, mean + errorsOf95 * error];
  }

  const within01 = ([low, high]) => [Math.max(0, low), Math.min(1, high)];

  function percentRange(range) {
    if (!range) return "";
    const digits = range[1] - range[0] < 0.002 ? 2 : 1;
    return `${fixed(100 * range[0], digits)} to ${fixed(100 * range[1], digits)}`;
  }

  // Of a credible interval: the spread of draws is no more than their luck makes.
  const notToldApart = "not told apart from luck";

  const nameOf = (item) => item.label || item.name;
  const isNumber = (value) => typeof value === "number";

  function wordList(words) {
    return words.length < 2
      ? words.join("")
      : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
  }

  const pen = document.createElement("canvas").getContext("2d");
  const { fontFamily } = getComputedStyle(document.body);

  function textWidth(text, weight = 400) {
    pen.font = `${weight} 12px ${fontFamily}`;
    return pen.measureText(text).width;
  }

  function shortened(text, width, weight = 400) {
    if (textWidth(text, weight) <= width) return text;
    let end = text.length;
    while (end > 1 && textWidth(`${text.slice(0, end)}\u2026`, weight) > width) end -= 1;
    return `${text.slice(0, end).trimEnd()}\u2026`;
  }

  // In lines of bold words, at most `most`.
  function wrapped(text, width, most) {
    const lines = [];
    for (const word of text.split(/\s+/)) {
      const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
      if (lines.length && textWidth(longer, 600) <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    const kept = lines.slice(0, most);
    if (lines.length > most) kept[most - 1] = lines.slice(most - 1).join(" ");
    return kept.map((line) => shortened(line, width, 600));
  }

  // ---- Elements ----

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  function checkbox(label, checked, change, ...before) {
    const box = element("input", { type: "checkbox", checked });
    box.addEventListener("change", () => change(box.checked));
    return element("label", {}, box, ...before, label);
  }

  function chooser(label, options, chosen, change) {
    const select = element("select");
    options.forEach((text, index) => {
      select.append(element("option", { value: index, selected: index === chosen }, text));
    });
    select.addEventListener("change", () => change(Number(select.value)));
    return element("label", { class: "choice" }, label, select);
  }

  function group(legend, ...children) {
    return element("fieldset", {}, element("legend", {}, legend), ...children);
  }

  // columns: words; rows: arrays of words, the first one naming the row.
  function table(caption, columns, rows, between = () => false) {
    const head = columns.map((text, column) =>
      element("th", { scope: "col", class: column ? "number" : null }, text));
    const body = rows.map((cells, row) =>
      element("tr", { class: between(row) ? "between" : null },
        ...cells.map((text, column) =>
          column
            ? element("td", { class: "number" }, text)
            : element("th", { scope: "row" }, text))));
    return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
      element("table", {}, element("caption", {}, caption),
        element("thead", {}, element("tr", {}, ...head)),
        element("tbody", {}, ...body)));
  }

  // Which rows of a table by week paper is spared.
  function unprinted(weeks) {
    const last = weeks.length - 1;
    const step = last <= 30 ? 1 : last <= 60 ? 4 : 13;
    return (row) => row % step !== 0 && row !== last;
  }

  // ---- Looks of a series ----

  const colour = (index) => `var(--series-${index % 7})`;
  const symbols = ["circle", "square", "triangle", "diamond2", "star", "triangle2", "wye"];
  const shapes = {
    circle: d3.symbolCircle,
    square: d3.symbolSquare,
    triangle: d3.symbolTriangle,
    diamond2: d3.symbolDiamond2,
    star: d3.symbolStar,
    wye: d3.symbolWye,
    triangle2: { draw: (path, size) => d3.symbolTriangle.draw(new Upturned(path), size) },
  };
  // Colours come round after seven, and with another symbol each time.
  const symbol = (index) => shapes[symbols[(index + Math.floor(index / 7)) % 7]];
  const dashes = [null, "7 4", "2 3", "9 3 2 3"];

  // Draws upside down.
  class Upturned {
    constructor(path) { this.path = path; }
    moveTo(x, y) { this.path.moveTo(x, -y); }
    lineTo(x, y) { this.path.lineTo(x, -y); }
    closePath() { this.path.closePath(); }
  }

  function swatch(draw) {
    const svg = d3.create("svg")
      .attr("width", 32).attr("height", 14).attr("viewBox", "-16 -7 32 14")
      .attr("aria-hidden", "true");
    draw(svg);
    return svg.node();
  }

  const lineSwatch = (stroke, dash, shape) => swatch((svg) => {
    svg.append("line").attr("x1", -16).attr("x2", 16)
      .style("stroke", stroke).attr("stroke-width", 2.25).attr("stroke-dasharray", dash);
    if (shape) svg.append("path").attr("d", d3.symbol(shape, 50)()).style("fill", stroke);
  });

  const symbolSwatch = (fill, shape) => swatch((svg) =>
    svg.append("path").attr("d", d3.symbol(shape, 70)()).style("fill", fill));

  const areaSwatch = (fill) => swatch((svg) =>
    svg.append("rect").attr("x", -12).attr("y", -6).attr("width", 24).attr("height", 12)
      .style("fill", fill));

  const credibleSwatch = () => swatch((svg) => {
    svg.append("rect").attr("x", -16).attr("y", -5).attr("width", 32).attr("height", 10)
      .attr("fill", "currentColor").attr("fill-opacity", 0.14);
    for (const y of [-5, 5]) {
      svg.append("line").attr("x1", -16).attr("x2", 16).attr("y1", y).attr("y2", y)
        .attr("stroke", "currentColor").attr("stroke-width", 1.25).attr("stroke-dasharray", "1 3")
        .attr("stroke-linecap", "round");
    }
  });

  const luckSwatch = () => swatch((svg) =>
    svg.append("rect").attr("x", -16).attr("y", -3).attr("width", 32).attr("height", 6)
      .attr("fill", "currentColor").attr("fill-opacity", 0.45));

  const publishedSwatch = () => swatch((svg) => {
    svg.append("line").attr("y1", -7).attr("y2", 7).attr("stroke", "currentColor");
    svg.append("path").attr("d", d3.symbol(d3.symbolDiamond2, 45)())
      .style("fill", "var(--page)").attr("stroke", "currentColor").attr("stroke-width", 1.5);
  });

  // ---- Drawing ----

  // Moves the y of items apart by `gap`, in their order, as little as can be and
  // within low to high: those that crowd stand in a block around where they were.
  function dodge(items, gap, low, high) {
    const blocks = [];
    const start = (block) => {
      const wanted = d3.mean(block, (item, k) => item.y - k * gap);
      return Math.max(low, Math.min(high - (block.length - 1) * gap, wanted));
    };
    for (const item of [...items].sort((a, b) => a.y - b.y)) {
      let block = [item];
      while (blocks.length && start(blocks.at(-1)) + blocks.at(-1).length * gap > start(block)) {
        block = [...blocks.pop(), ...block];
      }
      blocks.push(block);
    }
    for (const block of blocks) {
      const from = start(block);
      block.forEach((item, k) => { item.y = from + k * gap; });
    }
    return items;
  }

  function weekTicks(last, width) {
    const step = [1, 2, 4, 8, 13, 26, 52, 104, 208].find((s) => last / s <= width / 55) || 520;
    return d3.range(0, last + 1e-9, step);
  }

  function weekAxis(last, width) {
    const ticks = weekTicks(last, width);
    return Plot.axisX({
      ticks, tickFormat: (w) => count(w), fontSize: 12,
      label: "Weeks since entry", labelAnchor: "center", labelArrow: "none", labelOffset: 38,
    });
  }

  function shareAxis(label) {
    return [
      Plot.gridY({ ticks: 5, strokeOpacity: 0.15 }),
      Plot.axisY({
        ticks: 5, tickFormat: (share) => percent(share, 0), fontSize: 12, tickSize: 0,
        label, labelArrow: "none", labelOffset: 44,
      }),
    ];
  }

  function scaleOf(svg, name) {
    const { domain, range } = svg.scale(name);
    return d3.scaleLinear(domain, range);
  }

  // A picture is named as a whole; Plot's names of its parts are not allowed in it.
  function named(svg, label) {
    for (const part of svg.querySelectorAll("[aria-label]")) {
      part.dataset.mark = part.getAttribute("aria-label");
      part.removeAttribute("aria-label");
    }
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    return svg;
  }

  // A figure: `chart` gives draw(plot, width) and tables(); it is drawn anew
  // when its width changes, and its tables are written when first asked for.
  function mount(figure, chart) {
    const plot = figure.querySelector(".plot");
    const details = figure.querySelector("details.values");
    let width = 0;
    const draw = () => { if (width > 0) chart.draw(plot, width); };
    chart.redraw = draw;
    figure.classList.add("drawn");
    const resized = () => {
      const now = Math.floor(figure.clientWidth);
      if (now >= 160 && now !== width) {  // less is a page being laid out
        width = now;
        draw();
      }
    };
    resized();
    new ResizeObserver(resized).observe(figure);

    const write = () => {
      if (details.querySelector("table")) return;
      details.append(...chart.tables());
    };
    details.addEventListener("toggle", () => { if (details.open) write(); });
    return { details, write };
  }

  // Slider and list under a chart: the values of every series shown in a week, or
  // at another place of the axis that `words` tells of.
  // entries(): [{swatch, name, value, range, note}] at `reader.index`.
  function weekReader(figure, weeks, entries, moved, words = {}) {
    const last = weeks.length - 1;
    const { label = "Week", say = (week) => `Week ${count(week)}`, start = last } = words;
    const id = `${figure.id}-week`;
    const slider = element("input", { type: "range", id, min: 0, max: last, step: 1 });
    const said = element("output", { for: id });
    const list = element("ul", { class: "readout", "aria-live": "polite" });
    const reading = element("div", { class: "reading" },
      element("p", { class: "at" },
        element("label", { for: id }, label, slider), said),
      list);
    figure.querySelector(".plot").after(reading);

    const reader = {
      index: start,
      move(index) {
        reader.index = Math.max(0, Math.min(last, index));
        reader.show();
        moved();
      },
      show() {
        const week = say(weeks[reader.index]);
        slider.value = reader.index;
        slider.setAttribute("aria-valuetext", week);
        said.textContent = week;
        list.replaceChildren(...entries().map((entry) =>
          element("li", {}, entry.swatch, element("span", {}, entry.name),
            element("span", { class: "value" }, entry.value, " ",
              entry.range ? element("span", { class: "range" }, `(${entry.range})`) : ""))));
      },
    };
    slider.addEventListener("input", () => reader.move(Number(slider.value)));
    return reader;
  }

  // A pointer over the chart moves the reader to its week.
  function followPointer(svg, x, weeks, reader) {
    svg.classList.add("week-reader");
    const follow = (event) => {
      const week = x.invert(d3.pointer(event, svg)[0]);
      const index = d3.leastIndex(weeks, (w) => Math.abs(w - week));
      if (index !== reader.index) reader.move(index);
    };
    svg.addEventListener("pointerdown", follow);
    svg.addEventListener("pointermove", follow);
  }

  // ---- Curves ----

  // The reference and the three pathways highest at the end, if there are many.
  function firstShown(run, main) {
    const all = run.pathways.map((_, p) => p);
    if (all.length <= 4) return all;
    const end = (p) => run.curves.mean[p][main].at(-1) ?? -1;
    const best = all.filter((p) => p !== run.reference).sort((a, b) => end(b) - end(a));
    return [run.reference, ...best.slice(0, 3)].sort((a, b) => a - b);
  }

  function curves(figure, run) {
    const { weeks } = run;
    const { mean, se } = run.curves;
    const last = weeks[weeks.length - 1];
    const pathways = run.pathways.map((_, p) => p);
    const has = (p, e) => mean[p][e].some(isNumber);
    const estimands = run.estimands.map((_, e) => e).filter((e) => pathways.some((p) => has(p, e)));
    const main = Math.max(0, run.estimands.findIndex((e) => e.name === run.reported_first));
    const published = run.published.filter((f) =>
      f.quantity === "cumulative_remission" && isNumber(f.value));
    const estimandOf = (f) => run.estimands.findIndex((e) => e.name === f.estimand);

    const shown = {
      pathways: new Set(firstShown(run, main)),
      estimands: new Set(pathways.length <= 2 ? estimands : [main]),
      published: published.length > 0,
      credible: Boolean(run.uncertainty),
      luck: true,
    };
    // Over draws: of the uncertainty of the scenario's numbers.
    const draws = run.uncertainty?.curves;
    const credibleAt = (s, i) => {
      if (!draws || !isNumber(draws.low[s.p][s.e][i]) || !isNumber(draws.high[s.p][s.e][i])) return null;
      return [draws.low[s.p][s.e][i], draws.high[s.p][s.e][i]];
    };
    // A curve without an interval, but where nobody is in remission yet.
    const isHidden = (s, i) => Boolean(draws) && mean[s.p][s.e][i] > 0 && !credibleAt(s, i);
    const credibleText = (s, i) => (isHidden(s, i) ? notToldApart : percentRange(credibleAt(s, i)));
    const dash = (e) => dashes[[main, ...estimands.filter((o) => o !== main)].indexOf(e) % 4];
    const shape = (p) => (pathways.length > 1 ? symbol(p) : null);
    const series = () => pathways.filter((p) => shown.pathways.has(p)).flatMap((p) =>
      estimands.filter((e) => shown.estimands.has(e)).map((e) => ({ p, e })));
    const figures = () => (shown.published
      ? published.filter((f) => shown.pathways.has(f.pathway) && shown.estimands.has(estimandOf(f)))
      : []);
    const rangeAt = (s, i) => {
      const range = interval(mean[s.p][s.e][i], se[s.p][s.e][i]);
      return range && within01(range);
    };

    function title(s) {
      const parts = [];
      if (pathways.length > 1) parts.push(nameOf(run.pathways[s.p]));
      if (pathways.length === 1 || shown.estimands.size > 1) parts.push(nameOf(run.estimands[s.e]));
      return parts.join(", ");
    }

    const publishedRange = (f) =>
      (isNumber(f.low) && isNumber(f.high) ? percentRange([f.low, f.high]) : "");

    const entries = () => [
      ...series().map((s) => ({
        swatch: lineSwatch(colour(s.p), dash(s.e), shape(s.p)),
        name: title(s),
        value: percent(mean[s.p][s.e][reader.index]),
        range: shown.credible ? credibleText(s, reader.index)
          : percentRange(shown.luck ? rangeAt(s, reader.index) : null),
      })),
      ...figures().map((f) => ({
        swatch: publishedSwatch(),
        name: `Published: ${f.label}${f.week == null ? "" : `, week ${f.week}`}`,
        value: percent(f.value),
        range: publishedRange(f),
      })),
    ];
    const reader = weekReader(figure, weeks, entries, () => cursor());

    // Controls, where there is a choice.
    const controls = figure.querySelector(".controls");
    const changed = () => { chart.redraw(); reader.show(); };
    const toggle = (set, item) => (on) => {
      if (on) set.add(item); else set.delete(item);
      changed();
    };
    if (pathways.length > 1) {
      const boxes = pathways.map((p) => checkbox(nameOf(run.pathways[p]), shown.pathways.has(p),
        toggle(shown.pathways, p), lineSwatch(colour(p), null, shape(p))));
      const set = (chosen) => {
        shown.pathways = new Set(chosen);
        boxes.forEach((box, p) => {
          box.firstChild.checked = shown.pathways.has(p);
        });
        changed();
      };
      const fieldset = group("Pathways", element("div", { class: "choices" }, ...boxes));
      if (pathways.length > 4) {
        const all = element("button", { type: "button" }, "Show all");
        const few = element("button", { type: "button" }, "Reference and highest three");
        all.addEventListener("click", () => set(pathways));
        few.addEventListener("click", () => set(firstShown(run, main)));
        fieldset.append(element("div", { class: "choices" }, all, few));
      }
      controls.append(fieldset);
    }
    if (estimands.length > 1) {
      controls.append(group("What is counted", element("div", { class: "choices" },
        ...estimands.map((e) => checkbox(nameOf(run.estimands[e]), shown.estimands.has(e),
          toggle(shown.estimands, e), lineSwatch("currentColor", dash(e)))))));
    }
    if (published.length > 0) {
      controls.append(group("Beside it", checkbox("Published figures", true,
        (on) => { shown.published = on; changed(); }, publishedSwatch())));
    }

    if (draws) {
      const band = (name) => (on) => { shown[name] = on; changed(); };
      controls.append(group("95 % bands", element("div", { class: "choices" },
        checkbox("Credible: uncertainty of the numbers", true, band("credible"), credibleSwatch()),
        checkbox("Monte Carlo: luck of the simulation", true, band("luck"), luckSwatch()))));
    }

    const highest = Math.max(
      0.05,
      d3.max(pathways, (p) => d3.max(estimands, (e) =>
        d3.max(weeks, (_, i) => Math.max(rangeAt({ p, e }, i)?.[1] ?? mean[p][e][i] ?? 0,
          credibleAt({ p, e }, i)?.[1] ?? 0)))) || 0,
      d3.max(published, (f) => Math.max(f.value, f.high ?? 0)) || 0,
    );
    const top = Math.min(1, d3.scaleLinear([0, Math.min(1, highest * 1.04)], [0, 1]).nice(5).domain()[1]);

    function inWords() {
      const ends = series().map((s) => `${title(s)}: ${percent(mean[s.p][s.e].at(-1))}`);
      const marked = figures().map((f) => `${f.label}: ${percent(f.value)}`);
      return `Line chart: share of the cohort in remission, by weeks since entry, week 0 to ${last}. ` +
        `At the end, ${ends.join("; ") || "nothing is chosen"}.` +
        (marked.length ? ` Published figures: ${marked.join("; ")}.` : "");
    }

    function marksOf(s, position) {
      const at = d3.range(weeks.length).filter((i) => mean[s.p][s.e][i] != null);
      const x = (i) => weeks[i];
      const banded = at.filter((i) => rangeAt(s, i));
      const every = Math.max(1, Math.round(weeks.length / 9));
      const marked = at.filter((i) => i % every === Math.round(((position % 5) / 5) * every));
      const fill = colour(s.p);
      return [
        ...(shown.credible ? marksOfCredible(s, x, fill) : []),
        ...(shown.luck ? [Plot.areaY(banded, {
          x, y1: (i) => rangeAt(s, i)[0], y2: (i) => rangeAt(s, i)[1], fill, fillOpacity: draws ? 0.45 : 0.22,
          className: `luck pathway-${s.p} estimand-${s.e}`,
        })] : []),
        Plot.line(d3.range(weeks.length), {
          x, y: (i) => mean[s.p][s.e][i] ?? NaN, stroke: fill, strokeWidth: 2.25,
          strokeDasharray: dash(s.e), strokeLinejoin: "round",
          className: `curve pathway-${s.p} estimand-${s.e}`,
        }),
        ...(shape(s.p) ? [Plot.dot(marked, {
          x, y: (i) => mean[s.p][s.e][i], symbol: shape(s.p), r: 4, fill, stroke: "var(--page)",
          strokeWidth: 0.75,
        })] : []),
      ];
    }

    function marksOfCredible(s, x, fill) {
      // Breaks where there is no interval.
      const at = d3.range(weeks.length);
      const end = (k) => (i) => credibleAt(s, i)?.[k] ?? NaN;
      const edge = { x, stroke: fill, strokeWidth: 1.25, strokeDasharray: "1 3", strokeLinecap: "round" };
      return [
        Plot.areaY(at, {
          x, y1: end(0), y2: end(1), fill, fillOpacity: 0.14,
          className: `credible pathway-${s.p} estimand-${s.e}`,
        }),
        Plot.line(at, { ...edge, y: end(0) }),
        Plot.line(at, { ...edge, y: end(1) }),
      ];
    }

    function marksOfPublished() {
      const dated = figures().filter((f) => f.week != null && f.week <= last);
      const ends = figures().filter((f) => f.week == null);
      const ranged = (list) => list.filter((f) => isNumber(f.low) && isNumber(f.high));
      return [
        Plot.rect(ranged(ends), {
          x1: 0, x2: last, y1: "low", y2: "high", fill: "currentColor", fillOpacity: 0.06,
        }),
        Plot.ruleY(ends, { y: "value", stroke: "currentColor", strokeDasharray: "1 4", strokeWidth: 1.5 }),
        Plot.ruleX(ranged(dated), {
          x: "week", y1: "low", y2: "high", stroke: "currentColor", strokeWidth: 1.5,
        }),
        Plot.dot([...dated, ...ends], {
          x: (f) => f.week ?? last, y: "value", symbol: "diamond2", r: 5, fill: "var(--page)",
          stroke: "currentColor", strokeWidth: 1.75, className: "published",
        }),
      ];
    }

    let scene = null;

    function draw(plot, width) {
      const compact = width < 640;
      const drawn = series();
      const labels = drawn.map((s) => ({ s, text: shortened(title(s), 190) }));
      const longest = d3.max(labels, (label) => textWidth(label.text)) || 0;
      const svg = named(Plot.plot({
        width,
        height: compact ? 300 : 420,
        marginTop: 28, marginBottom: 46, marginLeft: 50,
        marginRight: compact ? 12 : Math.max(40, longest + 22),
        x: { domain: [0, last] },
        y: { domain: [0, top] },
        marks: [
          ...shareAxis("Share of the cohort"),
          weekAxis(last, width - (compact ? 70 : longest + 80)),
          Plot.ruleY([0]),
          ...drawn.flatMap((s, position) => marksOf(s, position)),
          ...marksOfPublished(),
        ],
      }), inWords());
      plot.replaceChildren(svg);
      if (draws) {
        plot.append(element("p", { class: "note" }, "In brackets: " +
          (shown.credible ? "95 % credible intervals, of the uncertainty of the scenario's numbers." +
            (drawn.some((s) => weeks.some((_, i) => isHidden(s, i)))
              ? " No band where the uncertainty is not told apart from luck: more patients a draw may tell it." : "")
            : shown.luck ? "95 % Monte Carlo intervals, of the luck of the simulation." : "nothing.")));
      }
      scene = { svg: d3.select(svg), x: scaleOf(svg, "x"), y: scaleOf(svg, "y") };
      if (!compact) labelEnds(labels);
      labelPublished();
      scene.cursor = scene.svg.append("g").attr("class", "cursor");
      followPointer(svg, scene.x, weeks, reader);
      cursor();
    }

    // The name of each curve at its end.
    function labelEnds(labels) {
      const items = labels.filter(({ s }) => mean[s.p][s.e].at(-1) != null).map(({ s, text }) => {
        const end = scene.y(mean[s.p][s.e].at(-1));
        return { s, text, end, y: end };
      });
      dodge(items, 15, scene.y.range()[1], scene.y.range()[0]);
      const right = scene.x.range()[1];
      const g = scene.svg.append("g").attr("class", "end-labels");
      for (const { s, text, end, y } of items) {
        g.append("path").attr("d", `M${right + 2},${end}L${right + 12},${y}`)
          .attr("fill", "none").style("stroke", colour(s.p)).attr("stroke-opacity", 0.7);
        g.append("text").attr("x", right + 15).attr("y", y).attr("dy", "0.32em")
          .attr("text-anchor", "start").attr("fill", "currentColor").text(text);
      }
    }

    // Figures of no week lie across the chart: the name stands at the left, up to
    // where a curve comes by.
    function labelPublished() {
      const [left, right] = scene.x.range();
      const reached = (f) => d3.min(series(), ({ p, e }) => {
        const i = mean[p][e].findIndex((share) => share != null && scene.y(share) < scene.y(f.value) + 12);
        return i < 0 ? right : scene.x(weeks[i]);
      }) ?? right;
      const items = figures().filter((f) => f.week == null)
        .map((f) => ({ f, y: scene.y(f.value) - 7, room: Math.min(reached(f) - left - 20, 420) }))
        .filter((item) => item.room > 105);
      dodge(items, 15, scene.y.range()[1] + 4, scene.y.range()[0] - 8);
      const g = scene.svg.append("g").attr("class", "published-labels");
      for (const { f, y, room } of items) {
        g.append("text").attr("class", "halo").attr("x", left + 5).attr("y", y).attr("dy", "0.3em")
          .attr("text-anchor", "start")
          .attr("fill", "currentColor")
          .text(room < 200 ? `Published: ${percent(f.value)}` : shortened(`Published: ${f.label}`, room));
      }
    }

    // The line at the week read, with a dot and the value at every curve.
    function cursor() {
      if (!scene) return;
      const i = reader.index;
      const at = scene.x(weeks[i]);
      const [bottom, topmost] = scene.y.range();
      const values = series().filter((s) => mean[s.p][s.e][i] != null)
        .map((s) => ({ s, mean: mean[s.p][s.e][i] }));
      const g = scene.cursor;
      g.selectAll("*").remove();
      g.append("line").attr("x1", at).attr("x2", at).attr("y1", topmost).attr("y2", bottom)
        .attr("stroke", "currentColor").attr("stroke-opacity", 0.5);
      for (const value of values) {
        g.append("circle").attr("cx", at).attr("cy", scene.y(value.mean)).attr("r", 3.5)
          .style("fill", colour(value.s.p)).style("stroke", "var(--page)");
      }
      if (values.length > 8 || i === weeks.length - 1) return;  // the ends have names
      const items = dodge(values.map((v) => ({ text: percent(v.mean), y: scene.y(v.mean) })),
        14, topmost + 4, bottom - 6);
      const toLeft = at > (scene.x.range()[0] + scene.x.range()[1]) / 2;
      for (const item of items) {
        g.append("text").attr("class", "halo").attr("x", at + (toLeft ? -8 : 8)).attr("y", item.y)
          .attr("dy", "0.32em").attr("text-anchor", toLeft ? "end" : "start")
          .attr("fill", "currentColor").text(item.text);
      }
    }

    function tablesOfDraws() {
      if (!draws) return [];
      const cell = (p, e, i) => {
        const range = credibleAt({ p, e }, i);
        if (isHidden({ p, e }, i)) return notToldApart;
        return range ? range.map((share) => fixed(100 * share, 2)).join(" to ") : none;
      };
      return estimands.map((e) => table(
        `${nameOf(run.estimands[e])}: 95 % credible interval, percent of the cohort`,
        ["Week", ...run.pathways.map(nameOf)],
        weeks.map((week, i) => [count(week), ...pathways.map((p) => cell(p, e, i))]),
        unprinted(weeks),
      ));
    }

    function tables() {
      return [...tablesOfMeans(), ...tablesOfDraws()];
    }

    function tablesOfMeans() {
      const cell = (p, e, i) => {
        if (mean[p][e][i] == null) return none;
        const error = se[p][e][i];
        return `${fixed(100 * mean[p][e][i], 2)} (${error == null ? none : fixed(100 * error, 3)})`;
      };
      if (pathways.length === 1) {
        return [table("Percent of the cohort, with standard error in points",
          ["Week", ...estimands.map((e) => nameOf(run.estimands[e]))],
          weeks.map((week, i) => [count(week), ...estimands.map((e) => cell(0, e, i))]),
          unprinted(weeks))];
      }
      return estimands.map((e) => table(
        `${nameOf(run.estimands[e])}: percent of the cohort, with standard error in points`,
        ["Week", ...run.pathways.map(nameOf)],
        weeks.map((week, i) => [count(week), ...pathways.map((p) => cell(p, e, i))]),
        unprinted(weeks),
      ));
    }

    const chart = { draw, tables };
    reader.show();
    return chart;
  }

  // ---- Flow ----

  const kindRank = {
    cohort: 0, step: 0, again: 1, gap: 2, follow_up: 3, remission: 4, exhausted: 5,
    unfinished: 6, left_care: 7,
  };
  const kindColour = {
    cohort: "var(--series-6)", step: "var(--series-0)", again: "var(--series-3)",
    gap: "var(--series-4)", follow_up: "var(--series-5)", remission: "var(--series-2)",
    exhausted: "var(--series-1)", unfinished: "var(--series-6)", left_care: "var(--series-1)",
  };

  function flow(figure, run) {
    let chosen = run.reference;
    const lineHeight = 14;
    const told = element("p", { class: "told" });
    figure.querySelector(".plot").after(told);
    if (run.pathways.length > 1) {
      figure.querySelector(".controls").append(chooser("Pathway", run.pathways.map(nameOf), chosen,
        (p) => { chosen = p; chart.redraw(); }));
    }
    const labelOf = (p, id) => run.flow[p].nodes.find((node) => node.id === id)?.label ?? id;
    const sentence = (link, all) =>
      `${link.source.label} \u2192 ${link.target.label}: ${count(link.value)} patients, ` +
      `${percent(link.value / all)} of all who entered`;

    function graphOf(p) {
      const links = run.flow[p].links.filter((link) => link.patients > 0)
        .map((link) => ({ source: link.source, target: link.target, value: link.patients }));
      const used = new Set(links.flatMap((link) => [link.source, link.target]));
      const nodes = run.flow[p].nodes.filter((node) => used.has(node.id)).map((node) => ({ ...node }));
      return { nodes, links };
    }

    // Steps one after another; a way on stands right of the step it leaves.
    function columnsOf({ nodes, links }) {
      const into = d3.group(links, (link) => link.target);
      const known = new Map();
      const column = (id, seen = new Set()) => {
        if (known.has(id) || seen.has(id)) return known.get(id) ?? 0;
        seen.add(id);
        const from = (into.get(id) ?? []).map((link) => column(link.source, seen) + 1);
        known.set(id, d3.max(from) ?? 0);
        return known.get(id);
      };
      return d3.max(nodes, (node) => column(node.id)) + 1;
    }

    function draw(plot, width) {
      const graph = graphOf(chosen);
      const name = nameOf(run.pathways[chosen]);
      told.textContent = "Point at a band, or tap it, to read how many go that way.";
      if (graph.links.length === 0) {
        plot.replaceChildren(element("p", {}, "Nobody entered a step."));
        return;
      }
      const columns = columnsOf(graph);
      const longestWord = d3.max(graph.nodes, (node) =>
        d3.max(node.label.split(/\s+/), (word) => textWidth(word, 600)));
      const columnWidth = Math.max(96, Math.min(140, longestWord + 26), (width - 4) / columns);
      const room = columnWidth - 24;
      const all = d3.sum(graph.links.filter((link) => link.source === "cohort"), (link) => link.value) ||
        run.patients;
      for (const node of graph.nodes) node.lines = wrapped(node.label, room, 4);
      const blockHeight = (d3.max(graph.nodes, (node) => node.lines.length) + 1) * lineHeight + 6;
      const wide = columns * columnWidth;

      const layout = (height) => d3.sankey()
        .nodeId((node) => node.id).nodeAlign(d3.sankeyLeft)
        .nodeWidth(12).nodePadding(blockHeight)
        .nodeSort((a, b) => kindRank[a.kind] - kindRank[b.kind])
        .extent([[2, blockHeight / 2], [wide - columnWidth + 14, height - blockHeight / 2]]);
      // With nodes in a given order the bands are not untwisted: they are here.
      const lay = (height) => {
        const sankey = layout(height);
        const laid = sankey({
          nodes: graph.nodes.map((node) => ({ ...node })),
          links: graph.links.map((link) => ({ ...link })),
        });
        for (const node of laid.nodes) {
          node.sourceLinks.sort((a, b) => a.target.y0 - b.target.y0);
          node.targetLinks.sort((a, b) => a.source.y0 - b.source.y0);
        }
        return sankey.update(laid);
      };
      let laid;
      try {
        laid = lay(1000);
        const most = d3.max(d3.rollup(laid.nodes, (v) => v.length, (node) => node.layer).values());
        laid = lay(most * blockHeight + (width < 640 ? 160 : 240));
      } catch {
        plot.replaceChildren(element("p", {}, "The ways go round in a circle and cannot be drawn; they are in the table."));
        return;
      }
      const height = d3.max(laid.nodes, (node) => Math.max(node.y1, (node.y0 + node.y1) / 2)) + blockHeight / 2;
      if (wide > width) told.textContent += " Scroll sideways for the later steps.";
      plot.replaceChildren(sankeyDrawing(laid, wide, height, all, name));
    }

    function sankeyDrawing({ nodes, links }, width, height, all, name) {
      const svg = d3.create("svg").attr("width", width).attr("height", height)
        .attr("viewBox", `0 0 ${width} ${height}`);
      const paths = svg.append("g").attr("fill", "none").selectAll("path").data(links).join("path")
        .attr("d", d3.sankeyLinkHorizontal())
        .style("stroke", (link) => kindColour[link.target.kind] ?? "currentColor")
        .attr("stroke-opacity", 0.35)
        .attr("stroke-width", (link) => Math.max(1, link.width));
      const tell = (event, link) => {
        paths.attr("stroke-opacity", (other) => (other === link ? 0.7 : 0.25));
        told.textContent = sentence(link, all);
      };
      paths.on("pointerenter", tell).on("pointerdown", tell)
        .on("pointerleave", () => paths.attr("stroke-opacity", 0.35));
      svg.append("g").selectAll("rect").data(nodes).join("rect")
        .attr("x", (node) => node.x0).attr("y", (node) => node.y0)
        .attr("width", (node) => node.x1 - node.x0)
        .attr("height", (node) => Math.max(1, node.y1 - node.y0))
        .style("fill", (node) => kindColour[node.kind] ?? "currentColor");
      for (const node of nodes) nodeLabel(svg, node, all);
      named(svg.node(), `Flow diagram of pathway ${name}: ` +
        `${links.map((link) => sentence(link, all)).join("; ")}.`);
      return element("div", {
        class: "wide", tabindex: 0, role: "region", "aria-label": `Flow of patients, ${name}`,
      }, svg.node());
    }

    function nodeLabel(svg, node, all) {
      const size = node.kind === "cohort" ? count(node.value) : percent(node.value / all);
      const lines = [...node.lines, size];
      const middle = (node.y0 + node.y1) / 2 - ((lines.length - 1) * lineHeight) / 2;
      const text = svg.append("text").attr("class", "halo").attr("fill", "currentColor");
      lines.forEach((line, i) => {
        text.append("tspan").attr("x", node.x1 + 5).attr("y", middle + i * lineHeight)
          .attr("dy", "0.32em").attr("font-weight", i === lines.length - 1 ? 400 : 600).text(line);
      });
    }

    function tables() {
      return run.pathways.map((pathway, p) => {
        const all = d3.sum(run.flow[p].links.filter((link) => link.source === "cohort"),
          (link) => link.patients) || run.patients;
        return table(`${nameOf(pathway)}: who goes where`,
          ["From", "To", "Patients", "Of all who entered"],
          run.flow[p].links.map((link) => [labelOf(p, link.source), labelOf(p, link.target),
            count(link.patients), percent(link.patients / all)]));
      });
    }

    const chart = { draw, tables };
    return chart;
  }

  // ---- Occupancy ----

  function occupancy(figure, run) {
    const { weeks } = run;
    const last = weeks[weeks.length - 1];
    let chosen = run.reference;
    let scene = null;
    const share = (s, i) => run.occupancy[chosen][s][i] ?? 0;
    // From the bottom: in remission first, so that its share can be read off.
    const rank = ["remitted", "untreated_remitted", "not_remitted", "in_treatment", "waiting", "gap",
      "untreated", "out_of_care", "dead"];
    const states = run.states.map((_, s) => s)
      .filter((s) => run.occupancy.some((pathway) => d3.max(pathway[s]) > 0))
      .sort((a, b) => rank.indexOf(run.states[a].name) - rank.indexOf(run.states[b].name));
    const fill = (s) => `var(--state-${run.states[s].name}, var(--series-6))`;

    const reader = weekReader(figure, weeks, () => [...states].reverse().map((s) => ({
      swatch: areaSwatch(fill(s)),
      name: nameOf(run.states[s]),
      value: percent(run.occupancy[chosen][s][reader.index]),
    })), () => cursor());
    if (run.pathways.length > 1) {
      figure.querySelector(".controls").append(chooser("Pathway", run.pathways.map(nameOf), chosen,
        (p) => { chosen = p; chart.redraw(); reader.show(); }));
    }

    // Sums from the bottom up: state, week.
    function stacked() {
      const sums = [weeks.map(() => 0)];
      for (const s of states) {
        const below = sums[sums.length - 1];
        sums.push(weeks.map((_, i) => below[i] + share(s, i)));
      }
      return sums;
    }

    function draw(plot, width) {
      const compact = width < 640;
      const sums = stacked();
      const x = (i) => weeks[i];
      const at = d3.range(weeks.length);
      const svg = named(Plot.plot({
        width, height: compact ? 300 : 400,
        marginTop: 28, marginBottom: 46, marginLeft: 50, marginRight: 14,
        x: { domain: [0, last] },
        y: { domain: [0, 1] },
        marks: [
          ...states.map((s, k) => Plot.areaY(at, {
            x, y1: (i) => Math.min(1, sums[k][i]), y2: (i) => Math.min(1, sums[k + 1][i]), fill: fill(s),
            stroke: "var(--page)", strokeWidth: 1, className: `state-${k}`,
          })),
          ...shareAxis("Share of the cohort"),
          weekAxis(last, width - 70),
        ],
      }), inWords());
      plot.replaceChildren(svg);
      scene = { svg: d3.select(svg), x: scaleOf(svg, "x"), y: scaleOf(svg, "y") };
      labelAreas(sums);
      scene.cursor = scene.svg.append("g");
      followPointer(svg, scene.x, weeks, reader);
      cursor();
    }

    // A name stands in its area wherever it fits best, if it fits.
    function labelAreas(sums) {
      const [left, right] = scene.x.range();
      states.forEach((s, k) => {
        const text = nameOf(run.states[s]);
        const half = textWidth(text) / 2 + 4;
        const bounds = (from, to) => {
          const inside = d3.range(weeks.length).filter((i) => scene.x(weeks[i]) >= from && scene.x(weeks[i]) <= to);
          return [d3.min(inside, (i) => scene.y(sums[k][i])), d3.max(inside, (i) => scene.y(sums[k + 1][i]))];
        };
        let best = null;
        for (let middle = left + half; middle <= right - half; middle += 12) {
          const [bottom, topmost] = bounds(middle - half, middle + half);
          if (best === null || bottom - topmost > best.room) {
            best = { room: bottom - topmost, x: middle, y: (bottom + topmost) / 2 };
          }
        }
        if (best === null || best.room < 18) return;
        scene.svg.append("text").attr("x", best.x).attr("y", best.y).attr("dy", "0.32em")
          .attr("text-anchor", "middle").attr("fill", "currentColor").text(text);
      });
    }

    function cursor() {
      if (!scene) return;
      const at = scene.x(weeks[reader.index]);
      scene.cursor.selectAll("*").remove();
      scene.cursor.append("line").attr("x1", at).attr("x2", at)
        .attr("y1", scene.y.range()[1]).attr("y2", scene.y.range()[0])
        .attr("stroke", "currentColor").attr("stroke-width", 1.5);
    }

    function inWords() {
      const end = states.map((s) => `${nameOf(run.states[s])} ${percent(share(s, weeks.length - 1))}`);
      return `Stacked areas: share of the cohort in each state by weeks since entry, ` +
        `pathway ${nameOf(run.pathways[chosen])}. In week ${last}: ${end.join("; ")}.`;
    }

    function tables() {
      return run.pathways.map((pathway, p) => table(
        `${nameOf(pathway)}: percent of the cohort in each state`,
        ["Week", ...states.map((s) => nameOf(run.states[s]))],
        weeks.map((week, i) => [count(week), ...states.map((s) => {
          const value = run.occupancy[p][s][i];
          return value == null ? none : fixed(100 * value, 2);
        })]), unprinted(weeks)));
    }

    const chart = { draw, tables };
    reader.show();
    return chart;
  }

  // ---- Differences ----

  const strategyName = (index) => nameOf(data.strategies[index]);

  // Of shares of patients in percentage points.
  function inItsUnit(measure) {
    const scale = measure.is_share ? 100 : 1;
    return {
      ...measure,
      unit: measure.is_share ? "percentage points" : measure.unit === "1" ? "per patient" : measure.unit,
      rows: measure.rows
        .filter((row) => row.strategy !== data.reference && isNumber(row.mean))
        .map((row) => ({ ...row, mean: scale * row.mean, se: row.se == null ? null : scale * row.se })),
    };
  }

  function differences(figure) {
    const measures = data.differences.map(inItsUnit).filter((measure) => measure.rows.length > 0);
    const few = 6;
    let shown = Math.min(few, measures.length);
    if (measures.length > few) {
      const button = element("button", { type: "button" }, `Show all ${measures.length} measures`);
      button.addEventListener("click", () => {
        shown = measures.length;
        button.remove();
        chart.redraw();
      });
      figure.querySelector(".controls").append(button);
    }

    const told = (row, unit) => {
      const digits = decimalsFor(row.se);
      const range = interval(row.mean, row.se);
      return `${fixed(row.mean, digits)}${range ? ` (${fixed(range[0], digits)} to ${fixed(range[1], digits)})` : ""}${unit ? ` ${unit}` : ""}`;
    };

    function panel(measure, width) {
      const height = 46 * measure.rows.length + 46;
      const range = (row) => interval(row.mean, row.se) ?? [row.mean, row.mean];
      const ends = measure.rows.flatMap(range).concat(0);
      const span = d3.max(ends) - d3.min(ends) || 1;
      const y = (row) => measure.rows.indexOf(row);
      const clear = (row) => row.se != null && (range(row)[0] > 0 || range(row)[1] < 0);
      const svg = named(Plot.plot({
        width, height, marginTop: 24, marginBottom: 40, marginLeft: 12, marginRight: 16,
        x: { domain: [d3.min(ends) - span * 0.03, d3.max(ends) + span * 0.03] },
        y: { domain: [-0.25, measure.rows.length - 0.5], reverse: true, axis: null },
        marks: [
          Plot.gridX({ ticks: width / 90, strokeOpacity: 0.15 }),
          Plot.axisX({
            ticks: width / 90, tickFormat: (v) => fixed(v, tickDecimals(span)), fontSize: 12,
            label: measure.unit, labelAnchor: "center", labelArrow: "none", labelOffset: 36,
          }),
          Plot.ruleX([0], { stroke: "currentColor" }),
          ...measure.rows.flatMap((row) => [
            Plot.ruleY([row], {
              y, x1: range(row)[0], x2: range(row)[1], stroke: colour(row.strategy), strokeWidth: 3,
            }),
            Plot.dot([row], {
              x: "mean", y, r: 5, symbol: symbol(row.strategy), strokeWidth: 1.75,
              fill: clear(row) ? colour(row.strategy) : "var(--page)", stroke: colour(row.strategy),
            }),
          ]),
        ],
      }), `${measure.label}, difference from ${strategyName(data.reference)}: ` +
        `${measure.rows.map((row) => `${strategyName(row.strategy)} ${told(row, measure.unit)}`).join("; ")}.`);
      const scale = svg.scale("y");
      const g = d3.select(svg).append("g");
      for (const row of measure.rows) {
        const at = scale.apply(y(row)) - 13;
        const value = told(row);
        const room = width - 28 - textWidth(value) - 10;
        g.append("text").attr("class", "halo").attr("x", 12).attr("y", at)
          .attr("text-anchor", "start").attr("fill", "currentColor")
          .text(shortened(strategyName(row.strategy), room));
        g.append("text").attr("class", "halo").attr("x", width - 14).attr("y", at)
          .attr("text-anchor", "end").attr("fill", "currentColor").text(value);
      }
      const better = { 1: "More is better.", [-1]: "Less is better." }[measure.better] ?? "";
      return element("div", { class: "panel" }, element("h4", {}, measure.label),
        element("p", { class: "note" }, better), svg);
    }

    function tickDecimals(span) {
      return Math.min(6, Math.max(0, Math.ceil(-Math.log10(span / 4))));
    }

    function draw(plot, width) {
      const columns = Math.max(1, Math.min(shown, Math.floor((width + 40) / (352 + 40))));
      const each = Math.floor((width - 40 * (columns - 1)) / columns);
      plot.replaceChildren(
        element("div", { class: "panels" }, ...measures.slice(0, shown).map((m) => panel(m, each))),
        element("p", { class: "note" },
          `Differences from ${strategyName(data.reference)}, with 95 % Monte Carlo intervals. ` +
          "A hollow symbol: the interval includes 0, or there is none."));
    }

    function tables() {
      return measures.map((measure) => table(
        `${measure.label}${measure.unit ? `, ${measure.unit}` : ""}: difference from ${strategyName(data.reference)}`,
        ["Pathway", "Difference", "Standard error", "95 % Monte Carlo interval"],
        measure.rows.map((row) => {
          const digits = decimalsFor(row.se);
          const range = interval(row.mean, row.se);
          return [strategyName(row.strategy), fixed(row.mean, digits),
            row.se == null ? none : fixed(row.se, digits),
            range ? `${fixed(range[0], digits)} to ${fixed(range[1], digits)}` : none];
        })));
    }

    const chart = { draw, tables };
    return chart;
  }

  // ---- Cost-effectiveness plane ----

  const plane = (figure) => planeChart(figure, {
    ...data.economics, reference: data.reference, strategyName, isShown: () => true,
    what: "differences", spread: "standard error",
    note: "Ellipses hold 95 % of the Monte Carlo error; where none is seen, it is smaller than the symbol. " +
      "Solid line: the efficiency frontier. ",
  });

  // Strategies in the plane, less the reference. `of`: currency, thresholds,
  // perspectives with points (and, of draws, the cloud of each), which are shown,
  // and words: what the points are, what their errors are.
  function planeChart(figure, of) {
    const { currency, thresholds, perspectives, reference, strategyName: nameIn } = of;
    let chosen = 0;
    const spaced = (name) => name.replaceAll("_", " ");
    if (perspectives.length > 1) {
      figure.querySelector(".controls").append(chooser("Perspective",
        perspectives.map((p) => spaced(p.label || p.name)), chosen, (p) => { chosen = p; chart.redraw(); }));
    }
    const list = element("ul", { class: "readout stacked" });
    figure.querySelector(".plot").after(element("div", { class: "reading" }, list));
    const pointsOf = (perspective) => perspective.points.map((point) =>
      (point.strategy === reference ? { ...point, cost: 0, effect: 0 } : point))
      .filter((point) => of.isShown(point.strategy) && isNumber(point.cost) && isNumber(point.effect))
      .sort((a, b) => a.strategy - b.strategy);
    const money = (value) => `${currency} ${fixed(value, 0)}`;

    // The ellipse that holds 95 % of a normal distribution.
    function ellipse(point) {
      const sx = point.effect_se;
      const sy = point.cost_se;
      if (!(sx > 0) || !(sy > 0)) return [];
      const along = (point.covariance ?? 0) / sx;
      const across = Math.sqrt(Math.max(0, sy * sy - along * along));
      return d3.range(0, 65).map((k) => {
        const angle = (k / 64) * 2 * Math.PI;
        const r = errorsOf95InThePlane;
        return [
          point.effect + r * sx * Math.cos(angle),
          point.cost + r * (along * Math.cos(angle) + across * Math.sin(angle)),
        ];
      });
    }

    function domain(values) {
      const [low, high] = d3.extent([...values, 0]);
      const pad = (high - low || 1) * 0.14;
      return [low - pad, high + pad];
    }

    // Where a threshold's line leaves the frame, up and to the right.
    function wayOut(threshold, [, right], [, high]) {
      return right * threshold <= high ? { x: right, y: right * threshold } : { x: high / threshold, y: high };
    }

    function draw(plot, width) {
      const compact = width < 640;
      const perspective = perspectives[chosen];
      const points = pointsOf(perspective);
      const ellipses = of.clouds && !of.clouds.ellipses ? []
        : points.map((point) => ({ point, outline: ellipse(point) }));
      const clouds = of.clouds?.dots ? points.filter((p) => p.strategy !== reference) : [];
      const inClouds = (what) => clouds.flatMap((p) => p.cloud[what]);
      const xs = domain(points.map((p) => p.effect).concat(inClouds("effect"), ellipses.flatMap((e) => e.outline.map((o) => o[0]))));
      const ys = domain(points.map((p) => p.cost).concat(inClouds("cost"), ellipses.flatMap((e) => e.outline.map((o) => o[1]))));
      const frontier = points.filter((p) => p.frontier === "on_frontier").sort((a, b) => a.effect - b.effect);
      const lines = thresholds.filter((t) => t > 0);
      const svg = named(Plot.plot({
        width, height: compact ? 380 : 480,
        marginTop: 30, marginBottom: 48, marginLeft: 64, marginRight: 24,
        x: { domain: xs }, y: { domain: ys },
        marks: [
          Plot.gridX({ ticks: compact ? 4 : 8, strokeOpacity: 0.12 }),
          Plot.gridY({ ticks: 6, strokeOpacity: 0.12 }),
          Plot.axisX({
            ticks: compact ? 4 : 8, fontSize: 12, tickFormat: (v) => fixed(v, decimalsOfTicks(xs)),
            label: "QALYs more than the reference", labelAnchor: "center", labelArrow: "none", labelOffset: 40,
          }),
          Plot.axisY({
            ticks: 6, fontSize: 12, tickFormat: (v) => fixed(v, decimalsOfTicks(ys)),
            label: `${currency} more than the reference`, labelArrow: "none", labelOffset: 58,
          }),
          Plot.ruleX([0], { stroke: "currentColor" }),
          Plot.ruleY([0], { stroke: "currentColor" }),
          Plot.link(lines, {
            x1: (t) => Math.max(xs[0], ys[0] / t), y1: (t) => t * Math.max(xs[0], ys[0] / t),
            x2: (t) => wayOut(t, xs, ys).x, y2: (t) => wayOut(t, xs, ys).y,
            stroke: "currentColor", strokeOpacity: 0.65, strokeDasharray: "3 4",
          }),
          ...clouds.map(dots),
          Plot.line(frontier, { x: "effect", y: "cost", stroke: "currentColor", strokeWidth: 2 }),
          ...ellipses.filter((e) => e.outline.length).map((e) => Plot.line(e.outline, {
            stroke: colour(e.point.strategy), fill: colour(e.point.strategy),
            fillOpacity: clouds.length ? 0.06 : 0.18, strokeWidth: clouds.length ? 2 : 1.25,
          })),
          ...points.map((point) => Plot.dot([point], {
            x: "effect", y: "cost", r: 4.5, symbol: symbol(point.strategy),
            fill: colour(point.strategy), stroke: "var(--page)", strokeWidth: 0.75,
          })),
        ],
      }), inWords(perspective, points));
      plot.replaceChildren(svg, element("p", { class: "note" },
        of.note +
        (lines.length ? `Dashed lines, the steeper the more: a QALY is worth ${currency} ${wordList(lines.map(count))}; ` +
          "below and right of a line, a pathway is worth its cost." : "")));
      words(svg, points, lines, xs, ys, width);
      list.replaceChildren(...points.map((point) => element("li", {},
        symbolSwatch(colour(point.strategy), symbol(point.strategy)),
        element("span", {}, nameIn(point.strategy)),
        element("span", { class: "value" }, point.strategy === reference ? "reference"
          : `${fixed(point.effect, decimalsFor(point.effect_se))} QALYs, ${money(point.cost)}`))));
    }

    // A mark of Plot: the draws of one strategy as a single path of dots.
    function dots(point) {
      return (_, { x, y }) => {
        const { cost, effect } = point.cloud;
        return d3.create("svg:path").attr("class", `cloud pathway-${point.strategy}`)
          .attr("d", cost.map((c, k) => `M${x(effect[k]).toFixed(1)},${y(c).toFixed(1)}h0`).join(""))
          .style("stroke", colour(point.strategy)).attr("stroke-opacity", 0.4).attr("stroke-width", 3)
          .attr("stroke-linecap", "round").attr("fill", "none").node();
      };
    }

    function decimalsOfTicks([low, high]) {
      return Math.min(6, Math.max(0, Math.ceil(-Math.log10((high - low) / 8) - 1e-9)));
    }

    // Names of quadrants, thresholds and pathways, each where there is room.
    function words(svg, points, lines, xs, ys, width) {
      const x = svg.scale("x").apply;
      const y = svg.scale("y").apply;
      const frame = { left: x(xs[0]), right: x(xs[1]), top: y(ys[1]), bottom: y(ys[0]) };
      const taken = points.map((p) => box(x(p.effect), y(p.cost), 12, 12));
      const g = d3.select(svg).append("g");
      const write = (text, place, muted) => {
        taken.push(place);
        g.append("text").attr("class", "halo").attr("x", place.left).attr("y", (place.top + place.bottom) / 2)
          .attr("dy", "0.32em").attr("text-anchor", "start").style("fill", muted ? "var(--muted)" : "currentColor").text(text);
      };
      const free = (place) => place.left >= frame.left && place.right <= width - 2 &&
        place.top >= frame.top && place.bottom <= frame.bottom && !taken.some((other) => overlap(place, other));
      const first = (text, places, muted) => {
        const place = places.find(free);
        if (place) write(text, place, muted);
      };
      const around = (text, cx, cy, radius) => {
        const w = textWidth(text);
        const beside = cy === y(0) ? [[w / 2 + 7, 13]] : [[w / 2 + radius, 0], [-w / 2 - radius, 0]];
        return [...beside, [0, -15], [0, 15], [w / 2 + 7, -13], [w / 2 + 7, 13],
          [-w / 2 - 7, -13], [-w / 2 - 7, 13], [w / 2 + 7, -26], [w / 2 + 7, 26], [-w / 2 - 7, -26], [-w / 2 - 7, 26]]
          .map(([dx, dy]) => box(cx + dx, cy + dy, w + 2, 14));
      };
      for (const point of points) {
        const text = shortened(nameIn(point.strategy), 170);
        const radius = of.clouds ? 5 : errorsOf95InThePlane * (point.effect_se || 0) * Math.abs(x(1) - x(0));
        first(text, around(text, x(point.effect), y(point.cost), Math.max(5, radius) + 4));
      }
      for (const threshold of lines) {
        const text = `${fixed(threshold, 0)} a QALY`;
        const w = textWidth(text);
        const out = wayOut(threshold, xs, ys);
        first(text, [0.97, 0.9, 0.8, 0.7, 0.6, 0.5].map((t) =>
          box(x(out.x * t) - w / 2 - 6, y(out.y * t) - 4, w + 2, 14)), true);
      }
      const corners = [
        ["dearer and better", x(0), frame.right, frame.top, y(0)],
        ["dearer and worse", frame.left, x(0), frame.top, y(0)],
        ["cheaper and better", x(0), frame.right, y(0), frame.bottom],
        ["cheaper and worse", frame.left, x(0), y(0), frame.bottom],
      ];
      for (const [text, left, right, topmost, bottom] of corners) {
        const w = textWidth(text);
        if (right - left < w + 8 || bottom - topmost < 18) continue;
        const places = [
          box(left + w / 2 + 5, topmost + 9, w, 14), box(right - w / 2 - 5, bottom - 9, w, 14),
          box(right - w / 2 - 5, topmost + 9, w, 14), box(left + w / 2 + 5, bottom - 9, w, 14),
        ];
        first(text, places, true);
      }
    }

    const box = (cx, cy, w, h) => ({ left: cx - w / 2, right: cx + w / 2, top: cy - h / 2, bottom: cy + h / 2 });
    const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

    function inWords(perspective, points) {
      return `Cost-effectiveness plane, perspective ${spaced(perspective.name)} (${of.what}): differences from ` +
        `${nameIn(reference)} in QALYs and in ${currency}. ` +
        `${points.filter((p) => p.strategy !== reference).map((p) =>
          `${nameIn(p.strategy)}: ${fixed(p.effect, decimalsFor(p.effect_se))} QALYs, ${money(p.cost)}`).join("; ")}.`;
    }

    const correlation = (p) => (p.cost_se > 0 && p.effect_se > 0
      ? fixed(p.covariance / (p.cost_se * p.effect_se), 2) : "\u2013");

    function tables() {
      return perspectives.map((perspective) => table(
        `Perspective ${spaced(perspective.label || perspective.name)}: differences from ${nameIn(reference)}`,
        ["Pathway", `QALYs (${of.spread})`, `${currency} (${of.spread})`, of.clouds ? "Correlation" : "Frontier"],
        pointsOf(perspective).map((p) => [nameIn(p.strategy),
          p.strategy === reference ? "0" : `${fixed(p.effect, decimalsFor(p.effect_se))} (${fixed(p.effect_se, decimalsFor(p.effect_se))})`,
          p.strategy === reference ? "0" : `${fixed(p.cost, 0)} (${fixed(p.cost_se, 0)})`,
          of.clouds ? correlation(p) : spaced(p.frontier || "")])));
    }

    const chart = { draw, tables };
    return chart;
  }

  // ---- The page ----

  const kinds = {
    curves, flow, occupancy, differences, plane,
    ...uncertaintyCharts({
      data, none, errorsOf95, fixed, count, percent, decimalsFor, nameOf, isNumber, textWidth, shortened,
      element, checkbox, chooser, group, table, colour, symbol, symbolSwatch, lineSwatch, swatch, dodge,
      scaleOf, named, weekReader, followPointer, planeChart,
    }),
  };
  const figures = [...document.querySelectorAll("figure.chart")].map((figure) =>
    mount(figure, kinds[figure.dataset.chart](figure, data.runs[Number(figure.dataset.run || 0)])));

  // On paper there is nothing to open: all but the scenario's text is, and
  // afterwards as before.
  let opened = [];
  function openAll() {
    figures.forEach((figure) => figure.write());
    opened.push(...[...document.querySelectorAll("details:not([open], .scenario)")].map((details) => {
      details.open = true;
      return details;
    }));
  }
  function closeAgain() {
    opened.forEach((details) => { details.open = false; });
    opened = [];
  }
  window.addEventListener("beforeprint", openAll);
  window.addEventListener("afterprint", closeAgain);
  matchMedia("print").addEventListener("change", (print) => (print.matches ? openAll() : closeAgain()));
})();
