/** The engine of a run as a service: what compiles and runs the programs of a learner (see `@ornstein/jit`). */
import * as Jit from "@ornstein/jit/Engine"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import { TraceError } from "@ornstein/jit/TraceError"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import type * as WebgpuEngine from "@ornstein/jit/WebgpuEngine"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Catalogue, type Config, Fault, Field, JsonPath, Part } from "../config/index.ts"

// errors

/** What went wrong in an engine, and how to fix it. */
export class EngineError
  extends Schema.TaggedError<EngineError>()("EngineError", { engine: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return `engine ${this.engine}`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

const threads = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 }))
  .annotate({ description: "threads of a program; changes no bit of any result" })
  .pipe(Field.withDefault(1))

const Auto = Schema.Struct({ kind: Schema.tag("auto"), threads })

const Native = Schema.Struct({
  kind: Schema.tag("native"),
  threads,
  fused: Schema.Boolean.annotate({
    description: "fused multiply-add in products: other bits, the same on every processor that runs it"
  }).pipe(Field.withDefault(false)),
  level: Schema.optionalKey(
    Schema.Literals(["avx512", "avx2"]).annotate({
      description: "how wide vectors are; changes no bit; the processor's best if not given"
    })
  )
})

const Wasm = Schema.Struct({
  kind: Schema.tag("wasm"),
  threads,
  relaxed: Schema.Boolean.annotate({
    description: "fused multiply-add where the machine has it: faster, and other bits from machine to machine"
  }).pipe(Field.withDefault(false))
})

const Cpu = Schema.Struct({
  kind: Schema.tag("tfjs"),
  backend: Schema.Literal("cpu").annotate({
    description: "the TensorFlow.js backend that runs the kernels: the processor, slowly"
  })
})

const Webgpu = Schema.Struct({
  kind: Schema.tag("tfjs"),
  backend: Schema.Literal("webgpu").annotate({
    description: "the TensorFlow.js backend that runs the kernels: a GPU"
  }),
  adapter: Schema.optionalKey(
    Schema.Literals(["hardware", "any"]).annotate({
      description: "a GPU and nothing else (the default), or also an adapter in software"
    })
  )
})

const Tensorflow = Schema.Struct({
  kind: Schema.tag("tensorflow"),
  device: Schema.Literals(["cpu", "gpu"]).annotate({
    description: "where every operation runs; if it can't, nothing runs"
  }),
  threads: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1024 })).annotate({
      description: "threads of TensorFlow on the CPU; one for every core if not given"
    })
  ),
  tf32: Schema.optionalKey(
    Schema.Boolean.annotate({
      description:
        "of a gpu: products in TF32, with 10 bits of mantissa, on Ampere and later; whole floats if not given"
    })
  )
})

/** What is given of them: the rest has defaults. */
export interface AutoInput {
  /** threads of a program; changes no bit of any result */
  readonly threads?: number
}

/** What is given of them: the rest has defaults. */
export interface NativeInput {
  /** threads of a program; changes no bit of any result */
  readonly threads?: number
  /** fused multiply-add in products: other bits, the same on every processor that runs it */
  readonly fused?: boolean
  /** how wide vectors are; changes no bit; the processor's best if not given */
  readonly level?: "avx512" | "avx2"
}

/** What is given of them: the rest has defaults. */
export interface WasmInput {
  /** threads of a program; changes no bit of any result */
  readonly threads?: number
  /** fused multiply-add where the machine has it: faster, and other bits from machine to machine */
  readonly relaxed?: boolean
}

/** What is given of them: the rest has defaults. */
export interface TensorflowInput {
  /** where every operation runs; if it can't, nothing runs */
  readonly device: "cpu" | "gpu"
  /** threads of TensorFlow on the CPU; one for every core if not given */
  readonly threads?: number
  /** of a gpu: products in TF32, with 10 bits of mantissa, on Ampere and later; whole floats if not given */
  readonly tf32?: boolean
}

/** What is given of them: the rest has defaults. */
export interface WebgpuInput {
  /** a GPU and nothing else (the default), or also an adapter in software */
  readonly adapter?: "hardware" | "any"
}

// service

export class Engine extends Context.Service<Engine, Jit.Engine>()("@ornstein/core/Engine") {}

/** Is the first call of every program compared with the oracle `tfjs:cpu`? Tests provide `true`. */
export const IsChecked = Context.Reference<boolean>("@ornstein/core/Engine/IsChecked", {
  defaultValue: () => false
})

// combinators

/** The error that code of `@ornstein/jit` threw, as a value; `undefined` for anything else. */
export const errorOf = (cause: unknown): EngineError | undefined => {
  if (cause instanceof Jit.EngineError) {
    return new EngineError({ engine: cause.engine, what: cause.reason, fix: cause.fix })
  }
  if (cause instanceof TraceError) {
    const reason = `program "${cause.program}": ${cause.reason}, at ${cause.where}`
    return new EngineError({ engine: "trace", what: reason, fix: cause.fix })
  }
  return undefined
}

/** The typed error of what code of `@ornstein/jit` threw; anything else stays a defect. */
export const refusal = (cause: unknown): EngineError => {
  const error = errorOf(cause)
  if (error === undefined) throw cause
  return error
}

/** Runs code of `@ornstein/jit`, which throws; its errors become values. */
export const attempt = <A>(run: () => A): Effect.Effect<A, EngineError> =>
  Effect.try({ try: run, catch: refusal })

/** The same for code that answers later. */
export const attemptPromise = <A>(run: () => Promise<A>): Effect.Effect<A, EngineError> =>
  Effect.tryPromise({ try: run, catch: refusal })

const openWasm = ({ relaxed, threads }: typeof Wasm.Type): Effect.Effect<Jit.Engine, EngineError> =>
  attempt(() => WasmEngine.make({ threads, relaxed }))

// engines that need Node are loaded when they are chosen: a browser can hold the rest

const openNative = (options: typeof Native.Type): Effect.Effect<Jit.Engine, EngineError> =>
  Effect.flatMap(
    Effect.promise(() => import("@ornstein/jit/NativeEngine")),
    ({ make }) => {
      const { fused, level, threads } = options
      return attempt(() => make({ threads, fused, ...(level === undefined ? {} : { level }) }))
    }
  )

/** The bits of both are the same, so nothing but speed depends on the machine. */
const openAuto = ({ threads }: typeof Auto.Type): Effect.Effect<Jit.Engine, EngineError> =>
  Effect.catch(openNative(Native.make({ threads })), () => openWasm(Wasm.make({ threads })))

/** The engine `tfjs:webgpu`, whose device the scope frees. */
export const openWebgpu = (
  options: WebgpuEngine.Options = {}
): Effect.Effect<WebgpuEngine.WebgpuEngine, EngineError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(
      Effect.promise(() => import("@ornstein/jit/WebgpuEngine")),
      ({ make }) => attemptPromise(() => make(options))
    ),
    (engine) => Effect.sync(engine.dispose)
  )

const openTensorflow = (options: typeof Tensorflow.Type): Effect.Effect<Jit.Engine, EngineError> =>
  Effect.flatMap(
    Effect.promise(() => import("@ornstein/jit/TensorflowEngine")),
    ({ make }) => attemptPromise(() => make(options))
  )

// layers

/** An engine that is there already. */
export const layerOf = (engine: Jit.Engine): Layer.Layer<Engine> => Layer.succeed(Engine, engine)

/**
 * The fastest engine that has the bits of `wasm`: `native` where the machine has it, else `wasm`.
 *
 * ```ts
 * Effect.provide(Engine.layerAuto({ threads: 2 }))
 * ```
 */
export const layerAuto = (options: AutoInput = {}): Layer.Layer<Engine, EngineError | Config.ConfigError> =>
  Layer.effect(Engine, Effect.flatMap(Effect.fromResult(Field.result("auto", Auto, options)), openAuto))

/**
 * Machine code at the processor's full width, with the bits of `wasm`. Fails where the machine does not have it.
 *
 * ```ts
 * Effect.provide(Engine.layerNative({ threads: 2 }))
 * ```
 */
export const layerNative = (
  options: NativeInput = {}
): Layer.Layer<Engine, EngineError | Config.ConfigError> =>
  Layer.effect(Engine, Effect.flatMap(Effect.fromResult(Field.result("native", Native, options)), openNative))

/**
 * WebAssembly with SIMD and threads: the same bits on every machine.
 *
 * ```ts
 * Effect.provide(Engine.layerWasm({ threads: 2 }))
 * ```
 */
export const layerWasm = (options: WasmInput = {}): Layer.Layer<Engine, EngineError | Config.ConfigError> =>
  Layer.effect(Engine, Effect.flatMap(Effect.fromResult(Field.result("wasm", Wasm, options)), openWasm))

/**
 * TensorFlow's C library through `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`, on the device that was asked
 * for or not at all.
 *
 * ```ts
 * Effect.provide(Engine.layerTensorflow({ device: "gpu" }))
 * ```
 */
export const layerTensorflow = (
  options: TensorflowInput
): Layer.Layer<Engine, EngineError | Config.ConfigError> =>
  Layer.effect(
    Engine,
    Effect.flatMap(Effect.fromResult(Field.result("tensorflow", Tensorflow, options)), openTensorflow)
  )

/** TensorFlow.js' WebGPU kernels on a GPU, or on what `adapter: "any"` finds. */
export const layerWebgpu = (
  options: WebgpuInput = {}
): Layer.Layer<Engine, EngineError | Config.ConfigError> =>
  Layer.effect(
    Engine,
    Effect.flatMap(
      Effect.fromResult(Field.result("webgpu", Webgpu, { ...options, backend: "webgpu" })),
      openWebgpu
    )
  )

// parts

/** An engine whose device the scope frees, where it has one. */
export type Opened = Effect.Effect<Jit.Engine, EngineError, Scope.Scope>

/** All kinds of engine. */
export const kinds = Catalogue.of<Opened>("engine").with(
  Part.from([Auto], {
    description: "native where the machine has it, else wasm: the bits are the same",
    source: "our own",
    example: { threads: 2 },
    make: (options): Opened => openAuto(options)
  }),
  Part.from([Native], {
    description: "x86-64 machine code at the processor's full width, with the bits of wasm",
    source: "our own",
    example: { threads: 2, fused: true, level: "avx2" },
    make: (options): Opened => openNative(options)
  }),
  Part.from([Wasm], {
    description: "WebAssembly with SIMD and threads: the same bits on every machine",
    source: "our own",
    example: { threads: 2, relaxed: true },
    make: (options): Opened => openWasm(options)
  }),
  Part.from([Cpu, Webgpu], {
    description: "the kernels of a TensorFlow.js backend, one by one",
    source: "TensorFlow.js 4.22",
    example: { backend: "cpu" },
    make: (options): Opened => (options.backend === "cpu" ? attempt(TfjsEngine.cpu) : openWebgpu(options))
  }),
  Part.from([Tensorflow], {
    description: "one SavedModel through the tfjs addon on any libtensorflow",
    source: "TensorFlow 2",
    requires: [
      {
        at: "tf32",
        check: ({ device, tf32 }) =>
          device === "cpu" && tf32 !== undefined
            ? 'is for a GPU; leave it out, or choose the device "gpu"'
            : undefined
      }
    ],
    example: { device: "gpu", tf32: true },
    make: (options): Opened => openTensorflow(options)
  })
)

/** The choices that a configuration has. */
export const Options = kinds.schema
export type Options = typeof Options.Type

/** Are its bits those of `wasm`, so that each of them can go on where another one stopped? */
export const isExact = (options: { readonly kind: string }): boolean => {
  switch (options.kind) {
    case "auto":
      return true
    case "native":
      return JsonPath.child(options, "fused") !== true
    case "wasm":
      return JsonPath.child(options, "relaxed") !== true
    default:
      return false
  }
}

/** The engine of these options. */
export const open = (options: Options): Opened => kinds.make(options)

/** The layer that a configuration chose. */
export const layer = (options: Options): Layer.Layer<Engine, EngineError> =>
  Layer.effect(Engine, open(options))
