/** Environment steps per second of whole trainings that learn in every step, next to what the update alone allows. */
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as UpdateBench from "@ornstein/lab/UpdateBench"
import { Effect, Layer, Stream } from "effect"
import * as Markdown from "./Markdown.ts"

// models

export interface Row {
  readonly environment: string
  readonly batch: number
  readonly hidden: readonly [number, ...ReadonlyArray<number>]
  readonly stepsPerSecond: number
  /** That, over how many updates a second holds. */
  readonly ofUpdates: number
}

// pure core

const columns: ReadonlyArray<Markdown.Column<Row>> = [
  ["environment", ({ environment }) => environment],
  ["batch, hidden", ({ batch, hidden }) => `${batch}, ${hidden.join("-")}`],
  ["steps per second", ({ stepsPerSecond }) => stepsPerSecond.toFixed(0)],
  ["of what updates allow", ({ ofUpdates }) => ofUpdates.toFixed(2)]
]

/** The rows as a Markdown table. */
export const table = (rows: ReadonlyArray<Row>): string => Markdown.table(columns, rows)

// measuring

const WARMUP = 300
const SLICE = 100
const SLICES = 30

/** Steps per second of the fastest slice that learns in every step. */
const fastest = (batchSize: number, hidden: Row["hidden"]) => {
  const options = { seed: 1, steps: WARMUP + SLICE * SLICES, warmup: WARMUP, learningStarts: WARMUP }
  const services = Layer.mergeAll(
    Environment.layerContinuous(Pendulum.make()),
    Exploration.layerGaussian({ sigma: 0.1 }),
    Replay.layerUniform({ capacity: 100_000 }),
    Engine.layerOf(WasmEngine.make())
  )
  return Effect.gen(function* () {
    const settings = Training.Options.make({ ...options, batchSize, sliceSteps: SLICE })
    const { stream } = yield* Training.make(Algorithm.learner(Ddpg.make({ hidden })), settings)
    let [best, last] = [Number.POSITIVE_INFINITY, performance.now()]
    yield* Stream.runForEach(stream, ({ step }) =>
      Effect.sync(() => {
        const now = performance.now()
        if (step > WARMUP + 10 * SLICE) best = Math.min(best, now - last)
        last = now
      })
    )
    return (1000 * SLICE) / best
  }).pipe(Effect.scoped, Effect.provide(services), Effect.runPromise)
}

export const measure = async (): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const [batch, hidden] of [
    [64, [256, 256]],
    [256, [256, 256]]
  ] as const) {
    const stepsPerSecond = await fastest(batch, hidden)
    const engine = WasmEngine.make()
    const { milliseconds } = UpdateBench.measure({ engine, batch, hidden, observation: 3, action: 1 })
    rows.push({
      environment: "Pendulum-v1",
      batch,
      hidden,
      stepsPerSecond,
      ofUpdates: (stepsPerSecond * milliseconds) / 1000
    })
  }
  return rows
}
