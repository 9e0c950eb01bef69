import { expect, test } from "vitest";
import { impatientLookUp } from "./impatient-look-up.ts";

test("finds the addresses of a name, and says when there is none", async () => {
  const lookUp = impatientLookUp({});

  expect(await lookUp("127.0.0.1")).toEqual(["127.0.0.1"]);
  expect((await lookUp("localhost")).length).toBeGreaterThan(0);
  await expect(lookUp("no such name")).rejects.toMatchObject({ syscall: "getaddrinfo" });
});

test("tells the resolver to be quick, beside what it is told already", () => {
  const env: NodeJS.ProcessEnv = { RES_OPTIONS: "use-vc" };
  impatientLookUp(env);

  expect(env["RES_OPTIONS"]).toBe("use-vc timeout:1 attempts:1");
});
