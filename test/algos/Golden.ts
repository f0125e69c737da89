/** Reads the golden updates (`test/golden/updates/README.md`) and runs a learner against them. */
import { Algorithm, Gradient, Key, Learner, type Network, Phases } from "@ornstein/core"
import * as Networks from "@ornstein/core/Network"
import { type Engine, NdArray, Program, Tree } from "@ornstein/jit"
import type * as tf from "@tensorflow/tfjs"
import { readFileSync } from "node:fs"
import { assert } from "vitest"

// models

export interface Tensor {
  readonly shape: ReadonlyArray<number>
  readonly data: ReadonlyArray<number>
}

export type Numbers = Tensor | ReadonlyArray<number> | number

export type Record<A> = { readonly [name: string]: A }

export interface Layer {
  readonly name: string
  readonly in: number
  readonly out: number
  readonly layer_norm: boolean
  readonly activation: "relu" | "tanh" | "elu" | "linear"
}

export interface NetworkDescription {
  readonly kind: "mlp" | "concat" | "action-at-layer" | "two-branch" | "gaussian" | "policy-and-value"
  readonly layers?: ReadonlyArray<Layer>
  readonly action_at?: number
  readonly state_branch?: ReadonlyArray<Layer>
  readonly action_branch?: ReadonlyArray<Layer>
  readonly trunk?: ReadonlyArray<Layer>
  readonly mean?: Layer
  readonly log_std_min?: number
  readonly log_std_max?: number
  readonly policy?: Layer
  readonly value?: Layer
}

export interface Adam {
  readonly learning_rate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weight_decay: number
}

export interface Hyper {
  readonly observation_size: number
  readonly action_size: number
  readonly batch_size: number
  readonly networks: Record<NetworkDescription>
  readonly critic_loss?: { readonly kind: "mse" | "huber"; readonly delta?: number }
  readonly critic_loss_factor?: number
  readonly critic_optimizer: Adam
  readonly actor_optimizer: Adam
  readonly alpha_optimizer?: Adam
  readonly critic_l2_loss_term?: { readonly coefficient: number } | null
  readonly critic_clip_global_norm?: number | null
  readonly actor_clip_global_norm?: number | null
  readonly tau?: number
  readonly policy_delay?: number
  readonly target_noise_scale?: number
  readonly target_noise_clip?: number
  readonly target_entropy?: number
  readonly alpha_loss?: "log_alpha" | "exp(log_alpha)"
  readonly atoms?: { readonly v_min: number; readonly v_max: number; readonly count: number }
  readonly prioritized_replay?: {
    readonly alpha: number
    readonly epsilon: number
    readonly size: number
    readonly initial_priorities: ReadonlyArray<number>
    readonly buffer: Record<Tensor>
  }
  readonly target_update?: {
    readonly kind: "copy" | "polyak"
    readonly period?: number
    readonly tau?: number
  }
}

export interface Step {
  readonly losses: Record<number | null>
  readonly intermediates: Record<Numbers>
  readonly gradients?: Record<Tensor>
  readonly params: Record<Tensor>
}

export interface Update {
  readonly hyper: Hyper
  readonly initial: Record<Numbers>
  readonly batches: ReadonlyArray<Record<Numbers>>
  readonly steps: ReadonlyArray<Step>
}

/** An optimizer alone, on one parameter. */
export interface Descent {
  readonly hyper: { readonly optimizer: Adam }
  readonly initial: { readonly x: Tensor }
  readonly batches: ReadonlyArray<{ readonly gradient_x: ReadonlyArray<number> }>
  readonly steps: ReadonlyArray<{
    readonly params: { readonly x: Tensor }
    readonly first_moment: { readonly x: Tensor }
    readonly second_moment: { readonly x: Tensor }
  }>
}

export interface Initialisation {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly scheme: "fan-in-uniform" | "final-uniform" | "glorot-uniform" | "he-uniform"
    readonly fan_in: number
    readonly fan_out: number
    readonly bound: number
    readonly accept: {
      readonly max_abs_at_most: number
      readonly max_abs_at_least: number
      readonly abs_mean_at_most: number
      readonly std_between: readonly [number, number]
    }
  }>
}

export interface NStep {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly gamma: number
    readonly capacity: number | null
    readonly stream: {
      readonly reward: ReadonlyArray<number>
      readonly terminated: ReadonlyArray<boolean>
      readonly truncated: ReadonlyArray<boolean>
      readonly observation_id: ReadonlyArray<number>
      readonly next_observation_id: ReadonlyArray<number>
    }
    readonly expected: Record<{
      readonly reward_sum: ReadonlyArray<number>
      readonly discount: ReadonlyArray<number>
      readonly bootstrap_observation_id: ReadonlyArray<number>
    }>
  }>
}

export interface Priorities {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly alpha: number
    readonly beta: number
    readonly epsilon: number
    readonly priorities: ReadonlyArray<number>
    readonly indices: ReadonlyArray<number>
    readonly td: ReadonlyArray<number>
    readonly stratified_draws: ReadonlyArray<number>
    readonly expected: {
      readonly powered_sum: number
      readonly probabilities: ReadonlyArray<number>
      readonly weights: ReadonlyArray<number>
      readonly new_priorities: ReadonlyArray<number>
      readonly stratified_indices: ReadonlyArray<number>
    }
  }>
}

export interface Noise {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly kind: "ou-dt" | "ou-decay" | "gaussian-decay"
    readonly settings: {
      readonly theta?: number
      readonly mu?: number
      readonly sigma?: number
      readonly dt?: number
      readonly initial?: number
      readonly sigma_max?: number
      readonly sigma_min?: number
      readonly decay_period?: number
      readonly order?: "decay-then-evolve" | "evolve-then-decay"
    }
    readonly reset_before_step: ReadonlyArray<number>
    readonly normals: Tensor
    readonly policy_actions?: Tensor
    readonly expected: { readonly noise: Tensor; readonly actions?: Tensor }
  }>
}

export interface Projection {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly v_min: number
    readonly v_max: number
    readonly count: number
    readonly reward: ReadonlyArray<number>
    readonly discount: ReadonlyArray<number>
    readonly probabilities: Tensor
    readonly expected: {
      readonly projected: Tensor
      readonly sum: ReadonlyArray<number>
      readonly mean: ReadonlyArray<number>
    }
  }>
}

export interface Prioritized {
  readonly batches: ReadonlyArray<{ readonly indices: ReadonlyArray<number>; readonly beta: number }>
}

/** What the files of each family hold. */
export interface Families {
  readonly nStep: NStep
  readonly priorities: Priorities
  readonly prioritized: Prioritized
  readonly noise: Noise
  readonly projection: Projection
  readonly update: Update
  readonly descent: Descent
  readonly initialisation: Initialisation
}

// reading

export const read = <F extends keyof Families>(_family: F, name: string): Families[F] => {
  const file: Families[F] = JSON.parse(readFileSync(`test/golden/updates/${name}.json`, "utf8"))
  return file
}

export const flat = (numbers: Numbers): ReadonlyArray<number> =>
  typeof numbers === "number" ? [numbers] : "data" in numbers ? numbers.data : numbers

export const entry = Learner.entry

// comparing

/** Absolute, and relative where the number is above 1. */
export const near = (
  actual: ArrayLike<number>,
  expected: Numbers,
  tolerance: number,
  label: string,
  isRelative = true
): void => {
  const numbers = flat(expected)
  assert.strictEqual(actual.length, numbers.length, label)
  for (let i = 0; i < numbers.length; i++) {
    const scale = isRelative ? Math.max(1, Math.abs(numbers[i]!)) : 1
    const distance = Math.abs(actual[i]! - numbers[i]!)
    if (!(distance <= tolerance * scale)) {
      assert.fail(`${label}[${i}]: ${actual[i]} is ${distance} from ${numbers[i]}`)
    }
  }
}

// networks

export const dense = (layer: Layer): Network.Dense => ({
  name: layer.name,
  input: layer.in,
  output: layer.out,
  activation: layer.activation,
  initial: { kind: "fanIn" },
  layerNorm: layer.layer_norm
})

const all = (layers: ReadonlyArray<Layer> | undefined): ReadonlyArray<Network.Dense> =>
  (layers ?? []).map(dense)

export const actor = (description: NetworkDescription): Network.Actor => {
  const layers = all(description.layers)
  if (description.mean === undefined) return Networks.fromLayers(layers)
  // Ours has one head, twice as wide.
  const head = { ...dense(description.mean), name: "head", output: 2 * description.mean.out }
  return Networks.fromLayers([...layers, head])
}

export const critic = (description: NetworkDescription): Network.Critic => {
  switch (description.kind) {
    case "action-at-layer":
      return Networks.actionAtLayer(all(description.layers), description.action_at ?? 0)
    case "two-branch":
      return Networks.twoBranch({
        state: all(description.state_branch),
        action: all(description.action_branch),
        trunk: all(description.trunk)
      })
    default:
      return Networks.concatenated(all(description.layers))
  }
}

/** The algorithm with the networks that the file describes. */
export const withNetworks = ({ networks }: Hyper): Algorithm.Variant => {
  const { actor: mu, critic: q } = networks
  if (mu === undefined || q === undefined) throw new RangeError("the file describes no actor or no critic")
  return (algorithm) => ({ ...algorithm, actor: () => actor(mu), critic: () => critic(q) })
}

// parameters

/** The columns of `[mean, log_std]` as the rows of one matrix. */
const joined = (mean: Numbers, logStd: Numbers): ReadonlyArray<number> => {
  const [left, right] = [flat(mean), flat(logStd)]
  const rows = typeof mean === "object" && "shape" in mean && mean.shape.length === 2 ? mean.shape[0]! : 1
  const width = left.length / rows
  return Array.from({ length: rows }, (_, row) => row * width).flatMap((at) => [
    ...left.slice(at, at + width),
    ...right.slice(at, at + width)
  ])
}

/** The file's numbers for one of our parameters: `actor.l0.w`, `critic.1.l0.b`. */
export const lookup = (tensors: Record<Numbers>, path: string): ReadonlyArray<number> | undefined => {
  if (path.endsWith("temperature.coefficient.value")) {
    const logAlpha = tensors["log_alpha"]
    return logAlpha === undefined ? undefined : flat(logAlpha)
  }
  const [, prefix, member, rest] = /^(.*?critic)\.(\d+)\.(.*)$/.exec(path) ?? []
  const names =
    prefix === undefined ? [path] : [`${prefix}${Number(member) + 1}.${rest}`, `${prefix}.${rest}`]
  for (const name of names) {
    const found = tensors[name]
    if (found !== undefined) return flat(found)
  }
  const mean = tensors[path.replace(".head.", ".mean.")]
  const logStd = tensors[path.replace(".head.", ".log_std.")]
  return mean === undefined || logStd === undefined ? undefined : joined(mean, logStd)
}

/** `online.actor.l0.w` to `actor.l0.w`, `target.actor.l0.w` to `target_actor.l0.w`. */
const named = (path: string): string | undefined => {
  if (path.startsWith("online.")) return path.slice("online.".length)
  return path.startsWith("target.") ? `target_${path.slice("target.".length)}` : undefined
}

const FIELDS: Record<string> = {
  observation: "observation",
  action: "action",
  reward: "reward",
  discount: "discount",
  nextObservation: "next_observation",
  weight: "weight",
  targetNoise: "target_noise",
  nextPolicyNoise: "next_noise",
  policyNoise: "noise"
}

// running

export interface Options {
  readonly engine: Engine.Engine
  readonly algorithm: Algorithm.Algorithm
  readonly initial: Record<Numbers>
  readonly sizes: Learner.Sizes
}

type State = Learner.State<tf.Tensor>

/** A learner at the file's parameters, with programs for its phases, alone and together, and for what lies between. */
export const run = ({ algorithm, engine, initial, sizes }: Options) => {
  const learner = Algorithm.learner(algorithm).model(sizes)
  const model = Algorithm.model(algorithm, sizes)
  const start = Tree.map(learner.init(Key.make(0)), NdArray.isNdArray, (leaf, path) => {
    const name = named(path)
    if (name === undefined) return leaf
    const numbers = lookup(initial, name)
    if (numbers === undefined) throw new RangeError(`the file has no ${name}`)
    return NdArray.make(leaf.shape, numbers)
  })
  const inputs = { batch: learner.batch, noise: learner.noise }
  type Inputs = Learner.Inputs<tf.Tensor>
  const program = (fn: (state: State, inputs: Inputs) => readonly [State, Record<tf.Tensor>]) => ({
    inputs,
    fn
  })
  const gradients = ({ gradients, loss }: Gradient.Differentiated): Record<tf.Tensor> => ({
    loss,
    ...Object.fromEntries(
      Object.entries(gradients).flatMap(([layer, arrays]) =>
        Object.entries(arrays).map(([name, g]) => [`${layer}.${name}`, g])
      )
    )
  })
  const programs = {
    ...Object.fromEntries(learner.phases.map(({ name, update }) => [name, program(update)])),
    ...Object.fromEntries(
      Array.from(Learner.programs(learner.phases), ([name, phases]) => [
        `due:${name}`,
        program(Learner.sequence(phases))
      ])
    ),
    criticGradient: program((state, inputs) => {
      const c = Phases.context(state, inputs)
      const y = model.target(model, c)
      const critics = entry(state.online, "critic")
      const { error, value } = Phases.criticLoss(model, c, critics, y)
      const told = Gradient.differentiate(critics, (critics) => Phases.criticLoss(model, c, critics, y).loss)
      return [state, { y, error, value, ...gradients(told) }]
    }),
    actorGradient: program((state, inputs) => {
      const c = Phases.context(state, inputs)
      const told = Gradient.differentiate(entry(state.online, "actor"), (actor) =>
        model.actorLoss(model, c, actor)
      )
      return [state, gradients(told)]
    })
  }
  const compiled = Program.compile(engine, { state: start, programs })
  const leaves = Tree.entries<NdArray.NdArray>(compiled.state, NdArray.isNdArray)
  return {
    dispose: compiled.dispose,
    /** Back to the file's initial parameters and fresh optimizers. */
    reset: (): void => {
      const initials = Tree.entries<NdArray.NdArray>(start, NdArray.isNdArray)
      leaves.forEach(({ leaf }, i) => leaf.data.set(initials[i]!.leaf.data))
      compiled.push()
    },
    dueAt: (n: number) => `due:${Learner.programName(Learner.due(learner.phases, n))}`,
    isDue: (phase: string, n: number) => Learner.due(learner.phases, n).some(({ name }) => name === phase),
    /** Runs one program on a batch of the file and gives its outputs by name. */
    call: (name: string, batch: Record<Numbers>): Record<ArrayLike<number>> => {
      const { inputs, outputs, run } = entry(compiled.programs, name)
      for (const group of Object.values(inputs)) {
        for (const [field, { data }] of Object.entries(group)) {
          data.set(flat(entry(batch, entry(FIELDS, field))))
        }
      }
      run()
      return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]))
    },
    /** Compares every parameter with the file's. */
    compare: (params: Record<Tensor>, label: string): void => {
      compiled.pull()
      for (const { leaf, path } of leaves) {
        const name = named(path)
        if (name === undefined) continue
        const expected = lookup(params, name)
        if (expected === undefined) throw new RangeError(`${label}: the file has no ${name}`)
        near(leaf.data, expected, 5e-6, `${label} ${name}`, false)
      }
    }
  }
}

const LOSS = 1e-5

/** Compares losses, targets, gradients and parameters of every step, and once more with the phases in one program. */
export const check = (
  update: Update,
  options: Omit<Options, "initial" | "sizes">,
  names: { readonly losses?: Record<string>; readonly intermediates?: Record<string> } = {}
): void => {
  const { batches, hyper, initial, steps } = update
  const sizes = {
    observation: hyper.observation_size,
    action: hyper.action_size,
    batch: hyper.batch_size,
    isWeighted: batches[0]?.["weight"] !== undefined
  }
  const learner = run({ ...options, initial, sizes })
  const loss = (
    told: Record<ArrayLike<number>>,
    name: string,
    expected: number | null | undefined,
    at: string
  ) => {
    if (expected !== undefined && expected !== null) near(entry(told, name), expected, LOSS, `${at} ${name}`)
  }
  const compareGradients = (told: Record<ArrayLike<number>>, step: Step, network: string, at: string) => {
    for (const [name, gradient] of Object.entries(told)) {
      const expected = step.gradients && lookup(step.gradients, `${network}.${name}`)
      if (expected !== undefined) near(gradient, expected, LOSS, `${at} gradient of ${network}.${name}`)
    }
    if (step.gradients !== undefined) {
      const given = Object.keys(step.gradients).filter((name) => name.startsWith(network)).length
      assert.isAtLeast(Object.keys(told).length, given === 0 ? 0 : 1)
    }
  }
  steps.forEach((step, i) => {
    const n = i + 1
    const batch = batches[i]!
    const at = `step ${n}`
    const before = learner.call("criticGradient", batch)
    for (const [ours, theirs] of Object.entries({ y: "y", value: "q", ...names.intermediates })) {
      const expected = step.intermediates[theirs]
      if (expected !== undefined) near(entry(before, ours), expected, LOSS, `${at} ${theirs}`)
    }
    compareGradients(before, step, "critic", at)
    const critic = learner.call("critic", batch)
    loss(critic, "criticLoss", step.losses["critic"], at)
    if (learner.isDue("actor", n)) {
      compareGradients(learner.call("actorGradient", batch), step, "actor", at)
      const actor = learner.call("actor", batch)
      loss(actor, "actorLoss", step.losses["actor"], at)
      for (const [ours, theirs] of Object.entries(names.losses ?? {}))
        loss(actor, ours, step.losses[theirs], at)
    }
    if (learner.isDue("targets", n)) learner.call("targets", batch)
    learner.compare(step.params, at)
  })
  learner.reset()
  steps.forEach((step, i) => {
    learner.call(learner.dueAt(i + 1), batches[i]!)
    learner.compare(step.params, `step ${i + 1}, in one program,`)
  })
  learner.dispose()
}
