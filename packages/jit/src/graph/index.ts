/** The face of graphs: what a traced program is, and the arrays, shapes and trees that it is about. */

/** Reading a kernel's attributes. */
export * as Attributes from "./Attributes.ts"
export * as Graph from "./Graph.ts"
export * as Kernels from "./Kernels.ts"
export * as NdArray from "./NdArray.ts"
export * as Shape from "./Shape.ts"
export * as Tree from "./Tree.ts"
