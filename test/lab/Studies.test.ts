import { assert, describe, it } from "@effect/vitest"
import * as Presets from "@ornstein/lab/Presets"
import { readFileSync } from "node:fs"
import * as Studies from "../../bench/Studies.ts"

const page = readFileSync(new URL("../../docs/results.md", import.meta.url), "utf8")

describe("studies", () => {
  it.each(Object.entries(Studies.studies))(
    "%s trains presets that there are, and has a place on its page",
    (name, study) => {
      assert.include(page, `<!-- ${name}: made by npm run results -->`)
      assert.include(page, `<!-- end of ${name} -->`)
      for (const { preset, steps } of study.trials) {
        assert.include(Presets.names, preset)
        assert.strictEqual(steps % study.every, 0, "the last evaluation stands at the end")
      }
    }
  )

  it("are commands that a stranger can repeat", () => {
    const study = Studies.studies["mujoco-100k"]
    const [trial] = study?.trials ?? []
    assert.strictEqual(
      study !== undefined && trial !== undefined && Studies.command(study, trial, 3).join(" "),
      "train --preset half-cheetah-td3 --seed 3 --steps 100000 --set evaluation.every=5000 --set evaluation.episodes=10"
    )
  })
})
