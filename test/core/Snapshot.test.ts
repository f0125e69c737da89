import { Snapshot } from "@ornstein/core"
import { assert, describe, it } from "vitest"

describe("a snapshot", () => {
  it("survives its JSON, every bit and every kind", () => {
    const snapshot = {
      none: null,
      yes: true,
      text: "text",
      numbers: [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324],
      floats: Float32Array.of(1.1, -0, Number.NaN),
      doubles: Float64Array.of(Math.PI, -0),
      integers: Int32Array.of(-7),
      words: Uint32Array.of(4294967295),
      bytes: Uint8Array.of(255, 0),
      nested: [{ inner: { x: Float64Array.of(0.1) } }, []]
    }
    const back = Snapshot.parse(Snapshot.stringify(snapshot))
    assert.deepStrictEqual(back, snapshot)
    const [, minus] = Snapshot.isRecord(back) && Array.isArray(back["numbers"]) ? back["numbers"] : []
    assert.isTrue(Object.is(minus, -0))
  })
})
