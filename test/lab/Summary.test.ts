import { assert, describe, it } from "@effect/vitest"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Pendulum from "@ornstein/envs/Pendulum"
import * as Summary from "@ornstein/lab/Summary"

const evaluated = (...returns: ReadonlyArray<number>) =>
  Evaluation.summarize(
    returns,
    returns.map(() => 200)
  )

const outcome: Summary.Outcome = {
  run: "/home/a/runs/x",
  shortRun: "runs/x",
  next: { preset: "pendulum", seed: 4, evaluation: 1, change: "algorithm.tau=0.005" },
  algorithm: "DDPG",
  environment: Pendulum.make().spec,
  threshold: -200,
  step: 10_000,
  before: evaluated(-1200, -1000, -1100, -900),
  after: evaluated(-160, -140, -150, -150),
  hash: { parameters: "aa", state: "bb" },
  wallSeconds: 65,
  stepsPerSecond: 2000
}

const text = (changes: Partial<Summary.Outcome> = {}): string =>
  Summary.lines({ ...outcome, ...changes }).join("\n")

const { threshold: _, ...unsolvable } = outcome

describe("lines", () => {
  it("say what was learned, how good it is, where it is and what to try next", () => {
    const said = text()
    assert.include(said, "DDPG learned Pendulum-v1")
    assert.match(said, /return before +-1050.0 ± 111.8/)
    assert.match(said, /return after +-150.0 ± 7.1/)
    assert.include(said, "1:05")
    assert.include(said, "Written to runs/x")
    assert.include(said, "npx ornstein train --preset pendulum --seed 4")
  })

  it("say of a branch that it began with a policy that had learned, and quote paths", () => {
    assert.match(text(), /return before .* untrained, mean/)
    assert.match(text({ origin: 4000 }), /return before .* as the branch began, at step 4,000, mean/)
    const said = text({ shortRun: "my runs/x", next: { ...outcome.next, preset: undefined } })
    assert.include(said, "npx ornstein evaluate 'my runs/x' --seed 1")
    assert.include(said, "npx ornstein train --config 'my runs/x/config.json' --seed 4")
    assert.notInclude(
      text({ next: { ...outcome.next, seed: undefined, change: undefined } }),
      "ornstein train"
    )
  })

  it("name the configuration of a run without a preset, and a directory elsewhere in full", () => {
    assert.include(
      text({ next: { ...outcome.next, preset: undefined } }),
      "ornstein train --config runs/x/config.json --seed 4"
    )
    assert.include(text({ shortRun: "../../runs/x" }), "Written to /home/a/runs/x")
  })

  it.each([
    ["Solved", {}],
    ["has become better; solved would be", { after: evaluated(-300, -310, -290, -300) }],
    ["about as good as before", { after: evaluated(-1050, -1100, -1000, -1049) }],
    ["has become worse", { after: evaluated(-1500, -1510, -1490, -1500) }]
  ] as const)("judge: %s", (verdict, changes) => assert.include(text(changes), verdict))

  it("judge without a threshold", () =>
    assert.include(Summary.lines(unsolvable).join("\n"), "has become better."))
})

describe("json", () => {
  it("has these keys in this order", () =>
    assert.strictEqual(
      Summary.json(outcome),
      '{"run":"/home/a/runs/x","step":10000,"evaluation":{"mean":-150,"std":7.0710678118654755,"episodes":4},' +
        '"hash":{"parameters":"aa","state":"bb"},"wallSeconds":65,"stepsPerSecond":2000}'
    ))
})
