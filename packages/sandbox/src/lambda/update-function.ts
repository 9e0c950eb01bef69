import type { CallContext, Handlers } from "../caller.ts";
import { flag, type Input, text, texts } from "../input.ts";
import { architectureFailures } from "./architecture-failures.ts";
import { refuseUnsigned } from "./code-signature.ts";
import type { CodeSigningStore } from "./code-signing-store.ts";
import { refuseUnencryptable, type Secrecy } from "./environment-secrecy.ts";
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
import { refuseImageConfig, refuseZipMembers } from "./image-config.ts";
import { layerReferences } from "./layer-references.ts";
import type { LayerStore } from "./layer-store.ts";
import { refuseTooLarge } from "./package-size.ts";

interface UpdateParts extends ChangeParts, CodeSources, Secrecy {
  readonly functions: FunctionStore;
  readonly layers: LayerStore;
  readonly codeSigning: CodeSigningStore;
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
  const { latest, name, codeSigningConfigArn } = stored;
  refuseTooLarge({ code: latest.shown.code, settings });
  refuseWhileInProgress(stored);
  checkRevision(latest.revisionId, input);
  if ((texts(input, "Layers") ?? []).length > 0)
    refuseUnsigned(parts.codeSigning, codeSigningConfigArn, name);
  refuseUnencryptable(parts, name, input["Environment"] !== undefined, context);
  beginUpdate(parts, stored, { settings }, context.now);
  return functionView(stored, stored.latest, null);
}

async function updateCode(parts: UpdateParts, input: Input, context: CallContext): Promise<unknown> {
  const stored = updatable(parts, input, context, architectureFailures(input));
  const code = await codeFrom(parts, input, context, {
    isImage: stored.latest.shown.code.image !== null,
    what: "updating",
  });
  refuseTooLarge({ code, settings: stored.latest.shown.settings });
  refuseWhileInProgress(stored);
  checkRevision(stored.latest.revisionId, input);
  refuseUnsigned(parts.codeSigning, stored.codeSigningConfigArn, stored.name);
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
