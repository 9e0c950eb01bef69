import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect } from "vitest";
import { type Sandbox, startSandbox } from "../../packages/sandbox/src/index.ts";
import { builtImage, putImage } from "../support/image-builder.ts";
import { needs, needsAll } from "../support/needs.ts";
import { readyImages } from "../support/ready-images.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ timing: "none" });
});
afterAll(() => sandbox.close());

needsAll("aws-cli", "namespaces", "gcc").test(
  "the AWS CLI makes a repository, describes its images, and makes a function that it can invoke",
  async () => {
    const env = { ...process.env, ...sandbox.exports, AWS_PAGER: "" };
    const aws = async (...args: readonly string[]) => {
      const all = ["--endpoint-url", sandbox.url, "--output", "json", ...args];
      return JSON.parse((await promisify(execFile)(needs("aws-cli").path ?? "", all, { env })).stdout);
    };
    const { repository } = await aws("ecr", "create-repository", "--repository-name", "cli");
    const image = builtImage(await readyImages.withoutShell.parts());
    await putImage(sandbox.cloud, { repository: "cli", tag: "v1", region: "us-east-1" }, image);
    const { imageDetails } = await aws("ecr", "describe-images", "--repository-name", "cli");
    expect(imageDetails).toMatchObject([{ imageDigest: image.digest, imageTags: ["v1"] }]);
    const code = ["--package-type", "Image", "--code", `ImageUri=${repository.repositoryUri}:v1`];
    const role = ["--role", "arn:aws:iam::000000000000:role/r"];
    const made = await aws("lambda", "create-function", "--function-name", "cli", ...code, ...role);
    expect(made).toMatchObject({ PackageType: "Image", CodeSha256: image.digest.slice("sha256:".length) });
    const event = [
      "--cli-binary-format",
      "raw-in-base64-out",
      "--payload",
      '{"host":"127.0.0.1","ports":[1]}',
    ];
    const answer = await aws("lambda", "invoke", "--function-name", "cli", ...event, "/dev/null");
    expect(answer).toEqual({ StatusCode: 200, ExecutedVersion: "$LATEST" });
  },
  120_000,
);
