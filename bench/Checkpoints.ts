/**
 * What a checkpoint costs with a full buffer of 1,000,000 transitions of HalfCheetah's shape: 10,000 steps after the one
 * before it.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Ddpg from "@ornstein/algos/Ddpg"
import * as Algorithm from "@ornstein/algos/Algorithm"
import * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as CheckpointStore from "@ornstein/core/CheckpointStore"
import * as Engine from "@ornstein/core/Engine"
import * as Environment from "@ornstein/core/Environment"
import * as Exploration from "@ornstein/core/Exploration"
import * as Key from "@ornstein/core/Key"
import * as Replay from "@ornstein/core/Replay"
import * as Space from "@ornstein/core/Space"
import * as Training from "@ornstein/core/Training"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Markdown from "./Markdown.ts"

// models

export interface Row {
  readonly replay: string
  /** The segment of the 10,000 new transitions. */
  readonly newBytes: number
  /** Everything else that the checkpoint wrote. */
  readonly otherBytes: number
  /** From the copy to the last sync. */
  readonly saveMilliseconds: number
  /** The longest time in which training could not have gone on, and the sum of all such times. */
  readonly pauseMilliseconds: number
  readonly busyMilliseconds: number
  /** Reading it back, every byte verified, and a new trainer that goes on from it. */
  readonly loadMilliseconds: number
  readonly restoreMilliseconds: number
}

const CAPACITY = 1_000_000
const NEW = 10_000
const ROUNDS = 5

/** HalfCheetah's shape, without its physics. */
const environment = Environment.define({
  id: "HalfCheetahShape-v0",
  description: "17 observations, 6 actions",
  observation: Space.box({ shape: [17], low: -1, high: 1 }),
  action: Space.box({ shape: [6], low: -1, high: 1 }),
  timeLimit: 1000,
  reset: () => 0,
  step: (state) => ({ state, reward: 0, terminated: false }),
  observe: (state, out) => {
    out[0] = state
  }
})

const replays = {
  uniform: Replay.layerUniform({ capacity: CAPACITY }),
  prioritized: Replay.layerPrioritized({ capacity: CAPACITY })
}

const learner = Algorithm.learner(Ddpg.make({ hidden: [256, 256] }))

const options = { seed: 0, steps: 1_000_000, batchSize: 256 }

// measuring

/** Stores random transitions, numbered from `first` on. */
const fill = ({ store }: Replay.Instance, first: number, count: number): void => {
  const observation = new Float32Array(17)
  const nextObservation = new Float32Array(17)
  const action = new Float32Array(6)
  const ends = { reward: 0, terminated: false, truncated: false }
  const transition = { observation, action, nextObservation, ...ends }
  for (let i = first; i < first + count; i++) {
    const noise = Key.uniform(Key.make(i))
    observation.fill(noise)
    action.fill(noise)
    nextObservation.fill(-noise)
    store(transition)
  }
}

const timed = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const begun = process.hrtime.bigint()
  const result = yield* effect
  return [Number(process.hrtime.bigint() - begun) / 1e6, result] as const
})

/** The times for which the event loop stood still while the effect ran, in milliseconds. */
const stalls = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const gaps: Array<number> = []
  let last = process.hrtime.bigint()
  let isRunning = true
  const tick = (): void => {
    const now = process.hrtime.bigint()
    gaps.push(Number(now - last) / 1e6)
    last = now
    if (isRunning) setImmediate(tick)
  }
  setImmediate(tick)
  yield* effect
  isRunning = false
  tick()
  return gaps.filter((gap) => gap > 0.2)
})

const bytesOf = (manifest: {
  readonly files: { readonly [file: string]: { readonly bytes: number } }
}): number =>
  Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, JSON.stringify(manifest).length)

const measureOne = (replay: keyof typeof replays) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped({ prefix: "ornstein-bench-" })
    const identity = { config: {}, configHash: "", versions: {} }
    let trainer = yield* Training.make(learner, options)
    fill(trainer.replay, 0, CAPACITY)
    const store = yield* CheckpointStore.make(directory, { keep: 1, identity })
    yield* store.save(trainer)
    yield* store.finished
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) {
      fill(trainer.replay, CAPACITY + round * NEW, NEW)
      const save = Effect.andThen(store.save(trainer), store.finished)
      let elapsed = 0
      const gaps = yield* stalls(
        Effect.map(timed(save), ([milliseconds]) => {
          elapsed = milliseconds
        })
      )
      rounds.push({ elapsed, pause: Math.max(...gaps), busy: gaps.reduce((sum, gap) => sum + gap, 0) })
    }
    const loads = []
    for (let round = 0; round < 3; round++) {
      const [load, { found }] = yield* timed(CheckpointDirectory.latest(directory))
      const [restore] = yield* timed(Effect.scoped(Training.make(learner, options, found.saved)))
      loads.push({ load, restore, manifest: found.manifest })
    }
    const manifest = loads[0]?.manifest
    if (manifest === undefined) return yield* Effect.die("nothing was loaded")
    const best = <A>(items: ReadonlyArray<A>, of: (item: A) => number) => Math.min(...items.map(of))
    const row: Row = {
      replay,
      newBytes: manifest.replay.segments.at(-1)?.bytes ?? 0,
      otherBytes: bytesOf(manifest),
      saveMilliseconds: best(rounds, ({ elapsed }) => elapsed),
      pauseMilliseconds: best(rounds, ({ pause }) => pause),
      busyMilliseconds: best(rounds, ({ busy }) => busy),
      loadMilliseconds: best(loads, ({ load }) => load),
      restoreMilliseconds: best(loads, ({ restore }) => restore)
    }
    return row
  }).pipe(
    Effect.scoped,
    Effect.provide(
      Layer.mergeAll(
        Environment.layerContinuous(environment),
        Exploration.layerGaussian({ sigma: 0.1 }),
        replays[replay],
        Engine.layerOf(WasmEngine.make()),
        NodeServices.layer
      )
    )
  )

/** Half a minute. */
export const measure = (): Promise<ReadonlyArray<Row>> =>
  Effect.runPromise(Effect.forEach(["uniform", "prioritized"] as const, measureOne))

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2)

/** The rows as a Markdown table. */
export const table = (rows: ReadonlyArray<Row>): string =>
  Markdown.table(
    [
      ["replay of 1,000,000", (row: Row) => row.replay],
      ["10,000 transitions, MB", ({ newBytes }) => megabytes(newBytes)],
      ["besides, MB", ({ otherBytes }) => megabytes(otherBytes)],
      ["save, ms", ({ saveMilliseconds }) => saveMilliseconds.toFixed(0)],
      ["longest pause, ms", ({ pauseMilliseconds }) => pauseMilliseconds.toFixed(1)],
      ["all pauses, ms", ({ busyMilliseconds }) => busyMilliseconds.toFixed(1)],
      ["load and verify, ms", ({ loadMilliseconds }) => loadMilliseconds.toFixed(0)],
      ["go on, ms", ({ restoreMilliseconds }) => restoreMilliseconds.toFixed(0)]
    ],
    rows
  )
