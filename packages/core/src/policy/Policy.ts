/**
 * A policy as a value: the program that acts, its parameters, how observations are normalised, how an action is made
 * of the output, and the world's spaces. It needs no learner and no replay; it is made of a learner's state, read from a
 * file (`PolicyFile`), or made by whoever imports one, and an engine compiles the one program that acts.
 *
 * ```ts
 * const policy = yield* Policy.ofState({ learner, spec: world.spec, state: yield* trainer.state })
 * const { act } = yield* Policy.open(policy)
 * act(instance.observation, action) // in the world's own units
 * ```
 *
 * For an observation o it computes, with m and v the mean and variance of the observations that the learner saw,
 *
 * ```text
 * x = clip((o - m) / sqrt(v + epsilon), -c, c), or o      normalisation
 * y = graph(x, noise = 0)                                 the program `act`
 * u = y, or the likeliest index of y                      decision
 * a = low + (u + 1) (high - low) / 2, or u                rescaling
 * ```
 */
import * as Check from "@ornstein/jit/Check"
import * as Jit from "@ornstein/jit/Engine"
import * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import { simplify } from "@ornstein/jit/Simplify"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as Tree from "@ornstein/jit/Tree"
import * as WellFormed from "@ornstein/jit/WellFormed"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Engine from "../engine/Engine.ts"
import { type Environment, Space } from "../environment/index.ts"
import { Actor, type Decision, type Learner, Rowwise, Template } from "../learner/index.ts"
import { Key } from "../random/index.ts"
import { Snapshot } from "../state/index.ts"
import { Evaluation, Normalization, RunningStatistics, type Training } from "../training/index.ts"
import { PolicyError } from "./PolicyError.ts"

// models

/** What a policy knows of its world. */
export interface Spec {
  /** The world's name with its version: `Pendulum-v1`. */
  readonly id: string
  readonly observation: Space.Box
  /** The world's own space, with its own bounds. */
  readonly action: Space.Space
  /** How the world was made, in the words of whoever made it; for evaluating in the same one. */
  readonly configuration?: Schema.Json
}

/** `clip((o - mean) / sqrt(variance + epsilon), -clip, clip)`, in double precision. */
export interface Standardization {
  readonly mean: Float64Array
  readonly variance: Float64Array
  readonly epsilon: number
  readonly clip: number
}

export interface Policy {
  /** What learned it: `DDPG + twinCritics`. */
  readonly algorithm: string
  /** The environment step that it is of. */
  readonly step: number
  readonly spec: Spec
  /** Nothing where the program takes observations as they are. */
  readonly normalization: Standardization | undefined
  /** Inputs `observation` and, where `actionNoise` is not 0, `noise`; output `action`; the state are the parameters. */
  readonly template: Template.Template
  /** By path: `online.actor.l0.w` `[inputs, outputs]`. */
  readonly parameters: { readonly [path: string]: NdArray.NdArray }
  /** The constants of the program, by value. */
  readonly constants: ReadonlyMap<Graph.ValueId, NdArray.Data>
  /** How many normal numbers acting takes in training; the best action takes zeros. */
  readonly actionNoise: number
  readonly decision: Decision.Decision
  /** Does the program give actions in [-1, 1], which are carried to the bounds of the world's box? */
  readonly rescale: boolean
}

/** What a policy is made of where it was learned. */
export interface Learned<R> {
  readonly learner: Learner.Learner<R>
  readonly spec: Spec
  readonly state: Pick<Training.TrainState, "step" | "agent" | "normalization">
  /** How the run normalised. */
  readonly normalize?: Normalization.Options
}

export interface Options {
  /** How many observations are acted on in one call. */
  readonly rows?: number
}

/** A policy in an engine's memory. */
export interface Opened {
  /** What acts: `wasm`, `tfjs:cpu`, ... */
  readonly engine: string
  /**
   * Writes the best action for each of the rows: observations `[rows, observation]` and actions `[rows, action]`, both
   * as the world has them.
   */
  readonly act: (observation: Space.Numbers, action: Space.Numbers) => void
  /**
   * The same as the policy acts while it gathers experience: a stochastic one draws by the key of a run, row i with the
   * draws of step `step + i`. With the key and the steps of the run that learned it, its bits; a deterministic one does
   * what `act` does.
   */
  readonly sample: (key: Key.Key, step: number, observation: Space.Numbers, action: Space.Numbers) => void
}

// pure core

const refused = (what: string, fix: string): PolicyError =>
  new PolicyError({ policy: "the policy", what, fix })

/** How many numbers the program gives for each row. */
const widthOf = (action: Space.Space): number => (action._tag === "Box" ? Space.size(action) : action.n)

const isFinite = (data: NdArray.Data | Float64Array): boolean => data.every((x) => Number.isFinite(x))

/** What is wrong with the numbers around the program. */
const faultOf = ({ decision, normalization, parameters, rescale, spec }: Policy): string | undefined => {
  const { action, observation } = spec
  if ((decision === "categorical") !== (action._tag === "Discrete")) {
    return `a ${decision} decision does not give an action of ${Space.format(action)}`
  }
  if (rescale && !(action._tag === "Box" && Space.isBounded(action))) {
    return `there are no bounds of ${Space.format(action)} to carry actions to`
  }
  const broken = Object.entries(parameters).find(([, { data }]) => !isFinite(data))
  if (broken !== undefined) return `the parameter ${broken[0]} is not finite`
  if (normalization === undefined) return undefined
  const { clip, epsilon, mean, variance } = normalization
  const size = Space.size(observation)
  if (mean.length !== size || variance.length !== size) {
    return `it has statistics of ${mean.length} and ${variance.length} numbers for observations of ${size}`
  }
  const isPositive = clip > 0 && epsilon > 0 && !variance.some((v) => v < 0)
  if (!isPositive || !isFinite(mean) || !isFinite(variance)) return "its statistics of observations are none"
  return undefined
}

const placeOf = (role: string, path: string, shape: ReadonlyArray<number>): string =>
  `${role} ${path} float32[${shape.join(", ")}]`

/** What is wrong with the program of a policy, for this many rows. */
const programFault = (policy: Policy, graph: Graph.Graph, rows: number): string | undefined => {
  const wrong = WellFormed.fault(graph)
  if (wrong !== undefined) return wrong
  const { action, observation } = policy.spec
  const expected = [
    placeOf("input", "observation", [rows, Space.size(observation)]),
    ...(policy.actionNoise > 0 ? [placeOf("input", "noise", [rows, policy.actionNoise])] : []),
    ...Object.entries(policy.parameters).map(([path, { shape }]) => placeOf("state", path, shape)),
    placeOf("output", "action", [rows, widthOf(action)])
  ]
  const found = [...graph.parameters, ...graph.results].map(({ path, role, value }) => {
    const { dtype, shape } = graph.values[value] ?? NdArray.spec([])
    return dtype === "float32" ? placeOf(role, path, shape) : `${role} ${path} ${dtype}`
  })
  const missing = expected.find((place) => !found.includes(place))
  if (missing !== undefined) return `its program lacks the ${missing}`
  const extra = found.find((place) => !expected.includes(place))
  return extra === undefined ? undefined : `its program has the ${extra}, which nothing explains`
}

/** The program that acts on this many rows, checked: what engines run and exporters translate. */
export const graph = (policy: Policy, rows = 1): Result.Result<Graph.Graph, PolicyError> => {
  if (!(Number.isInteger(rows) && rows >= 1)) {
    return Result.fail(refused(`it does not act on ${rows} rows`, "Give a whole number of rows, 1 or more"))
  }
  const found = Template.at(policy.template, policy.constants, rows)
  const wrong = faultOf(policy) ?? programFault(policy, found, rows)
  return wrong === undefined
    ? Result.succeed(found)
    : Result.fail(refused(wrong, "Take it from where it was made, or make it anew"))
}

/** The policy, if it is sound. */
export const checked = (policy: Policy): Result.Result<Policy, PolicyError> =>
  // What grows with the rows shows itself at the second.
  Result.map(Result.andThen(graph(policy, 1), graph(policy, 2)), () => policy)

const show = (space: Space.Space): string => Space.format(space)

/** Fails unless a world has the observations and actions that the policy was learned with. */
export const fits = (
  policy: Policy,
  world: Pick<Environment.Spec, "id" | "observation" | "action">
): Result.Result<void, PolicyError> => {
  const { action, observation } = policy.spec
  const differing = [
    ...(observation.shape.join() === world.observation.shape.join()
      ? []
      : [
          `observations of shape [${observation.shape.join(", ")}], and those there have [${world.observation.shape.join(", ")}]`
        ]),
    // Bounds are those that actions are carried to.
    ...(show(action) === show(world.action) && JSON.stringify(action) === JSON.stringify(world.action)
      ? []
      : [`actions of ${show(action)}, and those there are of ${show(world.action)}`])
  ]
  return differing.length === 0
    ? Result.void
    : Result.fail(
        new PolicyError({
          policy: `a policy of ${policy.spec.id} in ${world.id}`,
          what: `it has ${differing.join("; and ")}`,
          fix: "Choose a world with the same spaces"
        })
      )
}

// constructors

const standardization = (
  normalize: Normalization.Options,
  size: number,
  saved: Snapshot.Snapshot
): Standardization | undefined => {
  if (!normalize.observations) return undefined
  const statistics = RunningStatistics.make(size)
  RunningStatistics.restore(statistics, Snapshot.get(saved, "observations"))
  return {
    mean: statistics.mean,
    variance: Float64Array.from({ length: size }, (_, i) => RunningStatistics.variance(statistics, i)),
    epsilon: RunningStatistics.EPSILON,
    clip: Normalization.clipOf(normalize, saved)
  }
}

const belongsElsewhere = (what: string): PolicyError =>
  refused(what, "Give the state of a run of this learner in this world")

/** A saved parameter, at the shape of the learner's own. */
const saved = (agent: Snapshot.Snapshot, path: string, shape: ReadonlyArray<number>): NdArray.NdArray => {
  const data = Snapshot.getFloat32(agent, path).slice()
  if (data.length === NdArray.size(shape)) return { shape, dtype: "float32", data }
  throw new TypeError(`"${path}" has ${data.length} numbers there and ${NdArray.size(shape)} here`)
}

/** The policy of a learner at a state of its training. */
export const ofState = Effect.fnUntraced(function* <R>({
  learner,
  normalize = Normalization.Options.make({}),
  spec,
  state
}: Learned<R>): Effect.fn.Return<Policy, PolicyError | Engine.EngineError> {
  const sizes = { observation: Space.size(spec.observation), action: widthOf(spec.action), batch: 1 }
  const plan = learner.plan(sizes)
  // Shapes only: the numbers are those of the state.
  const initial = plan.init(Key.make(0))
  const acting = yield* Engine.attempt(() => Rowwise.of(plan, initial, sizes))
  const { one, template } = yield* Effect.fromResult(
    Result.mapError(acting, ({ message }) =>
      refused(`the program that acts: ${message}`, "Let each row of actions depend on its observation only")
    )
  )
  const shapes = new Map(
    Tree.entries(Tree.from(initial, NdArray.isNdArray), NdArray.isNdArray).map(({ leaf, path }) => [
      path,
      leaf.shape
    ])
  )
  const paths = template.parameters.flatMap(({ path, role }) => (role === "state" ? [path] : []))
  const learned = yield* Effect.try({
    try: () => ({
      parameters: Object.fromEntries(
        paths.map((path) => [path, saved(state.agent, path, shapes.get(path) ?? [])])
      ),
      normalization: standardization(normalize, sizes.observation, state.normalization)
    }),
    catch: (cause) => {
      if (!(cause instanceof TypeError)) throw cause
      return belongsElsewhere(`the state is of another learner: ${cause.message}`)
    }
  })
  const policy: Policy = {
    algorithm: learner.name,
    step: state.step,
    spec,
    ...learned,
    template,
    constants: new Map(one.constants.map(({ data, value }) => [value, data])),
    actionNoise: plan.actionNoise,
    decision: learner.decision,
    rescale: spec.action._tag === "Box" && !Space.isUnit(spec.action)
  }
  return yield* Effect.fromResult(checked(policy))
})

// opening

/** Observations as the program sees them. */
const normalizer = (normalization: Standardization | undefined, into: Float32Array) => {
  if (normalization === undefined) return (observation: Space.Numbers): void => into.set(observation)
  const { clip, epsilon, mean, variance } = normalization
  const scale = variance.map((v) => 1 / Math.sqrt(v + epsilon))
  const size = mean.length
  return (observation: Space.Numbers): void => {
    for (let at = 0; at < into.length; at++) {
      const i = at % size
      into[at] = Math.max(-clip, Math.min(clip, (observation[at]! - mean[i]!) * scale[i]!))
    }
  }
}

const float32 = (arrays: ReadonlyMap<string, NdArray.NdArray>, name: string): Float32Array => {
  const data = arrays.get(name)?.data
  if (!(data instanceof Float32Array)) throw new TypeError(`the program has no float32 array "${name}"`)
  return data
}

/**
 * Compiles the program that acts, and nothing else, in the engine of the context; the scope frees it. Actions are those
 * of the training's own policy, bit for bit on the same engine.
 */
export const open = Effect.fnUntraced(function* (
  policy: Policy,
  { rows = 1 }: Options = {}
): Effect.fn.Return<Opened, PolicyError | Engine.EngineError, Engine.Engine | Scope.Scope> {
  const engine = yield* Engine.Engine
  const check = yield* Engine.IsChecked
  const traced = yield* Effect.fromResult(graph(policy, rows))
  const state = new Map(Object.entries(policy.parameters))
  const linked = yield* Effect.acquireRelease(
    Engine.attemptPromise(() =>
      Jit.linkAsync(engine, { state, programs: new Map([["act", simplify(traced, TfjsEngine.cpu())]]) })
    ),
    (linked) => Effect.sync(linked.dispose)
  )
  const programs = check
    ? Check.againstOracle(engine.name, { state, programs: new Map([["act", traced]]) }, linked, check)
    : linked.programs
  const program = programs.get("act")
  if (program === undefined) return yield* Effect.die(new RangeError("the engine has no program that acts"))
  const { decision, rescale, spec } = policy
  const normalize = normalizer(policy.normalization, float32(program.inputs, "observation"))
  const size = Space.size(spec.action)
  const actor = Actor.make({
    decision,
    rows,
    noise: policy.actionNoise > 0 ? float32(program.inputs, "noise") : undefined,
    output: float32(program.outputs, "action"),
    run: program.run
  })
  const write = (row: number, action: Space.Numbers): void => {
    actor.decide(row, action)
    if (rescale && spec.action._tag === "Box") Space.fromUnit(spec.action, action, action)
  }
  const acted = (
    draws: Actor.Draws | undefined,
    step: number,
    observation: Space.Numbers,
    action: Space.Numbers
  ): void => {
    normalize(observation)
    actor.run(draws, step)
    if (rows === 1) write(0, action)
    else for (let row = 0; row < rows; row++) write(row, action.subarray(row * size, (row + 1) * size))
  }
  const opened: Opened = {
    engine: engine.name,
    act: (observation, action) => acted(undefined, 0, observation, action),
    sample: (key, step, observation, action) => acted(Actor.drawsOf(key), step, observation, action)
  }
  return opened
})

/**
 * Compiles the program that acts for an evaluation: on many observations in one call where the engine computes a row as it
 * does alone, and on the last ones one by one.
 *
 * ```ts
 * const { mean } = yield* Evaluation.run(world, yield* Policy.batched(policy), {})
 * ```
 */
export const batched = Effect.fnUntraced(function* (
  policy: Policy
): Effect.fn.Return<Evaluation.Batched, PolicyError | Engine.EngineError, Engine.Engine | Scope.Scope> {
  const { rowsAlike = false } = yield* Engine.Engine
  const one = yield* open(policy)
  const rows = rowsAlike ? Evaluation.ROWS : 1
  const all = rows === 1 ? one : yield* open(policy, { rows })
  const { action, observation } = policy.spec
  const [width, size] = [Space.size(observation), Space.size(action)]
  // Exact, whatever the world's numbers are.
  const seen = new Float64Array(rows * width)
  const chosen = Space.allocate(action, rows)
  const chosenBy = Array.from({ length: rows }, (_, i) => chosen.subarray(i * size, (i + 1) * size))
  return {
    rows,
    act: (observations, actions, count) => {
      if (count < rows / 4 || rows === 1) {
        for (let i = 0; i < count; i++) one.act(observations[i]!, actions[i]!)
        return
      }
      for (let i = 0; i < count; i++) seen.set(observations[i]!, i * width)
      all.act(seen, chosen)
      for (let i = 0; i < count; i++) actions[i]!.set(chosenBy[i]!)
    }
  }
})
