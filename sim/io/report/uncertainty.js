// Charts of the uncertainty of the scenario's numbers, made with the tools of
// report.js: draws, decisions under uncertainty, sensitivity, alternatives.
"use strict";
const uncertaintyCharts = ({
  data, none, errorsOf95, fixed, count, percent, decimalsFor, nameOf, isNumber, textWidth, shortened,
  element, checkbox, chooser, group, table, colour, symbol, symbolSwatch, lineSwatch, swatch, dodge,
  scaleOf, named, weekReader, followPointer, planeChart,
}) => {
  const few = 4; // lines in one picture, at first
  const spaced = (name) => name.replaceAll("_", " ");

  // ---- Pathways to show first ----

  // Those that are best with the highest probabilities, at any threshold.
  function likeliest(run) {
    const [decision] = run.uncertainty.decisions;
    const all = run.pathways.map((_, p) => p);
    if (!decision || all.length <= few + 1) return all;
    const chance = (p) => d3.max(decision.probability_best[p]);
    return [...all].sort((a, b) => chance(b) - chance(a)).slice(0, few).sort((a, b) => a - b);
  }

  function pathwayBoxes(run, shown, changed, pathways, line) {
    if (pathways.length < 2) return [];
    return [group("Pathways", element("div", { class: "choices" }, ...pathways.map((p) =>
      checkbox(nameOf(run.pathways[p]), shown.has(p), (on) => {
        if (on) shown.add(p); else shown.delete(p);
        changed();
      }, line ? lineSwatch(colour(p), null, symbol(p)) : symbolSwatch(colour(p), symbol(p))))))];
  }

  // ---- Draws in the plane ----

  function cloud(figure, run) {
    const { uncertainty } = run;
    const shown = new Set(likeliest(run));
    const options = { dots: true, ellipses: true };
    const perspectives = uncertainty.planes.map((plane) => ({
      ...plane,
      points: plane.clouds.map((of, p) => ({
        strategy: p, cost: of.mean_cost, effect: of.mean_effect, cost_se: of.cost_sd,
        effect_se: of.effect_sd, covariance: of.covariance, cloud: of,
      })),
    }));
    const others = run.pathways.map((_, p) => p).filter((p) => p !== run.reference);
    const chart = planeChart(figure, {
      currency: uncertainty.currency, thresholds: uncertainty.thresholds, perspectives,
      reference: run.reference, strategyName: (p) => nameOf(run.pathways[p]),
      isShown: (p) => p === run.reference || shown.has(p),
      clouds: options,
      what: `${count(uncertainty.draws)} draws; means over draws`,
      spread: "standard deviation",
      note: "Small dots: draws" +
        (uncertainty.luck === "common" ? ", with the luck that all of them have in common. "
          : ", freed of the luck of their patients. ") +
        "Ellipses hold 95 % of the uncertainty of the numbers, as if it were normal. ",
    });
    const redraw = () => chart.redraw();
    figure.querySelector(".controls").append(
      ...pathwayBoxes(run, shown, redraw, others, false),
      group("What is shown", element("div", { class: "choices" },
        checkbox("Draws", true, (on) => { options.dots = on; redraw(); }),
        checkbox("95 % ellipses", true, (on) => { options.ellipses = on; redraw(); }))));
    return chart;
  }

  // ---- By what a QALY is worth ----

  // Lines over thresholds. `spec`: values(decision) [pathway][threshold], naive
  // likewise or null; say(value); ends(values): the top of the axis; under and
  // over: marks; extra(decision, i): entries of the reader; tables(decision).
  function byThreshold(figure, run, spec) {
    const { uncertainty } = run;
    const { decisions } = uncertainty;
    const pathways = run.pathways.map((_, p) => p);
    const shown = new Set(likeliest(run));
    let chosen = 0;
    let scene = null;
    let naive = false;
    const decision = () => decisions[chosen];
    const { thresholds } = decisions[0];
    const money = decisions[0].money;
    const lines = () => pathways.filter((p) => shown.has(p));
    const value = (p, i) => spec.values(decision())[p][i];

    const reader = weekReader(figure, thresholds, () => [
      ...lines().map((p) => ({
        swatch: lineSwatch(colour(p), null, symbol(p)),
        name: nameOf(run.pathways[p]) +
          (decision().frontier[reader.index] === p ? " (highest expected net benefit)" : ""),
        value: spec.say(value(p, reader.index)),
        range: naive ? `naive ${spec.say(spec.naive(decision())[p][reader.index])}` : "",
      })),
      ...spec.extra(decision(), reader.index),
    ], () => cursor(), {
      label: "A QALY is worth",
      say: (threshold) => `${count(threshold)} ${money}`,
      start: d3.leastIndex(thresholds, (t) => Math.abs(t - (decisions[0].stated[0] ?? 0))),
    });

    const changed = () => { chart.redraw(); reader.show(); };
    const controls = figure.querySelector(".controls");
    if (decisions.length > 1) {
      controls.append(chooser("Perspective", decisions.map((d) => spaced(d.label || d.name)), chosen,
        (d) => { chosen = d; changed(); }));
    }
    controls.append(...pathwayBoxes(run, shown, changed, pathways, true));
    if (spec.naive && decisions[0].is_corrected) {
      controls.append(group("Beside it", checkbox("Naive, luck taken for uncertainty", false,
        (on) => { naive = on; changed(); }, lineSwatch("currentColor", "2 3"))));
    }

    function draw(plot, width) {
      const compact = width < 640;
      const at = d3.range(thresholds.length);
      const x = (i) => thresholds[i];
      const last = thresholds[thresholds.length - 1];
      const labels = lines().map((p) => ({ p, text: shortened(nameOf(run.pathways[p]), 190) }));
      const longest = d3.max(labels, (label) => textWidth(label.text)) || 0;
      const top = spec.top(decision(), lines(), naive);
      const every = Math.max(1, Math.round(at.length / 8));
      const svg = named(Plot.plot({
        width, height: compact ? 300 : 400,
        marginTop: 28, marginBottom: 46, marginLeft: spec.marginLeft,
        marginRight: compact ? 14 : Math.max(40, longest + 22),
        x: { domain: [0, last] }, y: { domain: [0, top] },
        marks: [
          Plot.gridY({ ticks: 5, strokeOpacity: 0.15 }),
          Plot.axisY({
            ticks: 5, tickFormat: spec.tick, fontSize: 12, tickSize: 0,
            label: spec.axis(decision()), labelArrow: "none", labelOffset: spec.marginLeft - 6,
          }),
          Plot.axisX({
            ticks: Math.max(2, Math.floor(width / 130)), tickFormat: (t) => count(t), fontSize: 12,
            label: `What a QALY is worth, ${money}`, labelAnchor: "center", labelArrow: "none", labelOffset: 38,
          }),
          Plot.ruleX(decision().stated, { stroke: "currentColor", strokeOpacity: 0.5, strokeDasharray: "1 4" }),
          Plot.ruleY([0]),
          ...spec.under(decision(), x),
          ...lines().flatMap((p, position) => [
            Plot.line(at, {
              x, y: (i) => value(p, i) ?? NaN, stroke: colour(p), strokeWidth: 2.25, clip: true,
              className: `line pathway-${p}`,
            }),
            ...(naive ? [Plot.line(at, {
              x, y: (i) => spec.naive(decision())[p][i] ?? NaN, stroke: colour(p), strokeWidth: 1.5,
              strokeDasharray: "2 3", clip: true, className: `naive pathway-${p}`,
            })] : []),
            Plot.dot(at.filter((i) => i % every === Math.round(((position % 5) / 5) * every)), {
              x, y: (i) => value(p, i), symbol: symbol(p), r: 4, fill: colour(p), stroke: "var(--page)",
              strokeWidth: 0.75, clip: true,
            }),
          ]),
          ...spec.over(decision(), x),
        ],
      }), inWords());
      plot.replaceChildren(svg);
      scene = { svg: d3.select(svg), x: scaleOf(svg, "x"), y: scaleOf(svg, "y") };
      if (!compact) labelEnds(labels);
      scene.cursor = scene.svg.append("g").attr("class", "cursor");
      followPointer(svg, scene.x, thresholds, reader);
      cursor();
    }

    function labelEnds(labels) {
      const [bottom, topmost] = scene.y.range();
      // Of those that end in the picture.
      const items = labels.map(({ p, text }) => {
        const end = scene.y(value(p, thresholds.length - 1) ?? NaN);
        return { p, text, end, y: end };
      }).filter(({ end }) => end >= topmost - 0.5);
      dodge(items, 15, topmost, bottom);
      const right = scene.x.range()[1];
      const g = scene.svg.append("g").attr("class", "end-labels");
      for (const { p, text, end, y } of items) {
        g.append("path").attr("d", `M${right + 2},${end}L${right + 12},${y}`)
          .attr("fill", "none").style("stroke", colour(p)).attr("stroke-opacity", 0.7);
        g.append("text").attr("x", right + 15).attr("y", y).attr("dy", "0.32em")
          .attr("text-anchor", "start").attr("fill", "currentColor").text(text);
      }
    }

    function cursor() {
      if (!scene) return;
      const at = scene.x(thresholds[reader.index]);
      const [bottom, topmost] = scene.y.range();
      scene.cursor.selectAll("*").remove();
      scene.cursor.append("line").attr("x1", at).attr("x2", at).attr("y1", topmost).attr("y2", bottom)
        .attr("stroke", "currentColor").attr("stroke-opacity", 0.5);
    }

    function inWords() {
      const told = decision().stated.map((threshold) => {
        const i = thresholds.indexOf(threshold);
        return i < 0 ? null : `at ${count(threshold)}: ${pathways.map((p) =>
          `${nameOf(run.pathways[p])} ${spec.say(value(p, i))}`).join(", ")}`;
      }).filter(Boolean);
      return `${spec.name}, by what a QALY is worth, 0 to ${count(thresholds.at(-1))} ${money}. ${told.join("; ")}.`;
    }

    const tables = () => decisions.map((d) => spec.table(d));
    const chart = { draw, tables };
    reader.show();
    return chart;
  }

  const captionOf = (decision, text) => `Perspective ${spaced(decision.label || decision.name)}: ${text}`;

  // Where the same pathway is the best: [from, to] of indices.
  function runsOf(frontier) {
    const pieces = [];
    frontier.forEach((p, i) => {
      if (pieces.length && pieces.at(-1).p === p) pieces.at(-1).to = i;
      else pieces.push({ p, from: i, to: i });
    });
    return pieces;
  }

  function acceptability(figure, run) {
    const name = (p) => nameOf(run.pathways[p]);
    return byThreshold(figure, run, {
      name: "Acceptability curves: probability of the highest net benefit",
      values: (decision) => decision.probability_best,
      naive: (decision) => decision.probability_best_naive,
      say: (chance) => percent(chance),
      tick: (chance) => percent(chance, 0),
      axis: () => "Probability of being best",
      marginLeft: 50,
      top: () => 1,
      // The frontier, under the lines.
      under: ({ frontier, probability_best: best }, x) => runsOf(frontier).map(({ p, from, to }) =>
        Plot.line(d3.range(from, to + 1), {
          x, y: (i) => best[p][i], stroke: "var(--muted)", strokeOpacity: 0.45, strokeWidth: 9,
          strokeLinecap: "round", className: `frontier pathway-${p}`,
        })),
      over: () => [],
      extra: ({ frontier, probability_best: best }, i) => [{
        swatch: swatch((svg) => svg.append("line").attr("x1", -12).attr("x2", 12)
          .style("stroke", "var(--muted)").attr("stroke-opacity", 0.45).attr("stroke-width", 9)),
        name: `Frontier: ${name(frontier[i])}`,
        value: percent(best[frontier[i]][i]),
      }],
      table: (decision) => table(
        captionOf(decision, "probability of being best, per cent (naive)"),
        [`A QALY is worth, ${decision.money}`, ...run.pathways.map(nameOf), "Frontier"],
        decision.thresholds.map((t, i) => [count(t),
          ...run.pathways.map((_, p) => `${fixed(100 * decision.probability_best[p][i], 1)}` +
            (decision.is_corrected ? ` (${fixed(100 * decision.probability_best_naive[p][i], 1)})` : "")),
          name(decision.frontier[i])])),
    });
  }

  function loss(figure, run) {
    const moneyDigits = (value) => (Math.abs(value) < 10 ? 2 : 0);
    const say = (value) => (isNumber(value) ? fixed(value, moneyDigits(value)) : none);
    const name = (p) => nameOf(run.pathways[p]);
    return byThreshold(figure, run, {
      name: "Expected loss of each pathway",
      values: (decision) => decision.expected_loss,
      naive: null,
      say,
      tick: (value) => fixed(value, value !== 0 && value < 10 ? 1 : 0),
      axis: (decision) => `Expected loss a patient, ${decision.money}`,
      marginLeft: 66,
      // Up to five times the largest EVPI, or all of it.
      top: (decision, lines) => {
        const all = d3.max(lines, (p) => d3.max(decision.expected_loss[p])) || 0;
        const envelope = d3.max(decision.evpi) || 0;
        return d3.scaleLinear([0, Math.min(all, envelope > 0 ? 5 * envelope : all) || 1], [0, 1]).nice(5).domain()[1];
      },
      under: () => [],
      over: ({ evpi }, x) => [Plot.line(d3.range(evpi.length), {
        x, y: (i) => evpi[i] ?? NaN, stroke: "currentColor", strokeWidth: 4, strokeDasharray: "1 6",
        strokeLinecap: "round", className: "evpi",
      })],
      extra: ({ evpi, evpi_se: se }, i) => [{
        swatch: swatch((svg) => svg.append("line").attr("x1", -13).attr("x2", 14)
          .attr("stroke", "currentColor").attr("stroke-width", 4).attr("stroke-dasharray", "1 6")
          .attr("stroke-linecap", "round")),
        name: "EVPI: the loss that remains with the best choice",
        value: say(evpi[i]),
        range: isNumber(se[i]) ? `standard error ${fixed(se[i], moneyDigits(evpi[i]))}` : "",
      }],
      table: (decision) => table(
        captionOf(decision, `expected loss a patient, ${decision.money}`),
        [`A QALY is worth, ${decision.money}`, ...run.pathways.map(nameOf), "EVPI (standard error)",
          "EVPI, naive", "Highest expected net benefit"],
        decision.thresholds.map((t, i) => [count(t),
          ...run.pathways.map((_, p) => fixed(decision.expected_loss[p][i], 2)),
          `${fixed(decision.evpi[i], 2)} (${fixed(decision.evpi_se[i], 2)})`,
          fixed(decision.evpi_naive[i], 2), name(decision.frontier[i])])),
    });
  }

  // ---- Bars in rows, each under its name ----

  // rows: {key, label, told (or, without room, short), draw(g, y, x)}, of the height `row`; `inset`: room
  // beside the axis, which stands below; `zero`: where a line stands.
  function rowsOfBars(width, rows, { domain, axis, tick, zero, inset = 0, row = 44 }) {
    const margin = 14;
    const height = row * rows.length + 52;
    const svg = d3.create("svg").attr("width", width).attr("height", height)
      .attr("viewBox", `0 0 ${width} ${height}`);
    const x = d3.scaleLinear(domain, [margin + inset, width - margin - inset]);
    const bottom = row * rows.length + 6;
    const ticks = x.ticks(Math.max(3, Math.floor(width / 100)));
    const grid = svg.append("g");
    for (const t of ticks) {
      grid.append("line").attr("x1", x(t)).attr("x2", x(t)).attr("y1", 4).attr("y2", bottom)
        .attr("stroke", "currentColor").attr("stroke-opacity", 0.15);
      grid.append("text").attr("x", x(t)).attr("y", bottom + 14).attr("fill", "currentColor")
        .attr("text-anchor", x(t) < 30 ? "start" : x(t) > width - 30 ? "end" : "middle").text(tick(t, ticks));
    }
    svg.append("text").attr("x", width / 2).attr("y", bottom + 34).attr("fill", "currentColor")
      .attr("text-anchor", "middle").text(shortened(axis, width - 8));
    if (isNumber(zero)) {
      svg.append("line").attr("class", "base").attr("x1", x(zero)).attr("x2", x(zero)).attr("y1", 4)
        .attr("y2", bottom).attr("stroke", "currentColor").attr("stroke-width", 1.5);
    }
    rows.forEach((one, i) => {
      const g = svg.append("g").attr("class", "row").attr("data-row", one.key ?? null);
      const y = row * i + 30;
      one.draw(g, y, x);
      const fits = textWidth(one.label) + textWidth(one.told) + 20 <= width - 2 * margin;
      const told = fits ? one.told : one.short ?? one.told;
      const room = width - 2 * margin - textWidth(told) - 20;
      g.append("text").attr("class", "halo").attr("x", zero === domain[0] ? margin + 6 : margin).attr("y", y - 13)
        .attr("fill", "currentColor").text(shortened(one.label, Math.max(60, room)))
        .append("title").text(one.label);
      g.append("text").attr("class", "halo").attr("x", width - margin).attr("y", y - 13)
        .attr("text-anchor", "end").attr("fill", "currentColor").text(told);
    });
    return svg;
  }

  function tickDecimals(ticks) {
    const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : 1;
    return Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  }
  const plainTick = (t, ticks) => fixed(t, tickDecimals(ticks));

  // The most important first; the others when asked for.
  function moreButton(figure, shown, all, what, changed) {
    if (all <= shown) return;
    const button = element("button", { type: "button" }, `Show all ${all} ${what}`);
    button.addEventListener("click", () => { button.remove(); changed(); });
    figure.querySelector(".controls").append(button);
  }

  // ---- Value of information ----

  function information(figure, run) {
    const { decisions } = run.uncertainty;
    const most = 12;
    let chosen = 0;
    let threshold = 0;
    let limit = most;
    const { stated, money } = decisions[0];
    const say = (value, se) => (isNumber(value) ? fixed(value, Math.min(2, decimalsFor(se))) : none);

    function rows(decision) {
      const i = decision.thresholds.indexOf(stated[threshold]);
      const all = { label: "All uncertain numbers (EVPI)", key: "evpi", whole: true };
      const some = decision.information.map((one) => ({
        label: one.label || one.name, key: one.name, group: one.is_group,
        value: one.value[threshold], se: one.se[threshold], naive: one.naive[threshold],
      })).sort((a, b) => (b.value ?? -1) - (a.value ?? -1));
      return [
        { ...all, value: decision.evpi[i], se: decision.evpi_se[i], naive: decision.evpi_naive[i] },
        ...some,
      ];
    }
    const controls = figure.querySelector(".controls");
    if (decisions.length > 1) {
      controls.append(chooser("Perspective", decisions.map((d) => spaced(d.label || d.name)), 0,
        (d) => { chosen = d; chart.redraw(); }));
    }
    controls.append(chooser("A QALY is worth", stated.map((t) => `${count(t)} ${money}`), 0,
      (t) => { threshold = t; chart.redraw(); }));
    moreButton(figure, most, decisions[0].information.length, "numbers and groups",
      () => { limit = Infinity; chart.redraw(); });

    function draw(plot, width) {
      const shown = rows(decisions[chosen]).slice(0, limit + 1);
      const ends = shown.flatMap((one) => [one.naive, one.value, (one.value ?? 0) + errorsOf95 * (one.se ?? 0)])
        .filter(isNumber);
      const top = Math.max(d3.max(ends) || 0, 1e-9);
      const svg = rowsOfBars(width, shown.map((one) => ({
        key: one.key,
        label: one.label + (one.group ? " (group)" : ""),
        told: say(one.value, one.se),
        draw(g, y, x) {
          if (isNumber(one.value)) {
            g.append("rect").attr("class", "bar").attr("x", x(0)).attr("y", y - 5)
              .attr("width", Math.max(0, x(Math.max(0, one.value)) - x(0))).attr("height", 11)
              .style("fill", one.whole ? "var(--series-6)" : one.group ? "var(--series-2)" : "var(--series-0)");
            if (one.se > 0) {
              const low = Math.max(0, one.value - errorsOf95 * one.se);
              g.append("line").attr("x1", x(low)).attr("x2", x(one.value + errorsOf95 * one.se))
                .attr("y1", y + 0.5).attr("y2", y + 0.5).attr("stroke", "currentColor").attr("stroke-width", 1.5);
            }
          }
          if (isNumber(one.naive)) {
            g.append("path").attr("class", "naive").attr("transform", `translate(${x(one.naive)},${y + 0.5})`)
              .attr("d", d3.symbol(d3.symbolDiamond2, 60)()).style("fill", "var(--page)")
              .attr("fill-opacity", 0.6).attr("stroke", "currentColor").attr("stroke-width", 1.5);
          }
        },
      })), { domain: [0, top * 1.03], axis: `${money} a patient`, tick: plainTick, zero: 0 });
      named(svg.node(), `Value of information if a QALY is worth ${count(stated[threshold])} ${money}, ` +
        `${money} a patient. ${shown.map((one) => `${one.label}: ${say(one.value, one.se)}`).join("; ")}.`);
      plot.replaceChildren(svg.node(), element("p", { class: "note" },
        "Bars: corrected for luck, with 95 % intervals of the finite number of draws. " +
        "Hollow diamonds: naive. Values of single numbers do not add up to that of all."));
    }

    const tables = () => decisions.map((decision) => table(
      captionOf(decision, `expected value of information if a QALY is worth ${count(stated[threshold])}, ${money} a patient`),
      ["Known for certain", "Value", "Standard error", "Naive"],
      rows(decision).map((one) => [one.label + (one.group ? " (group)" : ""), say(one.value, one.se),
        say(one.se, one.se), say(one.naive, one.se)])));
    const chart = { draw, tables };
    return chart;
  }

  // ---- Tornado ----

  const plain = (value) => (isNumber(value)
    ? Number(value.toPrecision(4)).toLocaleString("en-US", { maximumSignificantDigits: 4 }).replace("-", "\u2212")
    : none);
  const unitText = (unit) => (!unit || unit === "1" ? "" : unit.startsWith("1/") ? ` per ${unit.slice(2)}` : ` ${unit}`);

  let patterns = 0;
  // Stripes of a colour, so that it is not by colour alone that ends are told.
  function stripes(svg, fill) {
    patterns += 1;
    const id = `stripes-${patterns}`;
    const pattern = svg.append("defs").append("pattern").attr("id", id).attr("width", 6).attr("height", 6)
      .attr("patternUnits", "userSpaceOnUse").attr("patternTransform", "rotate(45)");
    pattern.append("rect").attr("width", 6).attr("height", 6).style("fill", "var(--page)");
    pattern.append("rect").attr("width", 3.4).attr("height", 6).style("fill", fill);
    return `url(#${id})`;
  }
  const lowFill = "var(--series-0)";
  const highFill = "var(--series-1)";

  function measureOf(analysis) {
    const scale = analysis.is_share ? 100 : 1;
    const unit = analysis.is_share ? (analysis.against == null ? "%" : "percentage points")
      : analysis.unit === "1" ? "" : analysis.unit;
    const title = nameOf(analysis);
    const of = analysis.pathways[analysis.pathway];
    const against = analysis.against == null ? null : analysis.pathways[analysis.against];
    return {
      scale, unit,
      title: against ? `${title}: ${nameOf(of)} less ${nameOf(against)}` : `${title}, ${of ? nameOf(of) : ""}`,
    };
  }

  function tornado(figure) {
    const analysis = data.sensitivities[Number(figure.dataset.run)];
    const { scale, unit, title } = measureOf(analysis);
    const most = 15;
    let limit = most;
    const base = scale * analysis.base;
    const swings = analysis.swings.map((one) => ({
      ...one, at_low: scale * one.at_low, at_high: scale * one.at_high,
    }));
    const ends = (some) => some.flatMap((one) => [one.at_low, one.at_high]).filter(isNumber).concat(base);
    const widest = (d3.max(ends(swings)) - d3.min(ends(swings))) || 1;
    const digits = decimalsFor(widest / 20);
    const say = (value) => fixed(value, Math.min(digits, 4));
    const name = (one) => one.label || one.key;
    const pathway = (p) => (analysis.pathways[p] ? nameOf(analysis.pathways[p]) : none);
    moreButton(figure, most, swings.length, "numbers", () => { limit = Infinity; chart.redraw(); });

    function draw(plot, width) {
      const holder = d3.create("svg").attr("width", 0).attr("height", 0).attr("aria-hidden", "true")
        .style("position", "absolute");
      const fill = stripes(holder, highFill);
      const shown = swings.slice(0, limit);
      const [low, high] = d3.extent(ends(shown));
      const values = textWidth(say(d3.greatest([low, high], (v) => textWidth(say(v))))) + 8;
      const pad = ((high - low) || 1) * 0.02;
      const bar = (g, x, y, value, kind) => {
        if (!isNumber(value)) return;
        g.append("rect").attr("class", kind).attr("x", Math.min(x(base), x(value))).attr("y", y - 6)
          .attr("width", Math.abs(x(value) - x(base))).attr("height", 13)
          .style("fill", kind === "low" ? lowFill : fill).style("stroke", kind === "low" ? lowFill : highFill);
      };
      const svg = rowsOfBars(width, shown.map((one) => ({
        key: one.key,
        label: name(one),
        told: `${plain(one.low)} to ${plain(one.high)}${unitText(one.unit)}`,
        short: `${plain(one.low)} to ${plain(one.high)}`,
        draw(g, y, x) {
          // The longer first, so that a shorter one on the same side is seen.
          const kinds = [["low", one.at_low], ["high", one.at_high]]
            .sort((a, b) => Math.abs(b[1] - base) - Math.abs(a[1] - base));
          for (const [kind, value] of kinds) bar(g, x, y, value, kind);
          const sides = new Set();
          for (const [, value] of kinds) {
            const left = value < base || (value === base && sides.has("right"));
            if (!isNumber(value) || sides.has(left ? "left" : "right")) continue;
            sides.add(left ? "left" : "right");
            g.append("text").attr("class", "halo").attr("x", x(value) + (left ? -5 : 5)).attr("y", y)
              .attr("dy", "0.36em").attr("text-anchor", left ? "end" : "start")
              .attr("fill", "currentColor").text(say(value));
          }
          if (!isNumber(one.switches_at)) return;
          g.append("text").attr("class", "halo switch").attr("x", 14).attr("y", y + 19)
            .attr("fill", "currentColor").attr("font-weight", 600)
            .text(shortened(`\u25c6 the decision changes at ${plain(one.switches_at)}${unitText(one.unit)}`, width - 28, 600));
        },
      })), {
        domain: [low - pad, high + pad], axis: unit, tick: plainTick, zero: base,
        inset: values, row: shown.some((one) => isNumber(one.switches_at)) ? 62 : 46,
      });
      named(svg.node(), `Tornado of ${title}. As stated ${say(base)}${unit ? ` ${unit}` : ""}. ` +
        `${shown.map((one) => `${name(one)}, ${plain(one.low)} to ${plain(one.high)}: ${say(one.at_low)} to ${say(one.at_high)}`).join("; ")}.`);
      const key = (text, paint, line) => element("li", {},
        swatch((s) => s.append("rect").attr("x", -12).attr("y", -6).attr("width", 24).attr("height", 12)
          .style("fill", paint).style("stroke", line)), element("span", {}, text));
      plot.replaceChildren(holder.node(), element("p", {}, element("strong", {}, title)), element("ul", { class: "readout" },
        key("Number at its low end", lowFill, lowFill), key("Number at its high end", fill, highFill)),
      svg.node(), element("p", { class: "note" },
        `The line: all numbers as stated, ${say(base)}${unit ? ` ${unit}` : ""}. At the right of each name: its range. ` +
        "All runs have the same patients and the same luck."));
    }

    const tables = () => [table(unit ? `${title}, ${unit}` : title,
      ["Number", "As stated", "Low", "High", "At low", "At high", "Best at low", "Best at high", "The decision changes at"],
      swings.map((one) => [name(one), plain(one.base) + unitText(one.unit), plain(one.low), plain(one.high),
        say(one.at_low), say(one.at_high), pathway(one.best_at_low), pathway(one.best_at_high),
        isNumber(one.switches_at) ? plain(one.switches_at) : "\u2013"]))];
    const chart = { draw, tables };
    return chart;
  }

  // ---- Two numbers at once ----

  function twoWay(figure) {
    const analysis = data.sensitivities[Number(figure.dataset.run)];
    const { scale, unit, title } = measureOf(analysis);
    const two = analysis.two_way;
    const name = (axis) => axis.label || axis.key;
    const value = (i, j) => (isNumber(two.difference[i][j]) ? scale * two.difference[i][j] : null);
    const all = two.difference.flat().filter(isNumber).map((v) => scale * v);
    const digits = decimalsFor(((d3.max(all) - d3.min(all)) || 1) / 20);
    const say = (v) => (v == null ? none : fixed(v, Math.min(digits, 4)));
    const winners = [...new Set(two.best.flat().filter((p) => p != null))].sort((a, b) => a - b);
    const list = element("ul", { class: "readout" }, ...winners.map((p) => element("li", {},
      symbolSwatch(colour(p), symbol(p)), element("span", {}, `${nameOf(analysis.pathways[p])} is best`))));
    figure.querySelector(".plot").after(element("div", { class: "reading" }, list));

    function draw(plot, width) {
      const xs = two.first_values;
      const ys = two.second_values;
      const left = 64;
      const cell = { w: (width - left - 8) / xs.length, h: Math.max(24, Math.min(40, (width - left - 8) / ys.length * 0.7)) };
      const height = cell.h * ys.length + 66;
      const svg = d3.create("svg").attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
      const top = 20;
      const at = (i, j) => ({ x: left + i * cell.w, y: top + (ys.length - 1 - j) * cell.h });
      const longest = d3.max(all, (v) => textWidth(say(v))) || 0;
      const written = longest + 18 < cell.w;
      xs.forEach((_, i) => ys.forEach((__, j) => {
        const { x, y } = at(i, j);
        const best = two.best[i][j];
        const g = svg.append("g").attr("class", "cell");
        g.append("rect").attr("x", x).attr("y", y).attr("width", cell.w).attr("height", cell.h)
          .style("fill", best == null ? "var(--panel)" : colour(best)).attr("fill-opacity", best == null ? 1 : 0.2)
          .style("stroke", "var(--page)");
        if (best == null) return;
        g.append("path").attr("transform", `translate(${x + (written ? 10 : cell.w / 2)},${y + cell.h / 2})`)
          .attr("d", d3.symbol(symbol(best), written ? 34 : 44)()).style("fill", colour(best));
        if (written) {
          g.append("text").attr("x", x + cell.w - 5).attr("y", y + cell.h / 2).attr("dy", "0.34em")
            .attr("text-anchor", "end").attr("fill", "currentColor").text(say(value(i, j)));
        }
        g.append("title").text(`${plain(xs[i])}, ${plain(ys[j])}: ${say(value(i, j))}; best: ${nameOf(analysis.pathways[best])}`);
      }));
      // Borders between decisions.
      const border = svg.append("g").attr("class", "borders").attr("stroke", "currentColor").attr("stroke-width", 2);
      xs.forEach((_, i) => ys.forEach((__, j) => {
        const { x, y } = at(i, j);
        const best = two.best[i][j];
        if (best == null) return;
        if (i + 1 < xs.length && two.best[i + 1][j] != null && two.best[i + 1][j] !== best) {
          border.append("line").attr("x1", x + cell.w).attr("x2", x + cell.w).attr("y1", y).attr("y2", y + cell.h);
        }
        if (j + 1 < ys.length && two.best[i][j + 1] != null && two.best[i][j + 1] !== best) {
          border.append("line").attr("x1", x).attr("x2", x + cell.w).attr("y1", y).attr("y2", y);
        }
      }));
      const words = svg.append("g").attr("fill", "currentColor");
      const wide = d3.max(xs, (v) => textWidth(plain(v))) || 0;
      const every = Math.max(1, Math.ceil((wide + 8) / cell.w));
      xs.forEach((v, i) => {
        if (i % every) return;
        words.append("text").attr("x", at(i, 0).x + cell.w / 2).attr("y", top + cell.h * ys.length + 16)
          .attr("text-anchor", "middle").text(plain(v));
      });
      ys.forEach((v, j) => {
        words.append("text").attr("x", left - 6).attr("y", at(0, j).y + cell.h / 2).attr("dy", "0.34em")
          .attr("text-anchor", "end").text(plain(v));
      });
      words.append("text").attr("x", left + (width - left) / 2).attr("y", height - 8).attr("text-anchor", "middle")
        .text(shortened(name(two.first) + unitText(two.first.unit), width - left));
      words.append("text").attr("x", 4).attr("y", 12)
        .text(shortened(name(two.second) + unitText(two.second.unit), width - 8));
      base(svg, at, cell);
      named(svg.node(), `Map of ${title} by ${name(two.first)} (${plain(xs[0])} to ${plain(xs.at(-1))}) and ` +
        `${name(two.second)} (${plain(ys[0])} to ${plain(ys.at(-1))}). Best somewhere: ` +
        `${winners.map((p) => nameOf(analysis.pathways[p])).join(", ")}.`);
      plot.replaceChildren(svg.node(), element("p", { class: "note" },
        `${written ? `Numbers: ${title}${unit ? `, ${unit}` : ""}. ` : ""}` +
        "Symbols and colours: the best pathway; thick lines: where the decision changes. " +
        (isNumber(two.first.base) ? "The ring: both numbers as stated. " : "") +
        "Empty: the two numbers are impossible together."));
    }

    // Where the stated numbers are, between the middles of cells.
    function base(svg, at, cell) {
      const place = (values, v) => {
        if (!isNumber(v) || v < values[0] || v > values.at(-1) || values.length < 2) return null;
        const i = Math.min(values.length - 2, Math.max(0, d3.bisectRight(values, v) - 1));
        return i + (v - values[i]) / (values[i + 1] - values[i]);
      };
      const i = place(two.first_values, two.first.base);
      const j = place(two.second_values, two.second.base);
      if (i == null || j == null) return;
      const { x, y } = at(i, j);
      svg.append("ellipse").attr("class", "stated").attr("cx", x + cell.w / 2).attr("cy", y + cell.h / 2)
        .attr("rx", cell.w / 2).attr("ry", cell.h / 2).attr("fill", "none")
        .attr("stroke", "currentColor").attr("stroke-width", 2);
    }

    const tables = () => [
      table(`${title}${unit ? `, ${unit}` : ""} (best pathway)`,
        [`${name(two.second)} / ${name(two.first)}`, ...two.first_values.map(plain)],
        two.second_values.map((v, j) => [plain(v), ...two.first_values.map((_, i) =>
          `${say(value(i, j))}${two.best[i][j] == null ? "" : ` (${nameOf(analysis.pathways[two.best[i][j]])})`}`)])),
    ];
    const chart = { draw, tables };
    return chart;
  }

  // ---- Alternatives ----

  function alternatives(figure) {
    const analysis = data.alternatives[Number(figure.dataset.run)];
    const { measures, thresholds, perspectives } = analysis;
    const hasBest = thresholds.length > 0;
    let chosen = 0;
    let perspective = 0;
    let threshold = 0;
    let compared = analysis.pathways.length > 1;
    const scaleOfMeasure = (m) => (m.is_share ? 100 : 1);
    const unitOf = (m) => (m.is_share ? (compared ? "percentage points" : "%") : m.unit === "1" ? "" : m.unit);
    const best = (a) => (hasBest ? analysis.best[a][perspective][threshold] : analysis.chosen[a]);
    const controls = figure.querySelector(".controls");
    controls.append(chooser("Outcome", measures.map((m) => nameOf(m)), 0, (m) => { chosen = m; chart.redraw(); }));
    if (compared) {
      controls.append(chooser("Shown as", ["difference from the reference", "value"], 0,
        (k) => { compared = k === 0; chart.redraw(); }));
    }
    if (hasBest && perspectives.length > 1) {
      controls.append(chooser("Perspective", perspectives.map((p) => spaced(nameOf(p))), 0,
        (p) => { perspective = p; chart.redraw(); }));
    }
    if (hasBest && thresholds.length > 1) {
      controls.append(chooser("Best if a QALY is worth", thresholds.map((t) => count(t)), 0,
        (t) => { threshold = t; chart.redraw(); }));
    }
    const list = element("ul", { class: "readout" }, ...analysis.pathways.map((pathway, p) => element("li", {},
      symbolSwatch(colour(p), symbol(p)), element("span", {}, nameOf(pathway)))));
    figure.querySelector(".plot").after(element("div", { class: "reading" }, list));
    const name = (a) => analysis.alternatives[a].label || analysis.alternatives[a].name;
    const nameFor = (m, a) => name(a) + (m.not_discounted.includes(a) ? " (not discounted)" : "");
    const read = (means, errors, m, a) => analysis.pathways.map((_, p) => {
      const mean = means[a][p];
      return isNumber(mean) ? { p, mean: scaleOfMeasure(m) * mean, se: scaleOfMeasure(m) * (errors[a][p] ?? 0) } : null;
    }).filter(Boolean);
    const valuesOf = (m, a) => (compared ? read(m.difference, m.difference_se, m, a) : read(m.mean, m.se, m, a));
    const say = (m, one) => fixed(one.mean, Math.min(4, one.se > 0 ? decimalsFor(one.se) : m.is_share ? 1 : 2));

    function draw(plot, width) {
      const m = measures[chosen];
      const ends = analysis.alternatives.flatMap((_, a) => valuesOf(m, a).flatMap((one) =>
        [one.mean - errorsOf95 * one.se, one.mean + errorsOf95 * one.se]));
      const [low, high] = d3.extent(ends.length ? ends : [0, 1]);
      const pad = ((high - low) || 1) * 0.05;
      const svg = rowsOfBars(width, analysis.alternatives.map((_, a) => ({
        key: analysis.alternatives[a].name,
        label: nameFor(m, a),
        told: best(a) == null ? "" : `best: ${shortened(nameOf(analysis.pathways[best(a)]), width * 0.42)}`,
        draw(g, y, x) {
          g.append("line").attr("x1", x.range()[0]).attr("x2", x.range()[1]).attr("y1", y + 3).attr("y2", y + 3)
            .attr("stroke", "currentColor").attr("stroke-opacity", 0.15);
          if (valuesOf(m, a).length === 0) {
            g.append("text").attr("class", "halo").attr("x", 14).attr("y", y + 7).attr("fill", "currentColor")
              .text("Not measured under this alternative");
          }
          for (const one of valuesOf(m, a)) {
            g.append("line").attr("x1", x(one.mean - errorsOf95 * one.se)).attr("x2", x(one.mean + errorsOf95 * one.se))
              .attr("y1", y + 3).attr("y2", y + 3).style("stroke", colour(one.p)).attr("stroke-width", 3);
            g.append("path").attr("class", `dot pathway-${one.p}`).attr("transform", `translate(${x(one.mean)},${y + 3})`)
              .attr("d", d3.symbol(symbol(one.p), best(a) === one.p ? 130 : 62)())
              .style("fill", best(a) !== one.p ? "var(--page)" : colour(one.p))
              .attr("fill-opacity", best(a) !== one.p ? 0.5 : 1)
              .style("stroke", colour(one.p)).attr("stroke-width", 1.75);
          }
        },
      })), {
        domain: [low - pad, high + pad],
        axis: `${compared ? "Difference, " : ""}${nameOf(m)}${unitOf(m) ? `, ${unitOf(m)}` : ""}`,
        tick: plainTick, row: 52, zero: compared ? 0 : null,
      });
      named(svg.node(), `${nameOf(m)}${compared ? ", difference from the reference," : ""} under each alternative. ${analysis.alternatives.map((_, a) =>
        `${nameFor(m, a)}: ${valuesOf(m, a).map((one) => `${nameOf(analysis.pathways[one.p])} ${say(m, one)}`).join(", ")}` +
        (best(a) == null ? "" : `; best ${nameOf(analysis.pathways[best(a)])}`)).join(". ")}.`);
      plot.replaceChildren(svg.node(), element("p", { class: "note" },
        `Large and filled: the pathway that is best, by ${hasBest
          ? `net benefit if a QALY is worth ${count(thresholds[threshold])}` : analysis.label}. ` +
        "Lines: 95 % Monte Carlo intervals; where none is seen, it is smaller than the symbol."));
    }

    const tables = () => measures.map((m) => table(
      `${nameOf(m)}${m.is_share ? ", %" : m.unit === "1" ? "" : `, ${m.unit}`} (standard error)`,
      ["Alternative", ...analysis.pathways.map(nameOf)],
      analysis.alternatives.map((_, a) => [nameFor(m, a), ...analysis.pathways.map((__, p) => {
        const one = read(m.mean, m.se, m, a).find((v) => v.p === p);
        return one ? `${say(m, one)} (${fixed(one.se, Math.min(6, decimalsFor(one.se)))})` : none;
      })])));
    const chart = { draw, tables };
    return chart;
  }

  return { cloud, acceptability, loss, information, tornado, "two-way": twoWay, alternatives };
};
