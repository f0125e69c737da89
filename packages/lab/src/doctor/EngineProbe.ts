/**
 * Runs in a process of its own, because a library that does not fit may end it: asks the engine `tensorflow` which
 * device runs a small program, and prints the answer as one line of JSON. The argument is `cpu` or `gpu`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Engine from "@ornstein/core/Engine"
import * as TensorflowDiagnosis from "@ornstein/jit/TensorflowDiagnosis"
import * as TensorflowEngine from "@ornstein/jit/TensorflowEngine"
import * as Effect from "effect/Effect"
import process from "node:process"

const device = process.argv[2] === "gpu" ? "gpu" : "cpu"

/** Of the library, if it loads at all; else the newest that is known is looked for. */
const version = Effect.promise(() => TensorflowEngine.version({ device }).catch(() => ""))

const answer = Effect.tryPromise({
  try: () => TensorflowEngine.probe({ device }),
  catch: (cause) => Engine.errorOf(cause) ?? { what: String(cause), fix: "This was not foreseen: report it" }
}).pipe(
  Effect.match({
    onSuccess: ({ device, tensorflow }) => ({ report: { device, tensorflow } }),
    onFailure: ({ fix, what: reason }) => ({ error: { reason, fix } })
  }),
  // Afterwards, so that what TensorFlow has found by its own paths counts as found.
  Effect.flatMap((result) =>
    device === "gpu"
      ? Effect.map(version, (tensorflow) => ({ ...result, machine: TensorflowDiagnosis.examine(tensorflow) }))
      : Effect.succeed({ ...result, machine: [] })
  ),
  Effect.flatMap((found) => Effect.sync(() => process.stdout.write(`${JSON.stringify(found)}\n`)))
)

NodeRuntime.runMain(answer)
