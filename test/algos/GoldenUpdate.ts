/** Runs an algorithm against the golden updates: losses, targets, errors, gradients and parameters of every step. */
import { Algorithm, Phases } from "@ornstein/algos"
import { Draw, Gradient, Key, Learner, Network } from "@ornstein/core"
import { type Engine, NdArray, Program, Tree } from "@ornstein/jit"
import * as Scalars from "@ornstein/core/Scalars"
import type * as tf from "@tensorflow/tfjs-core"
import { assert } from "vitest"
import * as Golden from "./Golden.ts"
import * as GoldenNetworks from "./GoldenNetworks.ts"

// parameters

/** `online.actor.l0.w` to `actor.l0.w`, `target.actor.l0.w` to `target_actor.l0.w`. */
const named = (path: string): string | undefined => {
  if (path.startsWith("online.")) return path.slice("online.".length)
  return path.startsWith("target.") ? `target_${path.slice("target.".length)}` : undefined
}

const FIELDS: Golden.Record<string> = {
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
  readonly initial: Golden.Record<Golden.Numbers>
  readonly sizes: Learner.Sizes
}

type State = Learner.State<tf.Tensor>

/** A learner at the file's parameters, with programs for its phases, alone and together, and for what lies between. */
export const run = ({ algorithm, engine, initial, sizes }: Options) => {
  const learner = Algorithm.learner(algorithm).plan(sizes)
  const m = Algorithm.bind(algorithm, sizes)
  const start = Tree.map(learner.init(Key.make(0)), NdArray.isNdArray, (leaf, path) => {
    const name = named(path)
    if (name === undefined) return leaf
    const numbers = GoldenNetworks.lookup(initial, name)
    if (numbers === undefined) throw new RangeError(`the file has no ${name}`)
    return NdArray.make(leaf.shape, numbers)
  })
  const draws = Object.fromEntries(
    Object.entries(learner.draws).map(([name, draw]) => [name, Draw.spec(draw)])
  )
  const inputs = { batch: learner.batch, draws, scalars: Scalars.specs(learner.scalars) }
  type Inputs = Learner.Inputs<tf.Tensor>
  const program = (fn: (state: State, inputs: Inputs) => readonly [State, Golden.Record<tf.Tensor>]) => ({
    inputs,
    fn
  })
  const gradients = ({ gradients, loss }: Gradient.Differentiated): Golden.Record<tf.Tensor> => ({
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
      const y = m.target(c)
      const { error, value } = Phases.criticLoss(m, c, c.online.critics, y)
      const told = Gradient.differentiate(
        c.online.critics.parameters,
        (critics) => Phases.criticLoss(m, c, Network.weights(critics), y).loss
      )
      return [state, { y, error, value, ...gradients(told) }]
    }),
    actorGradient: program((state, inputs) => {
      const c = Phases.context(state, inputs)
      const told = Gradient.differentiate(c.online.actor.parameters, (actor) =>
        m.actorLoss(c, Network.weights(actor))
      )
      return [state, gradients(told)]
    })
  }
  const compiled = Program.compile(engine, { state: start, programs })
  for (const { inputs } of Object.values(compiled.programs)) {
    for (const [name, { data }] of Object.entries(inputs.scalars)) {
      data.fill(Scalars.read(learner.scalars, name, 0, 0))
    }
  }
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
    call: (name: string, batch: Golden.Record<Golden.Numbers>): Golden.Record<ArrayLike<number>> => {
      const { inputs, outputs, run } = Golden.entry(compiled.programs, name)
      for (const group of [inputs.batch, inputs.draws]) {
        for (const [field, { data }] of Object.entries(group)) {
          data.set(Golden.flat(Golden.entry(batch, Golden.entry(FIELDS, field))))
        }
      }
      run()
      return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]))
    },
    /** Compares every parameter with the file's. */
    compare: (params: Golden.Record<Golden.Tensor>, label: string): void => {
      compiled.pull()
      for (const { leaf, path } of leaves) {
        const name = named(path)
        if (name === undefined) continue
        const expected = GoldenNetworks.lookup(params, name)
        if (expected === undefined) throw new RangeError(`${label}: the file has no ${name}`)
        Golden.near(leaf.data, expected, 5e-6, `${label} ${name}`, false)
      }
    }
  }
}

const LOSS = 1e-5

/** Compares losses, targets, gradients and parameters of every step, and once more with the phases in one program. */
export const check = (
  update: Golden.Update,
  options: Omit<Options, "initial" | "sizes">,
  names: { readonly losses?: Golden.Record<string>; readonly intermediates?: Golden.Record<string> } = {}
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
    told: Golden.Record<ArrayLike<number>>,
    name: string,
    expected: number | null | undefined,
    at: string
  ) => {
    if (expected !== undefined && expected !== null)
      Golden.near(Golden.entry(told, name), expected, LOSS, `${at} ${name}`)
  }
  const compareGradients = (
    told: Golden.Record<ArrayLike<number>>,
    step: Golden.Step,
    network: string,
    at: string
  ) => {
    for (const [name, gradient] of Object.entries(told)) {
      const expected = step.gradients && GoldenNetworks.lookup(step.gradients, `${network}.${name}`)
      if (expected !== undefined)
        Golden.near(gradient, expected, LOSS, `${at} gradient of ${network}.${name}`)
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
      if (expected !== undefined) Golden.near(Golden.entry(before, ours), expected, LOSS, `${at} ${theirs}`)
    }
    compareGradients(before, step, "critic", at)
    const critic = learner.call("critic", batch)
    loss(critic, "criticLoss", step.losses["critic"], at)
    const error = step.intermediates[names.intermediates?.["error"] ?? ""]
    if (error !== undefined) Golden.near(Golden.entry(critic, "error"), error, LOSS, `${at} error`)
    const values = step.intermediates["q"]
    if (values !== undefined) {
      const all = Golden.flat(values)
      loss(critic, "value", all.reduce((sum, q) => sum + q, 0) / all.length, at)
    }
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
