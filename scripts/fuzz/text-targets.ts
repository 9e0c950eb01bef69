import { credentialsOf } from "../../packages/unplug/src/aws/credentials.ts";
import { readImageUri, readPushedImageId, runOfTag } from "../../packages/unplug/src/carriers/image-names.ts";
import { isOurItem, isOurLayer, readTold } from "../../packages/unplug/src/carriers/our-names.ts";
import { readStagedId } from "../../packages/unplug/src/carriers/staging.ts";
import { readVersionMarker } from "../../packages/unplug/src/carriers/version-marker.ts";
import { builtinFaults } from "../../packages/unplug/src/faults/index.ts";
import { guardRailsOf } from "../../packages/unplug/src/guard/guard-rails.ts";
import { InvalidExperiment } from "../../packages/unplug/src/load/invalid-experiment.ts";
import { loadExperiment } from "../../packages/unplug/src/load/load-experiment.ts";
import { loadGuardRails } from "../../packages/unplug/src/load/load-guard-rails.ts";
import { builtinProbes } from "../../packages/unplug/src/probes/index.ts";
import { builtinResources } from "../../packages/unplug/src/resources/index.ts";
import { keyIn } from "../../packages/unplug/src/secrets/key-file.ts";
import { parseSealed, seal, unseal } from "../../packages/unplug/src/secrets/sealed.ts";
import { type FuzzTarget, holds } from "./target.ts";

const texts = (...all: readonly string[]) => all.map((text) => Buffer.from(text));
const yamlWords = [
  "<<: ",
  "*common",
  "&common ",
  "---\n",
  "!!binary ",
  "? ",
  "- ",
  "  ",
  "\n",
  "[[[[[[[[",
  "{a: ",
  "|\n",
  "> ",
  "'",
  "#",
  "\t",
];
/** A MiB of it takes the parser two seconds, as long as it is. */
const YAML_BYTES = 100_000;
const isInvalid = (error: unknown) => error instanceof InvalidExperiment;

const experiment: FuzzTarget = {
  name: "experiment",
  samples: () =>
    texts(
      `apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: orders }
spec:
  description: &said Orders survives.
  requireEffect: true
  steps:
    - fault: lambda-toggle-event-mapping-state
      name: first
      weight: 3
      tunables: &common
        FUNCTION_NAME: "\${NAME:-orders}"
        REGION: us-east-1
        EVENT_UUIDS: all
        TOTAL_CHAOS_DURATION: 5m
        SEQUENCE: serial
    - wait: 30s
    - { fault: lambda-toggle-event-mapping-state, name: again, tunables: { <<: *common, CYCLES: 2 } }
  probes:
    - { name: a page, type: http, mode: Edge, http: { url: https://example.com }, expect: { statusCode: { between: [200, 299] } } }
  stopConditions:
    - { type: cloudwatch-alarm, alarm: Burn, run: { interval: 5s, attempts: 2 } }
`,
    ),
  mostBytes: YAML_BYTES,
  words: [...yamlWords, "${", "${NAME", "$${", ":-", "rises: 10%", "matches: '(a+)+$'"],
  read: (input) => {
    const { experiment, notices } = loadExperiment({
      file: "fuzz.yaml",
      text: input.toString(),
      faults: builtinFaults,
      probes: builtinProbes,
      env: { NAME: "orders" },
    });
    holds(experiment.steps.length > 0, "an experiment without steps is accepted");
    holds(
      JSON.stringify(experiment).length > 0 && notices.every((line) => typeof line === "string"),
      "it is no data",
    );
  },
  refuses: isInvalid,
};

const guardRails: FuzzTarget = {
  name: "guard-rails",
  samples: () =>
    texts(`apiVersion: unplug.dev/v1
kind: GuardRails
spec:
  allow:
    accounts: ["111122223333"]
    regions: [eu-*]
    functions: ["orders-*", "arn:aws:lambda:*:111122223333:function:checkout"]
    hours:
      - { days: [mon, tue], from: "09:00", to: "16:00", zone: Europe/Berlin }
    who:
      - identities: ["arn:aws:sts::111122223333:assumed-role/chaos/*"]
        faults: [lambda-throttle]
  protect: { tags: { tier: critical, data: [personal, payment] } }
  require: { tags: { chaos: allowed }, stopCondition: [cloudwatch-alarm] }
  limit: { hold: 5m, run: 30m, targets: 20, traffic: 10% }
  forbid: [code]
`),
  mostBytes: YAML_BYTES,
  words: [...yamlWords, '"24:00"', '"00:00"', "Europe/Berlin", "UTC", "*"],
  read: (input) => {
    const rules = loadGuardRails({
      file: "fuzz.yaml",
      text: input.toString(),
      faults: builtinFaults,
      probes: builtinProbes.map(({ type }) => type),
      kinds: builtinResources.map(({ kind }) => kind),
    });
    const all = guardRailsOf([rules]);
    all?.refuseTime(Date.UTC(2026, 2, 29), 86_400_000);
  },
  refuses: isInvalid,
};

const ownKeys = Reflect.ownKeys(Object.prototype);

/** No profile has a role, for which somebody would have to be asked. */
const credentials: FuzzTarget = {
  name: "credentials",
  samples: () =>
    texts(
      "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret/+=\n\n[profile other]\naws_access_key_id=C\n; a comment\nregion = eu-west-1\n",
      "[default]\naws_access_key_id=A\naws_secret_access_key=B\naws_session_token=C\ns3 =\n  max_concurrent_requests = 20\n",
    ),
  words: ["[default]", "[profile __proto__]", "[__proto__]\n", "=", "\n  ", "[", "]", ";", "#"],
  read: async (input) => {
    const secrets = { find: () => Promise.resolve({ text: input.toString() }), remedy: () => "" };
    const access = {
      region: "",
      profile: "",
      secret: "a",
      assumeRoleArn: "",
      externalId: "",
      endpoint: null,
    };
    const newProvider = await credentialsOf(access, "r-1", { secrets });
    const { accessKeyId } = await newProvider()();
    holds(accessKeyId !== "", "no key is taken for one");
    holds(
      Reflect.ownKeys(Object.prototype).every((key) => ownKeys.includes(key)),
      "a file changes every object",
    );
  },
  // Whatever it is, it is told as the reason why there are no credentials.
  refuses: (error) => error instanceof Error && !(error instanceof TypeError || error instanceof RangeError),
};

const KEY = Buffer.alloc(32, 7);

const secrets: FuzzTarget = {
  name: "secrets",
  samples: () =>
    texts(JSON.stringify(seal("orders", "text", { key: KEY, now: 1_764_000_000_000 })), KEY.toString("hex")),
  read: (input) => {
    const text = input.toString();
    keyIn(text.trim());
    const sealed = parseSealed(text);
    if (sealed === null) return;
    new Date(sealed.addedAt).toISOString();
    holds(unseal(sealed, KEY) === "text", "a changed secret is opened");
  },
  refuses: (error) => error instanceof Error && error.message.includes("cannot be opened"),
};

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders";

const markers: FuzzTarget = {
  name: "markers",
  samples: () =>
    texts(
      "unplug=1;run=r-20261122-1114-zm9u;until=1764000000;behavior=refuse;seed=1;target=*.example.com:443",
      "unplug run=r-20261122-1114-zm9u until=1764000000 alias=live was=12",
      `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/orders:unplug-r-1.orders@sha256:${"a".repeat(64)}`,
      `${ARN}:123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:unplug-r-1.orders?from=sha256&uri=x`,
      `${ARN}:bucket/unplug/staged/${"b".repeat(64)}.zip`,
      "arn:aws:lambda:us-east-1:123456789012:layer:unplug-interceptor-x86_64-0123456789ab:3",
      "--import=data:text/javascript,/*unplug*/x",
    ),
  words: ["until=", "run=", ";", ":", "/", "-", "_", ".", "@sha256:", "unplug-", "9".repeat(20)],
  // The longest place that any of them is read from, a function's variables, has 4 KB.
  mostBytes: 65_536,
  read: (input) => {
    const text = input.toString();
    for (const until of [readTold(text).until, (readVersionMarker(text)?.until ?? 0) * 1000])
      new Date(until ?? 0).toISOString();
    readImageUri(text);
    readPushedImageId(text);
    runOfTag(text);
    isOurItem(text);
    isOurLayer(text);
  },
};

const staged: FuzzTarget = {
  name: "staged-ids",
  samples: () => texts(`${ARN}:bucket/unplug/orders/${"b".repeat(64)}.zip`),
  read: (input) => readStagedId(input.toString()),
  refuses: (error) =>
    error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError),
};

export const textTargets: readonly FuzzTarget[] = [
  experiment,
  guardRails,
  credentials,
  secrets,
  markers,
  staged,
];
