/**
 * Noise on the parameters of the policy (Plappert et al., "Parameter space noise for exploration", 2018): an episode is
 * played by `theta + sigma n`, n standard normal for every parameter, so the same state is met in the same way
 * throughout the episode. sigma adapts: every so many steps the distance
 *
 * `d = sqrt(mean (mu_theta(s) - mu_(theta + sigma n)(s))^2)`
 *
 * is measured on a minibatch with fresh noise, and sigma grows by a factor where d is below delta, and shrinks by it
 * otherwise: delta is the deviation of the actions. Layer normalisation makes one sigma fit all layers.
 */
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field, Lanes, Part } from "../config/index.ts"
import { type Agent, Extension, Learner, Parameters, Programs } from "../learner/index.ts"
import { Key, Streams } from "../random/index.ts"
import type { Replay } from "../replay/index.ts"
import { Snapshot } from "../state/index.ts"
import { type Attached, Exploration, oneLane } from "./Contract.ts"
import * as Mixture from "./Mixture.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("parameterNoise"),
    delta: Field.positive
      .annotate({ description: "the deviation of actions that sigma adapts to, in normalised units" })
      .pipe(Field.withDefault(0.2)),
    initialSigma: Field.positive
      .annotate({ description: "sigma before it has adapted" })
      .pipe(Field.withDefault(0.1)),
    factor: Schema.Finite.check(Schema.isGreaterThan(1))
      .annotate({ description: "what sigma is multiplied with or divided by" })
      .pipe(Field.withDefault(1.01)),
    every: Field.positiveInt
      .annotate({ description: "environment steps from one adaptation to the next" })
      .pipe(Field.withDefault(50))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** the deviation of actions that sigma adapts to, in normalised units */
  readonly delta?: number
  /** sigma before it has adapted */
  readonly initialSigma?: number
  /** what sigma is multiplied with or divided by */
  readonly factor?: number
  /** environment steps from one adaptation to the next */
  readonly every?: number
}

/** The scale of the noise, which adapts. */
export interface Scale {
  readonly sigma: () => number
  /** Told the distance at the present sigma. */
  readonly adapt: (distance: number) => void
  readonly snapshot: () => Snapshot.Snapshot
  readonly restore: (snapshot: Snapshot.Snapshot) => void
}

/** The policy beside itself: a copy with noise on its parameters. */
export interface Perturbed {
  /** Takes the policy's parameters as they are now, with noise of this deviation read from the key. */
  readonly perturb: (key: Key.Key, sigma: number) => void
  /** As `Agent.act`, by the perturbed policy. */
  readonly act: Agent.Agent["act"]
  /** How far fresh noise of this deviation moves actions: the root mean square over a minibatch. */
  readonly distance: (key: Key.Key, sigma: number, replay: Replay.Instance) => number
}

// pure core: programs

/** What the perturbed policy is called in the state, and the programs that make it, act by it, measure it. */
const PERTURBED = "perturbed"
const [PERTURB, EXPLORE, DISTANCE] = ["perturb", "explore", "distance"] as const

/** Its state begins as a copy of the policy. */
export const extension: Extension.Extension = {
  state: (plan, { online }) => ({ [PERTURBED]: Learner.get(online, plan.policy) }),
  programs: (plan, sizes, { online }) => {
    const inputs = {
      parameters: Object.fromEntries(
        Parameters.paths(Learner.get(online, plan.policy), ({ shape }) => NdArray.spec(shape))
      ),
      scale: { sigma: NdArray.spec([]) }
    }
    const noisy = (state: Learner.State<tf.Tensor>, given: Programs.Group<tf.Tensor>): Parameters.Tensors =>
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
      [EXPLORE]: Programs.acting(plan, sizes, { policy: (state) => Extension.get(state, PERTURBED) }),
      [PERTURB]: {
        inputs,
        fn: (state, given) => [Extension.put(state, PERTURBED, noisy(state, given)), {}]
      },
      [DISTANCE]: {
        inputs: { ...inputs, batch: plan.batch },
        fn: (state, given) => {
          const observation = Learner.get(Learner.get(given, "batch"), "observation")
          const act = (policy: Learner.State<tf.Tensor>) =>
            plan.act(
              policy,
              observation,
              plan.actionNoise > 0 ? tf.zeros([sizes.batch, plan.actionNoise]) : undefined
            )
          const apart = tf.sub(act(Programs.withPolicy(plan, state, noisy(state, given))), act(state))
          return [state, { distance: tf.sqrt(tf.mean(tf.square(apart))) }]
        }
      }
    }
  }
}

// instances

export const scale = ({ delta, factor, initialSigma }: Options): Scale => {
  let sigma = initialSigma
  return {
    sigma: () => sigma,
    adapt: (distance) => {
      sigma = distance < delta ? sigma * factor : sigma / factor
    },
    snapshot: () => ({ sigma }),
    restore: (snapshot) => {
      sigma = Snapshot.getNumber(snapshot, "sigma")
    }
  }
}

/** The perturbed policy of an agent that has the extension. */
export const perturbed = (agent: Agent.Agent): Perturbed => {
  const [perturb, distance] = [agent.program(PERTURB), agent.program(DISTANCE)]
  const draw = ({ inputs }: Agent.Compiled, key: Key.Key, sigma: number): void => {
    for (const [path, { data }] of Object.entries(inputs["parameters"] ?? {})) {
      if (data instanceof Float32Array) Key.normals(Key.fold(key, path), data)
    }
    Learner.get(Learner.get(inputs, "scale"), "sigma").data[0] = sigma
  }
  return {
    perturb: (key, sigma) => {
      draw(perturb, key, sigma)
      perturb.run()
    },
    act: agent.actBy(EXPLORE),
    distance: (key, sigma, replay) => {
      replay.sample(Streams.of(key, "minibatch"), Learner.get(distance.inputs, "batch"))
      draw(distance, key, sigma)
      distance.run()
      return Learner.get(distance.outputs, "distance").data[0]!
    }
  }
}

// layers

/** Noise on the policy's parameters, of adaptive size. */
export const layer = (options: Input = {}): Layer.Layer<Exploration> => {
  const settings = Field.make("parameterNoise", Options, options)
  return Layer.succeed(Exploration, {
    name: "parameterNoise",
    extension,
    lanes: Lanes.refusals("exploration", [oneLane], settings),
    make: () => {
      const { adapt, restore, sigma, snapshot } = scale(settings)
      const attach = (agent: Agent.Agent, key: Key.Key): Attached => {
        const perturbationKey = Streams.of(key, "perturbation")
        const distanceKey = Streams.of(key, "distance")
        const { act, distance, perturb } = perturbed(agent)
        return {
          act,
          begin: (episode) => perturb(Key.fold(perturbationKey, episode), sigma()),
          learned: (step, replay) => {
            if (step % settings.every !== 0) return
            adapt(distance(Key.fold(distanceKey, step), sigma(), replay))
          }
        }
      }
      return { perturb: () => {}, reset: () => {}, attach, scale: sigma, snapshot, restore }
    }
  })
}

// part

/** What a configuration names. */
export const part = Part.from([Schema.Struct({ ...Options.fields, ...Mixture.fields })], {
  description: "noise on the policy's parameters, of adaptive size",
  source: {
    authors: "Plappert et al.",
    year: 2018,
    title: "Parameter space noise for exploration",
    link: "https://arxiv.org/abs/1706.01905"
  },
  departures: ["all parameters are perturbed, also those of layer normalisation"],
  requires: [Mixture.isAdded, ...Lanes.requires([oneLane])],
  example: { delta: 0.1, initialSigma: 0.05, factor: 1.1, every: 10, epsilon: 0.1 },
  make: ({ epsilon, ...options }) => Mixture.apply({ epsilon }, layer(options))
})
