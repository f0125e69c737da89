/** What this machine has of what Ornstein needs, and what to do about the rest. */
import * as Fault from "@ornstein/core/Fault"
import * as Engine from "@ornstein/core/Engine"
import type * as Jit from "@ornstein/jit/Engine"
import * as NativeEngine from "@ornstein/jit/NativeEngine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as WebgpuEngine from "@ornstein/jit/WebgpuEngine"
import * as tf from "@tensorflow/tfjs-core"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { constants } from "node:fs"
import { access, statfs } from "node:fs/promises"
import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from "node:os"
import { Numbers } from "../terminal/index.ts"
import * as Version from "../version/Version.ts"
import type { Finding } from "./Finding.ts"
import * as GymnasiumFinding from "./GymnasiumFinding.ts"
import * as TensorflowFindings from "./TensorflowFindings.ts"

// errors

/** Something that Ornstein needs is missing. */
export class UnhealthyError
  extends Schema.TaggedError<UnhealthyError>()("UnhealthyError", { faults: Schema.Array(Schema.String) })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get what(): string {
    return `not in order: ${this.faults.join(", ")}; the lines above say what to do`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// pure core

/** `(func (result v128) i32.const 0 i8x16.splat i8x16.popcnt)` */
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11
]

/** `(func (result v128) ... i8x16.relaxed_swizzle)` */
const RELAXED = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2,
  253, 15, 253, 128, 2, 11
]

const validates = (module: ReadonlyArray<number>): boolean => WasmEngine.accepts(Uint8Array.from(module))

const ok = (name: string, found: string): Finding => ({ name, status: "ok", found })

const machine = (): ReadonlyArray<Finding> => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  const isTested = (major === 22 && minor >= 19) || major === 24
  return [
    ok("ornstein", Version.ornstein),
    isTested
      ? ok("node", process.versions.node)
      : {
          name: "node",
          status: "note",
          found: process.versions.node,
          advice: "results are tested on Node 22 and 24; npm scripts use the one that npm installed"
        },
    ok("v8", process.versions.v8),
    ok("system", `${platform()} ${release()} ${arch()}`),
    ok("processor", `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} threads`),
    ok("memory", `${Numbers.gibibytes(freemem())} free of ${Numbers.gibibytes(totalmem())}`),
    validates(SIMD)
      ? ok("wasm simd", "yes")
      : {
          name: "wasm simd",
          status: "fault",
          found: "no",
          advice: "the engine wasm needs it; use another Node, or engine.kind=tfjs"
        },
    ok(
      "wasm relaxed simd",
      validates(RELAXED) ? "yes (engine.relaxed)" : "no (engine.relaxed has no effect)"
    ),
    typeof SharedArrayBuffer === "function"
      ? ok("wasm threads", `yes, engine.threads up to ${availableParallelism()} is useful here`)
      : { name: "wasm threads", status: "note", found: "no", advice: "engine.threads must stay 1" }
  ]
}

/** tanh(x w) for numbers known by hand: x = [1, 2], w = [[0.5], [-0.25]] give tanh(0) = 0. */
const works = (engine: Jit.Engine): boolean => {
  const compiled = Program.compile(engine, {
    state: { w: NdArray.make([2, 1], Float32Array.of(0.5, -0.25)) },
    programs: {
      probe: {
        inputs: { x: NdArray.spec([1, 2]) },
        fn: (state: { readonly w: tf.Tensor }, { x }: { readonly x: tf.Tensor }) => [
          state,
          { y: tf.tanh(tf.matMul(x, state.w)) }
        ]
      }
    }
  })
  const { inputs, outputs, run } = compiled.programs.probe
  inputs.x.data.set([1, 2])
  run()
  const isRight = outputs.y.data[0] === 0
  compiled.dispose()
  return isRight
}

const engine = (name: string, make: () => Jit.Engine) =>
  Engine.attempt(() => works(make())).pipe(
    Effect.map(
      (isRight): Finding =>
        isRight
          ? ok(`engine ${name}`, "computes")
          : { name: `engine ${name}`, status: "fault", found: "computes wrong numbers", advice: "report it" }
    ),
    Effect.catch((error) =>
      Effect.succeed<Finding>({
        name: `engine ${name}`,
        status: "fault",
        found: error.what,
        advice: error.fix
      })
    )
  )

/** The engine that `auto` chooses where the machine has it; where not, nothing is lost but time. */
const native = Engine.attempt(NativeEngine.level).pipe(
  Effect.flatMap((level) =>
    Effect.map(engine("native", NativeEngine.make), (finding) =>
      finding.status === "ok" ? ok(finding.name, `computes at level ${level}; auto chooses it`) : finding
    )
  ),
  Effect.catch(({ fix, what }) =>
    Effect.succeed<Finding>({
      name: "engine native",
      status: "note",
      found: what,
      advice: `auto chooses wasm, whose bits are the same. ${fix}`
    })
  )
)

/** What WebGPU would compute on. It is optional, so nothing is a fault. */
const webgpu = Engine.attemptPromise(WebgpuEngine.probe).pipe(
  Effect.match({
    onSuccess: (adapter): Finding =>
      adapter.kind === "hardware"
        ? ok("engine tfjs:webgpu", `computes on ${WebgpuEngine.show(adapter)}`)
        : {
            name: "engine tfjs:webgpu",
            status: "note",
            found: `computes in ${WebgpuEngine.show(adapter)}`,
            advice: 'only with engine.adapter "any"; the engine wasm is faster'
          },
    onFailure: ({ fix, what: reason }): Finding => ({
      name: "engine tfjs:webgpu",
      status: "note",
      found: reason,
      advice: `optional. ${fix}`
    })
  })
)

/** Can runs be written where the command was called? */
const disk = Effect.tryPromise(() =>
  access(".", constants.W_OK)
    .then(() => statfs("."))
    .then(({ bavail, bsize }) => bavail * bsize)
).pipe(
  Effect.match({
    onSuccess: (free): Finding =>
      free > 2 ** 30
        ? ok("disk", `${Numbers.gibibytes(free)} free here`)
        : {
            name: "disk",
            status: "note",
            found: `${Numbers.gibibytes(free)} free here`,
            advice: "runs need space"
          },
    onFailure: (): Finding => ({
      name: "disk",
      status: "fault",
      found: `${process.cwd()} cannot be written`,
      advice: "call ornstein elsewhere, or give --out"
    })
  })
)

// running

/** Examines this machine. */
export const examine = Effect.gen(function* () {
  const findings: ReadonlyArray<Finding> = [
    ...machine(),
    yield* native,
    yield* engine("wasm", () => WasmEngine.make()),
    yield* engine("tfjs:cpu", TfjsEngine.cpu),
    yield* webgpu,
    ...(yield* TensorflowFindings.examine()),
    yield* GymnasiumFinding.examine,
    yield* disk
  ]
  return findings
})
