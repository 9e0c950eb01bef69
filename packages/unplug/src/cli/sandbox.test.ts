import { expect, test } from "vitest";
import { commandLab } from "./command-for-test.ts";

test("the sandbox says how to use it when it is ready, and ends with a signal", async () => {
  const lab = await commandLab();
  try {
    const run = lab.start("sandbox", "--port", "0");
    await run.says("export AWS_REGION=");

    run.child.kill("SIGINT");

    const { code, out, err } = await run.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/^export AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+$/m);
    expect(err).toContain("Ctrl-C ends it");
    const url = /^export AWS_ENDPOINT_URL=(.*)$/m.exec(out)?.[1];
    expect(err).toContain(`add --endpoint-url ${url} to its calls`);
  } finally {
    await lab.close();
  }
});

test("a data folder without a name is no data folder", async () => {
  const lab = await commandLab();
  try {
    expect(await lab.run("sandbox", "--port", "0", "--data", "")).toEqual({
      code: 2,
      out: "",
      err: "--data: expected a folder.\n",
    });
  } finally {
    await lab.close();
  }
});

test("a registry that is no URL is refused", async () => {
  const lab = await commandLab();
  try {
    for (const given of ["registry:5000", "127.0.0.1:5000"]) {
      expect(await lab.run("sandbox", "--port", "0", "--registry", given)).toMatchObject({
        code: 2,
        err: "--registry: expected a URL, as in http://127.0.0.1:5000 or http://user:password@127.0.0.1:5000.\n",
      });
    }
  } finally {
    await lab.close();
  }
});
