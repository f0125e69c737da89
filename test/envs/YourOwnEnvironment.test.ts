import { assert, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"

it("the example of an environment of one's own keeps the contract and lands", () => {
  const output = execFileSync(
    process.execPath,
    ["--conditions=@ornstein/source", "examples/04-your-own-environment.ts"],
    { encoding: "utf8" }
  )
  const [contract, landing] = output.trimEnd().split("\n")
  assert.strictEqual(contract, "Lander-v0 keeps the contract of environments")
  assert.strictEqual(landing, "it lands after 108 steps with a return of -3.59")
})
