import { assert, describe, it } from "@effect/vitest"
import * as Config from "@ornstein/core/Config"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Next from "@ornstein/lab/internal/session/Next"
import * as Presets from "@ornstein/lab/Presets"
import * as Shell from "@ornstein/lab/internal/terminal/Shell"
import { Result } from "effect"
import { execFileSync } from "node:child_process"

const with_ = (config: Experiment.Options, override: string): Experiment.Options =>
  Result.getOrThrow(
    Experiment.decode(
      Config.override(Experiment.definition, config, [Result.getOrThrow(Config.parseOverride(override))])
    )
  )

describe("what to try next", () => {
  it.each(Object.entries(Presets.presets))(
    "is accepted after %s, and changes something",
    (name, { config }) => {
      const whole = Result.getOrThrow(Experiment.decode(config))
      const next = Next.of(whole, name)
      assert.strictEqual(next.preset, name)
      assert.notStrictEqual(next.evaluation, whole.evaluation.seed)
      const change = next.change ?? ""
      assert.notStrictEqual(Config.hash(with_(whole, change)), Config.hash(whole))
      assert.notStrictEqual(with_(whole, `training.seed=${next.seed}`).training.seed, whole.training.seed)
      // A run that was changed is not the preset's.
      assert.isUndefined(Next.of(with_(whole, change), name).preset)
      assert.strictEqual(Next.of(with_(whole, "training.seed=7"), name).preset, name)
      assert.isUndefined(Next.of(whole, "nowhere").preset)
    }
  )

  it("names a seed that there is, also after the largest one", () => {
    const whole = Result.getOrThrow(Experiment.decode({ environment: { kind: "pendulum" } }))
    const accepted = [2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER].filter((seed) =>
      Result.isSuccess(Experiment.decode({ ...whole, training: { ...whole.training, seed } }))
    )
    assert.isNotEmpty(accepted)
    for (const seed of accepted) {
      const { seed: other } = Next.of({ ...whole, training: { ...whole.training, seed } }, null)
      assert.isTrue(
        Result.isSuccess(Experiment.decode({ ...whole, training: { ...whole.training, seed: other } }))
      )
    }
  })
})

describe("words of a command line", () => {
  const words = [
    "runs/pendulum-20261121-seed0",
    "my runs/a b",
    "it's",
    '$HOME `x` \\ "y" ; rm *',
    "a\nb\u001b[31m\\'",
    "algorithm.hidden=[64,64]",
    "~/x",
    "größe"
  ]

  it.each(words)("mean %j to a shell", (word) => {
    const printed = execFileSync("bash", ["-c", `printf %s ${Shell.quote(word)}`], {
      env: { ...process.env, LC_ALL: "C.UTF-8" }
    })
    assert.strictEqual(printed.toString(), word)
  })

  it("are as they are where that is safe, and no options", () => {
    assert.strictEqual(Shell.quote("runs/a-1"), "runs/a-1")
    assert.strictEqual(Shell.quote("-rf"), "./-rf")
  })
})
