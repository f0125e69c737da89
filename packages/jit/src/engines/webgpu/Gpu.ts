/**
 * The GPU of one thread: Dawn, which is WebGPU outside of browsers, and TensorFlow.js' backend on it. Both packages
 * are optional; everything that can be missing has its own error.
 */
import * as tf from "@tensorflow/tfjs-core"
import { EngineError } from "../../Engine.ts"
import { TfjsDevice } from "../tfjs/index.ts"
import { Vulkan } from "../../host/node/index.ts"
import * as Adapter from "./Adapter.ts"

// models

/** What is used of WebGPU. */
interface GpuDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>
  addEventListener(
    type: "uncapturederror",
    listener: (event: { readonly error: { readonly message: string } }) => void
  ): void
}

type Limits = { readonly [name: string]: number | undefined }

interface GpuAdapter {
  readonly info: Adapter.Info
  readonly limits: Limits
  requestDevice(options: { readonly requiredLimits: Limits }): Promise<GpuDevice>
}

export interface GpuRoot {
  requestAdapter(options: { readonly powerPreference: "high-performance" }): Promise<GpuAdapter | null>
}

/** The package `webgpu`. */
interface Dawn {
  readonly create: (flags: ReadonlyArray<string>) => GpuRoot
  readonly globals: object
}

/** TensorFlow.js' backend, and what it tells of its memory. */
interface Backend extends tf.KernelBackend {
  readonly bufferManager: {
    getNumUsedBuffers(): number
    getNumFreeBuffers(): number
    readonly numBytesAllocated: number
  }
}

/** The package `@tensorflow/tfjs-backend-webgpu`. */
interface BackendPackage {
  readonly WebGPUBackend: new (device: GpuDevice, info: Adapter.Info) => Backend
}

/** Where the packages come from. */
export interface Packages {
  readonly dawn: () => Promise<unknown>
  /** Its code looks for WebGPU while it is loaded. */
  readonly backend: (gpu: GpuRoot) => Promise<unknown>
}

/** What the backend holds. */
export interface Memory {
  readonly tensors: number
  readonly buffers: number
  readonly bytes: number
}

export interface Gpu {
  readonly adapter: Adapter.Adapter
  readonly device: TfjsDevice.Device
  readonly memory: () => Memory
  /** What the device has reported: the loss of it, or work that it refused. */
  readonly fault: () => EngineError | undefined
}

// pure core

/** The versions that this engine was tried with. */
export const VERSIONS = { webgpu: "0.6.2", "@tensorflow/tfjs-backend-webgpu": "4.22.0" } as const

type Package = keyof typeof VERSIONS

/** More than the least that WebGPU promises, where the adapter has it: what the backend's programs are sized by. */
const LIMITS = [
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup"
]

const error = (reason: string, fix: string, cause?: unknown): EngineError =>
  new EngineError({ engine: Adapter.ENGINE, reason, fix, cause })

const isObject = (u: unknown): u is object => typeof u === "object" && u !== null

const isDawn = (u: unknown): u is Dawn =>
  isObject(u) && "create" in u && typeof u.create === "function" && "globals" in u && isObject(u.globals)

const isBackend = (u: unknown): u is BackendPackage =>
  isObject(u) && "WebGPUBackend" in u && typeof u.WebGPUBackend === "function"

const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).trim().split("\n")[0]?.replace(/\.$/, "") ?? ""

const install = `npm install ${Object.entries(VERSIONS)
  .map(([name, version]) => `${name}@${version}`)
  .join(" ")}`

/** What is missing, from what the import of a package threw. */
export const importError = (name: Package, cause: unknown): EngineError => {
  const message = messageOf(cause)
  const code = isObject(cause) && "code" in cause ? cause.code : undefined
  if (code === "ERR_MODULE_NOT_FOUND" && message.includes(`'${name}'`)) {
    return error(`the package ${name} is not installed`, `Run \`${install}\`.`, cause)
  }
  if (name === "webgpu" && code === "MODULE_NOT_FOUND") {
    const machine = `${process.platform}-${process.arch}`
    return error(`${name} has no build for ${machine}`, "Use another engine on this machine.", cause)
  }
  return error(`${name} does not load: ${message}`, `Install what it names, or again: \`${install}\`.`, cause)
}

const otherVersion = (name: Package): EngineError =>
  error(`${name} is not the version that is known`, `Run \`${install}\`.`)

// loading

const load = (name: Package): Promise<unknown> => import(name)

/** The installed packages. Defines WebGPU's globals, which the backend asks for. */
export const packages: Packages = {
  dawn: async () => {
    const dawn = await load("webgpu")
    if (isDawn(dawn)) Object.assign(globalThis, dawn.globals)
    return dawn
  },
  backend: (gpu) => {
    Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true })
    return load("@tensorflow/tfjs-backend-webgpu")
  }
}

// constructors

const from = (name: Package, imported: Promise<unknown>): Promise<unknown> =>
  imported.catch((cause: unknown) => {
    throw importError(name, cause)
  })

/** What a device reports is collected: WebGPU throws nothing when work fails. */
const watch = (device: GpuDevice, engine: string): (() => EngineError | undefined) => {
  let fault: EngineError | undefined
  const report = (reason: string, fix: string) => {
    fault ??= new EngineError({ engine, reason, fix })
  }
  device.addEventListener("uncapturederror", ({ error: { message } }) =>
    report(
      `the device refused work: ${messageOf(message)}`,
      "If it names memory, make batches or networks smaller; else report it to the authors of @ornstein/jit."
    )
  )
  void device.lost.then(({ message, reason }) =>
    report(
      `the device was lost (${messageOf(message) || reason})`,
      "Make the engine again and continue from the last saved state."
    )
  )
  return () => fault
}

/** Multiplies a matrix by itself there and here. */
const assertComputes = async (device: TfjsDevice.Device): Promise<void> => {
  const n = 8
  const x = Float32Array.from({ length: n * n }, (_, i) => (i % 7) - 3)
  const matrix = TfjsDevice.upload(device, { data: x, shape: [n, n], dtype: "float32" })
  const product = device.kernels.get("BatchMatMul")?.kernelFunc({
    inputs: { a: matrix, b: matrix },
    attrs: { transposeA: false, transposeB: false },
    backend: device.backend
  })
  if (product === undefined || Array.isArray(product)) throw otherVersion("@tensorflow/tfjs-backend-webgpu")
  const found = TfjsDevice.numbers(await device.backend.read(product.dataId))
  const isRight = x.every((_, i) => {
    const [row, column] = [i - (i % n), i % n]
    const sum = x.subarray(row, row + n).reduce((sum, a, k) => sum + a * (x[k * n + column] ?? 0), 0)
    return found[i] === sum
  })
  TfjsDevice.free(device, matrix)
  TfjsDevice.free(device, product)
  if (!isRight) {
    throw new EngineError({
      engine: device.name,
      reason: "it computes wrong numbers",
      fix: "Update the driver of the GPU, or use another engine."
    })
  }
}

/** Opens the adapter that WebGPU prefers. Fails with an `EngineError` that says what is missing. */
export const open = async (
  wanted: Adapter.Wanted,
  { backend, dawn }: Packages = packages,
  vulkan: () => Vulkan.Vulkan = Vulkan.find
): Promise<Gpu> => {
  const webgpu = await from("webgpu", dawn())
  if (!isDawn(webgpu)) throw otherVersion("webgpu")
  const gpu = webgpu.create([])
  const found = await gpu.requestAdapter({ powerPreference: "high-performance" })
  if (found === null) throw Adapter.noAdapter(process.platform, vulkan())
  const adapter = Adapter.make(found.info)
  const refused = Adapter.refusal(adapter, wanted)
  if (refused !== undefined) throw refused
  const imported = await from("@tensorflow/tfjs-backend-webgpu", backend(gpu))
  if (!isBackend(imported)) throw otherVersion("@tensorflow/tfjs-backend-webgpu")
  const name = Adapter.engineName(adapter)
  const device = await found
    .requestDevice({
      requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, found.limits[limit]]))
    })
    .catch((cause: unknown) => {
      throw error(
        `${Adapter.show(adapter)} gives no device: ${messageOf(cause)}`,
        "Update its driver.",
        cause
      )
    })
  // TensorFlow.js would compute with small tensors on the CPU, not on the device.
  tf.env().set("WEBGPU_CPU_FORWARD", false)
  const made = new imported.WebGPUBackend(device, found.info)
  const tfjs = TfjsDevice.of(name, "webgpu", made)
  const fault = watch(device, name)
  await assertComputes(tfjs)
  const refusedWork = fault()
  if (refusedWork !== undefined) throw refusedWork
  return {
    adapter,
    device: tfjs,
    fault,
    memory: () => ({
      tensors: made.numDataIds(),
      buffers: made.bufferManager.getNumUsedBuffers() + made.bufferManager.getNumFreeBuffers(),
      bytes: made.bufferManager.numBytesAllocated
    })
  }
}
