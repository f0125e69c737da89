/**
 * Runs in a process of its own, because a library that does not fit may end it: asks the engine `tensorflow` which
 * device runs a small program, and prints the answer as one line of JSON. The argument is `cpu` or `gpu`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Engine from "@ornstein/core/Engine"
import * as TensorflowEngine from "@ornstein/jit/TensorflowEngine"
import * as Diagnosis from "@ornstein/jit/tensorflow/Diagnosis"
import * as Effect from "effect/Effect"
import process from "node:process"

const device = process.argv[2] === "gpu" ? "gpu" : "cpu"

const answer = Effect.tryPromise({
  try: () => TensorflowEngine.probe({ device }),
  catch: (cause) =>
    Engine.errorOf(cause) ?? { reason: String(cause), fix: "This was not foreseen: report it" }
}).pipe(
  Effect.match({
    onSuccess: ({ device, tensorflow }) => ({ report: { device, tensorflow } }),
    onFailure: ({ fix, reason }) => ({ error: { reason, fix } })
  }),
  // Afterwards, so that what TensorFlow has found by its own paths counts as found.
  Effect.map((result) => ({ ...result, machine: device === "gpu" ? Diagnosis.examine() : [] })),
  Effect.flatMap((found) => Effect.sync(() => process.stdout.write(`${JSON.stringify(found)}\n`)))
)

NodeRuntime.runMain(answer)
