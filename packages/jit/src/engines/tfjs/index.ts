/** The face of the engine `tfjs`. */

/** A TensorFlow.js backend as a place where tensors live. */
export * as TfjsDevice from "./TfjsDevice.ts"
/** Runs a graph through the kernels of a backend. */
export * as TfjsEngine from "./TfjsEngine.ts"
