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

describe("every command that opens a run", () => {
  const cases: ReadonlyArray<
    readonly [command: string, method: string, after: number, more?: ReadonlyArray<string>]
  > = [
    ["resume", "world.restore", 0, ["--steps=60"]],
    ["resume", "exploration.restore", 0, ["--steps=60"]],
    ["resume", "replay.restore", 0, ["--steps=60"]],
    ["resume", "log.write", 0, ["--steps=60"]],
    ["resume", "wrapper.load", 0, ["--steps=60"]],
    ["resume", "definition.step", 8, ["--steps=60"]],
    ["verify", "definition.step", 8],
    ["verify", "exploration.perturb", 8],
    ["evaluate", "definition.step", 3],
    ["evaluate", "world.make", 0],
    ["play", "definition.step", 3, ["--json"]],
    ["play", "definition.render", 0, ["--gif=film.gif"]],
    ["export", "world.make", 0, ["--out=policy.safetensors"]],
    ["branch", "exploration.layer", 0, ["--set=training.steps=90", "--out=branched"]],
    ["branch", "definition.step", 8, ["--set=training.steps=90", "--out=branched"]]
  ]

  it.live("says the same", () =>
    Effect.gen(function* () {
      const { run } = yield* Fuzz.train(undefined)
      for (const [name, method, after, more = []] of cases) {
        for (const how of ["error", "promise"] as const) {
          const args = more.map((arg) =>
            arg.replace(/=(film|policy|branched)/, `=${Fuzz.folder}/$1-${method}-${how}`)
          )
          const { code, err } = yield* Fuzz.command({ method, after, how }, name, run, ...args)
          Fuzz.isSaid([`${name} ${method} ${how}`, ...err])
          if (code !== 1 && code !== 2)
            throw new Error(`${name} ${method} ${how}: ${code}, ${err.join("\n")}`)
        }
      }
    })
  )
})
