import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Registry from "@ornstein/envs/Registry"
import * as Wrapper from "@ornstein/envs/Wrapper"
import { readFileSync } from "node:fs"

const text = readFileSync("packages/envs/README.md", "utf8")

it("the README names every world", () => {
  for (const { id } of Registry.entries) {
    const name = id
      .replace(/^(?<kind>DiscreteProbe|Probe)[A-Z].*-/u, "$<kind>...-")
      .replace("CartPole-v0", "`, `-v0`")
    assert.include(text, name)
  }
})

it("the README names every wrapper, and none that is not there", () => {
  const named = Array.from(text.matchAll(/Wrapper\.(?<name>[a-zA-Z]+)/gu), (match) => match.groups?.["name"])
  assert.sameMembers(
    [...new Set(named)],
    Object.keys(Wrapper).filter((name) => name !== "kinds")
  )
  assert.include(text, "Environment.rescaleActions")
  assert.isFunction(Environment.rescaleActions)
})
