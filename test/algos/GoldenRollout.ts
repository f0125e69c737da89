/** Runs an on-policy learner on the golden rollouts: from a file's numbers to what one update makes of them. */
import { type Environment, Key, Learner } from "@ornstein/core"
import * as Rollout from "@ornstein/core/internal/replay/Rollout"
import { type Engine, NdArray, Program, Tree } from "@ornstein/jit"
import * as Scalars from "@ornstein/core/Scalars"
import type * as tf from "@tensorflow/tfjs-core"
import * as Golden from "./Golden.ts"

export interface Options {
  readonly engine: Engine.Engine
  readonly learner: Learner.Learner<Environment.Discrete>
  readonly actions: number
  /** The most steps of a rollout. */
  readonly rows: number
  readonly until: "episode" | "full"
  readonly normalize: boolean
}

const named = (path: string, prefix: string): string => path.replace(prefix, "model")

/** The learner at the file's parameters. */
export const run = (options: Options, initial: Golden.Record<Golden.Tensor>) => {
  const { actions, engine, learner, normalize, rows, until } = options
  const plan = learner.plan({ observation: 4, action: actions, batch: rows })
  const fresh = Tree.map(plan.init(Key.make(0)), NdArray.isNdArray, (leaf, path) =>
    path.startsWith("online.actorCritic.")
      ? NdArray.make(leaf.shape, Golden.entry(initial, named(path, "online.actorCritic")).data)
      : leaf
  )
  const program = {
    inputs: { batch: plan.batch, draws: {}, scalars: Scalars.specs(plan.scalars) },
    fn: (state: Learner.State<tf.Tensor>, inputs: Learner.Inputs<tf.Tensor>) =>
      Learner.sequence(plan.phases)(state, inputs)
  }
  const compiled = Program.compile(engine, { state: fresh, programs: { update: program } })
  const { inputs, outputs, run } = compiled.programs.update
  for (const name of Object.keys(plan.scalars))
    inputs.scalars[name]?.data.fill(Scalars.read(plan.scalars, name, 0, 0))
  const leaves = Tree.entries<NdArray.NdArray>(compiled.state, NdArray.isNdArray)
  const start = leaves.map(({ leaf }) => leaf.data.slice())
  const matching = (pattern: RegExp) => {
    const found = leaves.filter(({ path }) => pattern.test(path))
    if (found.length === 0) throw new RangeError(`nothing is called ${String(pattern)}`)
    return found.map(({ leaf, path }) => ({ name: path.replace(pattern, "model."), data: leaf.data }))
  }
  return {
    inputs: inputs.batch,
    outputs,
    /** One update on a rollout of the file. */
    update: (batch: Golden.OnPolicy["batches"][number]): void => {
      const rollout = Rollout.make(
        { capacity: rows, until, normalize },
        { observation: 4, action: 1, gamma: learner.gamma }
      )
      const observation = Float32Array.from(batch.observation.data)
      const next = Float32Array.from(batch.next_observation?.data ?? new Float32Array(observation.length))
      batch.reward.forEach((reward, t) => {
        const isLast = t === batch.reward.length - 1
        const terminated = batch.terminated?.[t] ?? isLast
        rollout.store({
          observation: observation.subarray(4 * t, 4 * t + 4),
          action: Float32Array.of(batch.action[t]!),
          reward,
          nextObservation: next.subarray(4 * t, 4 * t + 4),
          terminated,
          truncated: batch.truncated?.[t] ?? false
        })
      })
      if (rollout.size() !== batch.reward.length) throw new RangeError("the rollout is not complete")
      rollout.sample(Key.make(0), inputs.batch)
      run()
      compiled.pull()
    },
    /** The parameters as they are, by the file's names. */
    parameters: () => matching(/^online\.actorCritic\./),
    /** Adam's first moments, wherever in a chain it stands; after one update from fresh ones, a tenth of the gradient. */
    moments: () => matching(/^optimizer\.actorCritic\.(?:\d+\.)?m\./),
    /** Fresh optimizers, and these parameters. */
    reset: (parameters: Golden.Record<Golden.Tensor>): void => {
      leaves.forEach(({ leaf, path }, i) =>
        leaf.data.set(
          path.startsWith("online.actorCritic.")
            ? Golden.entry(parameters, named(path, "online.actorCritic")).data
            : start[i]!
        )
      )
      compiled.push()
    },
    dispose: compiled.dispose
  }
}
