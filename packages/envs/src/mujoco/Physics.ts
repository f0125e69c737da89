/**
 * One model with its data in MuJoCo's memory: stepped synchronously, read through views, saved and restored to the bit.
 *
 * All instances of a thread share one memory. When it grows, by whichever of them, every view of it is detached: `now`
 * takes new ones then. Models and data are not collected: the scope frees them.
 */
import type { DoubleBuffer, MjData, MjModel } from "@mujoco/mujoco"
import type * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Library from "./Library.ts"

// models

/** What worlds read of MuJoCo's `mjData`, by its names, row by row. Views: valid until the next call of `now`. */
export interface Readings {
  readonly qpos: Float64Array
  readonly qvel: Float64Array
  readonly ctrl: Float64Array
  /** [bodies, 3]: where bodies were one substep ago. */
  readonly xpos: Float64Array
  /** [bodies, 3]: their centres of mass one substep ago. */
  readonly xipos: Float64Array
  /** [sites, 3] */
  readonly siteXpos: Float64Array
  /** [bodies, 6]: contact torques and forces, where the task asks for them. */
  readonly cfrcExt: Float64Array
  /** [bodies, 10] */
  readonly cinert: Float64Array
  /** [bodies, 6] */
  readonly cvel: Float64Array
  readonly qfrcActuator: Float64Array
  readonly qfrcConstraint: Float64Array
}

/** What does not change. */
export interface Constants {
  /** Seconds of a substep. */
  readonly substep: number
  /** [bodies] */
  readonly bodyMass: Float64Array
  /** Where `reset` puts it. */
  readonly qpos0: Float64Array
}

export interface Physics {
  readonly constants: Constants
  readonly now: () => Readings
  /** To the model's first position, at rest. */
  readonly reset: () => void
  /** Derives all from `qpos` and `qvel`, as at the start of an episode. */
  readonly forward: () => void
  /** So many substeps under these controls. */
  readonly advance: (controls: Space.Numbers, substeps: number) => void
  /** External forces on bodies, which substeps leave out: fills `cfrcExt`. */
  readonly contactForces: () => void
  /**
   * What MuJoCo has warned of since the last reset: it puts an unstable model back to its first position by itself, and
   * the episode would go on from there.
   */
  readonly warning: () => string | undefined
  /** Everything that the next substep depends on (`mjSTATE_INTEGRATION`). */
  readonly save: () => Float64Array
  /** Throws a `RangeError` for a state of another model. */
  readonly load: (state: Float64Array) => void
  /** What draws it is given the library's own handles, which it leaves as they are. */
  readonly show: <A>(draw: (mujoco: Library.MuJoCo, model: MjModel, data: MjData) => A) => A
}

// pure core

/** A warning is `{ int lastinfo; int number; }`: what it was about, and how often. */
const FIELDS = 2

/** MuJoCo's warnings in its order. */
const WARNINGS: ReadonlyArray<(about: number) => string> = [
  () => "its matrix of inertias is all but singular",
  () => "its contacts do not fit into its memory",
  () => "its constraints do not fit into its memory",
  (about) => `position ${about} is no number or beyond 1e10`,
  (about) => `velocity ${about} is no number or beyond 1e10`,
  (about) => `acceleration ${about} is no number or beyond 1e10`,
  (about) => `control ${about} is no number or beyond 1e10`
]

/**
 * The counters of all warnings: they follow the two numbers of `solver_fwdinv` in `mjData`. Read through the library they
 * would cost a sixth of a step of HalfCheetah, and leave copies behind.
 */
const countersOf = (data: MjData): Int32Array => {
  const before: Float64Array = data.solver_fwdinv
  const { buffer, byteLength, byteOffset } = before
  return new Int32Array(buffer, byteOffset + byteLength, FIELDS * WARNINGS.length)
}

const readingsOf = (data: MjData): Readings => ({
  qpos: data.qpos,
  qvel: data.qvel,
  ctrl: data.ctrl,
  xpos: data.xpos,
  xipos: data.xipos,
  siteXpos: data.site_xpos,
  cfrcExt: data.cfrc_ext,
  cinert: data.cinert,
  cvel: data.cvel,
  qfrcActuator: data.qfrc_actuator,
  qfrcConstraint: data.qfrc_constraint
})

const constantsOf = (model: MjModel): Constants => {
  const [bodyMass, qpos0]: [Float64Array, Float64Array] = [model.body_mass, model.qpos0]
  return { substep: model.opt.timestep, bodyMass: bodyMass.slice(), qpos0: qpos0.slice() }
}

// constructors

/** Freed in the order opposite to that in which they were made. */
const handle = <A extends { readonly delete: () => void }>(
  make: () => A
): Effect.Effect<A, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(make), (made) => Effect.sync(() => made.delete()))

const compile = (
  mujoco: Library.MuJoCo,
  text: string
): Effect.Effect<MjModel, Library.Absence, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => mujoco.MjModel.from_xml_string(text),
      catch: (cause): Library.Absence => ({
        what: `the model does not compile: ${cause instanceof Error ? cause.message : String(cause)}`,
        fix: "Mend its MJCF"
      })
    }),
    (model) => Effect.sync(() => model.delete())
  )

const on = (mujoco: Library.MuJoCo, model: MjModel, data: MjData, saved: DoubleBuffer): Physics => {
  const INTEGRATION = mujoco.mjtState.mjSTATE_INTEGRATION.value
  const size = mujoco.mj_stateSize(model, INTEGRATION)
  let readings = readingsOf(data)
  let counters = countersOf(data)

  const retake = (): void => {
    readings = readingsOf(data)
    counters = countersOf(data)
  }

  return {
    constants: constantsOf(model),
    now: () => {
      if (readings.qpos.length === 0) retake()
      return readings
    },
    reset: () => mujoco.mj_resetData(model, data),
    forward: () => mujoco.mj_forward(model, data),
    advance: (controls, substeps) => {
      if (readings.qpos.length === 0) retake()
      readings.ctrl.set(controls)
      for (let i = 0; i < substeps; i++) mujoco.mj_step(model, data)
    },
    contactForces: () => mujoco.mj_rnePostConstraint(model, data),
    warning: () => {
      if (counters.length === 0) retake()
      for (let kind = 0; kind < WARNINGS.length; kind++) {
        if (counters[FIELDS * kind + 1] !== 0) return WARNINGS[kind]!(counters[FIELDS * kind]!)
      }
      return undefined
    },
    save: () => {
      mujoco.mj_getState(model, data, saved, INTEGRATION)
      const view: Float64Array = saved.GetView()
      return view.slice()
    },
    load: (state) => {
      if (state.length !== size) throw new RangeError(`the state has ${state.length} numbers, not ${size}`)
      mujoco.mj_resetData(model, data)
      mujoco.mj_setState(model, data, Array.from(state), INTEGRATION)
    },
    show: (draw) => draw(mujoco, model, data)
  }
}

/** A model from its MJCF, in its first position. */
export const make = Effect.fn("Physics.make")(function* (text: string) {
  const mujoco = yield* Library.load
  const model = yield* compile(mujoco, text)
  const data = yield* handle(() => new mujoco.MjData(model))
  const size = mujoco.mj_stateSize(model, mujoco.mjtState.mjSTATE_INTEGRATION.value)
  const saved = yield* handle(() => new mujoco.DoubleBuffer(size))
  return on(mujoco, model, data, saved)
})
