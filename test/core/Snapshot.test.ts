import { assert, describe, it } from "@effect/vitest"
import * as Snapshot from "@ornstein/core/Snapshot"

describe("pieces", () => {
  const numbers = (length: number) => Float32Array.from({ length }, (_, i) => Math.fround(i / 7))

  it.each<readonly [name: string, snapshot: Snapshot.Snapshot]>([
    ["null", null],
    ["numbers", [1, -0, 0, Number.NaN, -Infinity, 1e300]],
    ["words", { 'a"b': "c\n\u2028", "": [], empty: {} }],
    ["records in records", { b: { c: [true, { d: null }] }, a: 1 }],
    ["arrays", { x: numbers(5), y: new Uint32Array(0), z: [new Float64Array([1 / 3])] }],
    ["an array of many pieces", { x: numbers(2 ** 20 + 1), y: new Float64Array(2 ** 20 + 1).fill(0.1) }]
  ])("of %s are together what `stringify` gives", (_, snapshot) => {
    const pieces = [...Snapshot.pieces(snapshot)]
    assert.isTrue(pieces.join("") === Snapshot.stringify(snapshot))
    assert.isAtMost(Math.max(...pieces.map(({ length }) => length)), 2 ** 23)
  })
})
