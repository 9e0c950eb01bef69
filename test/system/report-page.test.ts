import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fold } from "../../packages/unplug/src/report/fold.ts";
import { reportText } from "../../packages/unplug/src/report/forms.ts";
import { everything } from "../../packages/unplug/src/report/page.fixture.ts";
import { newView } from "../../packages/unplug/src/report/run-view.ts";
import { needs } from "../support/needs.ts";

const installed = needs("chromium");
const byHand = "aws lambda update-event-source-mapping --uuid 9e2b --enabled --region us-east-1";
const page = reportText("html", { view: fold(everything, newView("r1")), alive: false, byHand });

/** Its own limits are shorter than a test's. */
const PATIENCE_MS = 100_000;

let folder: string;
let browser: Browser | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-page-test-"));
  await writeFile(join(folder, "report.html"), page);
  if (installed.path === null) return;
  // Chromium's own sandbox is not to be had by root, nor in most containers.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: installed.path, args, timeout: PATIENCE_MS });
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const screens = [
  { colorScheme: "light", width: 1200 },
  { colorScheme: "dark", width: 1200 },
  { colorScheme: "light", width: 320 },
  { colorScheme: "dark", width: 320 },
] as const;

for (const { colorScheme, width } of screens) {
  installed.test(
    `the page asks for nothing, says nothing on the console, and everybody can read it: ${colorScheme}, ${width} pixels`,
    async () => {
      if (browser === undefined) throw new Error("The browser was not started.");
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
      context.setDefaultTimeout(PATIENCE_MS);
      const tab = await context.newPage();
      const said: string[] = [];
      tab.on("console", (message) => said.push(message.text()));
      tab.on("pageerror", (error) => said.push(error.message));
      tab.on("request", (request) => said.push(request.url()));
      const url = pathToFileURL(join(folder, "report.html")).href;
      await tab.goto(url);

      expect(said).toEqual([url]);
      expect(await tab.title()).toBe("orders-survives: error");
      // What is wider scrolls inside of it, and can be reached by keyboard.
      expect(await tab.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await tab.evaluate(axe.source);
      const rules = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
      const violations = await tab.evaluate(
        `axe.run(document, ${JSON.stringify(rules)}).then(({ violations }) =>
          violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join("\\n")))`,
      );
      expect(violations).toEqual([]);
      await context.close();
    },
  );
}

installed.test("a page that is printed is dark on light, whatever the screen", async () => {
  if (browser === undefined) throw new Error("The browser was not started.");
  const tab = await browser.newPage({ colorScheme: "dark" });
  tab.setDefaultTimeout(PATIENCE_MS);
  await tab.goto(pathToFileURL(join(folder, "report.html")).href);
  const background = () => tab.evaluate("getComputedStyle(document.body).backgroundColor");
  expect(await background()).toBe("rgb(13, 17, 23)");
  await tab.emulateMedia({ media: "print" });
  expect(await background()).toBe("rgb(255, 255, 255)");
  await tab.close();
});

test("the page has no script, no address and no handler in it", () => {
  expect(page).not.toMatch(/<script|https?:\/\/|\son\w+=|@import|url\(/);
  expect(page).toContain("default-src &#39;none&#39;");
});

needs("xmllint").test(
  "a JUnit file is valid against what the schemas in use have in common",
  async (xmllint) => {
    const file = join(folder, "junit.xml");
    await writeFile(
      file,
      reportText("junit", { view: fold(everything, newView("r1")), alive: false, byHand }),
    );
    const schema = join(import.meta.dirname, "../support/junit.xsd");
    const { status, stderr } = spawnSync(xmllint, ["--noout", "--schema", schema, file], {
      timeout: 60_000,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: `${file} validates\n` });
  },
);
