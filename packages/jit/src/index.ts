/**
 * TensorFlow.js programs, traced once and run by an engine. Everything here runs in a browser, too; the engines that need
 * Node are modules of their own: `@ornstein/jit/TensorflowEngine`, `@ornstein/jit/WebgpuEngine`.
 */
import "./host/NodeVersion.ts"

/** The first call of a program, compared with the oracle. */
export * as Check from "./Check.ts"
/** What an engine must do, and what it throws. */
export * as Engine from "./Engine.ts"
/** A traced program as data. */
export * as Graph from "./graph/Graph.ts"
/** The kernels that a program may use. */
export * as Kernels from "./graph/Kernels.ts"
/** Arrays on the host. */
export * as NdArray from "./graph/NdArray.ts"
/** Where a program's numbers stop being finite. */
export * as NonFinite from "./NonFinite.ts"
/** Programs that share a state: `define`, `compile`. */
export * as Program from "./Program.ts"
/** Shapes and how they broadcast. */
export * as Shape from "./graph/Shape.ts"
/** The passes over a traced graph. */
export * as Simplify from "./passes/Simplify.ts"
/** Runs a graph through the kernels of a TensorFlow.js backend; `tfjs:cpu` is the oracle. */
export * as TfjsEngine from "./engines/tfjs/TfjsEngine.ts"
/** From a function on tensors to a graph. */
export * as Trace from "./trace/Trace.ts"
/** Why a function could not become a graph. */
export * as TraceError from "./trace/TraceError.ts"
/** Nested arrays and records with leaves. */
export * as Tree from "./graph/Tree.ts"
/** Compiles programs to WebAssembly for their shapes: the default engine. */
export * as WasmEngine from "./engines/wasm/WasmEngine.ts"
/** Is a graph one that a trace could have made? */
export * as WellFormed from "./graph/WellFormed.ts"
