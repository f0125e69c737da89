/** Steps per second of every environment through the contract, on one core, and what a step allocates. */
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Space from "@ornstein/core/Space"
import * as Pendulum from "@ornstein/envs/Pendulum"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"

// models

export interface Row {
  readonly id: string
  readonly stepsPerSecond: number
  /** Mean over steps, resets not counted. */
  readonly bytesPerStep: number
}

/** An environment whose own functions allocate nothing, so that what is left is the contract's. */
const outcome: Environment.Outcome<number> = { state: 0, reward: 0.5, terminated: false }

const contract = Environment.define({
  id: "the contract alone",
  description: "Does nothing, without allocating",
  observation: Space.box({ shape: [3], low: -1, high: 1 }),
  action: Space.box({ shape: [1], low: -1, high: 1 }),
  reset: () => 0,
  step: () => outcome,
  observe: (state, out) => {
    out[0] = state
  }
})

// measuring

const ROUNDS = 5
const ACTIONS = 64

/** A function that takes this many random steps, and begins new episodes as they end. */
const stepper = (instance: Environment.Instance, space: Space.Space) => {
  const actions = Array.from({ length: ACTIONS }, (_, i) =>
    Space.sample(space, Key.make(i), Space.allocate(space))
  )
  const keys = Array.from({ length: ACTIONS }, (_, i) => Key.make(i))
  instance.reset(keys[0]!)
  return (steps: number): void => {
    for (let i = 0; i < steps; i++) {
      if (instance.terminated || instance.truncated) instance.reset(keys[i % ACTIONS]!)
      instance.step(actions[i % ACTIONS]!)
    }
  }
}

const seconds = (run: () => void): number => {
  const begun = process.hrtime.bigint()
  run()
  return Number(process.hrtime.bigint() - begun) / 1e9
}

/** Growth of the heap; the smallest of several, since a collection in between hides and other work adds. */
const growth = (run: () => void): number => {
  const grown = Array.from({ length: 9 }, () => {
    const before = process.memoryUsage().heapUsed
    run()
    return process.memoryUsage().heapUsed - before
  }).filter((bytes) => bytes >= 0)
  return Math.min(...grown)
}

const measureOne = Effect.fnUntraced(function* ({ make, spec }: Environment.Environment) {
  const step = stepper(yield* make, spec.action)
  step(20_000)
  const steps = Math.max(2000, Math.round((20_000 * 0.1) / seconds(() => step(20_000))))
  let fastest = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++)
    fastest = Math.min(
      fastest,
      seconds(() => step(steps))
    )
  const bytes = (growth(() => step(3000)) - growth(() => step(500))) / 2500
  return { id: spec.id, stepsPerSecond: steps / fastest, bytesPerStep: Math.max(0, bytes) }
}, Effect.scoped)

const rescaled = Environment.rescaleActions(Pendulum.make())

/** The contract alone, then every world but those on MuJoCo, which have a section of their own; seconds each. */
export const measure = (): Promise<ReadonlyArray<Row>> => {
  const worlds = Registry.entries
    .filter(({ configuration, environment }) =>
      configuration.kind === "discreteProbe" ? false : environment.spec.libraries?.["mujoco"] === undefined
    )
    .map(({ environment }) => environment)
  const named = { ...rescaled, spec: { ...rescaled.spec, id: "Pendulum-v1, actions rescaled" } }
  return Effect.runPromise(Effect.forEach([contract, named, ...worlds], measureOne))
}

/** The rows as a Markdown table. */
export const table = (rows: ReadonlyArray<Row>): string =>
  [
    ["environment", "million steps/s", "bytes per step"],
    ["---", "---", "---"],
    ...rows.map(({ bytesPerStep, id, stepsPerSecond }) => [
      id,
      (stepsPerSecond / 1e6).toFixed(2),
      bytesPerStep.toFixed(0)
    ])
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")
