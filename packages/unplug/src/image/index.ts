export { configWith, type ImageConfig, readConfig } from "./config.ts";
export { findInLayer } from "./find-in-layer.ts";
export { ImageProblem } from "./image-problem.ts";
export { type Layer, type LayerFile, makeLayer } from "./layer.ts";
export { type BlobInfo, type ImageManifest, manifestWith, readManifest } from "./manifest.ts";
