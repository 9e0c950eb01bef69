import { describe, expect } from "vitest";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { type Lab, labTest, waitFor } from "../support/lab.ts";
import { addShop, block, reach } from "../support/shop.ts";

const test = labTest("fast");

/** What the function's log holds, once a line of it says this. */
async function logOf(lab: Lab, name: string, words: string): Promise<void> {
  await waitFor(async () => {
    const { events } = await lab.call("logs:FilterLogEvents", { logGroupName: `/aws/lambda/${name}` });
    return Array.isArray(events) && events.some(({ message }) => String(message).includes(words));
  });
}

describe.runIf(ownAddress !== null)("what a function is told to block", () => {
  test("is an address, a range, one port, or everything; it answers and logs all the same", {
    timeout: 120_000,
  }, async ({ lab }) => {
    await using database = await Dependency.open();
    await using other = await Dependency.open();
    const { host, port } = database;
    const forms = [
      { name: "address", targets: host, reached: ["ECONNREFUSED", "ECONNREFUSED"], said: `target=${host}` },
      {
        name: "range",
        targets: `${host}/24`,
        reached: ["ECONNREFUSED", "ECONNREFUSED"],
        said: `target=${host.replace(/\d+$/, "0")}/24`,
      },
      {
        name: "port",
        targets: `192.0.2.1, ${host}:${port}`,
        reached: ["ECONNREFUSED", "hello"],
        said: `target=${host}:${port}`,
      },
      { name: "everything", targets: "", reached: ["ECONNREFUSED", "ECONNREFUSED"], said: "target=*" },
    ];

    await Promise.all(
      forms.map(async ({ name, targets, reached, said }) => {
        await addShop(lab, { name });
        const tunables = { FUNCTION_NAME: name, TARGET_HOSTNAMES: targets, TOTAL_CHAOS_DURATION: 600 };
        const run = block(lab, tunables);
        await run.event("hold.started");
        const during = Object(await reach(lab, [database, other], name)).reached;
        await logOf(lab, name, "unplug: blocked");
        await logOf(lab, name, said);
        run.kill("SIGINT");

        expect((await run.ended).code, run.said).toBe(130);
        expect(during, name).toEqual(reached);
        expect(await reach(lab, [database, other], name)).toMatchObject({ reached: ["hello", "hello"] });
      }),
    );
  });
});
