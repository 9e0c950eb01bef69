import { invalidParameter } from "../api-error.ts";

/** In the order in which Lambda names them. Source: recorded answers of Lambda, January 2026. */
export const supportedRuntimes: readonly string[] = [
  "nodejs20.x",
  "python3.14",
  "provided.al2023",
  "python3.12",
  "python3.13",
  "nodejs24.x",
  "nodejs22.x",
  "java25",
  "python3.10",
  "python3.11",
  "java21",
  "ruby3.3",
  "ruby3.4",
  "ruby3.2",
  "python3.8",
  "python3.9",
  "java17",
  "nodejs16.x",
  "dotnet10",
  "dotnet8",
  "java11",
  "dotnet6",
  "nodejs18.x",
  "provided.al2",
  "java8.al2",
];

/** Those that the API knows and no function can be given any more. Source: the service model of Lambda. */
const retired = new Set([
  "nodejs",
  "nodejs4.3",
  "nodejs4.3-edge",
  "nodejs6.10",
  "nodejs8.10",
  "nodejs10.x",
  "nodejs12.x",
  "nodejs14.x",
  "java8",
  "python2.7",
  "python3.6",
  "python3.7",
  "dotnetcore1.0",
  "dotnetcore2.0",
  "dotnetcore2.1",
  "dotnetcore3.1",
  "go1.x",
  "ruby2.5",
  "ruby2.7",
  "provided",
]);

/** Throws Lambda's 400 for a runtime that no function can have. */
export function checkRuntime(runtime: string): void {
  if (supportedRuntimes.includes(runtime)) return;
  if (retired.has(runtime)) {
    throw invalidParameter(
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    );
  }
  throw invalidParameter(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${supportedRuntimes.join(", ")}] or be a valid ARN`,
  );
}
