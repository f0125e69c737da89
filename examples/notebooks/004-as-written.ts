/**
 * Notebook 004 as it is written. Two slots of DDPG are replaced: the target is not an n-step return, and its
 * difference to the values has the shape `[10, 9]`. There are no target networks. A minibatch is ten steps in a row.
 *
 * The notebook's world has a fault besides: `self.state += action` adds in place, to the array that was handed out and
 * stored. Every state it remembers is the one after the action. `overwritten` does the same.
 *
 * ```sh
 * npm run notebook:5:as-written              # its target
 * npm run notebook:5:as-written overwritten  # and its memory
 * ```
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Key, Replay, Training } from "@ornstein/core"
import * as Reader from "@ornstein/core/internal/replay/Reader"
import type * as Sampler from "@ornstein/core/internal/replay/Sampler"
import * as Transitions from "@ornstein/core/internal/replay/Transitions"
import { PointReach } from "@ornstein/envs"
import * as tf from "@tensorflow/tfjs-core"
import { Console, Effect, Layer, Stream } from "effect"
import * as Reach from "./Reach.ts"
import * as Table from "./Table.ts"

const { gamma } = Reach.networks

/** Steps in a row. */
const N = 10

/** `gamma^i`, as products: the same bits everywhere. */
const powers = [1]
for (let i = 1; i < N; i++) powers.push(gamma * powers[i - 1]!)

// the algorithm

/** `y_i = gamma^i r_i + gamma^10 v` for each of ten steps; a termination erases the reward. */
const target: Algorithm.Slots["target"] = (m, c) => {
  const goesOn = tf.div(c.discount, gamma)
  const last = tf.slice(c.s2, [N - 1, 0], [1, -1])
  const v = m.value(c.online.critics, last, m.policy(c.online.actor, last))
  const rewards = tf.mul(tf.mul(tf.tensor1d(powers), c.r), goesOn)
  const rest = tf.mul(tf.mul(v, tf.slice(goesOn, [N - 1], [1])), gamma * powers[N - 1]!)
  return tf.add(rewards, rest)
}

/** The first nine targets less ten values `[10, 1]`: every value is drawn to every target. */
const criticLoss: Algorithm.Slots["criticLoss"] = (m, c, critics, y) => {
  const q = m.value(critics, c.s, c.a)
  const difference = tf.sub(tf.slice(y, [0], [N - 1]), tf.expandDims(q, 1))
  return { loss: tf.mean(tf.square(difference)), error: tf.mean(difference, 1), value: q }
}

const notebook = Algorithm.variant("notebook", () => ({ targets: [], target, criticLoss }))

// its memory

/** Ten steps in a row of one episode, every such ten equally likely. */
const inARow = (transitions: Transitions.Transitions): Sampler.Sampler => ({
  isWeighted: false,
  draw: (key, slots, held) => {
    const isEnd = (slot: number) => Transitions.isEnd(transitions, slot)
    let [first, draws] = [0, 0]
    do first = Key.integer(key, held - N + 1, draws++)
    while (Array.from({ length: N - 1 }, (_, i) => first + i).some(isEnd))
    for (let i = 0; i < N; i++) slots[i] = first + i
  },
  add: () => {},
  snapshot: () => null,
  restore: () => {}
})

/** What the notebook finds in its memory: states to which the action has been added, `s + a` and `s' + a'`. */
const overwritten: Reader.Reader = (transitions, shape, slots, batch, key, valuation) => {
  Reader.oneStep(transitions, shape, slots, batch, key, valuation)
  const { action } = transitions
  const { action: width } = shape
  const [s, s2] = [Reader.field(batch, "observation"), Reader.field(batch, "nextObservation")]
  for (const [row, slot] of slots.entries()) {
    for (let i = 0; i < width; i++) {
      const at = row * width + i
      s[at] = s[at]! + action[slot * width + i]!
      if (!Transitions.isEnd(transitions, slot)) s2[at] = s2[at]! + action[(slot + 1) * width + i]!
    }
  }
}

const CAPACITY = 10_000

const memory = (read: Reader.Reader): Layer.Layer<Replay.Replay> =>
  Layer.succeed(Replay.Replay, {
    name: "ten in a row",
    capacity: CAPACITY,
    make: (shape) =>
      Effect.sync(() => {
        const transitions = Transitions.full(CAPACITY, shape)
        return Replay.assemble(transitions, shape, inARow(transitions), read)
      })
  })

// the runs

const [
  kind = "target",
  runs = "5",
  steps = String(100 * Reach.EPISODE),
  out = `runs/notebook-004-as-written-${kind}`
] = process.argv.slice(2)

const services = Layer.mergeAll(
  Environment.layerContinuous(PointReach.make()),
  Exploration.layerOrnsteinUhlenbeck({ theta: 0.15, sigma: 0.2 }),
  memory(kind === "overwritten" ? overwritten : Reader.oneStep),
  Engine.layerAuto()
)

const learner = Algorithm.learner(Ddpg.make(Reach.networks).pipe(notebook))

/** Ten updates after every episode. */
const train = Effect.fnUntraced(function* (seed: number) {
  const run = yield* Training.make(learner, {
    seed,
    steps: Number(steps),
    warmup: 0,
    learningStarts: Reach.EPISODE,
    batchSize: N,
    updateEvery: Reach.EPISODE,
    updatesPerRound: 10,
    sliceSteps: Reach.EPISODE
  })
  const table = yield* Table.make(`${out}/run${seed}`, "episodes")
  yield* Stream.runForEach(run.stream, ({ episodes, metrics, step }) => {
    const episode = step / Reach.EPISODE
    const { criticLoss = Number.NaN, value = Number.NaN } = metrics
    const reward = episodes[0]?.return ?? Number.NaN
    const line =
      `Episode: ${episode}, Reward: ${reward.toFixed(1)}, ` +
      `Critic loss: ${criticLoss.toFixed(1)}, Value: ${value.toFixed(1)}`
    return table.add({ episode, reward, criticLoss, value }, line)
  })
  yield* Console.log(`run ${seed}: ${yield* Reach.distances(run.environment, run.policy)}`)
}, Effect.scoped)

Effect.forEach(Array.from({ length: Number(runs) }).keys(), train).pipe(
  Effect.provide(Layer.merge(services, NodeServices.layer)),
  NodeRuntime.runMain
)
