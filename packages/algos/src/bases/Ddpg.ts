/**
 * Deep deterministic policy gradient (Lillicrap et al., "Continuous control with deep reinforcement learning", 2015).
 *
 * | Algorithm 1                                              | here                                    |
 * | -------------------------------------------------------- | --------------------------------------- |
 * | initialise critic Q(s, a) and actor mu(s)                | `Dense`, or another of `Networks`       |
 * | initialise targets Q', mu' as their copies               | `targets`, copied by `Algorithm.learner` |
 * | initialise replay buffer R                               | the service `Replay`                    |
 * | for each episode: initialise a random process N          | the service `Exploration`               |
 * | receive the first observation s                          | the service `Environment.Continuous`    |
 * | for each step: a = mu(s) + N                             | `policy`, then `Exploration.perturb`    |
 * | execute a, observe r and s'                              | `Environment.step`                      |
 * | store (s, a, r, s') in R                                 | `Replay.store`                          |
 * | sample a minibatch of B transitions                      | `Replay.sample`                         |
 * | y = r + gamma Q'(s', mu'(s'))                            | `targetAction`, `value`, `backup`, `target` |
 * | critic descends mean (y - Q(s, a))^2                     | `criticLoss`, `criticPenalty`           |
 * | actor ascends mean Q(s, mu(s))                           | `policyValue`, `actorLoss`              |
 * | Q' <- tau Q + (1 - tau) Q', mu' likewise                 | `updateTarget`: `TargetUpdate.polyak`   |
 *
 * The functions below stand in that order; `Algorithm.learner` runs them in it (`family/Phases.ts`). The two loops, over
 * episodes and over steps, are one: `run` in `packages/core/src/training/Interaction.ts`.
 */
import * as Field from "@ornstein/core/Field"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Optimizer from "@ornstein/core/Optimizer"
import * as Optimizers from "@ornstein/core/Optimizers"
import * as Parameters from "@ornstein/core/Parameters"
import * as Ramp from "@ornstein/core/Ramp"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm } from "../family/index.ts"
import { Architecture, Dense, Networks } from "../networks/index.ts"
import { TargetUpdate } from "../variants/index.ts"

// models

const rate = Ramp.timed(Ramp.positive)
  .annotate({ description: "step size of the optimizer: a number, or a ramp over steps or updates" })
  .pipe(Field.withDefault(1e-3))

/** Bounds are exclusive where the bound would switch the method off: with tau = 0 the targets would never move. */
export const Options = Schema.Struct({
  gamma: Field.unitInterval
    .annotate({ description: "discount per step, 0 to 1; at 1 only where episodes end by themselves" })
    .pipe(Field.withDefault(0.99)),
  tau: TargetUpdate.share
    .annotate({ description: "share of the online parameters that the targets take over per update" })
    .pipe(Field.withDefault(0.005)),
  actorLearningRate: rate,
  criticLearningRate: rate,
  actorOptimizer: Optimizers.field("what the actor descends with"),
  criticOptimizer: Optimizers.field("what the critics descend with"),
  network: Schema.optionalKey(Networks.kinds.open).annotate({
    description: "what actor and critics are made of; left out, dense with the options beside it"
  }),
  ...Dense.fields,
  layerNorm: Schema.Boolean.annotate({ description: "layer normalisation in the hidden layers" }).pipe(
    Field.withDefault(false)
  ),
  criticWeightDecay: Ramp.timed(Ramp.nonNegative)
    .annotate({
      description: "c in c p, added to every gradient of the critic: the penalty c / 2 ||parameters||^2"
    })
    .pipe(Field.withDefault(0)),
  criticL2: Ramp.timed(Ramp.nonNegative)
    .annotate({ description: "c in the critic's loss term c ||W||^2, over weights without biases" })
    .pipe(Field.withDefault(0)),
  actorGradientClip: Schema.optionalKey(Ramp.timed(Ramp.positive)).annotate({
    description: "largest L2 norm of the actor's gradient"
  }),
  criticGradientClip: Schema.optionalKey(Ramp.timed(Ramp.positive)).annotate({
    description: "largest L2 norm of the critics' gradient"
  })
})
export type Options = typeof Options.Type

/** What is given of them: the rest has defaults. */
export interface Input {
  /** discount per step, 0 to 1; at 1 only where episodes end by themselves */
  readonly gamma?: number
  /** share of the online parameters that the targets take over per update */
  readonly tau?: Ramp.Timed
  /** step size of the optimizer: a number, or a ramp over steps or updates */
  readonly actorLearningRate?: Ramp.Timed
  /** step size of the optimizer: a number, or a ramp over steps or updates */
  readonly criticLearningRate?: Ramp.Timed
  /** what the actor descends with */
  readonly actorOptimizer?: Optimizers.Input
  /** what the critics descend with */
  readonly criticOptimizer?: Optimizers.Input
  /** what actor and critics are made of; left out, dense with the options beside it */
  readonly network?: Networks.Input
  /** widths of the hidden layers of actor and critic */
  readonly hidden?: readonly [number, ...Array<number>]
  /** the critic's, where they differ from the actor's */
  readonly criticHidden?: readonly [number, ...Array<number>]
  /** where the action enters the critic */
  readonly critic?:
    | { readonly kind?: "concatenated" }
    | { readonly kind?: "actionAtSecondLayer" }
    | {
        readonly kind?: "twoBranch"
        readonly branches?: { readonly state: ReadonlyArray<number>; readonly action: ReadonlyArray<number> }
      }
  /** what hidden layers end with */
  readonly activation?: "relu" | "tanh" | "elu" | "sigmoid"
  /** how the layers' numbers begin */
  readonly initial?: "fanIn" | "glorot" | "he"
  /** last layers begin within 3e-3, not as the others */
  readonly smallFinal?: boolean
  /** layer normalisation in the hidden layers */
  readonly layerNorm?: boolean
  /** c in c p, added to every gradient of the critic: the penalty c / 2 ||parameters||^2 */
  readonly criticWeightDecay?: Ramp.Timed
  /** c in the critic's loss term c ||W||^2, over weights without biases */
  readonly criticL2?: Ramp.Timed
  /** largest L2 norm of the actor's gradient */
  readonly actorGradientClip?: Ramp.Timed
  /** largest L2 norm of the critics' gradient */
  readonly criticGradientClip?: Ramp.Timed
}

/** The settings of the paper's section 7; the replay keeps 1,000,000 transitions, minibatches have 64. */
export const paper: Options = Options.make({
  tau: 0.001,
  actorLearningRate: 1e-4,
  hidden: [400, 300],
  critic: { kind: "actionAtSecondLayer" },
  criticWeightDecay: 1e-2
})

// Algorithm 1, line by line

/** a = mu(s) */
const policy: Algorithm.Slots["policy"] = (m, actor, s) => m.actor(actor, s)

/** mu'(s') */
const targetAction: Algorithm.Slots["targetAction"] = (m, c) => m.policy(c.target.actor, c.s2)

/** Q(s, a) `[batch]` */
const value: Algorithm.Slots["value"] = (m, critics, s, a) => {
  const [q] = m.critics(critics, s, a)
  if (q === undefined) throw new RangeError("an algorithm has at least one critic")
  return tf.squeeze(q, [1])
}

/** r + discount v, where discount is gamma, and 0 after a termination */
const backup: Algorithm.Slots["backup"] = (_m, c, v) =>
  tf.add(Algorithm.columnLike(c.r, v), tf.mul(Algorithm.columnLike(c.discount, v), v))

/** y = r + discount Q'(s', mu'(s')) */
const target: Algorithm.Slots["target"] = (m, c) =>
  m.backup(c, m.value(c.target.critics, c.s2, m.targetAction(c)))

/** (y - Q)^2 */
const regression: Algorithm.Slots["regression"] = (_m, _c, error) => tf.square(error)

/** L = mean (y - Q(s, a))^2 */
const criticLoss: Algorithm.Slots["criticLoss"] = (m, c, critics, y) => {
  const q = m.value(critics, c.s, c.a)
  const error = tf.sub(y, q)
  return { loss: Algorithm.batchMean(m.regression(c, error), c.weight), error, value: q }
}

/** c ||W||^2, over the weight matrices */
const weightPenalty: NonNullable<Algorithm.Slots["criticPenalty"]> = (_m, c, { parameters }) => {
  const squares = Parameters.leaves(parameters)
    .filter((array) => array.rank === 2)
    .map((w) => tf.sum(tf.square(w)))
  return tf.mul(tf.addN(squares), c.scalar("criticL2"))
}

/** Q(s, mu(s)), by the critic as it is after its own descent */
const policyValue: Algorithm.Slots["policyValue"] = (m, critics, s, a) => m.value(critics, s, a)

/** J = - mean Q(s, mu(s)); its gradient is dQ/da dmu/dtheta, the deterministic policy gradient (Silver et al., 2014) */
const actorLoss: Algorithm.Slots["actorLoss"] = (m, c, actor) =>
  tf.neg(tf.mean(m.policyValue(c.online.critics, c.s, m.policy(actor, c.s))))

// constructors

const clip = (limit: Ramp.Timed | undefined): ReadonlyArray<Optimizer.Optimizer> =>
  limit === undefined ? [] : [Optimizer.clipByGlobalNorm(limit)]

/** What of the options, defaults aside, goes into a slot that a variant may replace. */
const madeOf = (options: Options): Algorithm.Algorithm["madeOf"] => {
  const networks = ["hidden", "activation", "initial", "smallFinal"] as const
  const defaults = Options.make({})
  const given = (names: ReadonlyArray<keyof Options>): ReadonlyArray<string> =>
    names.filter((name) => JSON.stringify(options[name]) !== JSON.stringify(defaults[name]))
  return {
    actor: given(networks),
    critic: given([...networks, "criticHidden", "critic"]),
    layerNorm: given(["layerNorm"]),
    "optimizers.actor": given(["actorOptimizer", "actorLearningRate", "actorGradientClip"]),
    "optimizers.critic": given([
      "criticOptimizer",
      "criticLearningRate",
      "criticGradientClip",
      "criticWeightDecay"
    ]),
    updateTarget: given(["tau"])
  }
}

/** The networks that an option names, and what they are called. */
export const network = (options: Networks.Options): readonly [name: string, Architecture.Architecture] => [
  String(JsonPath.child(options, "kind")),
  Networks.kinds.make(options)
]

/**
 * DDPG with the given options; the rest are `Options`' defaults. Throws an `IdleOption` where both `network` and an option
 * of dense networks are given.
 *
 * ```ts
 * const ddpg = Ddpg.make({ gamma: 0.98, hidden: [64, 64] })
 * ```
 */
export const make = (input: Input = {}): Algorithm.Algorithm => {
  const options = Field.make("ddpg", Options, input)
  const plain = dense(options)
  return options.network === undefined ? plain : plain.pipe(Architecture.variant(...network(options.network)))
}

const dense = (options: Options): Algorithm.Algorithm => {
  const { actor, critic } = Dense.make(options)
  return Algorithm.make({
    name: "DDPG",
    madeOf: madeOf(options),
    gamma: options.gamma,
    actor,
    critic,
    layerNorm: options.layerNorm,
    criticCount: 1,
    criticOutputs: 1,
    isStochastic: false,
    targets: ["actor", "critic"],
    optimizers: {
      actor: Optimizer.chain(
        ...clip(options.actorGradientClip),
        Optimizers.all.make(options.actorOptimizer)(options.actorLearningRate)
      ),
      critic: Optimizer.chain(
        ...clip(options.criticGradientClip),
        Optimizer.weightDecay(options.criticWeightDecay),
        Optimizers.all.make(options.criticOptimizer)(options.criticLearningRate)
      )
    },
    coefficients: {},
    draws: {},
    scalars: {
      ...TargetUpdate.scalars(options.tau),
      ...(options.criticL2 === 0 ? {} : { criticL2: options.criticL2 })
    },
    policyDelay: 1,
    policy,
    targetAction,
    value,
    backup,
    target,
    regression,
    criticLoss,
    ...(options.criticL2 === 0 ? {} : { criticPenalty: weightPenalty }),
    policyValue,
    actorLoss,
    updateTarget: TargetUpdate.polyak
  })
}
