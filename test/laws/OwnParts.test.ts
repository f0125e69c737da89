/** Parts of a person's own, each method of every contract in every way that it can go wrong. */
import { describe, it } from "@effect/vitest"
import * as Fuzz from "../lab/misbehaving/Fuzz.ts"
import * as Misbehaviour from "../lab/misbehaving/Misbehaviour.ts"

describe.each(Misbehaviour.hows)("a part that gives %s", (how) => {
  it.live.each(Fuzz.methods.map(([method, after, harmless]) => ({ method, after, harmless })))(
    "as $method",
    ({ after, harmless, method }) => Fuzz.misbehave(method, after, how, harmless)
  )
})
