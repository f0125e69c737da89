/**
 * A TensorFlow.js backend as a place where tensors live: handles of its tensors, and the state of a module in them.
 */
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu"
import * as tf from "@tensorflow/tfjs-core"
import { EngineError, type Module } from "../../Engine.ts"
import type { NdArray } from "../../graph/index.ts"

// models

export type Handle = tf.TensorInfo

/** A registered kernel. A method, because TensorFlow.js knows its own parameters' types more closely. */
export interface Kernel {
  kernelFunc(call: {
    readonly inputs: object
    readonly attrs?: object
    readonly backend: object
  }): Handle | Array<Handle>
}

/** A backend and what this engine does with it. */
export interface Device {
  readonly name: string
  readonly backend: tf.KernelBackend
  readonly kernels: ReadonlyMap<string, Kernel>
  /** Whether a handle can wrap the caller's memory, so that the state's views are the memory itself. */
  readonly shared: boolean
  readonly synchronous: boolean
  /** Whether every kernel gives NaN where TensorFlow.js' CPU kernels do; shading languages promise nothing. */
  readonly keepsNan: boolean
}

// constructors

/** WebGPU and WebGL: they answer later, and compute in a shading language. */
const isGpu = (backend: string): boolean => backend.startsWith("webgpu") || backend.startsWith("webgl")

const kernels = (backend: string): ReadonlyMap<string, Kernel> =>
  new Map(tf.getKernelsForBackend(backend).map((kernel) => [kernel.kernelName, kernel]))

/** TensorFlow.js' CPU backend without the notice that it prints when it is used in Node. */
class Cpu extends MathBackendCPU {
  override write(
    values: tf.backend_util.BackendValues,
    _shape: Array<number>,
    dtype: tf.DataType
  ): Handle["dataId"] {
    const dataId = {}
    this.data.set(dataId, { values, dtype, refCount: 1 })
    return dataId
  }
}

/** TensorFlow.js' own CPU kernels. */
export const cpu = (): Device => ({
  name: "tfjs:cpu",
  backend: new Cpu(),
  kernels: kernels("cpu"),
  shared: true,
  synchronous: true,
  keepsNan: true
})

/** A backend that the caller has made, with the kernels that are registered under `kernelsOf`. */
export const of = (name: string, kernelsOf: string, backend: tf.KernelBackend): Device => ({
  name,
  backend,
  kernels: kernels(kernelsOf),
  shared: false,
  synchronous: !isGpu(kernelsOf),
  keepsNan: !isGpu(kernelsOf)
})

/** Any backend that is registered with TensorFlow.js; initialises it, and leaves the one in use in use. */
export const make = async (backend: string): Promise<Device> => {
  const engine = tf.engine()
  const name = `tfjs:${backend}`
  const previous = engine.backendName
  const isReady = engine.backendNames().includes(backend) && (await tf.setBackend(backend))
  if (previous) await tf.setBackend(previous)
  const found = tf.findBackend(backend)
  if (!isReady || found === null) {
    throw new EngineError({
      engine: name,
      reason: `TensorFlow.js has no backend "${backend}" that works here (it has ${engine.backendNames().join(", ")})`,
      fix: `Import the package that registers it, for example "@tensorflow/tfjs-backend-${backend}".`
    })
  }
  return of(name, backend, found)
}

// handles

/** Numbers on the device. A backend may keep the array and look at it later, so it gets one of its own. */
export const upload = ({ backend, shared }: Device, { data, dtype, shape }: NdArray.NdArray): Handle => ({
  dataId: backend.write(shared ? data : data.slice(), [...shape], dtype),
  shape: [...shape],
  dtype
})

export const free = ({ backend }: Device, handle: Handle | undefined): void => {
  if (handle instanceof tf.Tensor) handle.dispose()
  else if (handle !== undefined) backend.disposeData(handle.dataId)
}

/** Another handle of the same numbers, with its own lifetime. */
const clone = (device: Device, handle: Handle): Handle => {
  const identity = device.kernels.get("Identity")
  const result = identity?.kernelFunc({ inputs: { x: handle }, attrs: {}, backend: device.backend })
  if (result === undefined || Array.isArray(result)) throw new TypeError("Identity gives one tensor")
  return result
}

const copy = (array: NdArray.NdArray): NdArray.NdArray => ({ ...array, data: array.data.slice() })

export const numbers = (values: tf.backend_util.BackendValues): NdArray.Data => {
  if (Array.isArray(values)) throw new TypeError("a tensor of strings has no numbers")
  return values
}

// state

/** One module's state on a device: the handles, and the caller's views of them. */
export class State {
  readonly views: ReadonlyMap<string, NdArray.NdArray>
  readonly #device: Device
  readonly #handles = new Map<string, Handle>()
  #last: Promise<void> = Promise.resolve()

  constructor(device: Device, initial: Module["state"]) {
    this.#device = device
    this.views = new Map([...initial].map(([path, array]) => [path, copy(array)]))
    this.push()
  }

  get(path: string): Handle {
    const handle = this.#handles.get(path)
    if (handle === undefined) {
      throw new EngineError({
        engine: this.#device.name,
        reason: `the state has no ${path}`,
        fix: "Link a program with the state that it was traced with."
      })
    }
    return handle
  }

  push(): void {
    for (const [path, view] of this.views) {
      free(this.#device, this.#handles.get(path))
      this.#handles.set(path, upload(this.#device, view))
    }
  }

  pull(): void {
    if (this.#device.shared || !this.#device.synchronous) return
    for (const [path, view] of this.views) {
      view.data.set(numbers(this.#device.backend.readSync(this.get(path).dataId)))
    }
  }

  async pullAsync(): Promise<void> {
    const { backend } = this.#device
    await Promise.all(
      Array.from(this.views, async ([path, { data }]) =>
        data.set(numbers(await backend.read(this.get(path).dataId)))
      )
    )
  }

  /** Takes over the new values. All of them are read before any is written: one may be another's old value. */
  commit(next: ReadonlyMap<string, Handle>): void {
    if (this.#device.shared) {
      const fresh = [...next].map(([path, { dataId }]) => ({
        view: this.views.get(path),
        values: numbers(this.#device.backend.readSync(dataId)).slice()
      }))
      for (const { values, view } of fresh) view?.data.set(values)
      return
    }
    const fresh = [...next].map(([path, handle]) => ({ path, handle: clone(this.#device, handle) }))
    for (const { handle, path } of fresh) {
      free(this.#device, this.get(path))
      this.#handles.set(path, handle)
    }
  }

  /** One asynchronous call after the other: each reads what the one before wrote. */
  inTurn(call: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(call)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  dispose(): void {
    for (const handle of this.#handles.values()) free(this.#device, handle)
    this.#handles.clear()
  }
}
