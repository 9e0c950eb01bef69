import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { endpointFor } from "../endpoint-for-test.ts";
import { openService } from "./lambda.ts";

it("asks whether code would be taken by a dry run, whatever it is given", async () => {
  const bodies: Promise<string>[] = [];
  const { endpoint } = await endpointFor((response, request) => {
    bodies.push(text(request));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  const credentials = () => Promise.resolve({ accessKeyId: "a", secretAccessKey: "b" });
  const service = openService({
    region: "us-east-1",
    endpoint,
    credentials,
    maxAttempts: 1,
    customUserAgent: [],
  });

  const input = { FunctionName: "orders", ZipFile: Buffer.from("zip"), DryRun: false };
  await service.operations["TryUpdateFunctionCode"]?.(input as never, {});

  expect(JSON.parse((await bodies[0]) ?? "")).toMatchObject({ DryRun: true });
});
