/** The engine `native` leaves what is written down in `bits.json`, on every level. */
import { assert, it } from "vitest"
import * as Native from "../jit/Native.ts"
import * as Bits from "./Bits.ts"

const known = Bits.known()
const cases = Bits.cases()

Native.onLevels("the same bits on native", (level) => {
  it.each(cases)("%s", async (name, config) => {
    assert.deepStrictEqual(await Bits.run(config, { kind: "native", level }), known[name])
  })
})
