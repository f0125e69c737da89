import * as NdArray from "@ornstein/jit/NdArray"
import { assert, describe, it } from "vitest"

describe("NdArray", () => {
  it("makes arrays of a shape, and refuses a wrong count", () => {
    assert.deepStrictEqual(NdArray.make([2, 1], [1, 2]), {
      shape: [2, 1],
      dtype: "float32",
      data: Float32Array.of(1, 2)
    })
    assert.throws(() => NdArray.make([2], [1]), RangeError, "1 values do not fill the shape [2]")
    assert.deepStrictEqual(NdArray.zeros([2], "int32").data, new Int32Array(2))
    assert.deepStrictEqual(NdArray.zeros([2], "bool").data, new Uint8Array(2))
    assert.deepStrictEqual([NdArray.size([]), NdArray.size([2, 3]), NdArray.size([2, 0])], [1, 6, 0])
  })

  it("tells specs and arrays from other records", () => {
    assert.isTrue(NdArray.isSpec(NdArray.scalar(1)) && NdArray.isSpec(NdArray.spec([2])))
    assert.isFalse(NdArray.isSpec({ shape: NdArray.spec([2]), dtype: NdArray.spec([]) }))
    assert.isTrue(NdArray.isNdArray(NdArray.scalar(1)))
    assert.isFalse(NdArray.isNdArray(NdArray.spec([2])))
  })

  it("compares bits, not numbers", () => {
    const f = (...xs: ReadonlyArray<number>) => Float32Array.from(xs)
    assert.isTrue(NdArray.sameBits(f(1, Number.NaN), f(1, Number.NaN)))
    assert.isFalse(NdArray.sameBits(f(0), f(-0)))
    assert.isFalse(NdArray.sameBits(f(1), f(1, 1)))
    assert.isTrue(NdArray.isUniform(f(Number.NaN, Number.NaN)) && NdArray.isUniform(f(2)))
    assert.isFalse(NdArray.isUniform(f(0, -0)) || NdArray.isUniform(f(1, 1, 2)) || NdArray.isUniform(f()))
  })
})
