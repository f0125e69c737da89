/** The addon of the engine `tensorflow`: found, built against any libtensorflow, tried. */
import "@ornstein/jit/NodeVersion"

/** The addon by which TensorFlow.js reaches libtensorflow in Node. */
export * as Addon from "./Addon.ts"
/** Builds the addon against a libtensorflow. */
export * as NativeBuild from "./NativeBuild.ts"
/** Other programs, run to their end. */
export * as Subprocess from "./Subprocess.ts"
