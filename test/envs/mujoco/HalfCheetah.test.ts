import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as HalfCheetah from "@ornstein/envs/HalfCheetah"
import * as Effect from "effect/Effect"
import * as Golden from "./Golden.ts"

it.effect("follows Gymnasium step by step from every recorded state", () =>
  Effect.gen(function* () {
    const steps = yield* Golden.follows("half-cheetah-v5", (gymnasiumSeed) =>
      HalfCheetah.make({ gymnasiumSeed })
    )
    assert.strictEqual(steps, 210)
  })
)
it.effect("keeps the contract", () => Environment.check(HalfCheetah.make(), { steps: 250 }))
