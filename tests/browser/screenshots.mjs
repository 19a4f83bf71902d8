// Takes pictures of a report: its beginning at desktop and phone width, and the
// charts that are named by themselves at desktop width.
// Usage: node screenshots.mjs REPORT.html PREFIX [CHART]...
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [html, prefix, ...charts] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"],
});
for (const [name, width, most] of [["desktop", 1280, 3600], ["phone", 390, 4200]]) {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  await page.goto(pathToFileURL(resolve(html)).href);
  await page.waitForSelector("figure.chart.drawn svg[role=img]");
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.screenshot({
    path: `${prefix}_${name}.png`, fullPage: true,
    clip: { x: 0, y: 0, width, height: Math.min(most, height) },
  });
  if (name === "desktop") {
    for (const chart of charts) {
      await page.locator(`figure.chart[data-chart=${chart}]`).first()
        .screenshot({ path: `${prefix}_${chart}.png` });
    }
  }
  await page.close();
}
await browser.close();
