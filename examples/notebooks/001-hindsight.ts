/**
 * Notebook 001's other question: the mountain car with hindsight (Andrychowicz et al., 2017). The car is trained to be anywhere
 * it is told to be, and learns from every place that it did reach; tested, it is told to be at the flag. Independent
 * noise is enough, from which the world's own rewards teach nothing.
 *
 * ```sh
 * npm run notebook:2:hindsight
 * ```
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Evaluation, Exploration, Key, Replay, Space, Training } from "@ornstein/core"
import { MountainCarContinuous } from "@ornstein/envs"
import { Effect, Layer, Stream } from "effect"
import * as Table from "./Table.ts"

/** A place between the flag, at 0.45, and where the car can be one step behind it. */
const FLAG = 0.48
const TOLERANCE = 0.04
const LEFT = -1.1

const isAt = (position: number, goal: number): boolean => Math.abs(position - goal) < TOLERANCE

/** The mountain car with its flag as the goal: observations `[position, velocity, goal]`. */
const flagged = (): Environment.Environment<Space.Box> => {
  const car = MountainCarContinuous.make()
  const { high, low } = car.spec.observation
  const observation = Space.box({ shape: [3], low: [...low, low[0]!], high: [...high, high[0]!] })
  return Environment.wrap(car, { ...car.spec, observation }, (inner) => {
    const seen = Space.allocate(observation)
    const look = () => {
      seen.set(inner.observation)
      seen[2] = FLAG
    }
    return {
      observation: seen,
      reset: (key) => {
        inner.reset(key)
        look()
      },
      step: (action) => {
        inner.step(action)
        look()
      },
      state: { save: () => null, load: look }
    }
  })
}

/** The same with a goal anywhere, another one in every episode: 0 for being there, which ends it, else -1. */
const anywhere = (): Environment.Environment<Space.Box> => {
  const car = flagged()
  const goals = {
    size: 1,
    achieved: (from: Space.Numbers, out: Space.Numbers) => out.set(from.subarray(0, 1)),
    desired: (from: Space.Numbers, out: Space.Numbers) => out.set(from.subarray(2, 3)),
    setGoal: (into: Space.Numbers, goal: Space.Numbers) => into.set(goal, 2),
    reward: (achieved: Space.Numbers, goal: Space.Numbers) => (isAt(achieved[0]!, goal[0]!) ? 0 : -1),
    isTerminal: (achieved: Space.Numbers, goal: Space.Numbers) => isAt(achieved[0]!, goal[0]!)
  }
  return Environment.wrap(car, { ...car.spec, goals }, (inner) => {
    let goal = FLAG
    const seen = inner.observation.slice()
    const look = () => {
      seen.set(inner.observation)
      seen[2] = goal
    }
    const isThere = () => isAt(seen[0]!, goal)
    return {
      observation: seen,
      reward: () => (isThere() ? 0 : -1),
      terminated: () => isThere() && inner.steps > 0,
      truncated: () => inner.truncated || inner.terminated,
      reset: (key) => {
        inner.reset(key)
        goal = LEFT + (FLAG - LEFT) * Key.uniform(Key.fold(key, "goal"))
        look()
      },
      step: (action) => {
        inner.step(action)
        look()
      },
      state: {
        save: () => goal,
        load: (saved) => {
          goal = Number(saved)
          look()
        }
      }
    }
  })
}

const [length = "40000", seed = "0", out = "runs/notebook-001-hindsight"] = process.argv.slice(2)
const steps = Number(length)

const program = Effect.gen(function* () {
  const table = yield* Table.make(`${out}/run${seed}`, "evaluations")
  const learner = Algorithm.learner(Ddpg.make({ gamma: 0.99, hidden: [64, 64] }))
  const run = yield* Training.make(learner, {
    seed: Number(seed),
    steps,
    warmup: 0,
    learningStarts: 1000,
    normalize: { observations: true },
    sliceSteps: Math.min(steps, 5000)
  })
  const world = Environment.rescaleActions(flagged())
  yield* Stream.runForEach(
    run.stream,
    Effect.fn(function* ({ step }) {
      const { lengths, mean, std } = yield* Evaluation.run(world, run.policy, { episodes: 20, seed: 1 })
      const solved = lengths.filter((length) => length < 999).length
      const line = `step ${step}: ${solved} of 20 at the flag, return ${mean.toFixed(1)} ± ${std.toFixed(1)}`
      yield* table.add({ step, solved, mean, std }, line)
    })
  )
})

const services = Layer.mergeAll(
  Environment.layerContinuous(anywhere()),
  Exploration.layerGaussian({ sigma: 0.5 }),
  Replay.layerHindsight({ capacity: 100_000 }),
  Engine.layerAuto()
)

program.pipe(Effect.scoped, Effect.provide(Layer.merge(services, NodeServices.layer)), NodeRuntime.runMain)
