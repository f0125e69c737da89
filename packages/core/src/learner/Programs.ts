/** The programs of a learner: acting, one for every set of phases that is ever due together, and perturbing. */
import * as NdArray from "@ornstein/jit/NdArray"
import type * as Program from "@ornstein/jit/Program"
import * as tf from "@tensorflow/tfjs-core"
import * as Draw from "./Draw.ts"
import * as Learner from "./Learner.ts"
import * as Parameters from "./Parameters.ts"
import * as Scalars from "./Scalars.ts"

// models

/** Inputs by group (`act`, `batch`, `draws`, `scalars`) and name. */
export type Group<L> = { readonly [group: string]: { readonly [field: string]: L } }

export type Definition = Program.Definition<Learner.State<tf.Tensor>, Group<NdArray.Spec>, Learner.Metrics>

// pure core

/** The state in which the perturbed policy acts for the policy. */
const exchanged = (
  plan: Learner.Plan,
  state: Learner.State<tf.Tensor>,
  policy: Parameters.Tensors
): Learner.State<tf.Tensor> => ({ ...state, online: { ...state.online, [plan.policy]: policy } })

/** The program that acts on so many observations at once, by the policy or by the perturbed one. */
export const acting = (
  plan: Learner.Plan,
  sizes: Learner.Sizes,
  { isPerturbed = false, rows = 1 }: { readonly isPerturbed?: boolean; readonly rows?: number } = {}
): Definition => ({
  inputs: {
    act: {
      observation: NdArray.spec([rows, sizes.observation]),
      ...(plan.actionNoise > 0 ? { noise: NdArray.spec([rows, plan.actionNoise]) } : {})
    }
  },
  fn: (state, inputs) => {
    const { noise, observation } = Learner.get(inputs, "act")
    if (observation === undefined) throw new RangeError("acting takes an observation")
    const policy =
      isPerturbed && state.perturbed !== undefined ? exchanged(plan, state, state.perturbed) : state
    return [state, { action: plan.act(policy, observation, noise) }]
  }
})

/** The programs that act and learn by name: `act`, and one for every set of phases that is ever due together. */
export const learning = (
  plan: Learner.Plan,
  sizes: Learner.Sizes
): { readonly [name: string]: Definition } => {
  const draws = Object.fromEntries(Object.entries(plan.draws).map(([name, draw]) => [name, Draw.spec(draw)]))
  const scalars = Scalars.specs(plan.scalars)
  const updates = Array.from(Learner.programs(plan.phases), ([name, phases]): [string, Definition] => {
    const update = Learner.sequence(phases)
    return [
      name,
      {
        inputs: { batch: plan.batch, draws, scalars },
        fn: (state, { batch = {}, draws = {}, scalars = {} }) => update(state, { batch, draws, scalars })
      }
    ]
  })
  return { act: acting(plan, sizes), ...Object.fromEntries(updates) }
}

/** The programs around a perturbed policy: to make it, to act with it, to measure its distance. */
export const perturbing = (
  plan: Learner.Plan,
  sizes: Learner.Sizes,
  policy: Parameters.Arrays
): { readonly [name: string]: Definition } => {
  const inputs = {
    parameters: Object.fromEntries(Parameters.paths(policy, ({ shape }) => NdArray.spec(shape))),
    scale: { sigma: NdArray.spec([]) }
  }
  const noisy = (state: Learner.State<tf.Tensor>, given: Group<tf.Tensor>): Parameters.Tensors =>
    Parameters.map(Learner.get(state.online, plan.policy), (p, path) =>
      tf.add(
        p,
        tf.mul(
          Learner.get(Learner.get(given, "parameters"), path),
          Learner.get(Learner.get(given, "scale"), "sigma")
        )
      )
    )
  return {
    explore: acting(plan, sizes, { isPerturbed: true }),
    perturb: { inputs, fn: (state, given) => [{ ...state, perturbed: noisy(state, given) }, {}] },
    distance: {
      inputs: { ...inputs, batch: { observation: NdArray.spec([sizes.batch, sizes.observation]) } },
      fn: (state, given) => {
        const observation = Learner.get(Learner.get(given, "batch"), "observation")
        const act = (policy: Learner.State<tf.Tensor>) =>
          plan.act(
            policy,
            observation,
            plan.actionNoise > 0 ? tf.zeros([sizes.batch, plan.actionNoise]) : undefined
          )
        const apart = tf.sub(act(exchanged(plan, state, noisy(state, given))), act(state))
        return [state, { distance: tf.sqrt(tf.mean(tf.square(apart))) }]
      }
    }
  }
}
