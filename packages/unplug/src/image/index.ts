export { findInLayer } from "./find-in-layer.ts";
export { ImageProblem } from "./image-problem.ts";
