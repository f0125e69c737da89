import {
  add,
  Assembler,
  cmp,
  jb,
  jmp,
  k,
  lea,
  mem,
  mov,
  rax,
  rcx,
  rdi,
  ret,
  vaddps,
  vcmpps,
  vmovups,
  ymm,
  zeroing,
  zmm
} from "@ornstein/jit/internal/engines/native/assembly/index"
import { broadcast } from "@ornstein/jit/internal/engines/native/assembly/Registers"
import { describe, expect, it } from "vitest"

const int32 = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer).getInt32(at, true)

describe("Assembler", () => {
  it("jumps backward and forward by the distance from the jump's end", () => {
    const x = Assembler.make("avx2")
    const [top, end] = [x.label(), x.label()]
    x.put(mov(rax, 0)) // 5 bytes
    x.bind(top)
    x.put(add(rax, 1), jmp(end), cmp(rax, rcx), jb(top)) // 4, 5, 3, 6 bytes
    x.bind(end)
    x.put(ret)
    const bytes = x.bytes()
    expect(bytes.length).toBe(64)
    expect(int32(bytes, 5 + 4 + 1)).toBe(3 + 6)
    expect(int32(bytes, 5 + 4 + 5 + 3 + 2)).toBe(-(4 + 5 + 3 + 6))
    expect(x.at(end)).toBe(23)
  })

  it("keeps equal constants once, each at a multiple of its size, and finds them from anywhere", () => {
    const x = Assembler.make("avx512")
    const one = x.pool.f32(1)
    x.put(vaddps(zmm(0), zmm(1), broadcast(one)))
    const first = x.size()
    x.put(vaddps(zmm(0), zmm(1), broadcast(x.pool.f32(1))))
    const second = x.size()
    x.put(vaddps(zmm(0), zmm(1), x.pool.splat(512, 2)))
    const third = x.size()
    x.put(vcmpps(k(1), zmm(0), x.pool.splat(512, 2), 1))
    const fourth = x.size()
    x.put(lea(rdi, x.pool.f64(-0)))
    const bytes = x.bytes()
    const view = new DataView(bytes.buffer)
    expect(bytes.length).toBe(64 + 64 + 8 + 4)
    expect(view.getFloat32(first + int32(bytes, first - 4), true)).toBe(1)
    expect(second + int32(bytes, second - 4)).toBe(first + int32(bytes, first - 4))
    expect(third + int32(bytes, third - 4)).toBe(64)
    expect(view.getFloat32(64 + 60, true)).toBe(2)
    // The byte of the predicate stands behind the distance.
    expect(fourth + int32(bytes, fourth - 5)).toBe(64)
    expect(view.getBigUint64(128, true)).toBe(1n << 63n)
  })

  it("tells constants by their bits: zeros by sign, NaN by payload", () => {
    const x = Assembler.make("avx2")
    for (const bits of [0, 0x80000000, 0x7fc00000, 0xffc00000, 0x7f800001]) x.pool.u32(bits)
    x.pool.f32(0)
    expect(x.bytes().length).toBe(5 * 4)
  })

  it("aligns with instructions that do nothing", () => {
    const x = Assembler.make("avx2")
    x.put(ret)
    x.align(32)
    expect(x.size()).toBe(32)
    x.align(32)
    expect(x.size()).toBe(32)
  })

  it("grows as far as it must", () => {
    const x = Assembler.make("avx2")
    x.put(ret)
    x.data(new Uint8Array(100_000).fill(7))
    for (let i = 0; i < 100_000; i++) x.put(ret)
    const bytes = x.bytes()
    expect([bytes[0], bytes[1], bytes[100_000], bytes[100_001], bytes[200_000]]).toEqual([
      0xc3, 7, 7, 0xc3, 0xc3
    ])
  })

  it("refuses what the level has not, and operands that do not belong together", () => {
    const x = Assembler.make("avx2")
    expect(() => x.put(vaddps(zmm(0), zmm(0), zmm(0)))).toThrow(RangeError)
    expect(() => x.put(vmovups(ymm(0), mem({ base: rdi }), zeroing(k(1))))).toThrow(RangeError)
    expect(() => vaddps(zmm(0), ymm(0), zmm(0))).toThrow("512 and 256")
    expect(() => zmm(32)).toThrow(RangeError)
    expect(() => vmovups(zmm(0), mem({ base: rdi }), zeroing(k(0)))).toThrow("k0")
    expect(() => vmovups(zmm(0), broadcast(mem({ base: rdi })))).not.toThrow()
  })

  it("refuses a label without a place, or with two", () => {
    const x = Assembler.make("avx2")
    const label = x.label()
    x.put(jmp(label))
    expect(() => x.bytes()).toThrow("no place")
    x.bind(label)
    expect(() => x.bind(label)).toThrow("two places")
  })
})
