/** x86-64 machine code: operands, instructions, and code that is being written. */
export * as Assembler from "./Assembler.ts"
export * from "./Encodings.ts"
export type * as Forms from "./Forms.ts"
export type * as MaskForms from "./MaskForms.ts"
export * from "./General.ts"
export type { Instruction } from "./Instruction.ts"
export * from "./Registers.ts"
