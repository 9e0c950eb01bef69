/**
 * Unplug as a library: plan, run and restore experiments, read what happened, and add faults and resources.
 *
 * Nothing here loads the AWS SDK; `connectAws` does so at its first call.
 *
 * @module
 */
export { type ConnectOptions, connectAws } from "./aws/connect.ts";
export type { Access } from "./contract/access.ts";
export {
  type Action,
  type Aws,
  AwsError,
  type CallOutcome,
  type InputOf,
  type OutputOf,
} from "./contract/aws.ts";
export type {
  AwsCalls,
  FunctionAnswer,
  FunctionConfiguration,
  FunctionSettings,
  MappingConfiguration,
  Nothing,
} from "./contract/aws-calls.ts";
export { type Clock, systemClock } from "./contract/clock.ts";
export type { Connect, Connection } from "./contract/connection.ts";
export type { Edit, Made } from "./contract/edit.ts";
export type { AbortRequest, Event, EventOf, EventType, Failure, Timing } from "./contract/events.ts";
export type {
  Answer,
  Evidence,
  EvidenceVerdict,
  Sample,
  TimedSample,
  Window,
  Windows,
} from "./contract/evidence.ts";
export type { Expectation } from "./contract/expectation.ts";
export type {
  Experiment,
  FaultStep,
  Step,
  TunableSource,
  TunableValue,
  WaitStep,
} from "./contract/experiment.ts";
export {
  type AnyFault,
  defineFault,
  type EvidenceInput,
  type Fault,
  type FoundTarget,
  type Stamp,
  type Target,
  type Targets,
  type Watch,
} from "./contract/fault.ts";
export type { Io } from "./contract/io.ts";
export type { Conflict, Journal, Recorded, RunHead } from "./contract/journal.ts";
export { type Difference, diffJson, equalJson, type Json } from "./contract/json.ts";
export type { ProbeResult, ProbeVerdict } from "./contract/judge-probe.ts";
export { type Place, placeText, type Ref, refKey } from "./contract/place.ts";
export type { ExperimentPlan, Permission, PlannedEdit, StepPlan } from "./contract/plan.ts";
export {
  type AnyProbe,
  type Check,
  type CommandAnswer,
  defineProbe,
  type Measured,
  type Measures,
  type Probe,
  type ProbeAnswer,
  type ProbeIo,
  type ProbeMode,
  type ProbeSpec,
} from "./contract/probe.ts";
export { Refusal } from "./contract/refusal.ts";
export {
  type Absence,
  type AnyResource,
  defineResource,
  type Reading,
  type Resource,
  type Seen,
} from "./contract/resource.ts";
export {
  list,
  optionalText,
  seconds,
  type TunableShape,
  type Tunables,
  text,
  wholeNumber,
} from "./contract/tunables.ts";
export { byHandScript } from "./engine/by-hand-script.ts";
export { type ByHand, MarkersUnread } from "./engine/find-by-hand.ts";
export type { Parts } from "./engine/parts.ts";
export { planExperiment } from "./engine/plan.ts";
export { restoreByHand } from "./engine/restore-by-hand.ts";
export { type AccessOverride, restoreRun } from "./engine/restore-run.ts";
export { type RunOptions, runExperiment } from "./engine/run.ts";
export { JournalLost } from "./engine/run-log.ts";
export {
  describeTunables,
  type TunableDescription,
  TunableError,
  type TunableProblem,
} from "./engine/tunables.ts";
export { builtinFaults } from "./faults/index.ts";
export { JournalUnusable } from "./journal/journal-unusable.ts";
export { type OpenJournal, openJournal } from "./journal/sqlite-journal.ts";
export type {
  Duration,
  ExpectationDocument,
  ExperimentDocument,
  FaultDocument,
  ProbeDocument,
} from "./library/experiment-document.ts";
export { plan, type RunResult, type RunSettings, restore, run } from "./library/run.ts";
export { experimentSchema } from "./load/experiment-schema.ts";
export { InvalidExperiment } from "./load/invalid-experiment.ts";
export { type Loaded, type LoadInput, loadExperiment } from "./load/load-experiment.ts";
export type { Environment } from "./load/variables.ts";
export { builtinProbes } from "./probes/index.ts";
export type { Finding, FindingKind } from "./report/findings.ts";
export { fold } from "./report/fold.ts";
export {
  exitCode,
  type Grounds,
  type HypothesisOutcome,
  type InjectionOutcome,
  type Outcome,
  outcome,
  type RestoreOutcome,
  type StepOutcome,
  type Verdict,
} from "./report/outcome.ts";
export { type PolicyDocument, policyJson } from "./report/policy-json.ts";
export { type RunJson, runJson } from "./report/run-json.ts";
export {
  type AbortView,
  type EditEnd,
  type EditStatus,
  type EditView,
  type IterationView,
  type Lost,
  newView,
  type Phase,
  type PhaseName,
  type Point,
  type RunFailure,
  type RunView,
  type SamplePhase,
  type Series,
  type StepState,
  type StepView,
  type TargetStatus,
  type TargetView,
  type UndoStatus,
} from "./report/run-view.ts";
export { builtinResources } from "./resources/index.ts";
