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
import * as Replay from "@ornstein/core/Replay"
import * as SchemaShape from "@ornstein/core/internal/config/SchemaShape"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Training from "@ornstein/core/Training"
import type * as Jit from "@ornstein/jit/Engine"
import type * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Experiment from "@ornstein/lab/Experiment"
import { Effect, Layer, Result, Schema, SchemaAST, Stream } from "effect"
import { createHash, type Hash } from "node:crypto"
import { cases, pendulum } from "./OptionCases.ts"

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
  { rule: "uniform", from: 0.5, to: 2 },
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
})
