import { expect, test } from "vitest";
import { zipOf } from "../../../sandbox/src/index.ts";
import { programIn } from "./zip-program.ts";

test("a script is looked through once, however many blank lines are in it", async () => {
  // Begun anew at each line, it would take an hour.
  const bootstrap = `#!/bin/sh\n${"\n".repeat(300_000)}cd /opt\nexec ./app\n`;
  const found = await programIn(await zipOf({ bootstrap, app: "#!/bin/sh\n" }), "handler");
  expect(found?.bootstrap.isLink).toBe(false);
  expect(found?.started).toBeNull();
});
