export { configWith, configWithout, type ImageConfig, readConfig } from "./config.ts";
export { findInLayer } from "./find-in-layer.ts";
export { ImageProblem } from "./image-problem.ts";
export { makeLayer, makeLayerInTurns } from "./layer.ts";
export { LayeredFiles, type LayerReader, type RealFile } from "./layered-files.ts";
export { type ImageManifest, manifestWith, manifestWithout, readManifest } from "./manifest.ts";
export { startedProgram } from "./started-program.ts";
