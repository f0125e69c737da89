/**
 * TensorFlow's C library in this process, through the addon of `@tensorflow/tfjs-node` or `-gpu`. The packages are
 * optional, so they are imported when they are asked for; everything that can be missing has its own error.
 */
import * as tf from "@tensorflow/tfjs-core"
import { EngineError } from "../../Engine.ts"
import { Environment } from "../../host/node/index.ts"
import type { NdArray } from "../../graph/index.ts"

// models

export type DeviceName = "cpu" | "gpu"

/** The addon's functions, as far as this engine calls them. Tensors and models are numbers that it hands out. */
export interface Binding {
  readonly TF_Version: string
  readonly createTensor: (shape: ReadonlyArray<number>, type: number, data: NdArray.Data) => number
  readonly deleteTensor: (tensor: number) => void
  readonly tensorDataSync: (tensor: number) => NdArray.Data
  readonly getNumOfTensors: () => number
  readonly loadSavedModel: (directory: string, tag: string) => number
  readonly deleteSavedModel: (model: number) => void
  readonly runSavedModel: (
    model: number,
    tensors: ReadonlyArray<number>,
    feeds: string,
    fetches: string
  ) => ReadonlyArray<{ readonly id: number }>
}

/** What was loaded. */
export interface Library {
  /** The npm package. */
  readonly package: string
  /** The version of TensorFlow's C library. */
  readonly tensorflow: string
  readonly binding: Binding
}

export interface Options {
  readonly device: DeviceName
  /** Threads within an operation, and operations side by side; TensorFlow's own choice, one a core, if not given. */
  readonly threads?: number | undefined
  /**
   * Of a GPU: products of floats in TF32, with 10 bits of mantissa, on Ampere and later. TensorFlow's own choice is yes; here
   * it is no, because products then miss 1e-5.
   */
  readonly tf32?: boolean | undefined
}

// pure core

export const packageOf = (device: DeviceName): string =>
  device === "gpu" ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node"

/** The version of the packages that this engine was tried with. */
export const VERSION = "4.22.0"

const functions = [
  "createTensor",
  "deleteTensor",
  "tensorDataSync",
  "getNumOfTensors",
  "loadSavedModel",
  "deleteSavedModel",
  "runSavedModel"
]

const isBinding = (u: unknown): u is Binding =>
  typeof u === "object" &&
  u !== null &&
  functions.every((name) => typeof Reflect.get(u, name) === "function") &&
  typeof Reflect.get(u, "TF_Version") === "string"

const codeOf = (cause: unknown): unknown =>
  typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined

const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).trim().split("\n")[0] ?? ""

/** What is missing, from what the import of the package threw. */
export const importError = (device: DeviceName, cause: unknown): EngineError => {
  const name = packageOf(device)
  const engine = `tensorflow:${device}`
  const build = `\`ornstein native build ${device === "gpu" ? "--gpu --libtensorflow DIR" : "--wheel FILE.whl"}\` (docs/engines.md)`
  const message = messageOf(cause)
  const code = codeOf(cause)
  // Node's words, and those of bundlers for an optional package.
  const isAbsent =
    code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" || message.startsWith("Could not resolve")
  if (isAbsent && message.includes(name)) {
    return new EngineError({
      engine,
      reason: `the package ${name} is not installed`,
      fix: `Run \`npm install --ignore-scripts ${name}@${VERSION}\`, then ${build}.`,
      cause
    })
  }
  if (message.includes("tfjs_binding.node")) {
    return new EngineError({
      engine,
      reason: `${name} is installed, but its addon tfjs_binding.node was not built`,
      fix: `Run ${build}.`,
      cause
    })
  }
  if (code === "ERR_DLOPEN_FAILED" || message.includes("shared object")) {
    return new EngineError({
      engine,
      reason: `the addon of ${name} does not load: ${message}`,
      fix: `Install what it names, or build the addon against a library that this machine can load: ${build}.`,
      cause
    })
  }
  return new EngineError({
    engine,
    reason: `${name} does not load: ${message}`,
    fix: `Build its addon again, ${build}, and ask \`ornstein doctor\`.`,
    cause
  })
}

/** What NVIDIA's libraries read; it overrides what a program asks for. */
const TF32 = "NVIDIA_TF32_OVERRIDE"

/** What TensorFlow reads of XLA. The kernels that XLA generates multiply in TF32, whatever NVIDIA's libraries read. */
const XLA = "TF_XLA_FLAGS"

/** What the user has in the environment. */
export interface Given {
  readonly [TF32]?: string | undefined
  readonly [XLA]?: string | undefined
}

/**
 * Why products cannot have the precision that was asked for. In a worker the environment is a copy, which the library does
 * not see.
 */
export const precisionFault = (
  { device, tf32 = false }: Options,
  { [TF32]: override, [XLA]: xla = "" }: Given,
  isWorker: boolean
): { readonly reason: string; readonly fix: string } | undefined => {
  if (device === "cpu") return tf32 ? { reason: "a CPU has no TF32", fix: "Leave out tf32." } : undefined
  const refuse = (reason: string) => ({
    reason: `${reason}, and products in ${tf32 ? "TF32" : "whole floats"} were asked for`,
    fix: `Unset it, or ask for tf32: ${!tf32}.`
  })
  if (override !== undefined && override !== (tf32 ? "1" : "0")) {
    return refuse(`${TF32} is "${override}" in the environment`)
  }
  if (!tf32 && /auto_jit=[^0-]/.test(xla)) {
    return refuse(`${XLA} is "${xla}" in the environment, with which TensorFlow multiplies in TF32`)
  }
  return override === undefined && isWorker && !tf32
    ? { reason: "TF32 can't be switched off in a worker", fix: `Set ${TF32}=0 before the process starts.` }
    : undefined
}

// loading

/** Before this module has written there. */
const given: Given = { [TF32]: process.env[TF32], [XLA]: process.env[XLA] }

/** What TensorFlow reads from the environment, once, when it is loaded. What the user has set stays. */
const setEnvironment = ({ device, tf32 = false, threads }: Options): void => {
  if (device === "gpu" && !tf32) process.env[TF32] = "0"
  else if (given[TF32] === undefined) delete process.env[TF32]
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2"
  process.env["TF_DETERMINISTIC_OPS"] ??= "1"
  // Otherwise the first process takes all the memory of a GPU.
  process.env["TF_FORCE_GPU_ALLOW_GROWTH"] ??= "true"
  if (threads === undefined) return
  process.env["TF_NUM_INTRAOP_THREADS"] = String(threads)
  process.env["TF_NUM_INTEROP_THREADS"] = String(threads)
}

/** The one library of this process. */
let present: { readonly library: Library; readonly options: Options } | undefined

const assertFits = (options: Options): void => {
  const { device, threads } = options
  const engine = `tensorflow:${device}`
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1)) {
    throw new EngineError({ engine, reason: `threads is ${threads}`, fix: "Give an integer of at least 1." })
  }
  if (threads !== undefined && Environment.isWorker && present === undefined) {
    throw new EngineError({
      engine,
      reason: "threads can't be set in a worker",
      fix: "Set TF_NUM_INTRAOP_THREADS and TF_NUM_INTEROP_THREADS before the process starts."
    })
  }
  const fault = precisionFault(options, given, Environment.isWorker)
  if (fault !== undefined && present === undefined) throw new EngineError({ engine, ...fault })
  if (present === undefined) return
  if (present.library.package !== packageOf(device)) {
    throw new EngineError({
      engine,
      reason: `this process has loaded ${present.library.package}, and only one of the two packages can be loaded`,
      fix: "Use the other device in a process of its own."
    })
  }
  const { tf32: isTf32 = false } = present.options
  if (isTf32 !== (options.tf32 ?? false)) {
    throw new EngineError({
      engine,
      reason: `TensorFlow was loaded ${isTf32 ? "with" : "without"} TF32`,
      fix: "It takes one of the two for a process: ask for the other in a process of its own."
    })
  }
  if (threads !== undefined && present.options.threads !== threads) {
    throw new EngineError({
      engine,
      reason: `TensorFlow was loaded with ${present.options.threads ?? "its own choice of"} threads`,
      fix: "It takes them once a process: ask for one number only."
    })
  }
}

/**
 * The library, loaded at the first call. Throws an `EngineError` if the package, its addon or a library that it needs
 * is missing. Says nothing yet of the device.
 */
export const load = async (options: Options): Promise<Library> => {
  assertFits(options)
  if (present !== undefined) return present.library
  Environment.restoreUtil()
  setEnvironment(options)
  const name = packageOf(options.device)
  const previous = tf.engine().backendName
  await import(name).catch((cause: unknown) => {
    throw importError(options.device, cause)
  })
  const backend = tf.findBackend("tensorflow")
  // The package makes its backend the one in use.
  if (previous) await tf.setBackend(previous)
  const binding = backend === null ? undefined : Reflect.get(backend, "binding")
  if (!isBinding(binding)) {
    throw new EngineError({
      engine: `tensorflow:${options.device}`,
      reason: `${name} has registered no backend of ours: another copy of @tensorflow/tfjs-core, or another version`,
      fix: `Install ${name}@${VERSION} beside @tensorflow/tfjs-core@${VERSION}; \`npm ls @tensorflow/tfjs-core\` shows copies.`
    })
  }
  present = { library: { package: name, tensorflow: binding.TF_Version, binding }, options }
  return present.library
}
