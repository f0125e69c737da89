import { Parameters } from "@ornstein/core"
import { assert, describe, it } from "vitest"

const parameters = { l0: { w: 1, b: 2 }, l1: { w: 3, b: 4 } }

describe("parameters", () => {
  it("are mapped with their paths, and paired by them", () => {
    const paths = Parameters.map(parameters, (leaf, path) => `${path} ${leaf}`)
    assert.deepStrictEqual(paths, { l0: { w: "l0.w 1", b: "l0.b 2" }, l1: { w: "l1.w 3", b: "l1.b 4" } })
    const turned = { l1: { b: 40, w: 30 }, l0: { b: 20, w: 10 } }
    const sums = Parameters.zip(parameters, turned, (a, b) => a + b)
    assert.deepStrictEqual(sums, { l0: { w: 11, b: 22 }, l1: { w: 33, b: 44 } })
    assert.throws(() => Parameters.zip(parameters, { l0: turned.l0 }, (a) => a), /no "l1.w"/)
  })

  it("are a list of arrays and back", () => {
    const leaves = Parameters.leaves(parameters)
    assert.deepStrictEqual(leaves, [1, 2, 3, 4])
    assert.deepStrictEqual(Parameters.fromLeaves(parameters, leaves), parameters)
    assert.throws(() => Parameters.fromLeaves(parameters, [1, 2, 3]), /too few/)
  })

  it("of a member are its own, whatever the others' names begin with", () => {
    const all = {
      ...Parameters.prefix(parameters, "1"),
      ...Parameters.prefix({ l0: { w: 5, b: 6 }, l1: { w: 7, b: 8 } }, "10")
    }
    assert.strictEqual(Parameters.at(all, "10.l0.b"), 6)
    assert.deepStrictEqual(Parameters.unprefixed(all, "1"), parameters)
  })
})
