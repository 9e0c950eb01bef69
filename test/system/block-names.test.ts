import { join } from "node:path";
import { expect, inject } from "vitest";
import { openStage } from "../interception/stage.ts";
import type { Named } from "../support/named-functions.ts";
import { needsAll } from "../support/needs.ts";

const script = join(import.meta.dirname, "../support/named-functions.ts");

needsAll("namespaces", "ip", "dnsmasq", "python3").test(
  "functions are blocked by the names that a DNS server knows, in any spelling, and by suffixes",
  async () => {
    const { bin, cache } = inject("command");
    const stage = await openStage();
    const env = { PATH: process.env["PATH"] ?? "", HOME: stage.folder, TMPDIR: stage.folder };
    const args = [script, bin, cache, join(stage.folder, "home")];
    const command = { command: process.execPath, args, env };
    const ended = await stage.run(command, 100_000);
    await stage.close();

    expect(ended, ended.stderr).toMatchObject({ code: 0, late: false });
    const found: Readonly<Record<string, Named>> = JSON.parse(ended.stdout);
    expect(Object.keys(found)).toHaveLength(3);
    for (const [name, { before, during, after, code, said }] of Object.entries(found)) {
      expect(new Set(Object.values(before)), name).toEqual(new Set(["reached"]));
      expect(during, said).toEqual({
        "db.blocked.test": "ECONNREFUSED",
        "DB.Blocked.TEST.": "ECONNREFUSED",
        "a.wild.test": "ECONNREFUSED",
        "a.b.WILD.test": "ECONNREFUSED",
        "a:db.blocked.test": "ECONNREFUSED",
        "wild.test": "reached",
        "ok.test": "reached",
        "a:ok.test": "reached",
      });
      expect(after, name).toEqual(before);
      expect(code, said).toBe(130);
    }
  },
  120_000,
);
