import * as Tree from "@ornstein/jit/Tree"
import { assert, describe, it } from "vitest"

const isNumber = (u: unknown): u is number => typeof u === "number"

describe("Tree", () => {
  const tree = { actor: [{ w: 1, b: 2 }, { w: 3 }], rate: 4 }

  it("walks leaves in order, with their paths", () => {
    assert.deepStrictEqual(Tree.entries<number>(tree, isNumber), [
      { path: "actor.0.w", leaf: 1 },
      { path: "actor.0.b", leaf: 2 },
      { path: "actor.1.w", leaf: 3 },
      { path: "rate", leaf: 4 }
    ])
    assert.deepStrictEqual(Tree.entries<number>(5, isNumber), [{ path: "", leaf: 5 }])
    assert.deepStrictEqual(Tree.entries<number>({ none: [], nothing: {} }, isNumber), [])
  })

  it("replaces leaves and keeps the structure, in the type too", () => {
    const mapped = Tree.map(tree, isNumber, (n, path) => `${path}=${n}`)
    const rate: string = mapped.rate
    assert.strictEqual(rate, "rate=4")
    assert.deepStrictEqual(mapped, {
      actor: [{ w: "actor.0.w=1", b: "actor.0.b=2" }, { w: "actor.1.w=3" }],
      rate
    })
  })

  it("refuses what is not a tree", () => {
    assert.throws(() => Tree.from({ a: "x" }, isNumber), TypeError)
    assert.throws(() => Tree.map({ a: undefined }, isNumber, String), TypeError)
  })
})
