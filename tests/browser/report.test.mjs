// What happens in the browser when a report is opened. Results are made by the
// program in STARDSIM_PROGRAM; what the page shows is compared with their HDF5
// files, read by h5py. Run by scripts/run_browser_tests.sh.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const program = resolve(process.env.STARDSIM_PROGRAM ?? "build/release/stardsim");
const scenarios = resolve(process.env.STARDSIM_SCENARIOS ?? "configs");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "stardsim-browser-"));

const run = (...args) => execFileSync(args[0], args.slice(1), { stdio: ["ignore", "pipe", "pipe"] });

// A report of one scenario, and its result file.
function report(name, scenario, patients, ...more) {
  const result = join(folder, `${name}.h5`);
  const html = join(folder, `${name}.html`);
  run(program, "run", scenario, "--patients", String(patients), ...more, "-o", result);
  run(program, "report", result, "-o", html);
  return { result, html };
}

// One of a probabilistic run, with a tornado, a map of two numbers and
// alternatives.
function reportOfDraws(scenario) {
  const name = (what) => join(folder, `draws_${what}.h5`);
  const keys = ["steps.ect.remission", "treatments.ect.costs.ect"];
  run(program, "run", scenario, "--patients", "2000", "--draws", "50", "--draw-patients", "500", "-o", name("result"));
  run(program, "sensitivity", scenario, "--patients", "1000", "-o", name("sensitivity"));
  run(program, "sensitivity", scenario, "--patients", "1000", "--two-way",
    ...keys.flatMap((key) => ["--parameter", key]), "-o", name("two_way"));
  run(program, "alternatives", scenario, "--patients", "1000", "-o", name("alternatives"));
  const html = join(folder, "draws.html");
  run(program, "report", name("result"), name("sensitivity"), name("two_way"), name("alternatives"), "-o", html);
  return { html, result: name("result"), sensitivity: name("sensitivity"), alternatives: name("alternatives") };
}

// Datasets of a result file as nested arrays; missing numbers are null.
function datasets(file, ...names) {
  const script = `
import h5py, json, math, sys
def plain(x):
    if isinstance(x, list): return [plain(y) for y in x]
    return None if isinstance(x, float) and math.isnan(x) else x
with h5py.File(sys.argv[1]) as f:
    get = lambda d: (d.asstr() if h5py.check_string_dtype(d.dtype) else d)[()].tolist()
    print(json.dumps([plain(get(f[name])) for name in sys.argv[2:]]))`;
  return JSON.parse(execFileSync("/usr/bin/python3", ["-c", script, file, ...names], {
    maxBuffer: 1 << 28,
  }));
}

let browser;
let ect;
let stard;
let draws;
before(async () => {
  ect = report("ect_timing", join(scenarios, "ect_timing.toml"), 2000);
  stard = report("stard_arms", join(scenarios, "stard_arms.toml"), 2000);
  draws = reportOfDraws(join(scenarios, "ect_timing.toml"));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"],
  });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

// A page with what went wrong on it: messages, and requests beyond the file.
async function open(html, options = {}) {
  const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => { wrong.push("a dialog"); dialog.dismiss(); });
  const url = pathToFileURL(html).href;
  page.on("request", (request) => { if (request.url() !== url) wrong.push(`request of ${request.url()}`); });
  await page.goto(url);
  return { page, wrong, close: () => context.close() };
}

// Runs `body` on a page and expects nothing to have gone wrong.
async function on(html, options, body) {
  const { page, wrong, close } = await open(html, options);
  try {
    await body(page);
    assert.deepEqual(wrong, []);
  } finally {
    await close();
  }
}

const readout = (page, kind) => page.locator(`#${kind}-0 .reading .readout li`).evaluateAll((items) =>
  items.map((item) => ({
    name: item.children[1].textContent,
    value: Number(item.querySelector(".value").firstChild.textContent.replace(/[\u00a0%]/g, "").replace("\u2212", "-")),
  })));

async function setWeek(page, kind, index) {
  await page.locator(`#${kind}-0 input[type=range]`).evaluate((slider, at) => {
    slider.value = at;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }, index);
}

// Half a unit of the last digit shown, and a hair for its rounding.
const shownTo = (digits) => 0.5 * 10 ** -digits + 1e-9;
function near(value, expected, within, what) {
  assert.ok(Math.abs(value - expected) <= within, `${what}: ${value} for ${expected}`);
}

// Points of a drawn curve, [week, share], measured by the ticks of the axes.
const drawnCurve = (page, pathway, estimand) => page.evaluate(([p, e]) => {
  const svg = document.querySelector("#curves-0 .plot svg");
  const middle = (text) => {
    const { e: x, f: y } = text.transform.baseVal.consolidate().matrix;
    return { x, y };
  };
  const ticks = (axis) => [...svg.querySelectorAll(`[data-mark="${axis}-axis tick label"] text`)];
  const line = (tickTexts, coordinate, unit) => {
    const [a, b] = [tickTexts[0], tickTexts[tickTexts.length - 1]];
    const [from, to] = [middle(a)[coordinate], middle(b)[coordinate]];
    const value = (text) => Number(text.textContent.replace(/[^0-9.]/g, "")) * unit;
    return (at) => value(a) + ((at - from) / (to - from)) * (value(b) - value(a));
  };
  const week = line(ticks("x"), "x", 1);
  const share = line(ticks("y"), "y", 0.01);
  const path = svg.querySelector(`.curve.pathway-${p}.estimand-${e} path`);
  // Plot shifts lines by half a pixel on some screens: as it does the labels.
  return path.getAttribute("d").slice(1).split(/[LM]/).map((pair) => {
    const [x, y] = pair.split(",").map(Number);
    return [week(x), share(y)];
  });
}, [pathway, estimand]);

test("a report opens without a console message and without a request", async () => {
  for (const { html } of [ect, stard, draws]) {
    await on(html, {}, async (page) => {
      assert.ok((await page.title()).length > 0);
      const figures = await page.locator("figure.chart").count();
      assert.ok(figures >= 3);
      assert.equal(await page.locator("figure.chart.drawn svg[role=img]").first().isVisible(), true);
      assert.equal(await page.locator("figure.chart.drawn").count(), figures);
    });
    await on(html, { offline: false }, async () => {});
  }
});

test("the page's data are those of the result file", async () => {
  const [mean, se, occupancy] = datasets(ect.result, "curves/cumulative_remission",
    "curves/cumulative_remission_se", "curves/occupancy");
  await on(ect.html, {}, async (page) => {
    const data = JSON.parse(await page.locator("#data").textContent());
    assert.deepEqual(data.runs[0].curves.mean, mean);
    assert.deepEqual(data.runs[0].occupancy, occupancy);
    se.flat(2).forEach((error, i) => {
      const shown = data.runs[0].curves.se.flat(2)[i];
      if (error === null) assert.equal(shown, null);
      else near(shown, error, 5.1e-4 * error, "standard error");
    });
  });
});

test("curves are drawn and read off at the values of the result file", async () => {
  const [mean, labels, estimands] = datasets(ect.result, "curves/cumulative_remission",
    "curves/pathway_label", "curves/estimand");
  const observed = estimands.indexOf("observed");
  await on(ect.html, {}, async (page) => {
    for (const week of [0, 10, 52, 104, mean[0][0].length - 1]) {
      await setWeek(page, "curves", week);
      const read = await readout(page, "curves");
      assert.equal(read.length, 4);
      for (const { name, value } of read) {
        near(value, 100 * mean[labels.indexOf(name)][observed][week], shownTo(1), `${name}, week ${week}`);
      }
    }
    const curve = await drawnCurve(page, 0, observed);
    assert.equal(curve.length, mean[0][observed].length);
    for (const week of [5, 52, 104, 200]) {
      near(curve[week][0], week, 0.05, "place of the week");
      near(curve[week][1], mean[0][observed][week], 0.0005, `drawn share in week ${week}`);
    }
  });
});

test("occupancy is read off at the values of the result file, for the pathway chosen", async () => {
  const [occupancy, labels] = datasets(ect.result, "curves/occupancy", "curves/pathway_label");
  await on(ect.html, {}, async (page) => {
    const states = JSON.parse(await page.locator("#data").textContent()).runs[0].states;
    await page.locator("#occupancy-0 select").selectOption({ label: labels[1] });
    await setWeek(page, "occupancy", 52);
    const read = await readout(page, "occupancy");
    assert.ok(read.length > 2);
    for (const { name, value } of read) {
      const state = states.findIndex((s) => s.label === name);
      near(value, 100 * occupancy[1][state][52], shownTo(1), name);
    }
    near(read.reduce((sum, { value }) => sum + value, 0), 100, 0.5, "sum of the shares");
  });
});

test("tables behind the charts hold the values of the result file", async () => {
  const [mean, se, differences, errors, measures] = datasets(ect.result, "curves/cumulative_remission",
    "curves/cumulative_remission_se", "differences/mean", "differences/se", "differences/measure");
  await on(ect.html, {}, async (page) => {
    await page.locator("#curves-0 details.values summary").click();
    const tables = page.locator("#curves-0 details.values table");
    await tables.first().waitFor();
    assert.equal(await tables.count(), mean[0].length);
    for (const estimand of mean[0].keys()) {
      const cells = await tables.nth(estimand).locator("tbody tr").evaluateAll((rows) =>
        rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
      assert.equal(cells.length, mean[0][0].length);
      for (const week of [0, 26, 104, 208]) {
        assert.equal(cells[week][0], String(week));
        for (const pathway of mean.keys()) {
          const [, shown, error] = /^([\d.]+) \(([\d.]+)\)$/.exec(cells[week][pathway + 1]);
          near(Number(shown), 100 * mean[pathway][estimand][week], shownTo(2), "share");
          near(Number(error), 100 * se[pathway][estimand][week], shownTo(3) * 1.2, "standard error");
        }
      }
    }
    await page.locator("#differences-0 details.values summary").click();
    const data = JSON.parse(await page.locator("#data").textContent());
    const number = (text) => Number(text.replaceAll(",", "").replace("\u2212", "-"));
    const shown = await page.locator("#differences-0 details.values table").evaluateAll((all) =>
      all.map((one) => ({
        caption: one.caption.textContent,
        rows: [...one.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
      })));
    assert.equal(shown.length, data.differences.length);
    data.differences.forEach(({ measure: name, label, is_share: isShare, rows }, k) => {
      assert.ok(shown[k].caption.startsWith(`${label}, ${isShare ? "percentage points" : ""}`), shown[k].caption);
      const measure = measures.indexOf(name);
      const scale = isShare ? 100 : 1;
      rows.forEach((row, i) => {
        const [, value, error] = shown[k].rows[i];
        const digits = (value.split(".")[1] ?? "").length;
        near(number(value), scale * differences[row.strategy][measure], shownTo(digits), `difference in ${name}`);
        near(number(error), scale * errors[row.strategy][measure], shownTo(digits) * 1.1, `error of ${name}`);
      });
    });
  });
});

test("every chart has a name in words and a table", async () => {
  for (const { html } of [ect, stard, draws]) {
    await on(html, {}, async (page) => {
      for (const figure of await page.locator("figure.chart").all()) {
        const names = await figure.locator("svg[role=img]").evaluateAll((all) =>
          all.map((svg) => svg.getAttribute("aria-label")));
        assert.ok(names.length > 0);
        for (const name of names) assert.ok(name.length > 40 && /\d/.test(name), name);
        await figure.locator("details.values summary").click();
        await figure.locator("details.values table").first().waitFor();
        assert.ok(await figure.locator("details.values tbody tr").count() > 0);
        assert.equal(await figure.locator("details.values th:not([scope])").count(), 0);
      }
    });
  }
});

test("pathways, estimands and all of them are shown and hidden by their boxes", async () => {
  await on(ect.html, {}, async (page) => {
    const drawn = () => page.locator("#curves-0 .plot svg .curve").count();
    const box = (name) => page.locator("#curves-0 .controls").getByLabel(name, { exact: true });
    assert.equal(await drawn(), 4);
    await box("ECT at line 1").uncheck();
    assert.equal(await drawn(), 3);
    await page.getByRole("button", { name: "Show all", exact: true }).click();
    assert.equal(await drawn(), 7);
    await box("Sustained").check();
    assert.equal(await drawn(), 14);
    assert.equal((await readout(page, "curves")).length, 14);
    await box("Observed").uncheck();
    await box("Sustained").uncheck();
    assert.equal(await drawn(), 0);
  });
});

test("the keyboard reaches every control, and arrows move the week", async () => {
  await on(ect.html, {}, async (page) => {
    await page.keyboard.press("Tab");
    const skip = await page.evaluate(() => document.activeElement.getAttribute("href"));
    assert.match(skip, /^#/);
    await page.keyboard.press("Enter");
    await page.waitForFunction((wanted) => location.hash === wanted, skip);
    await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
    await page.goto(pathToFileURL(ect.html).href);
    const wanted = await page.evaluate(() => {
      const all = [...document.querySelectorAll("a[href], button, select, input, summary, [tabindex='0']")]
        .filter((node) => node.checkVisibility());
      all.forEach((node, i) => { node.dataset.order = i; });
      return all.length;
    });
    const reached = new Set();
    for (let i = 0; i < wanted + 20 && reached.size < wanted; i += 1) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate(() => document.activeElement.dataset.order));
      reached.delete(undefined);
    }
    assert.equal(reached.size, wanted);

    const slider = page.locator("#curves-0 input[type=range]");
    await slider.focus();
    const before = await page.locator("#curves-0 output").textContent();
    await page.keyboard.press("Home");
    assert.equal(await page.locator("#curves-0 output").textContent(), "Week 0");
    for (const { value } of await readout(page, "curves")) assert.equal(value, 0);
    await page.keyboard.press("ArrowRight");
    assert.equal(await slider.getAttribute("aria-valuetext"), "Week 1");
    await page.keyboard.press("End");
    assert.equal(await page.locator("#curves-0 output").textContent(), before);
  });
});

test("a pointer over the curves reads off the week under it", async () => {
  const [mean] = datasets(stard.result, "curves/cumulative_remission");
  await on(stard.html, {}, async (page) => {
    const svg = page.locator("#curves-0 .plot svg");
    await svg.scrollIntoViewIfNeeded();
    const bounds = await svg.boundingBox();
    const last = await page.locator("#curves-0 output").textContent();
    await page.mouse.move(bounds.x + bounds.width * 0.4, bounds.y + bounds.height / 2);
    await page.waitForFunction((before) => document.querySelector("#curves-0 output").textContent !== before, last);
    const week = Number((await page.locator("#curves-0 output").textContent()).replace("Week ", ""));
    assert.ok(week > 5 && week < 50, `week ${week}`);
    const read = await readout(page, "curves");
    near(read[0].value, 100 * mean[0][0][week], shownTo(1), "share");
  });
});

test("axe-core finds nothing serious, light and dark, wide and narrow", async () => {
  for (const { html } of [ect, stard, draws]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 360]) {
        await on(html, { colorScheme, viewport: { width, height: 800 } }, async (page) => {
          // The tables by week of seven pathways are alike, and take it minutes.
          const opened = html === stard.html ? "summary" : ["differences", "plane", "cloud", "information", "tornado"]
            .map((kind) => `#${kind}-0 summary`).join(", ");
          for (const summary of await page.locator(`figure.chart :is(${opened})`).all()) await summary.click();
          const found = await page.evaluate(`${axe}; axe.run(document)`);
          const grave = found.violations.filter((v) => ["serious", "critical"].includes(v.impact))
            .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 150)).join(" | ")}`);
          assert.deepEqual(grave, [], `${colorScheme}, ${width}`);
        });
      }
    }
  }
});

test("in print the tables are shown and the controls are not", async () => {
  await on(ect.html, { colorScheme: "dark" }, async (page) => {
    await page.emulateMedia({ media: "print" });
    await page.locator("#curves-0 details.values table").first().waitFor({ state: "visible" });
    for (const selector of ["nav", ".controls", "input[type=range]"]) {
      assert.equal(await page.locator(selector).first().isVisible(), false, selector);
    }
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor),
      "rgb(255, 255, 255)");
    const pdf = await page.pdf();
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    assert.ok(pdf.length > 50000);
    await page.emulateMedia({ media: "screen" });
    await page.locator("#curves-0 details.values:not([open])").waitFor();
  });
});

test("on 360 pixels the page does not scroll sideways", async () => {
  for (const { html } of [ect, stard, draws]) {
    await on(html, { viewport: { width: 360, height: 740 } }, async (page) => {
      for (const summary of await page.locator("summary").all()) {
        if (await summary.isVisible()) await summary.click();
      }
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      const beyond = await page.locator("figure.chart svg[role=img]").evaluateAll((all) => all.filter((svg) =>
        !svg.closest(".wide") && svg.getBoundingClientRect().right > 360.5).length);
      assert.equal(beyond, 0);
    });
  }
});

test("no two names at the ends of the curves overlap, nor two names of the flow", async () => {
  for (const width of [1280, 360]) {
    await on(ect.html, { viewport: { width, height: 800 } }, async (page) => {
      await page.getByRole("button", { name: "Show all", exact: true }).click();
      const overlaps = await page.evaluate(() => {
        const boxes = (selector) => [...document.querySelectorAll(selector)].map((node) => node.getBoundingClientRect());
        const pairs = (all) => all.flatMap((a, i) => all.slice(i + 1).filter((b) =>
          a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2)).length;
        return [pairs(boxes(".end-labels text")), pairs(boxes("#flow-0 svg text")),
          pairs(boxes("#plane-0 svg > g:last-child text"))];
      });
      assert.deepEqual(overlaps, [0, 0, 0]);
    });
  }
});

test("12 pathways over 10 years of weeks stay under 5 MB and open in under 2 seconds", async () => {
  const scenario = join(folder, "many.toml");
  const steps = ["a", "b", "c", "d"];
  const names = [];
  for (let i = 0; i < 12; i += 1) {
    names.push(`p${i} = [${[...Array(1 + (i % 6))].map((_, k) => `"${steps[(i + k) % 4]}"`).join(", ")}]`);
  }
  writeFileSync(scenario, `[scenario]
title = "Twelve pathways over ten years"
reference = "p0"
horizon = 522

${steps.map((step, i) => `[steps.${step}]
weeks = 12
remission = ${0.2 + 0.07 * i}
remission_time = { distribution = "gamma", shape = 3, scale = 2.5 }
continue_if_not_remitted = 0.8
`).join("\n")}
[pathways]
${names.join("\n")}
`);
  const { html, result } = report("many", scenario, 2000);
  const [mean] = datasets(result, "curves/cumulative_remission");
  assert.equal(mean.length, 12);
  assert.ok(mean[0][0].length >= 520);
  assert.ok(statSync(html).size < 5e6, `${statSync(html).size} bytes`);
  const times = [];
  for (let i = 0; i < 3; i += 1) {
    const from = performance.now();
    await on(html, {}, async (page) => {
      await page.locator("#occupancy-0.drawn svg[role=img]").waitFor();
      times.push(performance.now() - from);
    });
  }
  const median = times.sort((a, b) => a - b)[1];
  assert.ok(median < 2000, `${median} ms`);
});

test("a scenario that tries to inject script shows it as text and runs nothing", async () => {
  const attack = "</script><script>window.attacked=1</script><img src=x onerror='window.attacked=1'>&lt;b&gt;";
  const scenario = join(folder, "hostile.toml");
  writeFileSync(scenario, `[scenario]
title = """Title ${attack}"""
reference = "p"

[sources]
s = """Source ${attack}"""

[steps.first]
label = """Step ${attack}"""
weeks = 12
remission = { value = 0.3, source = "s", note = """Note ${attack}""" }
continue_if_not_remitted = 0.8

[steps.second]
weeks = 12
remission = 0.2

[pathways.p]
label = """Pathway ${attack}"""
steps = ["first", "second"]

[pathways.q]
label = "Another"
steps = ["second"]
`);
  const { html } = report("hostile", scenario, 500);
  await on(html, {}, async (page) => {
    for (const summary of await page.locator("summary").all()) {
      if (await summary.isVisible()) await summary.click();
    }
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => window.attacked), undefined);
    assert.equal(await page.locator("img").count(), 0);
    assert.equal(await page.locator("script").count(), 3);
    assert.equal(await page.title(), `Title ${attack}`);
    const text = await page.locator("body").innerText();
    for (const what of ["Title", "Pathway", "Step", "Source"]) assert.ok(text.includes(`${what} ${attack}`), what);
    assert.match(await page.locator("#curves-0 .controls").innerText(), /<script>window\.attacked=1/);
  });
  await on(html, { viewport: { width: 360, height: 740 } }, async (page) => {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  });
});

test("missing values, one patient and no economics are drawn without a fault", async () => {
  const small = report("small", join(scenarios, "stard_arms.toml"), 1);
  await on(small.html, {}, async (page) => {
    assert.equal(await page.locator("figure.chart").count(), await page.locator("figure.chart.drawn").count());
  });
});

// ---- Draws, sensitivity, alternatives ----

// The ends of a drawn band or the places of a drawn line, in the units of the
// axes' ticks: [x, y] pairs.
const drawnPath = (page, figure, selector) => page.evaluate(([id, css]) => {
  const svg = document.querySelector(`#${id} .plot svg[role=img]`);
  const middle = (text) => {
    const { e, f } = text.transform.baseVal.consolidate().matrix;
    return { x: e, y: f };
  };
  const scale = (axis) => {
    const texts = [...svg.querySelectorAll(`[data-mark="${axis}-axis tick label"] text`)];
    const value = (text) => Number(text.textContent.replaceAll(",", "").replace("\u2212", "-").replace(/[^0-9.-]/g, ""));
    const [a, b] = [texts[0], texts[texts.length - 1]];
    const [from, to] = [middle(a)[axis], middle(b)[axis]];
    return (at) => value(a) + ((at - from) / (to - from)) * (value(b) - value(a));
  };
  const [x, y] = [scale("x"), scale("y")];
  const path = svg.querySelector(`${css} path`);
  return path.getAttribute("d").replace(/[MZ]/g, "L").split("L").filter(Boolean).map((pair) => {
    const [px, py] = pair.split(",").map(Number);
    return [x(px), y(py)];
  });
}, [figure, selector]);

const cellsOf = (page, figure) => page.locator(`#${figure} details.values table`).evaluateAll((all) =>
  all.map((one) => [...one.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))));

const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);
const plainNumber = (text) => Number(text.replaceAll(",", "").replace("\u2212", "-").match(/-?[\d.]+/)[0]);

test("credible bands are drawn where the quantiles of the file are, and can be switched off", async () => {
  const group = "uncertainty/curves/cumulative_remission";
  const [low, high, labels, estimands] = datasets(draws.result, `${group}_low`, `${group}_high`,
    "curves/pathway_label", "curves/estimand");
  const observed = estimands.indexOf("observed");
  await on(draws.html, {}, async (page) => {
    const band = await drawnPath(page, "curves-0", `.credible.pathway-0.estimand-${observed}`);
    // Where luck hides the uncertainty there is no interval, and no band.
    const weeks = low[0][observed].filter((end) => end != null).length;
    assert.equal(band.length, 2 * weeks);
    for (const [week, share] of band) {
      const at = Math.round(week);
      near(week, at, 0.05, "place of the week");
      const ends = [low[0][observed][at], high[0][observed][at]].map((end) => 100 * end);
      assert.ok(Math.min(...ends.map((end) => Math.abs(share - end))) < 0.06, `${share} in week ${at}, band ${ends}`);
    }
    const read = await page.locator("#curves-0 .reading .readout li").allTextContents();
    for (const text of read) {
      const p = labels.findIndex((label) => text.startsWith(label));
      if (low[p][observed].at(-1) == null) {
        assert.match(text, /\(not told apart from luck\)/);
        continue;
      }
      const [, from, to] = /\(([\d.]+) to ([\d.]+)\)/.exec(text);
      near(Number(from), 100 * low[p][observed].at(-1), 0.06, "lower end");
      near(Number(to), 100 * high[p][observed].at(-1), 0.06, "upper end");
    }
    const bands = (kind) => page.locator(`#curves-0 .plot svg .${kind}`).count();
    assert.equal(await bands("credible"), read.length);
    assert.equal(await bands("luck"), read.length);
    await page.locator("#curves-0").getByLabel("Credible: uncertainty of the numbers").uncheck();
    assert.deepEqual([await bands("credible"), await bands("luck")], [0, read.length]);
    await page.locator("#curves-0").getByLabel("Monte Carlo: luck of the simulation").uncheck();
    assert.deepEqual([await bands("credible"), await bands("luck")], [0, 0]);
  });
});

test("without draws there are no credible bands and no switches for them", async () => {
  await on(ect.html, {}, async (page) => {
    assert.equal(await page.locator(".credible").count(), 0);
    assert.equal(await page.getByText("95 % bands").count(), 0);
    assert.equal(await page.locator("#uncertainty").count(), 0);
  });
});

test("acceptability adds up to 1 in every row, and the frontier is the best expected", async () => {
  const [best, benefit, thresholds] = datasets(draws.result, "uncertainty/decision/probability_best",
    "uncertainty/decision/expected_net_benefit", "uncertainty/decision/threshold");
  await on(draws.html, {}, async (page) => {
    await page.locator("#acceptability-0 details.values summary").click();
    const [rows] = await cellsOf(page, "acceptability-0");
    assert.equal(rows.length, thresholds.length);
    const heads = await page.locator("#acceptability-0 details.values th[scope=col]").allTextContents();
    rows.forEach((cells, t) => {
      const shown = cells.slice(1, -1).map(plainNumber);
      near(sumOf(shown), 100, 0.05 * shown.length + 1e-9, `sum at ${thresholds[t]}`);
      shown.forEach((chance, p) => near(chance, 100 * best[0][t][p], shownTo(1), "probability of being best"));
      const wanted = benefit[0][t].indexOf(Math.max(...benefit[0][t]));
      assert.equal(cells.at(-1), heads[wanted + 1]);
    });
    const line = await drawnPath(page, "acceptability-0", ".line.pathway-0");
    assert.equal(line.length, thresholds.length);
    line.forEach(([x, y], t) => {
      near(x, thresholds[t], 0.002 * thresholds.at(-1), "threshold");
      near(y, 100 * best[0][t][0], 0.3, "drawn probability");
    });
  });
});
test("expected loss, EVPI and EVPPI are shown as in the file", async () => {
  const group = "uncertainty/";
  const [loss, evpi, thresholds, evppi, stated, names] = datasets(draws.result, `${group}decision/expected_loss`,
    `${group}decision/evpi`, `${group}decision/threshold`, `${group}evppi/evppi`, `${group}evppi/threshold`,
    `${group}evppi/group_label`);
  await on(draws.html, {}, async (page) => {
    await page.locator("#loss-0 details.values summary").click();
    const [rows] = await cellsOf(page, "loss-0");
    rows.forEach((cells, t) => {
      loss[0][t].forEach((value, p) => near(plainNumber(cells[p + 1]), value, shownTo(2), "loss"));
      near(plainNumber(cells[loss[0][t].length + 1]), evpi[0][t], shownTo(2), "EVPI");
    });
    for (const chosen of stated.keys()) {
      await page.locator("#information-0 select").last().selectOption(String(chosen));
      const bars = await page.locator("#information-0 .plot .row").evaluateAll((all) =>
        all.map((row) => [row.dataset.row, [...row.querySelectorAll("text")].at(-1).textContent]));
      const [first, ...others] = bars;
      assert.equal(first[0], "evpi");
      near(plainNumber(first[1]), evpi[0][thresholds.indexOf(stated[chosen])], 0.5, "EVPI");
      const values = others.map(([, text]) => plainNumber(text));
      assert.deepEqual(values, [...values].sort((a, b) => b - a));
      near(values[0], Math.max(...evppi[0][chosen]), 0.5, "largest EVPPI");
    }
    assert.ok(names.length > 0);
  });
});

test("the cloud has a dot a draw, and pathways, draws and ellipses can be switched off", async () => {
  await on(draws.html, {}, async (page) => {
    const dots = await page.locator("#cloud-0 path.cloud").evaluateAll((all) =>
      all.map((path) => path.getAttribute("d").split("M").length - 1));
    assert.ok(dots.length > 0);
    for (const count of dots) assert.equal(count, 50);
    const boxes = page.locator("#cloud-0 .controls fieldset").first().locator("input:checked");
    const before = await boxes.count();
    assert.equal(dots.length, before);
    await boxes.first().uncheck();
    assert.equal(await page.locator("#cloud-0 path.cloud").count(), before - 1);
    await page.locator("#cloud-0").getByLabel("Draws", { exact: true }).uncheck();
    assert.equal(await page.locator("#cloud-0 path.cloud").count(), 0);
  });
});

test("the tornado has the differences of the file, the widest first", async () => {
  const [keys, low, high, base] = datasets(draws.sensitivity, "sensitivity/parameter",
    "sensitivity/difference_at_low", "sensitivity/difference_at_high", "sensitivity/difference_at_base");
  const baseValue = Array.isArray(base) ? base[0] : base;
  await on(draws.html, {}, async (page) => {
    await page.locator("#tornado-0 details.values summary").click();
    const [rows] = await cellsOf(page, "tornado-0");
    assert.equal(rows.length, keys.length);
    const order = await page.locator("#tornado-0 .plot .row").evaluateAll((all) => all.map((row) => row.dataset.row));
    const widths = order.map((key) => {
      const k = keys.indexOf(key);
      return Math.max(low[k], high[k], baseValue) - Math.min(low[k], high[k], baseValue);
    });
    assert.deepEqual(widths, [...widths].sort((a, b) => b - a));
    order.forEach((key, i) => {
      const k = keys.indexOf(key);
      const digits = (rows[i][4].split(".")[1] ?? "").length;
      near(plainNumber(rows[i][4]), low[k], shownTo(digits), `${key} at low`);
      near(plainNumber(rows[i][5]), high[k], shownTo(digits), `${key} at high`);
    });
    // Ends are told by pattern too, not by colour alone.
    const fills = await page.locator("#tornado-0 .plot .row").first().locator("rect").evaluateAll((all) =>
      all.map((bar) => bar.style.fill.includes("url(")));
    assert.ok(fills.includes(true) && fills.includes(false), String(fills));
  });
});

test("alternatives have the means of the file, and their best pathway", async () => {
  const [names, labels, mean, measures, best] = datasets(draws.alternatives, "alternatives/alternative",
    "alternatives/label", "alternatives/mean", "alternatives/measure", "alternatives/best");
  await on(draws.html, {}, async (page) => {
    const data = JSON.parse(await page.locator("#data").textContent()).alternatives[0];
    assert.deepEqual(data.alternatives.map((one) => one.name), names);
    // An alternative that does not discount lacks the discounted measures:
    // the page has the same ones without discounting, and says so.
    for (const measure of data.measures) {
      const m = measures.indexOf(measure.name);
      const plain = measures.indexOf(measure.name.replace(/_discounted$/, ""));
      const lacking = mean.flatMap((pathways, a) =>
        plain !== m && pathways.every((values) => values[m] === null) ? [a] : []);
      assert.deepEqual(measure.not_discounted, lacking);
      assert.deepEqual(measure.mean, mean.map((pathways, a) =>
        pathways.map((values) => values[lacking.includes(a) ? plain : m])), measure.name);
    }
    assert.ok(data.measures.some((measure) => measure.not_discounted.length > 0));
    const text = await page.locator("#alternatives").innerText();
    for (const label of labels) assert.ok(text.includes(label), label);
    assert.equal(data.best.length, names.length);
    best.forEach((perspectives, a) => perspectives.forEach((thresholds, i) => thresholds.forEach((name, t) =>
      assert.equal(data.pathways[data.best[a][i][t]].name, name))));
  });
});

test("no names overlap in the pictures of uncertainty", async () => {
  for (const width of [1280, 360]) {
    await on(draws.html, { viewport: { width, height: 800 } }, async (page) => {
      const overlaps = await page.evaluate(() => {
        const boxes = (selector) => [...document.querySelectorAll(selector)].map((node) => node.getBoundingClientRect());
        const pairs = (all) => all.flatMap((a, i) => all.slice(i + 1).filter((b) =>
          a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2)).length;
        return ["#acceptability-0 .end-labels text", "#loss-0 .end-labels text", "#cloud-0 svg > g:last-child text",
          "#information-0 .plot svg[role=img] text", "#tornado-0 .plot svg[role=img] text",
          "#alternatives-0 .plot svg[role=img] text"].map((selector) => pairs(boxes(selector)));
      });
      assert.deepEqual(overlaps, [0, 0, 0, 0, 0, 0]);
    });
  }
});
