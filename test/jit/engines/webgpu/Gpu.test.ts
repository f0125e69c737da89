import { EngineError } from "@ornstein/jit/Engine"
import type * as Adapter from "@ornstein/jit/internal/engines/webgpu/Adapter"
import * as Gpu from "@ornstein/jit/internal/engines/webgpu/Gpu"
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu"
import * as tf from "@tensorflow/tfjs-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"

// What the packages are, without a GPU: the CPU's kernels play the backend.

const FLAG = "WEBGPU_CPU_FORWARD"

beforeAll(() => {
  tf.env().registerFlag(FLAG, () => true)
  for (const kernel of tf.getKernelsForBackend("cpu")) tf.registerKernel({ ...kernel, backendName: "webgpu" })
})
afterAll(() => {
  for (const { kernelName } of tf.getKernelsForBackend("webgpu")) tf.unregisterKernel(kernelName, "webgpu")
})

class Backend extends MathBackendCPU {
  readonly bufferManager = { getNumUsedBuffers: () => 2, getNumFreeBuffers: () => 3, numBytesAllocated: 40 }
}

const info: Adapter.Info = {
  vendor: "nvidia",
  architecture: "ampere",
  device: "",
  description: "",
  isFallbackAdapter: false
}

/** A GPU, with what the device is told to do: to be lost, to refuse work. */
const gpu = (told: Partial<Adapter.Info> = {}) => {
  const lost = Promise.withResolvers<{ reason: string; message: string }>()
  const listeners: Array<(event: { error: { message: string } }) => void> = []
  const asked: Array<unknown> = []
  const device = {
    lost: lost.promise,
    addEventListener: (_: string, listener: (event: { error: { message: string } }) => void) =>
      void listeners.push(listener)
  }
  const adapter = {
    info: { ...info, ...told },
    limits: { maxBufferSize: 1000, maxComputeWorkgroupSizeX: 256, another: 1 },
    requestDevice: (options: unknown) => {
      asked.push(options)
      return Promise.resolve(device)
    }
  }
  return {
    asked,
    adapter,
    lose: (message: string) => lost.resolve({ reason: "unknown", message }),
    refuse: (message: string) => {
      for (const listener of listeners) listener({ error: { message } })
    }
  }
}

const packages = (adapter: object | null, changed: Partial<Gpu.Packages> = {}): Gpu.Packages => ({
  dawn: () =>
    Promise.resolve({ create: () => ({ requestAdapter: () => Promise.resolve(adapter) }), globals: {} }),
  backend: () => Promise.resolve({ WebGPUBackend: Backend }),
  ...changed
})

const failure = (promise: Promise<unknown>): Promise<EngineError> =>
  promise.then(
    () => assert.fail("it did not fail"),
    (cause: unknown) => {
      assert.instanceOf(cause, EngineError)
      return cause
    }
  )

const thrown = (code: string, message: string) => () =>
  Promise.reject(Object.assign(new Error(message), { code }))

describe("Gpu.open", () => {
  it("opens what WebGPU gives, with the limits that the backend knows, and computes nothing on the CPU", async () => {
    const { adapter, asked } = gpu()
    const opened = await Gpu.open("hardware", packages(adapter))
    assert.strictEqual(opened.device.name, "tfjs:webgpu:nvidia-ampere")
    assert.isFalse(opened.device.synchronous)
    assert.strictEqual(opened.adapter.kind, "hardware")
    assert.deepInclude(asked[0], {
      requiredLimits: {
        maxBufferSize: 1000,
        maxComputeInvocationsPerWorkgroup: undefined,
        maxComputeWorkgroupSizeX: 256,
        maxComputeWorkgroupStorageSize: undefined,
        maxComputeWorkgroupsPerDimension: undefined,
        maxStorageBufferBindingSize: undefined
      }
    })
    assert.isFalse(tf.env().getBool(FLAG))
    assert.deepStrictEqual(opened.memory(), { tensors: 0, buffers: 5, bytes: 40 })
    assert.isUndefined(opened.fault())
  })

  it("refuses software unless it is wanted", async () => {
    const { adapter } = gpu({ architecture: "swiftshader" })
    assert.match((await failure(Gpu.open("hardware", packages(adapter)))).reason, /swiftshader/)
    assert.strictEqual((await Gpu.open("any", packages(adapter))).adapter.kind, "software")
  })

  it("says which package is missing, and how to install both", async () => {
    const { adapter } = gpu()
    const missing = (name: string) =>
      thrown("ERR_MODULE_NOT_FOUND", `Cannot find package '${name}' imported from /somewhere`)
    const webgpu = await failure(Gpu.open("any", packages(adapter, { dawn: missing("webgpu") })))
    assert.strictEqual(webgpu.reason, "the package webgpu is not installed")
    assert.match(webgpu.fix, /npm install webgpu@0\.6\.2 @tensorflow\/tfjs-backend-webgpu@4\.22\.0/)
    const backend = missing("@tensorflow/tfjs-backend-webgpu")
    assert.match(
      (await failure(Gpu.open("any", packages(adapter, { backend })))).reason,
      /tfjs-backend-webgpu is not/
    )
  })

  it("says why a package does not load", async () => {
    const open = (dawn: () => Promise<unknown>) => failure(Gpu.open("any", packages(null, { dawn })))
    const old = await open(thrown("ERR_DLOPEN_FAILED", "libc.so.6: version `GLIBC_2.38' not found\nmore"))
    assert.match(old.reason, /^webgpu does not load: .*GLIBC_2\.38' not found$/)
    const other = await open(thrown("MODULE_NOT_FOUND", "Cannot find module 'dist/sunos-x64/dawn.node'"))
    assert.match(other.reason, /no build for/)
    assert.match((await open(() => Promise.resolve({}))).reason, /webgpu is not the version/)
    const backend = () => Promise.resolve({})
    assert.match(
      (await failure(Gpu.open("any", packages(gpu().adapter, { backend })))).reason,
      /tfjs-backend-webgpu is not the version/
    )
  })

  it("says why there is no adapter, and why it gives no device", async () => {
    const none = await failure(Gpu.open("any", packages(null), () => ({ hasLoader: false, drivers: [] })))
    assert.match(none.reason, /found no adapter/)
    const { adapter } = gpu()
    const requestDevice = () => Promise.reject(new Error("out of memory"))
    const bare = await failure(Gpu.open("any", packages({ ...adapter, requestDevice })))
    assert.match(bare.reason, /nvidia ampere gives no device: out of memory/)
  })

  it("refuses a device that computes wrong numbers", async () => {
    class Wrong extends Backend {
      override read(dataId: object): Promise<tf.backend_util.BackendValues> {
        return super
          .read(dataId)
          .then((values) => Float32Array.from(values.length === 64 ? { length: 64 } : []))
      }
    }
    const backend = () => Promise.resolve({ WebGPUBackend: Wrong })
    assert.match(
      (await failure(Gpu.open("any", packages(gpu().adapter, { backend })))).reason,
      /wrong numbers/
    )
  })

  it("remembers the first fault that the device reports", async () => {
    const refusing = gpu()
    const { fault } = await Gpu.open("any", packages(refusing.adapter))
    refusing.refuse("Binding size is zero.\n - While validating")
    refusing.refuse("and another")
    assert.match(
      fault()?.message ?? "",
      /tfjs:webgpu:nvidia-ampere: the device refused work: Binding size is zero\./
    )
    const losing = gpu()
    const opened = await Gpu.open("any", packages(losing.adapter))
    losing.lose("GPU hung")
    await Promise.resolve()
    assert.match(opened.fault()?.message ?? "", /the device was lost \(GPU hung\).*last saved state/)
  })
})
