/**
 * World steps per second of 8 lanes: on one worker, which is the run's own thread, and on two. Worlds alone, with actions
 * that are drawn, and in a training before it learns, where a policy selects the actions of all lanes. Seconds are those of a
 * clock, for threads are what is measured; the best of many short windows, taken in turn, so that what else runs on the
 * machine counts less.
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Space from "@ornstein/core/Space"
import * as Training from "@ornstein/core/Training"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Markdown from "./Markdown.ts"

// models

export interface Row {
  readonly id: string
  readonly what: "worlds alone" | "in a training"
  readonly workers: number
  readonly stepsPerSecond: number
}

// measuring

const LANES = 8
const WORKERS = [1, 2]
const WINDOWS = 800
const MILLISECONDS = 4

const milliseconds = (run: () => void): number => {
  const begun = performance.now()
  run()
  return performance.now() - begun
}

/** So many rounds. */
const walk = (
  lanes: ReadonlyArray<Environment.Instance>,
  actions: ReadonlyArray<Space.Numbers>,
  rounds: number
): void => {
  for (let round = 0; round < rounds; round++) {
    for (const [i, { beside }] of lanes.entries()) beside?.send(actions[(round + i) % actions.length]!)
    for (const [i, lane] of lanes.entries()) {
      if (lane.beside === undefined) lane.step(actions[(round + i) % actions.length]!)
      else lane.beside.collect()
      if (lane.terminated || lane.truncated) lane.reset(Key.make(round * LANES + i))
    }
  }
}

/** The best window of each, taken in turn. */
const best = (walks: ReadonlyArray<(rounds: number) => void>): ReadonlyArray<number> => {
  const rounds = walks.map((run) => Math.ceil((MILLISECONDS * 20) / milliseconds(() => run(20))))
  const least = walks.map(() => Number.POSITIVE_INFINITY)
  for (let window = 0; window < WINDOWS; window++) {
    walks.forEach((run, i) => {
      least[i] = Math.min(least[i]!, milliseconds(() => run(rounds[i]!)) / rounds[i]!)
    })
  }
  return least.map((each) => (1000 * LANES) / each)
}

const configOf = (environment: object) =>
  Effect.fromResult(Experiment.decode({ environment, algorithm: { base: "td3", hidden: [256, 256] } }))

const worlds = Effect.fnUntraced(function* (environment: object) {
  const { makeBeside, make, spec } = Experiment.world(yield* configOf(environment))
  const actions = Array.from({ length: 64 }, (_, i) =>
    Space.sample(spec.action, Key.make(i), Space.allocate(spec.action))
  )
  const walks = yield* Effect.forEach(WORKERS, (workers) =>
    Effect.map(
      workers === 1 || makeBeside === undefined
        ? Effect.all(Array.from({ length: LANES }, () => make))
        : makeBeside(LANES, workers),
      (lanes) => {
        lanes.forEach((lane, i) => lane.reset(Key.make(i)))
        return (rounds: number) => walk(lanes, actions, rounds)
      }
    )
  )
  return best(walks).map(
    (stepsPerSecond, i): Row => ({
      id: spec.id,
      what: "worlds alone",
      workers: WORKERS[i]!,
      stepsPerSecond
    })
  )
}, Effect.scoped)

/** Steps of a training in which a policy acts and nothing is learned yet. */
const STEPS = 4000

const trainings = Effect.fnUntraced(function* (environment: object) {
  const config = yield* configOf(environment)
  const learner = yield* Experiment.learner(config)
  const least = WORKERS.map(() => Number.POSITIVE_INFINITY)
  for (let window = 0; window < 5; window++) {
    for (const [i, workers] of WORKERS.entries()) {
      const seconds = yield* Effect.gen(function* () {
        const options = {
          steps: STEPS,
          lanes: LANES,
          workers,
          warmup: 0,
          learningStarts: 10 * STEPS,
          sliceSteps: STEPS,
          updatesPerRound: LANES
        }
        const trainer = yield* Training.make(learner, options)
        const begun = performance.now()
        yield* Stream.runDrain(trainer.stream)
        return (performance.now() - begun) / 1000
      }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config), { local: true }))
      least[i] = Math.min(least[i]!, seconds)
    }
  }
  const { id } = Experiment.world(config).spec
  return least.map(
    (seconds, i): Row => ({
      id,
      what: "in a training",
      workers: WORKERS[i]!,
      stepsPerSecond: STEPS / seconds
    })
  )
})

const ENVIRONMENTS: ReadonlyArray<object> = [
  { kind: "halfCheetah" },
  { kind: "humanoid" },
  { kind: "pendulum" }
]

export const measure = (): Promise<ReadonlyArray<Row>> =>
  Effect.runPromise(
    Effect.map(
      Effect.forEach(ENVIRONMENTS, (environment) =>
        Effect.map(Effect.all([worlds(environment), trainings(environment)]), (rows) => rows.flat())
      ),
      (rows) => rows.flat()
    )
  )

/** The same with one worker. */
const ofOne = ({ id, what }: Row, all: ReadonlyArray<Row>): number =>
  all.find((row) => row.id === id && row.what === what && row.workers === 1)?.stepsPerSecond ?? Number.NaN

const columns: ReadonlyArray<Markdown.Column<Row>> = [
  ["8 lanes of", ({ id }) => id],
  ["", ({ what }) => what],
  ["workers", ({ workers }) => String(workers)],
  ["world steps/s", ({ stepsPerSecond }) => stepsPerSecond.toFixed(0)],
  ["of one worker", (row, all) => (row.stepsPerSecond / ofOne(row, all)).toFixed(2)]
]

/** The rows as a Markdown table. */
export const table = (rows: ReadonlyArray<Row>): string => Markdown.table(columns, rows)
