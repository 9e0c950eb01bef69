// Draws the top of a report, as a browser shows it: node scripts/node24.js scripts/page-picture.ts report.html HEIGHT docs/images/report.png
// Made from a run of `unplug demo`: unplug report RUN --as html -o report.html
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [page = "report.html", height = "1200", picture = "report.png"] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env["UNPLUG_CHROMIUM"] ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  const tab = await browser.newPage({
    viewport: { width: 920, height: Number(height) },
    colorScheme: "light",
  });
  await tab.goto(pathToFileURL(resolve(page)).href);
  await tab.screenshot({ path: picture });
} finally {
  await browser.close();
}
