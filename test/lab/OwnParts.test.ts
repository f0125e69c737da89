/** Parts of a person's own that do something else than they should: each method of every contract, in one way each. */
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fuzz from "./misbehaving/Fuzz.ts"
import * as Misbehaviour from "./misbehaving/Misbehaviour.ts"

describe("a part that does something else than it should is named, with its file", () => {
  it.live("parts that behave are trained with", () =>
    Effect.map(Fuzz.train(undefined), ({ code, err }) => {
      if (code !== 0) throw new Error(err.join("\n"))
    })
  )

  it.live.each(
    Fuzz.methods.map(([method, after, harmless], i) => ({
      method,
      after,
      harmless,
      how: Misbehaviour.hows[i % Misbehaviour.hows.length] ?? "error"
    }))
  )("$method: $how", ({ after, harmless, how, method }) => Fuzz.misbehave(method, after, how, harmless))
})
