/**
 * Every option that a branch can change: it holds from there on, or it is refused with its path and what to do. Nothing is
 * accepted in silence, and nothing crashes.
 */
import * as Config from "@ornstein/core/Config"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Safetensors from "@ornstein/core/Safetensors"
import * as SchemaShape from "@ornstein/core/internal/config/SchemaShape"
import * as Training from "@ornstein/core/Training"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Inheritance from "@ornstein/lab/internal/session/Inheritance"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

// worlds, learners and memories: between them, every option of the schema

const path = join(mkdtempSync(join(tmpdir(), "branch-")), "data.safetensors")
const rows = 60
const numbers = (width: number, modulus: number) => ({
  shape: [rows, width],
  data: Float32Array.from({ length: rows * width }, (_, i) => (i % modulus) / modulus)
})
for (const [name, modulus] of [
  ["data", 7],
  ["other", 5]
] as const) {
  const dataset = {
    observation: numbers(3, modulus),
    action: numbers(1, 3),
    reward: numbers(1, modulus),
    terminated: numbers(1, 1),
    truncated: { shape: [rows, 1], data: Float32Array.from({ length: rows }, (_, i) => Number(i % 10 === 9)) }
  }
  writeFileSync(path.replace("data", name), Safetensors.encode(dataset))
}

const AT = 90
const UNTIL = 140

const training = { steps: UNTIL, warmup: 20, learningStarts: 30, batchSize: 8, sliceSteps: 10 }
const environment = { kind: "pendulum", timeLimit: 30 }
const small = { hidden: [4, 4] }
const uniform = { kind: "uniform", capacity: 60 }

const parents: { readonly [name: string]: JsonPath.JsonRecord } = {
  ddpg: { environment, algorithm: { base: "ddpg", ...small }, replay: uniform, training },
  "ddpg, a large memory": {
    environment,
    algorithm: {
      base: "ddpg",
      ...small,
      critic: { kind: "twoBranch", branches: { state: [3], action: [2] } },
      variants: [{ kind: "targetUpdate", rule: "soft" }]
    },
    replay: { ...uniform, capacity: 500, replacement: false },
    exploration: { kind: "ornsteinUhlenbeck", dt: 0.5 },
    training
  },
  "ddpg, networks by name": {
    environment,
    algorithm: {
      base: "ddpg",
      variants: [{ kind: "twinCritics" }],
      network: {
        kind: "dense",
        ...small,
        critic: { kind: "twoBranch", branches: { state: [3], action: [2] } }
      }
    },
    replay: uniform,
    training
  },
  "ddpg, normalised": {
    environment,
    algorithm: {
      base: "ddpg",
      ...small,
      actorGradientClip: 0.1,
      criticGradientClip: 0.1,
      criticHidden: [3],
      variants: [{ kind: "targetPolicySmoothing" }]
    },
    replay: { ...uniform, compact: true, nStep: 2 },
    training: { ...training, normalize: { observations: true, rewards: true, clip: 0.5 } }
  },
  "td3 with a dataset": {
    environment,
    algorithm: {
      base: "td3",
      ...small,
      variants: [{ kind: "behaviourCloning" }, { kind: "huber", delta: 0.1 }]
    },
    replay: { kind: "offline", file: path, capacity: 50 },
    training
  },
  "d4pg, priorities": {
    environment,
    algorithm: {
      base: "ddpg",
      ...small,
      variants: [
        { kind: "categoricalCritic", atoms: 11, minimum: -20, maximum: 0 },
        { kind: "targetUpdate", rule: "hard", every: 3 }
      ]
    },
    replay: { kind: "prioritized", capacity: 60 },
    exploration: { kind: "parameterNoise", every: 5 },
    training
  },
  "sac, long hand": {
    environment,
    algorithm: {
      base: "ddpg",
      ...small,
      variants: [{ kind: "softActor" }, { kind: "criticEnsemble", critics: 3 }, { kind: "layerNorm" }]
    },
    replay: uniform,
    exploration: { kind: "none" },
    training
  },
  "tqc, long hand": {
    environment,
    algorithm: {
      base: "ddpg",
      ...small,
      variants: [
        { kind: "softActor" },
        { kind: "quantileCritic", count: 2, quantiles: 5, dropped: 1 },
        { kind: "delayedPolicy" }
      ]
    },
    replay: uniform,
    exploration: { kind: "none" },
    training
  },
  "hindsight, deep sets": {
    environment: {
      kind: "pointReach",
      dimensions: 2,
      goalConditioned: true,
      reward: "sparse",
      timeLimit: 10
    },
    algorithm: { base: "ddpg", network: { kind: "deepSets", hidden: [4], features: 3 } },
    replay: { kind: "hindsight", capacity: 60 },
    training
  },
  actorCritic: {
    environment: { kind: "cartPole" },
    algorithm: { base: "actorCritic", hidden: [4] },
    replay: { kind: "rollout", capacity: 40 },
    training: { steps: UNTIL, sliceSteps: 10 }
  },
  a2c: {
    environment: { kind: "cartPole" },
    algorithm: { base: "a2c", hidden: [4] },
    replay: { kind: "rollout", capacity: 16 },
    training: { steps: UNTIL, sliceSteps: 10 }
  }
}

// what can be changed, and to what

/** Evaluations and the engine are no part of a run's state. */
const PARTS = ["environment", "algorithm", "replay", "exploration", "training"] as const

const kindsOf = (
  catalogue: "bases" | "networks" | "optimizers" | "replays" | "explorations" | "variants"
): ReadonlyArray<string> => Experiment.catalogues[catalogue].parts.map(({ kind }) => kind)

/** Values of options that are no numbers and no booleans, by the end of their path. */
const others: ReadonlyArray<readonly [path: RegExp, values: ReadonlyArray<unknown>]> = [
  [/^environment\.kind$/, ["linearQuadratic", "mountainCarContinuous"]],
  [/^environment\.gymnasiumSeed$/, [5]],
  [/^environment\.integrator$/, ["semi-implicit euler", "semiImplicit"]],
  [/^environment\.reward$/, ["distance"]],
  [/^environment\.goal$/, [0.5]],
  [/^environment\.id$/, ["CartPole-v0"]],
  [/^algorithm\.base$/, kindsOf("bases")],
  [/^algorithm\.network\.kind$/, kindsOf("networks")],
  [/\.criticHidden$/, [[5]]],
  [/\.critic\.kind$/, ["twoBranch", "concatenated"]],
  [/\.critic\.branches$/, [{ state: [5], action: [2] }]],
  [/\.initial$/, ["glorot"]],
  [/\.activation$/, ["tanh"]],
  [/[oO]ptimizer\.kind$/, kindsOf("optimizers")],
  [/^algorithm\.(actor|critic)GradientClip$/, [1e-3]],
  [/^algorithm\.advantageGradient$/, ["detached"]],
  [/^algorithm\.variants$/, [[{ kind: "huber", delta: 0.01 }]]],
  [/\.rule$/, ["soft", "hard"]],
  [/\.combine$/, ["mean"]],
  [/\.targetEntropy$/, [-5]],
  [/\.logStdMinimum$/, [1]],
  [/\.logStdMaximum$/, [-3]],
  [/\.temperatureLoss$/, ["exponential"]],
  [/^replay\.kind$/, kindsOf("replays")],
  [/^replay\.file$/, [path.replace("data", "other")]],
  [/^replay\.strategy$/, ["final", "episode"]],
  [/^replay\.until$/, ["full", "episode"]],
  [/^exploration\.kind$/, kindsOf("explorations")],
  [/^exploration\.dt$/, [0.25]],
  [/^exploration\.perLane$/, [{ rule: "uniform", from: 0.5, to: 2 }]],
  [/^training\.workers$/, [1]],
  [/^training\.episodes$/, [100]],
  [/^environment\.timeLimit$/, [7]]
]

const alternatives = (option: string, value: unknown): ReadonlyArray<unknown> => {
  const named = others.filter(([path]) => path.test(option)).flatMap(([, values]) => values)
  if (named.length > 0) return named
  if (typeof value === "boolean") return [!value]
  if (typeof value === "number") return [2 * value, value / 2, value + 1, value - 1, 0.05, 1]
  return Array.isArray(value) ? [value.map((x) => Number(x) + 1)] : []
}

/** An option of a configuration: where it is, and which part of the schema it is of. */
interface Option {
  readonly path: string
  readonly of: string
}

/** The options of a part of this kind: those that are there, and those that are left out. */
const optionsOf = (config: unknown, path: JsonPath.Path): ReadonlyArray<Option> => {
  const part = JsonPath.at(config, JsonPath.join(path))
  const structs = SchemaShape.structsAt(Experiment.Options.ast, path.map(String)).filter((struct) =>
    ["kind", "base"].every((tag) => {
      const kind = JsonPath.child(part, tag)
      return kind === undefined || SchemaShape.isKind(struct, tag, kind)
    })
  )
  const base = JsonPath.child(part, "base")
  // The options of DDPG are those of its variants with names of their own.
  const family = base === "actorCritic" || base === "a2c" ? base : "ddpg"
  const own = JsonPath.child(part, "kind")
  const kind = typeof own === "string" ? own : base === undefined ? "" : family
  const place = path.map((key) => (/^\d+$/.test(String(key)) ? "*" : String(key))).join(".")
  return [...new Set(structs.flatMap(SchemaShape.keysOf))].flatMap((key) => {
    const at = [...path, key]
    const value = JsonPath.child(part, key)
    const option: Option = { path: JsonPath.join(at), of: `${place}(${kind}).${key}` }
    if (key === "variants" && Array.isArray(value)) {
      return [option, ...value.flatMap((_, i) => optionsOf(config, [...at, String(i)]))]
    }
    return /^(normalize|network|critic|\w*[oO]ptimizer)$/.test(key) && JsonPath.isRecord(value)
      ? optionsOf(config, at)
      : [option]
  })
}

/** Options whose value changes no number of the run: what they change is elsewhere. */
const SILENT = /^training\(\)\.(steps|episodes|sliceSteps|workers)$|\.compact$/

/** Options that are tried with every learner and memory. */
const ALWAYS = /^replay\.capacity$|^algorithm\.gamma$/

/** Options of which every value is tried. */
const KINDS = /\.(kind|base)$/

const decode = (input: unknown, overrides: ReadonlyArray<string> = []) =>
  Config.decodeWith(Experiment.definition, input, overrides)

const run = (config: Experiment.Options, steps: number, from?: Training.Saved) =>
  Effect.gen(function* () {
    const trainer = yield* Training.make(
      yield* Experiment.learner(config),
      { ...config.training, steps },
      from
    )
    yield* Stream.runDrain(trainer.stream)
    return yield* trainer.saved
  }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config), { local: true }))

/** What had to be changed with an option: a minibatch is a whole rollout. */
const companions = (config: Experiment.Options, option: string, value: unknown): ReadonlyArray<string> =>
  option === "replay.capacity" && config.replay.kind === "rollout"
    ? [`training.batchSize=${String(value)}`]
    : []

/** What became of each option: the first value that was accepted and changed something, or that nothing was. */
type Outcome = "holds" | "refused" | "has no effect"
const outcomes = new Map<string, Set<Outcome>>()

describe("a branch", () => {
  it.live.each(Object.entries(parents).map(([name, parent]) => ({ name, parent })))(
    "of $name has what it is given, or is refused",
    ({ parent }) =>
      Effect.gen(function* () {
        const before = yield* Effect.fromResult(decode(parent))
        const saved = yield* run(before, AT)
        assert.isAbove(saved.state.updates, 0)
        const unchanged = Training.hash(yield* run(before, UNTIL, saved))

        const tell = Effect.fnUntraced(function* (option: string, value: unknown) {
          const given = [`${option}=${JSON.stringify(value)}`, ...companions(before, option, value)]
          const decoded = decode(before, given)
          if (Result.isFailure(decoded)) return undefined
          const after = decoded.success
          if (Inheritance.changed(before, after).length === 0) return undefined
          const mistakes = yield* Inheritance.mistakes(before, after, saved)
          for (const { allowed, path } of mistakes) {
            assert.match(allowed, /^expected /, `${path}: ${allowed}`)
            assert.isNotEmpty(path)
          }
          if (mistakes.length > 0) return "refused" as const
          const ended = yield* run(after, UNTIL, yield* Inheritance.take(before, after, saved))
          return Training.hash(ended) === unchanged ? ("has no effect" as const) : ("holds" as const)
        })

        for (const { of, path: option } of PARTS.flatMap((part) => optionsOf(before, [part]))) {
          const known = outcomes.get(of) ?? new Set()
          if ((known.has("holds") || known.has("refused")) && !ALWAYS.test(option)) continue
          outcomes.set(of, known)
          for (const value of alternatives(option, JsonPath.at(before, option))) {
            const outcome = yield* tell(option, value)
            if (outcome !== undefined) known.add(outcome)
            if (outcome === "holds" && !KINDS.test(option)) break
          }
        }
      }),
    300_000
  )

  it("is asked for every option that there is, and every one holds or is refused", () => {
    const dead = [...outcomes].filter(([, told]) => told.size === 1 && told.has("has no effect"))
    assert.deepStrictEqual(
      dead.map(([of]) => of).filter((of) => !SILENT.test(of)),
      []
    )
    // Of a world, a base and a kind, some options exclude all others.
    const untold = [...outcomes].filter(([, told]) => told.size === 0).map(([of]) => of)
    assert.deepStrictEqual(
      untold.filter((of) => !/\)\.(kind|base|goal|goalConditioned|network)$/.test(of)),
      []
    )
    const asked = [...outcomes.keys()]
    for (const [place, kinds] of [
      ["replay", kindsOf("replays")],
      ["exploration", kindsOf("explorations")],
      ["algorithm.network", kindsOf("networks")],
      // Its network is asked in its place.
      ["algorithm.variants.*", kindsOf("variants").filter((kind) => kind !== "deepSets")]
    ] as const) {
      assert.isAbove(kinds.length, 1)
      for (const kind of kinds)
        assert.isTrue(
          asked.some((of) => of.startsWith(`${place}(${kind})`)),
          kind
        )
    }
  })
})

describe("what is taken over", () => {
  const taken = (parent: JsonPath.JsonRecord, overrides: ReadonlyArray<string>, at = AT) =>
    Effect.gen(function* () {
      const before = yield* Effect.fromResult(decode(parent))
      const after = yield* Effect.fromResult(decode(before, overrides))
      const saved = yield* run(before, at)
      const mistakes = yield* Inheritance.mistakes(before, after, saved)
      return { after, saved, mistakes, inherited: yield* Inheritance.take(before, after, saved) }
    })
  const parent = parents["ddpg"] ?? {}

  it.live("priorities as of new transitions", () =>
    Effect.gen(function* () {
      const { inherited, mistakes } = yield* taken(parent, ["replay.kind=prioritized"])
      assert.deepStrictEqual(mistakes, [])
      const weights = new Float64Array(60).fill(1)
      assert.deepStrictEqual(inherited.state.replay, { stored: AT, sampler: { largest: 1, weights } })
    })
  )

  it.live("noise that begins anew, and on parameters with the next episode", () =>
    Effect.gen(function* () {
      const remembered = yield* taken(parent, ["exploration.kind=ornsteinUhlenbeck"])
      assert.deepStrictEqual(remembered.inherited.state.exploration, new Float64Array(1))
      const { inherited, saved } = yield* taken(parent, ["exploration.kind=parameterNoise"])
      const of = ({ state }: Training.Saved, path: string) => JsonPath.child(state.agent, path)
      assert.deepStrictEqual(of(inherited, "extension.perturbed.l0.w"), of(saved, "online.actor.l0.w"))
      assert.deepStrictEqual(inherited.state.exploration, { sigma: 0.1 })
    })
  )

  it.live("what an optimizer remembers, behind a clip of gradients too", () =>
    Effect.gen(function* () {
      const { inherited, mistakes, saved } = yield* taken(parent, ["algorithm.criticGradientClip=1"])
      assert.deepStrictEqual(mistakes, [])
      const [was, is] = [saved, inherited].map(({ state }) =>
        Object.entries(Object(state.agent)).filter(([path]) => path.startsWith("optimizer.critic"))
      )
      assert.deepStrictEqual(
        is?.map(([, data]) => data),
        was?.map(([, data]) => data)
      )
      assert.notDeepEqual(
        is?.map(([path]) => path),
        was?.map(([path]) => path)
      )
    })
  )

  it.live.each([
    ["training.normalize.observations=true", /its networks have learned from observations as they are/],
    ["training.normalize.rewards=true", /its values are of rewards as they are/],
    [
      "algorithm.hidden=[5,4]",
      /its networks have other numbers \(online\.actor\.l0\.w would have 15 numbers, and has 12\)/
    ],
    ["algorithm.base=td3", /its networks have other numbers/],
    ["algorithm.smallFinal=false", /says how something begins/],
    ["replay.capacity=61", /at most 60, as in the run: it has overwritten/],
    ["environment.timeLimit=29", undefined],
    ["environment.kind=linearQuadratic", /inside an episode of that world/],
    ["training.warmup=50", /more than 90, where the branch begins/],
    ["training.warmup=100", undefined],
    ["training.learningStarts=31", /more than 91, the branch's first step/]
  ] as const)("nothing that does not fit: %s", ([override, said]) =>
    Effect.gen(function* () {
      const { mistakes } = yield* taken(parent, [override])
      if (said === undefined) assert.deepStrictEqual(mistakes, [])
      else assert.match(mistakes.map(({ allowed }) => allowed).join(), said)
    })
  )
})
