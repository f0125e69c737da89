import { assert, describe, it } from "@effect/vitest"
import * as Suggestion from "@ornstein/core/Suggestion"

describe("distance", () => {
  it.each([
    ["", "abc", 3],
    ["tau", "tau", 0],
    ["tua", "tau", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3]
  ])("from %j to %j is %i", (a, b, edits) => {
    assert.strictEqual(Suggestion.distance(a, b), edits)
    assert.strictEqual(Suggestion.distance(b, a), edits)
  })
})

describe("nearest", () => {
  const known = ["batchSize", "learningStarts", "seed", "steps"]

  it.each([
    ["bacthSize", "batchSize"],
    ["BATCHSIZE", "batchSize"],
    ["learning", "learningStarts"],
    ["sede", "seed"],
    ["step", "steps"]
  ])("%s means %s", (name, meant) => assert.strictEqual(Suggestion.nearest(name, known), meant))

  it.each([
    ["updatePerStep", "updatesPerRound"],
    ["everyUpdatePerRound", "updatesPerRound"],
    ["startLearningNow", "learningStarts"],
    ["everyMoment", undefined],
    ["startsOfLearning", "learningStarts"]
  ])("%s has two words of %s", (name, meant) =>
    assert.strictEqual(Suggestion.nearest(name, new Set([...known, "updateEvery", "updatesPerRound"])), meant)
  )

  it("says nothing where nothing is near", () => {
    assert.isUndefined(Suggestion.nearest("momentum", known))
    assert.isUndefined(Suggestion.nearest("x", []))
  })
})
