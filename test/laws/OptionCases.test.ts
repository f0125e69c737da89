import { assert, it } from "@effect/vitest"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Part from "@ornstein/core/Part"
import * as Experiment from "@ornstein/lab/Experiment"
import { Result } from "effect"
import { cases, hasOptions, moving } from "./OptionCases.ts"

/** Parts with no case: what their options do is seen where Python is, in test/envs/gymnasium. */
const elsewhere = new Set(["gymnasium"])

it("the law that no option is without effect has a case for every part of every catalogue", () => {
  const { bases, explorations, networks, optimizers, ramps, replays, variants, worlds, wrappers } =
    Experiment.catalogues
  const inputs = cases.map(([, input]) => Result.getOrThrow(Experiment.decode(input)))
  for (const [parts, ...places] of [
    [worlds.parts, "environment.kind"],
    [wrappers.parts, "wrappers.0.kind"],
    [bases.parts, "algorithm.base"],
    [variants.parts, "algorithm.variants.0.kind"],
    [replays.parts, "replay.kind"],
    [explorations.parts, "exploration.kind"],
    [networks.parts, "algorithm.network.kind"],
    [optimizers.parts, "algorithm.criticOptimizer.kind"],
    [ramps.parts, ...Object.keys(moving).map((name) => `algorithm.${name}.kind`)]
  ] as const) {
    const seen = new Set(inputs.flatMap((config) => places.map((place) => JsonPath.at(config, place))))
    const all: ReadonlyArray<Part.Any> = parts
    const unseen = all.filter((part) => hasOptions(part) && !seen.has(part.kind) && !elsewhere.has(part.kind))
    assert.deepStrictEqual(
      unseen.map(({ kind }) => kind),
      []
    )
  }
})
