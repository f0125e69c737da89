import { assert, describe, it } from "@effect/vitest"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Key from "@ornstein/core/Key"
import * as Rollout from "@ornstein/lab/Rollout"
import * as SavedPolicy from "@ornstein/lab/SavedPolicy"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

const page = readFileSync(new URL("../../docs/policies.md", import.meta.url), "utf8")

type Rebuilt = (observation: ReadonlyArray<number>) => ReadonlyArray<number> | number

/** Short runs, one for each thing that the page speaks of. */
const learn = { warmup: 50, learningStarts: 60, batchSize: 8, sliceSteps: 50, steps: 300 }
const normalize = { observations: true, clip: 2 }
const world = { kind: "pendulum" }
const cases: { readonly [name: string]: object } = {
  "a deterministic actor with normalised observations": {
    environment: world,
    algorithm: { base: "ddpg", hidden: [16, 8], smallFinal: false },
    training: { ...learn, normalize }
  },
  "observations as they are": {
    environment: { kind: "mountainCarContinuous" },
    algorithm: { base: "td3", hidden: [16], smallFinal: false },
    training: learn
  },
  "a soft actor with layer normalisation": {
    environment: world,
    algorithm: { base: "sac", hidden: [16, 8], smallFinal: false, variants: [{ kind: "layerNorm" }] },
    training: { ...learn, normalize }
  },
  "discrete actions": {
    environment: { kind: "cartPole" },
    algorithm: { base: "a2c", hidden: [16, 8] },
    training: { steps: 300, sliceSteps: 50, normalize: { ...normalize, clip: 0.5 } }
  }
}

describe("a policy rebuilt from an exported file by the program of docs/policies.md", () => {
  it.live.each(Object.entries(cases))("acts as the run's own: %s", ([, config]) =>
    Effect.gen(function* () {
      const path = yield* Terminal.directory
      const [file, run] = [join(path, "config.json"), join(path, "run")]
      writeFileSync(file, JSON.stringify({ ...config, evaluation: { episodes: 1, every: 0 } }))
      const trained = yield* Terminal.ornstein("train", "--config", file, "--out", run)
      assert.strictEqual(trained.code, 0, trained.err.join("\n"))
      const policyFile = join(path, "policy.safetensors")
      const exported = yield* Terminal.ornstein("export", run, "--out", policyFile)
      assert.strictEqual(exported.code, 0, exported.err.join("\n"))
      const program = join(path, "policy.mjs")
      writeFileSync(program, /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? "")
      const { open }: { readonly open: (file: string) => Rebuilt } = yield* Effect.promise(
        () => import(program)
      )
      const rebuilt = open(policyFile)
      const { environment, policy } = yield* SavedPolicy.open({ from: run })
      const instance = yield* environment.make
      const wander = Rollout.random(environment.spec.action, 1)
      const actions: Array<number> = []
      for (let episode = 0; episode < 8; episode++) {
        instance.reset(Key.fold(Key.make(3), episode))
        while (!instance.terminated && instance.steps < 40) {
          const action = new Float64Array(1)
          policy(instance.observation, action)
          const found = [rebuilt(Array.from(instance.observation))].flat()
          assert.lengthOf(found, 1)
          assert.closeTo(found[0] ?? NaN, action[0]!, 2e-6)
          actions.push(action[0]!)
          wander(instance.observation, action)
          instance.step(action)
        }
      }
      // The comparison says something only if actions differ from one another.
      assert.isAbove(new Set(actions).size, 1)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
