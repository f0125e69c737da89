/** No bits change because code moved: short runs of every part leave what is written down in `bits.json`. */
import { assert, describe, it } from "vitest"
import * as Bits from "./Bits.ts"

const known = Bits.known()
const cases = Bits.cases()

describe("the same bits as before", () => {
  it("of every preset, base, variant and world, each of which learns", () => {
    assert.deepStrictEqual(cases.map(([name]) => name).toSorted(), Object.keys(known).toSorted())
    for (const [name, { updates }] of Object.entries(known)) assert.isAbove(updates, 0, name)
    // A choice that changes nothing would not be seen to move.
    const distinct = new Set(Object.values(known).map(({ parameters }) => parameters))
    assert.isAtLeast(distinct.size, cases.length - SAME)
  })

  it("of networks by name, whatever they are called", async () => {
    const deep = { environment: Bits.plane, training: Bits.short }
    const named = await Bits.run({ ...deep, algorithm: { network: { kind: "deepSets" } } })
    assert.deepStrictEqual(named, known["variant deepSets"])
    const dense = await Bits.run({
      ...Bits.pendulum,
      algorithm: { network: { kind: "dense", ...Bits.small } }
    })
    assert.deepStrictEqual(dense, known["base ddpg"])
  })

  it.each(cases)("%s", async (name, config) => {
    assert.deepStrictEqual(await Bits.run(config), known[name])
  })
})

/** Two versions of a world that differ in what a short run does not reach, and the base that is run on them with its own noise. */
const SAME = 3
