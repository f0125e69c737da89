/** The addon of the engine `tensorflow`. */

/** The addon by which TensorFlow.js reaches libtensorflow in Node. */
export * as Addon from "./Addon.ts"
/** Builds the addon of the engine `tensorflow` against a libtensorflow. */
export * as NativeBuild from "./NativeBuild.ts"
/** Other programs, run to their end. */
export * as Subprocess from "./Subprocess.ts"
