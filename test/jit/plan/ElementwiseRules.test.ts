import * as Kernels from "@ornstein/jit/Kernels"
import type * as NdArray from "@ornstein/jit/NdArray"
import * as Assembler from "@ornstein/jit/internal/engines/wasm/assembly/Assembler"
import { ElementwiseKernels } from "@ornstein/jit/internal/engines/lanes/index"
import * as Lanes from "@ornstein/jit/internal/engines/wasm/emit/Lanes"
import * as MathFunctions from "@ornstein/jit/internal/engines/wasm/emit/MathFunctions"
import { isDefined } from "@ornstein/jit/internal/plan/ElementwiseRules"
import { assert, describe, it } from "vitest"

const kernels = Kernels.all.filter(({ kind }) => kind === "elementwise")
const types: ReadonlyArray<NdArray.DType> = ["float32", "int32", "bool"]

/** Is there WebAssembly for the kernel? */
const isWritten = (kernel: string, from: NdArray.DType): boolean => {
  const assembler = Assembler.make({ pages: 1, shared: false })
  const math = MathFunctions.make(assembler)
  try {
    assembler.define("probe", ["v128", "v128", "v128", "v128"], [], (_, [a, b, c, spare]) =>
      ElementwiseKernels.apply(kernel, {
        lanes: Lanes.make(math, spare).lanes,
        operands: [a.get, b.get, c.get],
        from,
        to: from,
        attributes: {},
        constant: undefined
      })
    )
    return true
  } catch (cause) {
    assert.instanceOf(cause, RangeError)
    return false
  }
}

describe("the elementwise kernels that are planned", () => {
  it.each(types)("are those that there is code for, of %s", (from) => {
    for (const { name } of kernels) assert.strictEqual(isDefined(name, from), isWritten(name, from), name)
    assert.isFalse(isDefined("Sum", from))
  })
})
