/** Code as it is placed: before it the address of the memory, behind it the entries, which are callbacks of Node-API. */
import { add, Assembler, callAt, lea, mem, mov, mov32, rax, rdi, ret, rsp, sub } from "../assembly/index.ts"

export interface Image {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly offsets: ReadonlyArray<number>
}

/** The code begins here; the first 8 bytes are for the address. */
const CODE = 64

/** An entry for each start. */
export const make = (code: Uint8Array, starts: ReadonlyArray<number>): Image => {
  const x = Assembler.make("avx2")
  const beginning = x.label()
  x.bind(beginning)
  x.data(new Uint8Array(CODE))
  x.data(code)
  const offsets = starts.map((start) => {
    if (!(start >= 0 && start < code.length))
      throw new RangeError(`no entry at ${start} of ${code.length} bytes`)
    x.align(16)
    const offset = x.size()
    // The stack is 8 bytes off a multiple of 16 where it begins, as the convention has it, and there again; 0 is `undefined`.
    x.put(sub(rsp, 8), mov(rdi, mem({ base: beginning })))
    x.put(lea(rax, mem({ base: beginning, displacement: CODE + start })), callAt(rax))
    x.put(mov32(rax, 0), add(rsp, 8), ret)
    return offset
  })
  return { bytes: x.bytes(), offsets }
}
