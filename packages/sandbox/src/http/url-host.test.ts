import { request } from "node:http";
import { expect, it } from "vitest";
import { virtualCloud, withFunction } from "../cloud-for-test.ts";
import { serveCloud } from "./serve-cloud.ts";

/** What is answered to a request with this Host: fetch sets one of its own. */
async function asked(
  port: number,
  host: string,
): Promise<{ status: number; cookies: unknown; body: string; id: unknown }> {
  return await new Promise((resolve, reject) => {
    const sent = request({ port, path: "/hello?x=1", headers: { host } }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          cookies: response.headers["set-cookie"],
          id: response.headers["x-amzn-requestid"],
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

it("hands requests for the host of a function URL to the function, under the request's own id", async () => {
  const virtual = virtualCloud({
    invoke: async ({ payload, requestId }) => {
      const { rawPath } = JSON.parse(String(payload));
      const said = { statusCode: 200, cookies: ["a=1", "b=2"], body: `${rawPath} ${requestId}` };
      const answer = Buffer.from(JSON.stringify(said));
      return { payload: answer, functionError: null, logTail: null, executedVersion: "$LATEST" };
    },
  });
  const FunctionName = "greeter";
  await withFunction(virtual, FunctionName);
  const { FunctionUrl } = await virtual.call("lambda:CreateFunctionUrlConfig", {
    FunctionName,
    AuthType: "NONE",
  });
  const permission = { StatementId: "all", Action: "lambda:InvokeFunctionUrl", Principal: "*" };
  await virtual.call("lambda:AddPermission", { FunctionName, ...permission, FunctionUrlAuthType: "NONE" });
  const server = await serveCloud(virtual.cloud, { port: 0 });
  try {
    const { host } = new URL(String(FunctionUrl));
    const found = await asked(server.port, host);
    expect(found).toMatchObject({ status: 200, cookies: ["a=1", "b=2"], body: `/hello ${String(found.id)}` });
    const local = host.replace("on.aws", `localhost:${server.port}`);
    expect(await asked(server.port, local)).toMatchObject({ status: 200 });
    expect(await asked(server.port, `${"x".repeat(32)}.lambda-url.us-east-1.on.aws`)).toMatchObject({
      status: 403,
    });
  } finally {
    await server.close();
  }
});
