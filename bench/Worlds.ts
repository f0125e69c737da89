/**
 * Steps per second of every world on MuJoCo through the contract, beside a bare loop of `mj_step` that goes through the
 * same states: same starts, same actions, and at the end the same bits. Where `BENCH_PYTHON` names a Python with
 * `gymnasium[mujoco]`, Gymnasium's own `step` stands beside. Seconds are of one processor.
 */
import loadMujoco, { type MainModule } from "@mujoco/mujoco"
import type * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Models from "@ornstein/envs/internal/mujoco/models/index"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Markdown from "./Markdown.ts"

// models

export interface Row {
  readonly id: string
  readonly stepsPerSecond: number
  /** Of the bare loop. */
  readonly physics: number
  /** Of Gymnasium's own `step`, where there is a Python that has it. */
  readonly gymnasium: number | null
}

/** An episode's first positions and velocities, and the step before which it begins. */
interface Start {
  readonly step: number
  readonly qpos: Float64Array
  readonly qvel: Float64Array
}

/** What a world went through. */
interface Course {
  readonly starts: ReadonlyArray<Start>
  readonly end: Float64Array
}

// the worlds

const models: { readonly [id: string]: string } = {
  "Ant-v5": Models.Ant.mjcf,
  "HalfCheetah-v5": Models.HalfCheetah.mjcf,
  "Hopper-v5": Models.Hopper.mjcf,
  "Humanoid-v5": Models.Humanoid.standing,
  "HumanoidStandup-v5": Models.Humanoid.lying,
  "InvertedDoublePendulum-v5": Models.InvertedDoublePendulum.mjcf,
  "InvertedPendulum-v5": Models.InvertedPendulum.mjcf,
  "Pusher-v5": Models.Pusher.mjcf,
  "Reacher-v5": Models.Reacher.mjcf,
  "Swimmer-v5": Models.Swimmer.mjcf,
  "Walker2d-v5": Models.Walker2d.mjcf
}

const ROUNDS = 7
const ACTIONS = 64
const SECONDS = 0.25

const keys = Array.from({ length: ACTIONS }, (_, i) => Key.make(i))

const actionsOf = (environment: Environment.Environment): ReadonlyArray<Space.Numbers> =>
  keys.map((key) => Space.sample(environment.spec.action, key, Space.allocate(environment.spec.action)))

// measuring

/** Of the processor, so that what else runs on the machine counts less. */
const seconds = (run: () => void): number => {
  const begun = process.cpuUsage()
  run()
  const { system, user } = process.cpuUsage(begun)
  return (user + system) / 1e6
}

/** So many steps of a new run; says where each episode begins. */
const walk = (
  instance: Environment.Instance,
  actions: ReadonlyArray<Space.Numbers>,
  steps: number,
  onStart: (step: number) => void = () => {}
): void => {
  for (let i = 0; i < steps; i++) {
    if (i === 0 || instance.terminated || instance.truncated) {
      instance.reset(keys[i % ACTIONS]!)
      onStart(i)
    }
    instance.step(actions[i % ACTIONS]!)
  }
}

const stateOf = (instance: Environment.Instance): Float64Array => {
  const state = Snapshot.get(instance.snapshot(), "state")
  if (!(state instanceof Float64Array)) throw new TypeError("a world on MuJoCo has a state of its integrator")
  return state
}

const observe = (
  instance: Environment.Instance,
  actions: ReadonlyArray<Space.Numbers>,
  steps: number,
  [positions, velocities]: readonly [number, number]
): Course => {
  const starts: Array<Start> = []
  walk(instance, actions, steps, (step) => {
    // The time stands before the positions.
    const [qpos, qvel] = [stateOf(instance).slice(1, 1 + positions), stateOf(instance).slice(1 + positions)]
    starts.push({ step, qpos, qvel: qvel.slice(0, velocities) })
  })
  return { starts, end: stateOf(instance) }
}

/** The physics alone on the same course, and whether it ends where the world does. */
const bare = (mujoco: MainModule, mjcf: string, frameSkip: number, actions: ReadonlyArray<Space.Numbers>) => {
  const model = mujoco.MjModel.from_xml_string(mjcf)
  const data = new mujoco.MjData(model)
  const { qpos, qvel, ctrl } = data
  const run = ({ starts }: Course, steps: number): void => {
    let episode = 0
    for (let i = 0; i < steps; i++) {
      const start = starts[episode]
      if (start?.step === i) {
        mujoco.mj_resetData(model, data)
        qpos.set(start.qpos)
        qvel.set(start.qvel)
        mujoco.mj_forward(model, data)
        episode++
      }
      ctrl.set(actions[i % ACTIONS]!)
      for (let substep = 0; substep < frameSkip; substep++) mujoco.mj_step(model, data)
    }
  }
  const endsAt = ({ end }: Course): boolean => {
    const { value } = mujoco.mjtState.mjSTATE_INTEGRATION
    const buffer = new mujoco.DoubleBuffer(mujoco.mj_stateSize(model, value))
    mujoco.mj_getState(model, data, buffer, value)
    const same = end.every((x, i) => Object.is(x, buffer.GetView()[i]))
    buffer.delete()
    return same
  }
  const free = (): void => {
    data.delete()
    model.delete()
  }
  return { run, endsAt, free, sizes: [model.nq, model.nv] as const, substep: model.opt.timestep }
}

const measureOne = Effect.fnUntraced(function* (
  mujoco: MainModule,
  { environment, id }: Registry.Entry,
  gymnasium: number | null
) {
  const instance = yield* environment.make
  const actions = actionsOf(environment)
  const substep = bare(mujoco, models[id]!, 1, actions)
  const frameSkip = Math.round((environment.spec.timeStep ?? 0) / substep.substep)
  substep.free()
  const physics = bare(mujoco, models[id]!, frameSkip, actions)
  const steps = Math.ceil((SECONDS * 200) / seconds(() => walk(instance, actions, 200)))
  const course = observe(instance, actions, steps, physics.sizes)
  const best = { world: Number.POSITIVE_INFINITY, physics: Number.POSITIVE_INFINITY }
  for (let round = 0; round < ROUNDS; round++) {
    best.physics = Math.min(
      best.physics,
      seconds(() => physics.run(course, steps))
    )
    best.world = Math.min(
      best.world,
      seconds(() => walk(instance, actions, steps))
    )
  }
  if (!physics.endsAt(course)) throw new Error(`${id}: the bare loop went elsewhere than the world`)
  physics.free()
  return { id, stepsPerSecond: steps / best.world, physics: steps / best.physics, gymnasium }
}, Effect.scoped)

const Rates = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Finite))

/** Gymnasium's steps per second by id. */
const ofGymnasium = (python: string, ids: ReadonlyArray<string>): typeof Rates.Type => {
  const script = fileURLToPath(new URL("python/world_steps.py", import.meta.url))
  return Schema.decodeSync(Rates)(execFileSync(python, [script, ...ids], { encoding: "utf8" }))
}

export const measure = async (): Promise<ReadonlyArray<Row>> => {
  const mujoco = await loadMujoco()
  const entries = Registry.entries.filter(({ id }) => Object.hasOwn(models, id))
  const { BENCH_PYTHON } = process.env
  const ids = entries.map(({ id }) => id)
  const theirs = BENCH_PYTHON === undefined ? {} : ofGymnasium(BENCH_PYTHON, ids)
  return Effect.runPromise(
    Effect.forEach(entries, (entry) => measureOne(mujoco, entry, theirs[entry.id] ?? null))
  )
}

const columns: ReadonlyArray<Markdown.Column<Row>> = [
  ["world", ({ id }) => id],
  ["steps/s", ({ stepsPerSecond }) => stepsPerSecond.toFixed(0)],
  ["`mj_step` alone", ({ physics }) => physics.toFixed(0)],
  ["of it", ({ physics, stepsPerSecond }) => (stepsPerSecond / physics).toFixed(2)],
  ["Gymnasium's `step`", ({ gymnasium }) => gymnasium?.toFixed(0) ?? ""],
  [
    "of it",
    ({ gymnasium, stepsPerSecond }) => (gymnasium === null ? "" : (stepsPerSecond / gymnasium).toFixed(2))
  ]
]

/** The rows as a Markdown table. */
export const table = (rows: ReadonlyArray<Row>): string => Markdown.table(columns, rows)
