/** `ornstein export`. */
import type * as Policy from "@ornstein/core/Policy"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Place from "../place/Place.ts"
import { Numbers, Output } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

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

/** Fails unless the policy can be written there: where nothing is, or in place of another policy if that is wanted. */
const check = Effect.fnUntraced(function* (file: string, force: boolean) {
  if ((yield* Place.checkFile(file)) === undefined) return
  if (!force) {
    return yield* Place.wrong(
      file,
      "there is something here already",
      "Name another file with --out, or replace this one with --force"
    )
  }
  const { read } = yield* Effect.promise(() => import("../policy/SavedPolicy.ts"))
  yield* Effect.mapError(read({ from: file }), () =>
    Place.wrong(
      file,
      "what is here is no policy's file, and nothing else is replaced",
      "Name another file with --out"
    )
  )
})

// the command

export const exportPolicy = Reading.make(
  "export",
  {
    run: Flags.pathArgument("run").pipe(Argument.withDescription("The directory of a run")),
    out: Flags.path("out").pipe(Flag.withMetavar("FILE"), Flag.withDescription("The file to write")),
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
  Effect.fn(
    function* ({ at, force, format, json, out, run }) {
      const [SavedPolicy, PolicyFile] = yield* Effect.promise(() =>
        Promise.all([import("../policy/SavedPolicy.ts"), import("@ornstein/core/PolicyFile")])
      )
      yield* check(out, force)
      const { value } = yield* SavedPolicy.read({ from: run, at: Option.getOrUndefined(at) })
      const bytes = (yield* formats[format])(value)
      yield* Place.putFile(out, bytes)
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
    },
    (self, given) => Using.using(given)(self)
  )
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
