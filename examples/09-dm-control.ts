/**
 * A world of dm_control, in Python: its cheetah, by shimmy, for an episode, then a short training. It takes a Python with
 *
 *     pip install gymnasium==1.4.0 shimmy==2.0.1 mujoco==3.14.0 dm_control==1.0.47
 *
 * which the variable ORNSTEIN_PYTHON names; without one, this says what is missing. Any other id of Gymnasium goes the
 * same way.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Key, Replay, Space, Training } from "@ornstein/core"
import { Gymnasium } from "@ornstein/envs"
import { Console, Effect, Layer, Stream } from "effect"

const input: Gymnasium.Input = {
  id: "dm_control/cheetah-run-v0",
  python: process.env["ORNSTEIN_PYTHON"] ?? "python3",
  imports: ["shimmy"],
  variables: { PYTHONWARNINGS: "ignore" }
}

const program = Effect.gen(function* () {
  const cheetah = Gymnasium.make(input)
  const names = yield* Environment.attempt(() => Gymnasium.layoutOf(input).observation)
  yield* Console.log(`${cheetah.spec.id}: ${Space.format(cheetah.spec.action)}`)
  for (const { name, shape } of names) yield* Console.log(`  observes ${name} [${shape.join(", ")}]`)

  const instance = yield* cheetah.make
  const action = Space.allocate(cheetah.spec.action)
  instance.reset(Key.make(1))
  let total = 0
  while (!instance.terminated && !instance.truncated) {
    instance.step(Space.sample(cheetah.spec.action, Key.make(instance.steps), action))
    total += instance.reward
  }
  yield* Console.log(`at random: ${total.toFixed(2)} in ${instance.steps} steps`)

  if (!Environment.isContinuous(cheetah)) return
  const learner = Algorithm.learner(Ddpg.make({ hidden: [32, 32] }))
  const services = Layer.mergeAll(
    Environment.layerContinuous(cheetah),
    Exploration.layerGaussian({ sigma: 0.1 }),
    Replay.layerUniform({ capacity: 10_000 }),
    Engine.layerAuto()
  )
  const options = { seed: 1, steps: 1500, warmup: 500, learningStarts: 500 }
  yield* Training.stream(learner, options).pipe(
    Stream.runForEach(({ step, updates }) => Console.log(`step ${step}: ${updates} updates`)),
    Effect.provide(services)
  )
})

NodeRuntime.runMain(
  Effect.scoped(program).pipe(
    Effect.catchTag("EnvironmentError", ({ message }) =>
      Console.log(`There is no such world here. ${message}`)
    )
  )
)
