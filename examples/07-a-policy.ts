/** What was learned as a value: taken out of training, written to the bytes of a file, read and opened without a learner. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Algorithm, Ddpg } from "@ornstein/algos"
import {
  Engine,
  Environment,
  Evaluation,
  Exploration,
  Policy,
  PolicyFile,
  Replay,
  Training
} from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { Console, Effect, Layer, Stream } from "effect"

const world = Pendulum.make()
const learner = Algorithm.learner(Ddpg.make({ hidden: [64, 64], gamma: 0.98 }))
const engine = Engine.layerAuto()

/** Everything that learning needs ends with this scope; the policy does not. */
const learned = Effect.gen(function* () {
  const run = yield* Training.make(learner, { seed: 7, steps: 3000 })
  yield* Stream.runDrain(run.stream)
  const { mean } = yield* Evaluation.run(run.environment, run.policy, { episodes: 10, seed: 0 })
  yield* Console.log(`in training: ${mean}`)
  return yield* Policy.ofState({ learner, spec: world.spec, state: yield* run.state })
}).pipe(
  Effect.scoped,
  Effect.provide(
    Layer.mergeAll(
      Environment.layerContinuous(world),
      Exploration.layerGaussian({ sigma: 0.1 }),
      Replay.layerUniform({ capacity: 100_000 }),
      engine
    )
  )
)

const program = Effect.gen(function* () {
  // With a file between the two lines, this is `ornstein export` and `ornstein evaluate`.
  const bytes = PolicyFile.encode(yield* learned)
  const policy = yield* Effect.fromResult(PolicyFile.decode("the policy", bytes))
  yield* Console.log(`${policy.algorithm} in ${policy.spec.id}: ${bytes.length} bytes`)

  // The world's own actions now: a torque within 2, where the learner has [-1, 1].
  const { act } = yield* Policy.open(policy)
  const { mean } = yield* Evaluation.run(world, act, { episodes: 10, seed: 0 })
  yield* Console.log(`from the file: ${mean}`)
})

program.pipe(Effect.scoped, Effect.provide(engine), NodeRuntime.runMain)
