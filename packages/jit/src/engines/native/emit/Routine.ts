/** What a caller of the C convention calls: kernels, one after the other, between a beginning and an end. */
import {
  add,
  type Gpr,
  pop,
  push,
  r12,
  r13,
  r14,
  r15,
  rbp,
  rbx,
  ret,
  rsp,
  sub,
  vldmxcsr,
  vzeroupper
} from "../assembly/index.ts"
import type { Code, Kernel, Part } from "./Emitter.ts"

// models

/** A kernel and the part that it does. */
export interface Piece extends Part {
  readonly code: Kernel
}

// pure core

/** Registers that belong to the caller. */
const SAVED: ReadonlyArray<Gpr> = [rbx, rbp, r12, r13, r14, r15]

/** Round to nearest, subnormals as they are, no exceptions. */
const MXCSR = 0x1f80

/** Appends a routine that does the pieces; gives the distance of its beginning from that of the code. */
export const append = (code: Code, pieces: ReadonlyArray<Piece>): number => {
  const { assembler } = code
  const { align, pool, put } = assembler
  align(64)
  const start = assembler.size()
  // What called has left the stack 8 bytes off a multiple of 16.
  put(...SAVED.map(push), sub(rsp, 8), vldmxcsr(pool.u32(MXCSR)))
  for (const { code: kernel, ...part } of pieces) kernel(code, part)
  put(vzeroupper, add(rsp, 8), ...SAVED.toReversed().map(pop), ret)
  return start
}
