/** A part of each sort that behaves, until a test asks one of its methods for something else (`Misbehaviour`). */
import { Algorithm } from "@ornstein/algos"
import * as Networks from "@ornstein/algos/Networks"
import { Environment, Exploration, Field, Key, Optimizers, Part, Ramp, Replay, Space } from "@ornstein/core"
import * as Engine from "@ornstein/core/Engine"
import * as UserParts from "@ornstein/lab/UserParts"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Result } from "effect"
import { prone, proneTo } from "./Misbehaviour.ts"

const words = { description: "behaves", source: "this test", example: {} }

const point = Environment.define({
  id: "Point-v0",
  description: "Bring a point to 0",
  observation: Space.box({ shape: [1], low: -10, high: 10 }),
  action: Space.box({ shape: [1], low: -1, high: 1 }),
  timeLimit: 10,
  reset: proneTo("definition.reset", (key: Key.Key): number => 2 * Key.uniform(key) - 1),
  step: proneTo("definition.step", (x: number, action: Space.Numbers) => {
    const next = x + 0.1 * action[0]!
    return { state: next, reward: -next * next, terminated: false }
  }),
  observe: proneTo("definition.observe", (x: number, out: Space.Numbers) => {
    out[0] = x
  }),
  render: proneTo("definition.render", () => ({
    left: -1,
    right: 1,
    bottom: -1,
    top: 1,
    background: [255, 255, 255] as const,
    shapes: []
  }))
})

const world = Part.make("point", {
  ...words,
  options: { size: Field.positive.pipe(Field.withDefault(1)) },
  requires: [{ at: "size", check: proneTo("world.requires", () => undefined) }],
  make: proneTo("world.make", () =>
    prone("environment", {
      spec: point.spec,
      make: Effect.map(
        Effect.suspend(() => point.make),
        (made) => prone("world", made)
      )
    })
  )
})

const wrapper = Part.make("around", {
  ...words,
  options: {},
  make: proneTo(
    "wrapper.make",
    (): Environment.Wrapper => (self) =>
      proneTo("wrapper.wrap", () =>
        Environment.wrap(self, self.spec, (inner) =>
          prone("wrapper", {
            reward: () => inner.reward / 2,
            state: {
              save: proneTo("wrapper.save", () => ({ seen: 0 })),
              load: proneTo("wrapper.load", () => {})
            }
          })
        )
      )()
  )
})

const exploration = Part.make("push", {
  ...words,
  options: {},
  make: proneTo("exploration.layer", () =>
    Layer.succeed(Exploration.Exploration, {
      name: "push",
      lanes: proneTo("exploration.lanes", () => []),
      make: proneTo("exploration.make", () =>
        prone("exploration", {
          perturb: (action: Space.Numbers, step: number) => {
            action[0] = Math.max(-1, Math.min(1, action[0]! + (step % 2 === 0 ? 0.1 : -0.1)))
          },
          reset: () => {},
          scale: () => 0.1,
          attach: () => prone("attached", { begin: () => {}, learned: () => {} }),
          snapshot: () => ({ pushed: 1 }),
          restore: () => {}
        })
      )
    })
  )
})

const replay = Part.make("kept", {
  ...words,
  options: {},
  make: proneTo("replay.make", () =>
    prone("chosen", {
      bytes: () => 1000,
      layer: Layer.effect(
        Replay.Replay,
        Replay.Replay.useSync((inner) => ({
          ...inner,
          lanes: proneTo("replay.lanes", () => []),
          make: proneTo("replay.open", (...args: Parameters<typeof inner.make>) =>
            Effect.map(inner.make(...args), (made) =>
              prone("replay", { ...made, log: prone("log", made.log) })
            )
          )
        }))
      ).pipe(Layer.provide(Replay.layerUniform({ capacity: 100 })))
    })
  )
})

const variant = Part.make("same", {
  ...words,
  options: {},
  make: proneTo("variant.make", () =>
    proneTo(
      "variant.apply",
      Algorithm.variant(
        "same",
        proneTo("variant.slots", ({ actorLoss }: Algorithm.Algorithm) => ({
          actorLoss: proneTo("variant.actorLoss", (...args: Parameters<typeof actorLoss>) =>
            tf.mul(actorLoss(...args), 1)
          )
        }))
      )
    )
  )
})

const network = Part.make("thin", {
  ...words,
  options: {},
  make: proneTo("network.make", () =>
    prone(
      "architecture",
      Networks.kinds.construct(Result.getOrThrow(Networks.kinds.decode({ kind: "dense", hidden: [4] })))
    )
  )
})

const optimizer = Part.make("plain", {
  ...words,
  options: {},
  make: proneTo(
    "optimizer.make",
    (): Optimizers.Rated =>
      proneTo("optimizer.rated", (rate) =>
        prone("optimizer", Optimizers.sgd.make({ kind: "sgd", momentum: 0 })(rate))
      )
  )
})

const ramp = Ramp.make("flat", {
  ...words,
  options: () => ({}),
  make: proneTo("ramp.make", () => prone("ramp", { at: () => 1e-3, least: 1e-3, most: 1e-3 }))
})

const engine = Part.make("mine", {
  ...words,
  options: {},
  make: proneTo(
    "engine.make",
    (): Engine.Opened =>
      Effect.suspend(
        proneTo("engine.open", () =>
          Effect.map(Engine.kinds.make({ kind: "tfjs", backend: "cpu" }), (made) => prone("engine", made))
        )
      )
  )
})

export default UserParts.define({
  environments: [world],
  wrappers: [wrapper],
  variants: [variant],
  replays: [replay],
  explorations: [exploration],
  networks: [network],
  optimizers: [optimizer],
  ramps: [ramp],
  engines: [engine]
})
