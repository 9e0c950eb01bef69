export { configWith, type ImageConfig, readConfig } from "./config.ts";
export { findInLayer } from "./find-in-layer.ts";
export { ImageProblem } from "./image-problem.ts";
export { type Layer, type LayerFile, makeLayer } from "./layer.ts";
export { LayeredFiles, type LayerReader, type RealFile } from "./layered-files.ts";
export { type BlobInfo, type ImageManifest, manifestWith, readManifest } from "./manifest.ts";
export {
  type NothingStarted,
  type ScriptReader,
  type StartedProgram,
  type StartSettings,
  startedProgram,
} from "./started-program.ts";
