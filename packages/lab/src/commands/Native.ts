/** `ornstein native build`. */
import * as Fault from "@ornstein/core/Fault"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { cwd } from "node:process"
import type * as NativeBuild from "@ornstein/native/NativeBuild"
import { Output } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"

// errors

/** Not exactly one libtensorflow was named. */
export class NativeOptionsError
  extends Schema.TaggedError<NativeOptionsError>()("NativeOptionsError", { given: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.given
  }
  get what(): string {
    return (
      "name one libtensorflow, with --wheel FILE.whl (a Python wheel of TensorFlow, as " +
      "`pip download --no-deps tensorflow-cpu` fetches it) or with --libtensorflow DIR (an unpacked one)"
    )
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// pure core

const sourceOf = (
  folder: Option.Option<string>,
  wheel: Option.Option<string>
): Effect.Effect<NativeBuild.Options["source"], NativeOptionsError> => {
  if (Option.isSome(folder) && Option.isSome(wheel)) {
    return Effect.fail(new NativeOptionsError({ given: "--libtensorflow and --wheel" }))
  }
  if (Option.isSome(folder)) return Effect.succeed({ _tag: "Folder", path: folder.value })
  if (Option.isSome(wheel)) return Effect.succeed({ _tag: "Wheel", path: wheel.value })
  return Effect.fail(new NativeOptionsError({ given: "neither --libtensorflow nor --wheel" }))
}

// the command

const build = Reading.make(
  "build",
  {
    libtensorflow: Flags.path("libtensorflow").pipe(
      Flag.withDescription(
        "A folder: an unpacked wheel, site-packages/tensorflow of a Python that has TensorFlow, or an unpacked C archive " +
          "of libtensorflow. It is used where it is and must stay there"
      ),
      Flag.optional
    ),
    wheel: Flags.path("wheel").pipe(
      Flag.withDescription(
        "A Python wheel of tensorflow or tensorflow-cpu for this platform; its libraries are unpacked into the package"
      ),
      Flag.optional
    ),
    gpu: Flag.Boolean("gpu").pipe(
      Flag.withDescription("For @tensorflow/tfjs-node-gpu, with a libtensorflow that has CUDA"),
      Flag.withDefault(false)
    ),
    nodeHeaders: Flags.path("node-headers").pipe(
      Flag.withDescription("The folder of node_api.h (default: the one that came with Ornstein)"),
      Flag.optional
    ),
    json: Flags.jsonOf("the manifest as one line of JSON")
  },
  Effect.fn(function* ({ gpu, json, libtensorflow, nodeHeaders, wheel }) {
    const source = yield* sourceOf(libtensorflow, wheel)
    const { build } = yield* Effect.promise(() => import("@ornstein/native/NativeBuild"))
    const output = yield* json ? Output.Aside : Output.Output
    const { addon, manifest, trial } = yield* build({
      gpu,
      source,
      project: cwd(),
      progress: output,
      ...(Option.isSome(nodeHeaders) ? { nodeHeaders: nodeHeaders.value } : {})
    })
    yield* output.line(
      `built       TensorFlow ${trial.tensorflow} on ${trial.device}; a product is right, ${addon}`
    )
    if (gpu && !trial.isGpu) {
      yield* output.line("no GPU was used: TensorFlow found none here. `ornstein doctor` looks for the cause")
      for (const remark of trial.remarks) yield* output.line(`  ${remark}`)
    }
    if (json) yield* (yield* Output.Output).line(JSON.stringify({ addon, ...manifest, device: trial.device }))
  }),
  ["native"]
).pipe(
  Command.withDescription(
    "Build the addon of an installed @tensorflow/tfjs-node, for the engine tensorflow, against a libtensorflow of 2.9 or " +
      "newer. Needs a C++ compiler (CXX names another than c++). A build that fails leaves the former addon as it was"
  ),
  Command.withExamples([
    {
      command: "npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0",
      description: "Install the package first, without its download of libtensorflow 2.9.1"
    },
    {
      command: "ornstein native build --wheel tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
      description: "Build against the libraries of a wheel, whatever its Python"
    },
    {
      command: "ornstein native build --gpu --libtensorflow venv/lib/python3.12/site-packages/tensorflow",
      description: "Build for CUDA against TensorFlow as pip installed it"
    }
  ])
)

export const native = Command.make("native").pipe(
  Command.withDescription("Native code for the engine tensorflow"),
  Command.withSubcommands([build])
)
