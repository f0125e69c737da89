/** The face of planning: what engines that run plans see of it. */

export type * as Buffers from "./Buffers.ts"
/** One pass over the elements of a result. */
export * as Elementwise from "./Elementwise.ts"
/** Where everything lies in the one memory. */
export * as Layout from "./Layout.ts"
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
