/** What is computed on vectors of numbers, said once for every engine that writes code. */
export * as ElementwiseKernels from "./ElementwiseKernels.ts"
export type { Float32, Float64, Int32, Lanes, MathFunction } from "./Lanes.ts"
export * as MathFunctions from "./MathFunctions.ts"
