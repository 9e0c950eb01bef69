import type { CallContext, Handlers } from "../caller.ts";
import { flag, type Input, text, texts } from "../input.ts";
import { architectureFailures } from "./architecture-failures.ts";
import {
  beginUpdate,
  type ChangeParts,
  checkRevision,
  publish,
  refuseWhileInProgress,
} from "./function-changes.ts";
import { type CodeSources, codeFrom } from "./function-code.ts";
import { namedFunction, refuseQualifier } from "./function-reference.ts";
import { settingsFailures, updatedSettings } from "./function-settings.ts";
import type { FunctionStore, StoredFunction } from "./function-store.ts";
import { functionView } from "./function-view.ts";
import { refuseImageConfig, refuseZipMembers } from "./image-reference.ts";
import { layerReferences } from "./layer-references.ts";
import type { LayerStore } from "./layer-store.ts";

interface UpdateParts extends ChangeParts, CodeSources {
  readonly functions: FunctionStore;
  readonly layers: LayerStore;
}

/** Only $LATEST can be updated: a version never changes. */
function updatable(
  parts: UpdateParts,
  input: Input,
  context: CallContext,
  failures: ReturnType<typeof settingsFailures>,
): StoredFunction {
  const named = namedFunction(input, context, "plain", failures);
  if (named.qualifier !== "$LATEST") refuseQualifier(named);
  return parts.functions.get(context, named.name, null);
}

function updateConfiguration(parts: UpdateParts, input: Input, context: CallContext): unknown {
  const stored = updatable(parts, input, context, settingsFailures(input));
  if (stored.latest.shown.code.image === null) refuseImageConfig(input);
  else refuseZipMembers(input);
  const settings = updatedSettings(stored.latest.shown.settings, input, (arns) =>
    layerReferences(parts.layers, arns, context),
  );
  refuseWhileInProgress(stored);
  checkRevision(stored.latest.revisionId, input);
  beginUpdate(parts, stored, { settings }, context.now);
  return functionView(stored, stored.latest, null);
}

function updateCode(parts: UpdateParts, input: Input, context: CallContext): unknown {
  const stored = updatable(parts, input, context, architectureFailures(input));
  const code = codeFrom(parts, input, context, {
    isImage: stored.latest.shown.code.image !== null,
    what: "updating",
  });
  refuseWhileInProgress(stored);
  checkRevision(stored.latest.revisionId, input);
  const architectures = texts(input, "Architectures") ?? stored.latest.shown.architectures;
  if (flag(input, "DryRun") === true) {
    const shown = { ...stored.latest.shown, code, architectures };
    return functionView(stored, { ...stored.latest, shown }, null);
  }
  beginUpdate(parts, stored, { code, architectures }, context.now);
  if (flag(input, "Publish") !== true) return functionView(stored, stored.latest, null);
  const version = publish(parts, stored, text(input, "Description"), context);
  return functionView(stored, version, version.version);
}

/** The operations that change $LATEST. */
export function updateHandlers(parts: UpdateParts): Handlers {
  return {
    UpdateFunctionConfiguration: (input, context) => updateConfiguration(parts, input, context),
    UpdateFunctionCode: (input, context) => updateCode(parts, input, context),
  };
}
