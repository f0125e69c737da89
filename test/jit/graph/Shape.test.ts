import * as Shape from "@ornstein/jit/Shape"
import { assert, describe, it } from "vitest"

describe("Shape.broadcast", () => {
  it("aligns at the last axis and stretches axes of size 1", () => {
    assert.deepStrictEqual(Shape.broadcast([[64, 1], [3]]), [64, 3])
    assert.deepStrictEqual(Shape.broadcast([[], [2, 1], [1, 5]]), [2, 5])
    assert.deepStrictEqual(Shape.broadcast([[0, 3], [1]]), [0, 3])
    assert.deepStrictEqual(Shape.broadcast([]), [])
  })

  it("refuses sizes that differ", () => {
    assert.throws(() => Shape.broadcast([[2], [3]]), RangeError, "[2] and [3] do not broadcast")
  })
})
