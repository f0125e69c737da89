/** What this machine has of what the engine `tensorflow` needs, which is optional. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as ChildProcess from "effect/process/ChildProcess"
import { cwd, execPath } from "node:process"
import { fileURLToPath } from "node:url"
import * as Addon from "@ornstein/native/Addon"
import * as Subprocess from "@ornstein/native/Subprocess"
import type { Finding } from "./Finding.ts"

// models

type Device = keyof typeof Addon.names

/** Where packages are looked for. */
export interface Folders {
  /** The folder from which the engine loads them. */
  readonly own: string
  /** The folder in which the command was called. */
  readonly project: string
}

/** What `EngineProbe` prints. */
export const Answer = Schema.Struct({
  report: Schema.optionalKey(Schema.Struct({ device: Schema.String, tensorflow: Schema.String })),
  error: Schema.optionalKey(Schema.Struct({ reason: Schema.String, fix: Schema.String })),
  machine: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      found: Schema.optionalKey(Schema.String),
      fault: Schema.optionalKey(Schema.String)
    })
  )
})
export type Answer = typeof Answer.Type

const AnswerJson = Schema.fromJsonString(Answer)

// pure core

const ADVICE: ReadonlyArray<readonly [RegExp, string]> = [
  [/device/, "no GPU of NVIDIA, or not given to this container"],
  [/libcuda\.|libnvidia-ml/, "comes with NVIDIA's driver"],
  [
    /^lib/,
    "comes with CUDA: build the addon against `site-packages/tensorflow` of a Python where pip installed `tensorflow[and-cuda]`, or " +
      "name its folder in LD_LIBRARY_PATH"
  ]
]

/** A device, the driver and CUDA's libraries: absent ones are worth a note. */
const machine = ({ machine }: Answer): ReadonlyArray<Finding> =>
  machine.map(({ fault = "not found", found, name }) =>
    found === undefined
      ? {
          name,
          status: "note",
          found: fault,
          advice: ADVICE.find(([pattern]) => pattern.test(name))?.[1] ?? "the GPU needs it"
        }
      : { name, status: "ok", found }
  )

/** The answer of the engine for a device; `built` is the version that its addon was built against, if that is known. */
export const findings = (
  device: Device,
  answer: Answer,
  built: string | undefined
): ReadonlyArray<Finding> => {
  const name = `engine tensorflow:${device}`
  const { error, report } = answer
  if (report === undefined) {
    const fault: Finding = {
      name,
      status: "fault",
      found: error?.reason ?? "said nothing",
      advice: error?.fix ?? `build its addon again: \`${Addon.command(Addon.names[device])}\``
    }
    return [fault, ...machine(answer)]
  }
  const found = `computes on the ${report.device}, TensorFlow ${report.tensorflow}`
  const computes: Finding =
    built === undefined || built === report.tensorflow
      ? { name, status: "ok", found }
      : {
          name,
          status: "note",
          found,
          advice: `its addon was built against ${built}; build it again with \`ornstein native build\``
        }
  return [computes, ...machine(answer)]
}

const SCRIPT = import.meta.url.endsWith(".ts")
  ? ["--conditions=@ornstein/source", fileURLToPath(new URL("./EngineProbe.ts", import.meta.url))]
  : [fileURLToPath(new URL("./EngineProbe.js", import.meta.url))]

// examining

/** Asks the engine in a process of its own. */
const ask = Effect.fnUntraced(
  function* (device: Device) {
    const { exit, stderr, stdout } = yield* Subprocess.run(
      ChildProcess.make(execPath, [...SCRIPT, device], {
        env: { NODE_NO_WARNINGS: "1" },
        extendEnv: true,
        stdin: "ignore"
      })
    )
    if (exit === 0) return yield* Schema.decodeEffect(AnswerJson)(stdout)
    const reason =
      typeof exit === "string" ? `the library ended its process: ${exit}` : Addon.reasonOf(stderr)
    const answer: Answer = { error: { reason, fix: Addon.fixOf(reason) }, machine: [] }
    return answer
  },
  Effect.catch((cause) => {
    const answer: Answer = {
      error: { reason: `cannot be asked: ${cause.message}`, fix: "report it" },
      machine: []
    }
    return Effect.succeed(answer)
  })
)

/** The package of a device, its addon, and what they do. */
const examined = Effect.fnUntraced(function* (device: Device, { own, project }: Folders) {
  const fs = yield* FileSystem.FileSystem
  const name = Addon.names[device]
  const found = yield* Effect.option(Addon.find(name, [own]))
  if (found._tag === "None") {
    const elsewhere = yield* Effect.option(Addon.find(name, [project]))
    const absent: Finding = {
      name,
      status: "note",
      ...(elsewhere._tag === "None"
        ? {
            found: "absent",
            advice: `for the engine tensorflow: \`${Addon.install(name)}\`, then \`${Addon.command(name)}\``
          }
        : {
            found: `${elsewhere.value.version} in ${elsewhere.value.directory}, where the engine does not look`,
            advice: "install Ornstein in that project"
          })
    }
    return [absent]
  }
  const { addon, version } = found.value
  if (!(yield* Effect.orElseSucceed(fs.exists(addon), () => false))) {
    const bare: Finding = {
      name,
      status: "note",
      found: `${version}, without its addon`,
      advice: `for the engine tensorflow: \`${Addon.command(name)}\``
    }
    return [bare]
  }
  const manifest = yield* Effect.orElseSucceed(Addon.manifest(addon), () => undefined)
  const installed: Finding = {
    name,
    status: "ok",
    found:
      manifest === undefined
        ? `${version}, with an addon that \`ornstein native build\` did not make`
        : `${version}, its addon was built against TensorFlow ${manifest.tensorflow} of ${manifest.source}`
  }
  return [installed, ...findings(device, yield* ask(device), manifest?.tensorflow)]
})

/** Examines both packages, and the GPU where there is the package for it. */
export const examine = (folders: Folders = { own: Addon.own, project: cwd() }) =>
  Effect.map(
    Effect.forEach(["cpu", "gpu"] as const, (device) => examined(device, folders)),
    (each): ReadonlyArray<Finding> => each.flat()
  )
