/**
 * What has no effect is refused, over the whole schema of a configuration: whichever option is changed, other programs
 * are traced, other numbers go into them, or the world, the replay, the exploration or the evaluation answers otherwise;
 * or the change is refused by a typed error. Learning itself is left out: an engine that only listens stands in. So the
 * options of engines are not here: which engine they open is the subject of test/lab/Experiment.test.ts.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Dense from "@ornstein/algos/Dense"
import * as Engine from "@ornstein/core/Engine"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Exploration from "@ornstein/core/Exploration"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Part from "@ornstein/core/Part"
import * as Replay from "@ornstein/core/Replay"
import * as Safetensors from "@ornstein/core/Safetensors"
import * as SchemaShape from "@ornstein/core/internal/config/SchemaShape"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Training from "@ornstein/core/Training"
import type * as Jit from "@ornstein/jit/Engine"
import type * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Experiment from "@ornstein/lab/Experiment"
import { Effect, Layer, Result, Schema, SchemaAST, Stream } from "effect"
import { createHash, type Hash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

/** Options that change nothing of these, each for a reason. */
const exceptions: { readonly [path: string]: string } = {
  "training.sliceSteps": "where reports stand changes no result; test/laws/Training.test.ts holds it to that",
  "replay.compact": "another way of keeping the same transitions; test/core/Transitions.test.ts",
  "evaluation.every": "the session evaluates in between; test/lab/Train.test.ts",
  "environment.goalVelocity":
    "counts at the flag, which noise does not reach; test/envs/MountainCarContinuous.test.ts"
}

// an engine that listens

const update = (hash: Hash, { data }: NdArray.NdArray): void => {
  hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

/** What a graph computes, without the places in the source that asked for it. */
const text = (graph: Graph.Graph): string =>
  JSON.stringify(graph, (key, value: unknown) =>
    key === "site" ? undefined : ArrayBuffer.isView(value) ? Object.values(value) : value
  )

/** Tells everything that it is given to the hash, and answers with numbers that depend on the call alone. */
const listening = (hash: Hash): Jit.Engine => ({
  name: "listening",
  synchronous: true,
  link: ({ programs, state }) => {
    for (const [path, array] of state) update(hash.update(path), array)
    const arrays = (graph: Graph.Graph, list: ReadonlyArray<Graph.Parameter | Graph.Result>, role: string) =>
      new Map(
        list.flatMap((entry) =>
          entry.role === role ? [[entry.path, NdArray.zeros(graph.values[entry.value]!.shape)] as const] : []
        )
      )
    const executables = Array.from(programs, ([name, graph]) => {
      hash.update(name).update(text(graph))
      const inputs = arrays(graph, graph.parameters, "input")
      const outputs = arrays(graph, graph.results, "output")
      let calls = 0
      const run = (): void => {
        calls += 1
        hash.update(name)
        for (const array of inputs.values()) update(hash, array)
        for (const { data } of outputs.values()) data.fill(((calls * 7) % 11) / 11 - 0.4)
      }
      return [name, { inputs, outputs, run, runAsync: () => Promise.resolve(run()) }] as const
    })
    const nothing = (): void => {}
    return { state, programs: new Map(executables), pull: nothing, push: nothing, dispose: nothing }
  }
})

/** All that is said and asked in a short run; or the error that refuses it. */
const fingerprint = (config: Experiment.Options) =>
  Effect.gen(function* () {
    const hash = createHash("sha256")
    const engine = Layer.succeed(Engine.Engine, listening(hash))
    const services = Layer.mergeAll(
      Replay.layer(config.replay),
      Exploration.layer(config.exploration),
      engine
    )
    yield* Effect.gen(function* () {
      const learner = yield* Experiment.learner(config)
      hash.update(learner.name)
      const trainer = yield* Training.make(learner, config.training)
      hash.update(JSON.stringify(trainer.environment.spec))
      yield* Stream.runForEach(trainer.stream, ({ episodes, exploration, updates }) =>
        Effect.sync(() => hash.update(JSON.stringify([episodes, exploration, updates])))
      )
      const { rows, state } = yield* trainer.saved
      hash.update(Snapshot.stringify({ ...state.slice, ...rows, environment: state.environment }))
      const result = yield* Evaluation.run(trainer.environment, trainer.policy, Experiment.episodesOf(config))
      hash.update(JSON.stringify(result))
    }).pipe(Effect.scoped, Effect.provide(services))
    return hash.digest("hex")
  })

// the schema, walked

const literals = (ast: SchemaAST.AST): ReadonlyArray<unknown> =>
  SchemaAST.isUnion(ast) ? ast.types.flatMap((type) => (SchemaAST.isLiteral(type) ? [type.literal] : [])) : []

/** The same with every number doubled: of a ramp's points, say. */
const doubled = (value: unknown): unknown => {
  if (typeof value === "number") return 2 * value
  if (Array.isArray(value)) return value.map(doubled)
  return JsonPath.isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, doubled(inner)]))
    : value
}

/** Values of which some fit an option, whatever it is. */
const candidates = (value: unknown, ast: SchemaAST.AST): ReadonlyArray<unknown> => [
  ...(typeof value === "number" ? [2 * value, value + 1, value / 2] : []),
  ...(typeof value === "boolean" ? [!value] : []),
  ...literals(ast),
  ...(Array.isArray(value)
    ? [
        [...value, ...value],
        value.map((row: unknown) => (Array.isArray(row) ? row.map((x) => 2 * Number(x)) : row))
      ]
    : []),
  ...(typeof value === "object" && value !== null ? [doubled(value)] : []),
  ...(typeof value === "string" ? [`${value}-other`] : []),
  { kind: "twoBranch" },
  Dense.Options.make({ hidden: [4] }),
  { kind: "sgd", momentum: 0.5 },
  0.3,
  3,
  [5],
  1e5
]

interface Change {
  readonly path: string
  readonly config: unknown
}

const put = (target: unknown, [key, ...rest]: ReadonlyArray<string>, value: unknown): unknown => {
  if (key === undefined) return value
  if (Array.isArray(target)) {
    return target.map((item: unknown, i) => (String(i) === key ? put(item, rest, value) : item))
  }
  return {
    ...(JsonPath.isRecord(target) ? target : {}),
    [key]: put(JsonPath.child(target, key), rest, value)
  }
}

/** The configuration with each option at the path changed, tags aside, to the first other value that its type takes. */
const changes = (config: Experiment.Options, part: string): ReadonlyArray<Change> => {
  const here = JsonPath.at(config, part)
  const isMeant = (struct: SchemaAST.Objects): boolean =>
    SchemaShape.fieldsOf(struct).every(
      ([name, type]) =>
        !SchemaAST.isLiteral(type) || SchemaShape.isKind(struct, name, JsonPath.child(here, name))
    )
  const struct = SchemaShape.structsAt(Experiment.Options.ast, JsonPath.split(part)).find(isMeant)
  assert.isDefined(struct, part)
  return SchemaShape.fieldsOf(struct).flatMap(([name, type]): ReadonlyArray<Change> => {
    const path = `${part}.${name}`
    const value = JsonPath.child(here, name)
    if (SchemaAST.isLiteral(type) || name === "variants") return []
    if (JsonPath.isRecord(value) && !("kind" in value)) return changes(config, path)
    const parse = Schema.decodeUnknownResult(Schema.make<Schema.ConstraintDecoder<unknown>>(type))
    const other = candidates(value, type).find((candidate) => {
      const parsed = parse(candidate)
      return Result.isSuccess(parsed) && JSON.stringify(parsed.success) !== JSON.stringify(value)
    })
    assert.isDefined(other, `no other value is known for ${path}`)
    return [{ path, config: put(config, JsonPath.split(path), other) }]
  })
}

/** The options of these parts without effect. */
const idle = Effect.fnUntraced(function* (input: object, parts: ReadonlyArray<string>) {
  const config = Result.getOrThrow(Experiment.decode(input))
  const before = yield* fingerprint(config)
  assert.strictEqual(yield* fingerprint(config), before, "a run says the same twice")
  const all = parts.flatMap((part) => changes(config, part))
  assert.isAbove(all.length, 0)
  let acted = 0
  const found: Array<string> = []
  for (const { config, path } of all) {
    const decoded = Experiment.decode(config)
    if (Result.isFailure(decoded)) continue
    const after = yield* Effect.result(fingerprint(decoded.success))
    if (Result.isSuccess(after) && after.success === before) found.push(path)
    else acted += 1
  }
  assert.isAbove(acted, 0, "some change has an effect")
  return found.filter((path) => !(path.replace(/^(algorithm\.variants)\.\d+/, "$1") in exceptions))
})

// configurations in which every part is at work

const folder = mkdtempSync(join(tmpdir(), "ornstein-options-"))
afterAll(() => rmSync(folder, { recursive: true }))

const dataset = (name: string, scale: number): string => {
  const path = join(folder, name)
  const rows = 40
  const numbers = (width: number) => ({
    shape: width === 0 ? [rows] : [rows, width],
    data: Float32Array.from({ length: rows * Math.max(1, width) }, (_, i) => (scale * ((i * 7) % 11)) / 11)
  })
  writeFileSync(
    path,
    Safetensors.encode({
      observation: numbers(3),
      action: numbers(1),
      reward: numbers(0),
      nextObservation: numbers(3),
      terminated: { shape: [rows], data: new Float32Array(rows) },
      truncated: {
        shape: [rows],
        data: Float32Array.from({ length: rows }, (_, i) => (i % 10 === 9 ? 1 : 0))
      }
    })
  )
  return path
}

const pendulum = {
  environment: { kind: "pendulum", timeLimit: 12 },
  algorithm: { base: "ddpg", hidden: [3] },
  replay: { kind: "uniform", capacity: 30 },
  training: { steps: 50, warmup: 5, learningStarts: 10, batchSize: 4, sliceSteps: 25 },
  evaluation: { episodes: 2 }
}

const cartPole = {
  environment: { kind: "cartPole", timeLimit: 12 },
  training: { steps: 60, sliceSteps: 30 },
  evaluation: { episodes: 2 }
}

dataset("data-other", 0.5)

const goals = {
  kind: "pointReach",
  dimensions: 2,
  goalConditioned: true,
  reward: "sparse",
  radius: 0.4,
  timeLimit: 12
}

const variant = (options: object) => ({
  ...pendulum,
  algorithm: { ...pendulum.algorithm, variants: [options] }
})

/** A ramp of each kind. */
const moving = {
  actorLearningRate: { kind: "linear", from: 0.01, to: 0.001, steps: 20, per: "step" },
  criticLearningRate: { kind: "cosine", from: 0.01, to: 0.001, steps: 20, per: "update" },
  criticWeightDecay: { kind: "exponential", from: 0.1, to: 0.01, halfLife: 10, per: "step" },
  criticL2: {
    kind: "piecewise",
    points: [
      { at: 5, value: 0.1 },
      { at: 30, value: 0.2 }
    ],
    between: "line",
    per: "step"
  },
  actorGradientClip: { kind: "warmup", from: 0.01, steps: 20, to: 0.1, per: "step" },
  criticGradientClip: { kind: "sequence", parts: [{ ramp: 0.1, steps: 20 }], last: 0.2, per: "step" },
  tau: { kind: "product", factors: [0.1, { kind: "linear", from: 1, to: 0.5, steps: 20 }], per: "step" }
}

const { catalogues } = Experiment

const hasOptions = ({ members }: Part.Any): boolean =>
  members.some(({ ast }) => SchemaShape.keysOf(ast).length > 1)

const cases: ReadonlyArray<readonly [name: string, input: object, parts: ReadonlyArray<string>]> = [
  ...catalogues.bases.parts
    .filter(({ environment }) => environment === "Continuous")
    .map(
      ({ kind: base }) => [base, { ...pendulum, algorithm: { base, hidden: [3] } }, ["algorithm"]] as const
    ),
  ...catalogues.networks.parts.map(
    ({ kind }) =>
      [
        `the network ${kind}`,
        { ...pendulum, algorithm: { network: { kind, hidden: [3] } } },
        ["algorithm.network"]
      ] as const
  ),
  [
    "a two-branch critic",
    {
      ...pendulum,
      algorithm: { hidden: [3], critic: { kind: "twoBranch", branches: { state: [2], action: [2] } } }
    },
    ["algorithm.critic"]
  ],
  ...catalogues.optimizers.parts.map(
    ({ kind }) =>
      [
        `the critics' optimizer ${kind}`,
        { ...pendulum, algorithm: { hidden: [3], criticOptimizer: { kind } } },
        ["algorithm.criticOptimizer"]
      ] as const
  ),
  [
    "the actor's optimizer",
    { ...pendulum, algorithm: { hidden: [3], actorOptimizer: { kind: "sgd" } } },
    ["algorithm.actorOptimizer"]
  ],
  [
    "actorCritic",
    { ...cartPole, algorithm: { base: "actorCritic" }, replay: { capacity: 20 } },
    ["algorithm", "replay"]
  ],
  ["a2c", { ...cartPole, algorithm: { base: "a2c" }, replay: { capacity: 8 } }, ["algorithm", "replay"]],
  ...[
    ...catalogues.variants.parts
      .filter((part) => hasOptions(part) && !["targetUpdate", "deepSets"].includes(part.kind))
      .map(({ kind }) => ({ kind })),
    { kind: "targetUpdate", rule: "soft" },
    { kind: "targetUpdate", rule: "hard" }
  ].map((options) => [JSON.stringify(options), variant(options), ["algorithm.variants.0"]] as const),
  ["deepSets", { ...pendulum, algorithm: { variants: [{ kind: "deepSets", hidden: [3] }] } }, ["algorithm"]],
  [
    "deepSets itself",
    { ...pendulum, algorithm: { variants: [{ kind: "deepSets", hidden: [3] }] } },
    ["algorithm.variants.0"]
  ],
  [
    "numbers that move",
    {
      ...pendulum,
      algorithm: { base: "td3", hidden: [3], ...moving },
      exploration: {
        kind: "gaussian",
        sigma: {
          kind: "warmup",
          from: 0.1,
          steps: 9,
          to: { kind: "exponential", from: 0.5, to: 0.1, halfLife: 9 }
        }
      },
      training: { ...pendulum.training, updatesPerRound: 2 }
    },
    ["exploration.sigma", ...Object.keys(moving).map((name) => `algorithm.${name}`)]
  ],
  ["uniform", pendulum, ["replay", "training", "evaluation"]],
  [
    "normalised",
    {
      ...pendulum,
      training: { ...pendulum.training, normalize: { observations: true, rewards: true, clip: 0.5 } }
    },
    ["training.normalize"]
  ],
  ["prioritized", { ...pendulum, replay: { kind: "prioritized", capacity: 30 } }, ["replay"]],
  [
    "hindsight",
    { ...pendulum, environment: goals, replay: { kind: "hindsight", capacity: 30 } },
    ["replay", "environment"]
  ],
  [
    "offline",
    { ...pendulum, replay: { kind: "offline", path: dataset("data", 1), capacity: 39 } },
    ["replay"]
  ],
  ...catalogues.explorations.parts.map(
    ({ kind }) =>
      [
        kind,
        { ...pendulum, exploration: kind === "parameterNoise" ? { kind, every: 4 } : { kind } },
        ["exploration"]
      ] as const
  ),
  ...[
    { kind: "timeLimit", limit: 5 },
    { kind: "repeatActions", times: 2 },
    { kind: "stickyActions" },
    { kind: "stackObservations", count: 2 }
  ].map((wrapper) => [wrapper.kind, { ...pendulum, wrappers: [wrapper] }, ["wrappers.0"]] as const),
  ["pendulum", pendulum, ["environment"]],
  [
    "mountainCarContinuous",
    { ...pendulum, environment: { kind: "mountainCarContinuous", timeLimit: 12 } },
    ["environment"]
  ],
  [
    "pointReach",
    { ...pendulum, environment: { kind: "pointReach", dimensions: 2, radius: 0.4, timeLimit: 12 } },
    ["environment"]
  ],
  [
    "linearQuadratic",
    { ...pendulum, environment: { kind: "linearQuadratic", timeLimit: 12 } },
    ["environment"]
  ],
  ["probe", { ...pendulum, environment: { kind: "probe", world: "deadEnd" } }, ["environment"]],
  ["cartPole", { ...cartPole, algorithm: { base: "a2c" }, replay: { capacity: 8 } }, ["environment"]],
  [
    "discreteProbe",
    {
      ...cartPole,
      environment: { kind: "discreteProbe", world: "deadEnd" },
      algorithm: { base: "a2c" },
      replay: { capacity: 8 }
    },
    ["environment"]
  ]
]

describe("no option is without effect", () => {
  it.effect.each(cases.map(([name, input, parts]) => ({ name, input, parts })))(
    "$name: $parts",
    ({ input, parts }) => Effect.map(idle(input, parts), (found) => assert.deepStrictEqual(found, []))
  )
})

describe("the law", () => {
  it.effect("sees what does nothing: an exception is none by mistake", () =>
    Effect.gen(function* () {
      const config = Result.getOrThrow(Experiment.decode(pendulum))
      const training = { ...config.training, sliceSteps: 50 }
      const evaluation = { ...config.evaluation, every: 50 }
      assert.strictEqual(yield* fingerprint({ ...config, evaluation }), yield* fingerprint(config))
      assert.notStrictEqual(
        yield* fingerprint({ ...config, training: { ...training, seed: 1 } }),
        yield* fingerprint(config)
      )
    })
  )

  it("walks every part of every catalogue", () => {
    const { bases, explorations, networks, optimizers, ramps, replays, variants, worlds, wrappers } =
      catalogues
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
      const unseen = all.filter((part) => hasOptions(part) && !seen.has(part.kind))
      assert.deepStrictEqual(
        unseen.map(({ kind }) => kind),
        []
      )
    }
  })
})
