/**
 * Worlds of Gymnasium through the bridge, beside Gymnasium alone: copies in one process and in several, told their actions
 * together. `BENCH_PYTHON` names a Python with gymnasium and mujoco; without it there is nothing to measure. Rounds go
 * through all of it in turn, and ratios are medians of those within a round: a machine that others use changes its speed.
 */
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Space from "@ornstein/core/Space"
import * as Gymnasium from "@ornstein/envs/Gymnasium"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Markdown from "./Markdown.ts"

// models

export interface Row {
  readonly id: string
  readonly processes: number
  /** In each process. */
  readonly copies: number
  /** Of all copies, in the fastest round. */
  readonly stepsPerSecond: number
  /** Over Gymnasium alone in the same round, the median. */
  readonly ratio: number
}

const IDS = ["HalfCheetah-v5", "Ant-v5", "Pendulum-v1"]
const SHAPES = [
  [1, 1],
  [1, 4],
  [2, 2],
  [2, 8]
] as const
const ROUNDS = 9
const SECONDS = 0.3

// measuring

const script = fileURLToPath(new URL("python/gymnasium_alone.py", import.meta.url))

const alone = (python: string, id: string): number => {
  const { status, stderr, stdout } = spawnSync(python, ["-W", "ignore", script, id, String(SECONDS)], {
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** A function that steps all copies for some time, and says how many steps that were in a second. */
const stepper = Effect.fnUntraced(function* (python: string, id: string, processes: number, copies: number) {
  const world = Gymnasium.make({
    id,
    python,
    copiesPerProcess: copies,
    variables: { PYTHONWARNINGS: "ignore" }
  })
  const all = yield* Effect.all(Array.from({ length: processes * copies }, () => world.make))
  const action = Space.allocate(world.spec.action).fill(world.spec.action._tag === "Box" ? 0.3 : 1)
  let episode = 0
  const begin = (instance: Environment.Instance): void => instance.reset(Key.make((episode += 1)))
  for (const instance of all) begin(instance)
  return (): number => {
    const begun = process.hrtime.bigint()
    const passed = (): number => Number(process.hrtime.bigint() - begun) / 1e9
    let steps = 0
    while (passed() < SECONDS) {
      for (let i = 0; i < 10; i++) {
        for (const { beside } of all) beside?.send(action)
        for (const { beside } of all) beside?.collect()
        for (const instance of all) if (instance.terminated || instance.truncated) begin(instance)
        steps += all.length
      }
    }
    return steps / passed()
  }
})

const measureOne = (python: string, id: string) =>
  Effect.gen(function* () {
    const steppers = yield* Effect.all(
      SHAPES.map(([processes, copies]) => stepper(python, id, processes, copies))
    )
    const rounds = Array.from({ length: ROUNDS }, () => ({
      alone: alone(python, id),
      through: steppers.map((step) => step())
    }))
    const rows: ReadonlyArray<Row> = SHAPES.map(([processes, copies], i) => ({
      id,
      processes,
      copies,
      stepsPerSecond: Math.max(...rounds.map(({ through }) => through[i] ?? 0)),
      ratio: median(rounds.map(({ alone, through }) => (through[i] ?? 0) / alone))
    }))
    const best = Math.max(...rounds.map(({ alone }) => alone))
    return [
      { id: `${id}, Gymnasium alone`, processes: 1, copies: 1, stepsPerSecond: best, ratio: 1 },
      ...rows
    ]
  }).pipe(Effect.scoped)

export const measure = (): Promise<ReadonlyArray<Row>> => {
  const { BENCH_PYTHON: python } = process.env
  if (python === undefined) return Promise.resolve([])
  return Effect.runPromise(
    Effect.map(Effect.all(IDS.map((id) => measureOne(python, id))), (rows) => rows.flat())
  )
}

/** The rows as a Markdown table. */
export const table = (rows: ReadonlyArray<Row>): string =>
  rows.length === 0
    ? "BENCH_PYTHON names no Python with gymnasium and mujoco."
    : Markdown.table<Row>(
        [
          ["world", ({ id }) => id],
          ["processes x copies", ({ copies, processes }) => `${processes} x ${copies}`],
          ["steps/s, best round", ({ stepsPerSecond }) => stepsPerSecond.toFixed(0)],
          ["over Gymnasium alone", ({ ratio }) => ratio.toFixed(2)]
        ],
        rows
      )
