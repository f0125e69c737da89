/** What a caller of the C convention calls: kernels, one after the other, between a beginning and an end. */
import {
  add,
  cmp32,
  type Gpr,
  jae,
  jmpAt,
  lea,
  mem,
  mov32,
  movsxd,
  pop,
  push,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  ret,
  rsp,
  sub,
  sub32,
  vldmxcsr,
  vzeroupper
} from "../assembly/index.ts"
import { BASE, type Code, type Kernel, type Part } from "./Emitter.ts"

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

/**
 * Appends, for each of `words`, a routine that runs the one of `starts` whose number, counted from 1, is in the word at that
 * distance from `BASE`; 0 is none, nor is what is too large. Gives where they begin.
 */
export const dispatch = (
  { assembler }: Code,
  words: ReadonlyArray<number>,
  starts: ReadonlyArray<number>
): ReadonlyArray<number> => {
  const { align, bind, data, label, put, size } = assembler
  align(64)
  const [table, none] = [label(), label()]
  bind(table)
  data(new Uint8Array(Int32Array.from(starts, (start) => start - assembler.at(table)).buffer))
  align(16)
  bind(none)
  put(ret)
  return words.map((word) => {
    align(16)
    const start = size()
    // What is less than 1 is very large.
    put(
      mov32(rax, mem({ base: BASE, displacement: word })),
      sub32(rax, 1),
      cmp32(rax, starts.length),
      jae(none)
    )
    put(lea(rcx, mem({ base: table })), movsxd(rax, mem({ base: rcx, index: rax, scale: 4 })))
    put(add(rax, rcx), jmpAt(rax))
    return start
  })
}
