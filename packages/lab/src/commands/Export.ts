/** `ornstein export`. */
import * as Fault from "@ornstein/core/Fault"
import type * as Policy from "@ornstein/core/Policy"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Numbers, Output } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Using from "./Using.ts"

// errors

/** A file that a policy cannot be written to. */
export class ExportError
  extends Schema.TaggedError<ExportError>()("ExportError", { file: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.file
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// formats

type Encode = Effect.Effect<(policy: Policy.Policy) => Uint8Array>

/** How a policy is written, by the name of the format. */
const formats: { readonly [format in "safetensors"]: Encode } = {
  safetensors: Effect.map(
    Effect.promise(() => import("@ornstein/core/PolicyFile")),
    ({ encode }) => encode
  )
}

// writing

const put = Effect.fnUntraced(function* (file: string, bytes: Uint8Array, force: boolean) {
  const files = yield* FileSystem.FileSystem
  const isThere = yield* files.exists(file)
  if (isThere && !force) {
    return yield* new ExportError({
      file,
      what: "there is something here already",
      fix: "Name another file with --out, or replace this one with --force"
    })
  }
  if (isThere) {
    const { read } = yield* Effect.promise(() => import("../policy/SavedPolicy.ts"))
    yield* Effect.mapError(
      read({ from: file }),
      () =>
        new ExportError({
          file,
          what: "what is here is no policy's file, and nothing else is replaced",
          fix: "Name another file with --out"
        })
    )
  }
  const Durable = yield* Effect.promise(() => import("@ornstein/core/Durable"))
  yield* Effect.mapError(Durable.replace(file, bytes), (error) =>
    error._tag === "IrregularError"
      ? new ExportError({ file: error.path, what: error.what, fix: error.fix })
      : new ExportError({
          file,
          what: `writing it failed: ${error.message}`,
          fix: "Name a file in a directory that exists, and where you may write"
        })
  )
})

// the command

export const exportPolicy = Command.make(
  "export",
  {
    run: Argument.String("run").pipe(Argument.withDescription("The directory of a run")),
    out: Flag.String("out").pipe(Flag.withMetavar("FILE"), Flag.withDescription("The file to write")),
    at: Flags.at,
    format: Flag.Literals("format", ["safetensors"]).pipe(
      Flag.withDescription("safetensors: arrays that Python reads, and the program that acts (default)"),
      Flag.withDefault("safetensors")
    ),
    force: Flag.Boolean("force").pipe(
      Flag.withDescription("Replace a policy that is there"),
      Flag.withDefault(false)
    ),
    ...Using.ofRuns,
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("Print the result as one line of JSON"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function* ({ acceptChangedParts, at, force, format, json, out, parts, run }) {
    const [SavedPolicy, PolicyFile] = yield* Effect.promise(() =>
      Promise.all([import("../policy/SavedPolicy.ts"), import("@ornstein/core/PolicyFile")])
    )
    const { value } = yield* SavedPolicy.read({ from: run, at: Option.getOrUndefined(at) }).pipe(
      Using.using({ parts, acceptChangedParts })
    )
    const bytes = (yield* formats[format])(value)
    yield* put(out, bytes, force)
    const { algorithm, parameters, spec, step } = value
    const count = Object.values(parameters).reduce((sum, { data }) => sum + data.length, 0)
    const sha256 = PolicyFile.hash(value)
    const output = yield* Output.Output
    yield* output.line(
      json
        ? JSON.stringify({
            file: out,
            format,
            algorithm,
            environment: spec.id,
            step,
            parameters: count,
            sha256
          })
        : `wrote ${out}: ${algorithm} in ${spec.id} at step ${Numbers.integer(step)}, ` +
            `${Numbers.integer(count)} parameters, ${Numbers.integer(bytes.length)} bytes`
    )
  })
).pipe(
  Command.withDescription("Write the policy of a run to one file, which evaluate, play and other tools read"),
  Command.withExamples([
    {
      command: "ornstein export runs/pendulum-20261121-064512-seed0 --out policy.safetensors",
      description: "The last policy"
    },
    {
      command: "ornstein export runs/pendulum-20261121-064512-seed0 --at best --out best.safetensors",
      description: "The best by evaluation"
    }
  ])
)
