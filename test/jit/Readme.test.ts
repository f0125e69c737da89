import { assert, it } from "vitest"
import { w } from "./readme/Example.ts"
import { current, generated } from "./readme/Generate.ts"

it("the README's example runs", () => {
  assert.closeTo(w[0] ?? Number.NaN, 2, 1e-3)
  assert.closeTo(w[1] ?? Number.NaN, -1, 1e-3)
})

it("the README's example and table are those of the code", () => {
  assert.strictEqual(
    current(),
    generated(),
    "run `node --conditions=@ornstein/source test/jit/readme/Generate.ts`"
  )
})
