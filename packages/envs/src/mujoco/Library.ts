/** MuJoCo as WebAssembly: loaded by the first world of a thread that asks for it. */
import type { MainModule } from "@mujoco/mujoco"
import * as Effect from "effect/Effect"

// models

/** The one release whose bits worlds are known by: contacts are computed otherwise from one to the next. */
export const VERSION = "3.14.0"

export type MuJoCo = MainModule

/** Why there is none, and how to get it. */
export interface Absence {
  readonly what: string
  readonly fix: string
}

// constructors

const INSTALL = `\`npm install @mujoco/mujoco@${VERSION}\``

const isAbsent = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND"

const silent = (): void => {}

const open: Effect.Effect<MuJoCo, Absence> = Effect.tryPromise({
  // What it has to say is read from its counters and errors; standard output belongs to the program.
  try: () => import("@mujoco/mujoco").then((module) => module.default({ print: silent, printErr: silent })),
  catch: (cause): Absence =>
    isAbsent(cause)
      ? {
          what: "the package @mujoco/mujoco is not installed",
          fix: `Its physics is a package of its own: ${INSTALL}`
        }
      : { what: `@mujoco/mujoco cannot be loaded: ${String(cause)}`, fix: `Install it anew: ${INSTALL}` }
})

/** The release that is needed, or how to get it. */
export const accept = (mujoco: Pick<MuJoCo, "mj_versionString">): Effect.Effect<void, Absence> => {
  const version = mujoco.mj_versionString()
  return version === VERSION
    ? Effect.void
    : Effect.fail({
        what: `@mujoco/mujoco is ${version}, and other releases compute other bits than ${VERSION}`,
        fix: `Install the release that worlds are known by: ${INSTALL}`
      })
}

const loading = Effect.runSync(Effect.cached(Effect.uninterruptible(Effect.tap(open, accept))))

/** The library: one a thread. An absent one is looked for again by nobody: a program that installs it starts anew. */
export const load: Effect.Effect<MuJoCo, Absence> = loading
