import { invalidParameter } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, text } from "../input.ts";
import { concealing, type Secrecy } from "./environment-secrecy.ts";
import { type ChangeParts, checkRevision, publish, refuseWhileInProgress } from "./function-changes.ts";
import { namedFunction, wholeFunction } from "./function-reference.ts";
import type { FunctionStore } from "./function-store.ts";
import { functionListView, functionView } from "./function-view.ts";
import { pageOf } from "./paging.ts";

interface VersionParts extends ChangeParts, Secrecy {
  readonly functions: FunctionStore;
}

function publishVersion(parts: VersionParts, input: Input, context: CallContext): unknown {
  const stored = wholeFunction(parts, input, context);
  refuseWhileInProgress(stored);
  checkRevision(stored.latest.revisionId, input);
  const wanted = text(input, "CodeSha256") ?? "";
  const { sha256 } = stored.latest.shown.code;
  if (wanted !== "" && wanted !== sha256) {
    throw invalidParameter(
      `CodeSHA256 (${wanted}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  }
  const version = publish(parts, stored, text(input, "Description"), context);
  return functionView(stored, version, version.version);
}

const largestPage = 50;

function list(parts: VersionParts, input: Input, context: CallContext): unknown {
  const { name } = namedFunction(input, context);
  const stored = parts.functions.get(context, name, null);
  const page = pageOf([stored.latest, ...stored.versions.values()], input, largestPage);
  return {
    Versions: page.items.map((version) => functionListView(stored, version, version.version)),
    ...(page.next === null ? {} : { NextMarker: page.next }),
  };
}

/** PublishVersion and ListVersionsByFunction. */
export function versionHandlers(parts: VersionParts): Handlers {
  return concealing(parts, {
    PublishVersion: (input, context) => publishVersion(parts, input, context),
    ListVersionsByFunction: (input, context) => list(parts, input, context),
  });
}
