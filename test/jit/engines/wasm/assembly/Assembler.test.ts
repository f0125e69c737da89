import * as Assembler from "@ornstein/jit/internal/engines/wasm/assembly/Assembler"
import { forRange } from "@ornstein/jit/internal/engines/wasm/assembly/Idioms"
import {
  i32,
  i64,
  signed,
  unsigned,
  v128,
  f32x4
} from "@ornstein/jit/internal/engines/wasm/assembly/Instructions"
import * as Runtime from "@ornstein/jit/internal/engines/wasm/Runtime"
import { assert, describe, it } from "vitest"

describe("Assembler", () => {
  it("encodes numbers in LEB128 as the specification's examples", () => {
    assert.deepStrictEqual(unsigned(624485), [0xe5, 0x8e, 0x26])
    assert.deepStrictEqual(signed(-123456n), [0xc0, 0xbb, 0x78])
    assert.deepStrictEqual([...unsigned(0), ...unsigned(127), ...unsigned(128)], [0, 127, 128, 1])
    assert.deepStrictEqual(
      [...signed(63n), ...signed(64n), ...signed(-64n), ...signed(-65n)],
      [63, 0xc0, 0, 0x40, 0xbf, 0x7f]
    )
  })

  it("makes functions that call each other, loop, and reuse variables", () => {
    const module = Assembler.make({ pages: 1, shared: false })
    const twice = module.define("twice", ["i32"], ["i32"], (_, [x]) => i32.add(x.get, x.get))
    // The sum of 2 i for i below n, with a counter that a later block may have.
    const sum = module.define("sum", ["i32"], ["i32"], (scope, [n]) => {
      const total = scope.local("i32")
      const loop = () => {
        const i = scope.local("i32")
        return forRange(i, i32.const(0), n.get, 1, total.set(i32.add(total.get, twice.call(i.get))))
      }
      return [scope.reuse(loop), scope.reuse(loop), total.get]
    })
    module.expose("sum", sum)
    const exports = Runtime.instantiate(Runtime.compile(module.bytes()), Runtime.memory(1, false))
    assert.strictEqual(exports["sum"]?.(5), 40)
    assert.strictEqual(exports["sum"]?.(0), 0)
  })

  it("divides whole numbers without a sign", () => {
    const module = Assembler.make({ pages: 1, shared: false })
    const divide = module.define("divide", ["i32", "i32"], ["i32"], (_, [a, b]) => i32.divU(a.get, b.get))
    module.expose("divide", divide)
    const exports = Runtime.instantiate(Runtime.compile(module.bytes()), Runtime.memory(1, false))
    assert.strictEqual(exports["divide"]?.(17, 5), 3)
    assert.strictEqual(exports["divide"]?.(-1, 2), 2 ** 31 - 1)
  })

  it("writes vectors, large offsets and negative constants", () => {
    const module = Assembler.make({ pages: 2, shared: false })
    const fill = module.define("fill", [], [], () =>
      v128.store(i32.const(0), f32x4.add(f32x4.const(-1.5), f32x4.const(0.25)), 70000)
    )
    module.expose("fill", fill)
    module.expose(
      "wide",
      module.define("wide", [], ["i32"], () => [[i64.const(-1n), 0xa7]])
    )
    const memory = Runtime.memory(2 * Runtime.PAGE, false)
    const exports = Runtime.instantiate(Runtime.compile(module.bytes()), memory)
    exports["fill"]?.()
    assert.deepStrictEqual([...new Float32Array(memory.buffer, 70000, 4)], [-1.25, -1.25, -1.25, -1.25])
    assert.strictEqual(exports["wide"]?.(), -1)
  })
})
