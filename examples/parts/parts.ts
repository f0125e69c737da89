/**
 * Parts of your own, named in a configuration as ours are: a world, a variant and an exploration.
 *
 * ```text
 * ornstein train  --with parts.ts --config experiment.yaml --out run
 * ornstein resume run --with parts.ts --steps 4000
 * ornstein verify run --with parts.ts
 * ornstein report run --with parts.ts
 * ```
 */
import { Algorithm } from "@ornstein/algos"
import { Environment, Exploration, Field, Key, Part, Space } from "@ornstein/core"
import * as UserParts from "@ornstein/lab/UserParts"
import * as tf from "@tensorflow/tfjs-core"
import { Layer } from "effect"

/** Height in metres, speed in metres per second, upwards. */
type State = readonly [height: number, speed: number]

const lander = Part.make("lander", {
  description: "set a rocket down softly, with thrust against gravity",
  source: "this lesson",
  options: {
    gravity: Field.positive
      .annotate({ description: "metres per second squared" })
      .pipe(Field.withDefault(1.62))
  },
  example: { gravity: 3.71 },
  make: ({ gravity }) =>
    Environment.define({
      id: "Lander-v0",
      description: "Set a rocket down softly, with thrust against gravity",
      observation: Space.box({ shape: [2], low: [0, -50], high: [125, 50] }),
      action: Space.box({ shape: [1], low: 0, high: 4 }),
      timeLimit: 300,
      reset: (key): State => [50 + 50 * Key.uniform(key, 0), -10 * Key.uniform(key, 1)],
      step: ([height, speed]: State, thrust) => {
        const faster = speed + 0.1 * (thrust[0]! - gravity)
        const state: State = [Math.max(0, height + 0.1 * faster), faster]
        const impact = state[0] === 0 || state[0] > 120 ? Math.abs(faster) : 0
        return { state, reward: -impact - 0.01 * thrust[0]!, terminated: impact > 0 }
      },
      observe: (state, out) => out.set(state)
    })
})

/** Replaces `actorLoss` by what it was, plus `weight mean mu(s)^2`. */
const smallActions = Part.make("smallActions", {
  description: "an actor that pays for large actions",
  source: "this lesson",
  options: {
    weight: Field.positive
      .annotate({ description: "the price of an action of 1" })
      .pipe(Field.withDefault(0.05))
  },
  example: { weight: 0.1 },
  make: ({ weight }) =>
    Algorithm.variant("smallActions", ({ actorLoss }) => ({
      actorLoss: (m, c, actor) =>
        tf.add(actorLoss(m, c, actor), tf.mul(tf.mean(tf.square(m.policy(actor, c.s))), weight))
    }))
})

/**
 * A push in a random direction that is held for some steps. The noise of step t is read from the key of the stretch that t
 * lies in, so there is no state to save, and a resumed run goes on with the same push.
 */
const heldPushes = Part.make("heldPushes", {
  description: "a push in a random direction, held for some steps",
  source: "this lesson",
  options: {
    strength: Field.positive.annotate({ description: "the largest push" }).pipe(Field.withDefault(1.5)),
    hold: Field.positiveInt.annotate({ description: "steps that a push lasts" }).pipe(Field.withDefault(50))
  },
  example: { strength: 1, hold: 10 },
  make: ({ hold, strength }) =>
    Layer.succeed(Exploration.Exploration, {
      name: "heldPushes",
      make: (key) => ({
        perturb: (action, step) => {
          const stretch = Key.fold(key, Math.floor(step / hold))
          for (let i = 0; i < action.length; i++) {
            const push = strength * (2 * Key.uniform(stretch, i) - 1)
            action[i] = Math.max(-1, Math.min(1, action[i]! + push))
          }
        },
        reset: () => {},
        scale: () => strength,
        snapshot: () => null,
        restore: () => {}
      })
    })
})

export default UserParts.define({
  environments: [lander],
  variants: [smallActions],
  explorations: [heldPushes]
})
