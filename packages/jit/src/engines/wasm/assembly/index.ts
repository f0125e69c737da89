/** What WebAssembly is written with: instructions, idioms made of them, and the module that functions are put into. */
export * as Assembler from "./Assembler.ts"
export * from "./Idioms.ts"
export * from "./Instructions.ts"
