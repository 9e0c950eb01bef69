import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandModels } from "../scripts/command-model.ts";
import { manPage } from "../scripts/man-page.ts";
import { events } from "../scripts/reference-pages.ts";
import { needs } from "./support/needs.ts";

test("the manual page is ASCII and has every command", () => {
  const page = manPage();

  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  expect(page).toMatch(/^[\u0000-\u007f]*$/);
  for (const { name } of commandModels()) expect(page).toContain(`.SS "unplug ${name}`);
});

needs("mandoc").test("mandoc finds nothing wrong with the manual page", (mandoc) => {
  const { stdout } = spawnSync(mandoc, ["-T", "lint", "-W", "warning"], {
    timeout: 60_000,
    input: manPage(),
    encoding: "utf8",
  });
  // A date would make every build of it another one.
  const said = stdout.split("\n").filter((line) => line !== "" && !line.includes("missing date"));

  expect(said).toEqual([]);
});

needs("mandoc").test("the manual page can be read", (mandoc) => {
  const { stdout } = spawnSync(mandoc, ["-T", "ascii"], {
    timeout: 60_000,
    input: manPage(),
    encoding: "utf8",
  });
  const plain = stdout.replace(/.\u0008/g, "");

  expect(plain).toContain("unplug exec --block '*.amazonaws.com' --behavior timeout curl");
  expect(plain).toContain('eval "$(unplug completion bash)"');
});

test("every event is told, with its fields and its comment", () => {
  const source = readFileSync(join(import.meta.dirname, "../packages/unplug/src/contract/events.ts"), "utf8");
  const rows = events(source);

  expect(rows).toHaveLength(source.match(/^ {2}\| \{/gm)?.length ?? 0);
  expect(rows).toContain(
    "| `pending` | `edit: number`, `status: string` | The write was accepted and AWS is still at it. |",
  );
});
