/** The programs of a learner: acting, and one for every set of phases that is ever due together. */
import * as NdArray from "@ornstein/jit/NdArray"
import type * as Program from "@ornstein/jit/Program"
import type * as tf from "@tensorflow/tfjs-core"
import * as Draw from "./Draw.ts"
import * as Learner from "./Learner.ts"
import type * as Parameters from "./Parameters.ts"
import * as Scalars from "./Scalars.ts"

// models

/** Inputs by group (`act`, `batch`, `draws`, `scalars`) and name. */
export type Group<L> = { readonly [group: string]: { readonly [field: string]: L } }

export type Definition = Program.Definition<Learner.State<tf.Tensor>, Group<NdArray.Spec>, Learner.Metrics>

/** A compiled program and where its inputs and outputs are. */
export type Compiled = Program.Program<Group<NdArray.Spec>, Learner.Metrics>

// pure core

/** The program that acts while experience is gathered. */
export const ACT = "act"

/** What keeps the policy that is deployed: see `Learner.Deployed`. */
const DEPLOYED = "deployed"
export const LEARNED = `${DEPLOYED}.learned`
export const ENDED = `${DEPLOYED}.ended`

/** The name of the program that acts when the policy is evaluated. */
export const evaluation = ({ deployed }: Learner.Plan): string =>
  deployed === undefined || deployed.gathers ? ACT : DEPLOYED

/** The program that acts on so many observations at once, by the policy or by another in its place. */
export const acting = (
  plan: Learner.Plan,
  sizes: Learner.Sizes,
  {
    policy = plan.deployed?.gathers === true ? plan.deployed.policy : undefined,
    rows = 1
  }: {
    readonly policy?: ((state: Learner.State<tf.Tensor>) => Parameters.Tensors) | undefined
    readonly rows?: number
  } = {}
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
    const actor = policy === undefined ? state : withPolicy(plan, state, policy(state))
    return [state, { action: plan.act(actor, observation, noise) }]
  }
})

/** The state in which another policy acts. */
export const withPolicy = (
  plan: Learner.Plan,
  state: Learner.State<tf.Tensor>,
  policy: Parameters.Tensors
): Learner.State<tf.Tensor> => ({ ...state, online: { ...state.online, [plan.policy]: policy } })

/** The program that acts on so many observations by the policy that is deployed. */
export const evaluating = (plan: Learner.Plan, sizes: Learner.Sizes, rows = 1): Definition =>
  acting(plan, sizes, { policy: plan.deployed?.policy, rows })

/** The programs of the policy that is deployed, where it is not the learned one. */
const deploying = (plan: Learner.Plan, sizes: Learner.Sizes): { readonly [name: string]: Definition } => {
  const { ended, gathers, learned } = plan.deployed ?? { gathers: true }
  return {
    ...(gathers ? {} : { [DEPLOYED]: evaluating(plan, sizes) }),
    ...(learned === undefined ? {} : { [LEARNED]: { inputs: {}, fn: (state) => [learned(state), {}] } }),
    ...(ended === undefined
      ? {}
      : {
          [ENDED]: {
            inputs: { episode: { return: NdArray.spec([]), length: NdArray.spec([]) } },
            fn: (state, inputs) => {
              const episode = Learner.get(inputs, "episode")
              return [
                ended(state, {
                  return: Learner.get(episode, "return"),
                  length: Learner.get(episode, "length")
                }),
                {}
              ]
            }
          }
        })
  }
}

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
  return { [ACT]: acting(plan, sizes), ...deploying(plan, sizes), ...Object.fromEntries(updates) }
}
