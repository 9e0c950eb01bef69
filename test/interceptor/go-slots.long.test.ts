import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { architectures } from "../../packages/interceptor/src/architecture.ts";
import { parseGoHook } from "../../packages/interceptor/src/go-hook.ts";
import { buildHook } from "../../scripts/native-hook.ts";
import { sourceFolder } from "../../scripts/native-objects.ts";
import { openStage, type Stage } from "../interception/stage.ts";
import { goLike, onGoStage, patchedOn, told } from "./go-steps.ts";
import { blockedIn, blocking, linesIn } from "./steps.ts";

const folder = mkdtempSync(join(tmpdir(), "unplug-slots-"));
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(architectures)("with one stack alone, on %s,", (architecture) => {
  for (const what of ["connect", "receive"]) {
    onGoStage(architecture).test(
      `a thread that waits in ${what} keeps no other from connecting`,
      async () => {
        const path = join(folder, `hook-${architecture}`);
        await buildHook(architecture, sourceFolder, path, ["-DHOOK_SLOTS=1"]);
        const hook = parseGoHook(readFileSync(path), architecture);
        const program = await goLike(architecture, ["hold.c"]);
        const command = patchedOn(stage, program, { name: `hold-${architecture}`, hook });
        const configuration = blocking(["10.99.0.2"], "behavior=hang");
        const args = [what, "10.99.0.2:8080", "10.99.0.1:8080"];
        const ended = await stage.run({ command, args, env: told(configuration) }, 60_000);

        expect({ late: ended.late, stdout: ended.stdout }).toEqual({
          late: false,
          stdout: "pending, connected\n",
        });
        const count = what === "connect" ? 2 : 1;
        expect(blockedIn(linesIn(ended.stderr))).toEqual(
          Array.from({ length: count }, () => "10.99.0.2:8080 by 10.99.0.2"),
        );
      },
      120_000,
    );
  }
});
