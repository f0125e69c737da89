/**
 * The face of planning: from a graph to tasks, their order on threads, and a place for every buffer. No machine is known here.
 *
 * An engine that runs plans stands in `engines/` and brings
 *
 * 1. a `Machine`: costs, granules, scratch memory, what part of the memory is its own;
 * 2. for every `Op` the code of a part: units `start` up to `end` of it, arrays at `Layout.Placed.address`;
 * 3. threads that do the parts of a phase that are theirs and meet before the next phase begins.
 *
 * `Linking` makes the views that a caller sees. `engines/wasm` is such an engine; other code for some operations only stands
 * in it with `WasmEngine.makeWith`, shares its memory and threads, and leaves the others to its code. The bits are those of
 * `wasm` where every operation is done as `Op`, `Product` and `Reduction` say; `test/jit/interpreter` is the smallest
 * example, and the test that any other should pass.
 */

export type * as Buffers from "./Buffers.ts"
/** One pass over the elements of a result. */
export * as Elementwise from "./Elementwise.ts"
/** Where everything lies in the one memory. */
export * as Layout from "./Layout.ts"
/** Programs in their memory, as a caller sees them. */
export * as Linking from "./Linking.ts"
/** What planning must know of an engine. */
export type * as Machine from "./Machine.ts"
/** Numbers that are copied. */
export * as Movement from "./Movement.ts"
/** Loops over arrays that lie in memory in different ways. */
export * as Nest from "./Nest.ts"
/** What tasks compute. */
export type * as Op from "./Op.ts"
/** Matrix products. */
export * as Product from "./Product.ts"
/** A program with everything decided but where its memory begins. */
export * as ProgramPlan from "./ProgramPlan.ts"
/** Sums, maxima and the like. */
export * as Reduction from "./Reduction.ts"
export type * as Schedule from "./Schedule.ts"
export type * as Task from "./Task.ts"
