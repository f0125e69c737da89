/**
 * The engine `tfjs:<backend>`: calls the kernels that a TensorFlow.js backend has registered, one after the other,
 * without dispatch, scopes or tape. `tfjs:cpu` is the reference that other engines are compared with.
 *
 * The kernels get and give tensor handles of their backend. A handle lives until its last reader has run; state
 * stays on the device between calls. On `cpu` the state's memory is the caller's view itself.
 */
import * as tf from "@tensorflow/tfjs"
import { type Engine, EngineError, type Executable, type Linked, type Module } from "./Engine.ts"
import * as Graph from "./Graph.ts"
import * as Kernels from "./Kernels.ts"
import * as NdArray from "./NdArray.ts"
import { lower } from "./passes/Lower.ts"
import * as Shape from "./Shape.ts"

// models

type Handle = tf.TensorInfo

/** A registered kernel. A method, because TensorFlow.js knows its own parameters' types more closely. */
interface Kernel {
  kernelFunc(call: {
    readonly inputs: object
    readonly attrs?: object
    readonly backend: object
  }): Handle | Array<Handle>
}

/** A backend and what this engine does with it. */
interface Device {
  readonly name: string
  readonly backend: tf.KernelBackend
  readonly kernels: ReadonlyMap<string, Kernel>
  /** Whether a handle can wrap the caller's memory, so that the state's views are the memory itself. */
  readonly shared: boolean
  readonly synchronous: boolean
}

/** A node that is ready to run. */
interface Step {
  readonly node: Graph.Node
  readonly kernel: Kernel
  readonly isList: boolean
  /** Values that nobody reads after this node. */
  readonly dead: ReadonlyArray<Graph.ValueId>
}

// pure core

const isSynchronous = (backend: string): boolean =>
  !backend.startsWith("webgpu") && !backend.startsWith("webgl")

/** Each node with the kernel that runs it and the values that end with it. */
const plan = (device: Device, graph: Graph.Graph): ReadonlyArray<Step> => {
  const kept = new Set([
    ...graph.parameters.map(({ value }) => value),
    ...graph.constants.map(({ value }) => value),
    ...graph.results.map(({ value }) => value)
  ])
  const lastReader = new Map<Graph.ValueId, number>()
  graph.nodes.forEach((node, i) => {
    for (const id of [...node.inputs, ...node.outputs]) lastReader.set(id, i)
  })
  return graph.nodes.map((node, i) => {
    const kernel = device.kernels.get(node.kernel)
    if (kernel === undefined) {
      throw new EngineError({
        engine: device.name,
        reason: `the backend has no kernel ${node.kernel}, asked for at ${node.site}`,
        fix: "Write it with other operations, or use another engine."
      })
    }
    const touched = new Set([...node.inputs, ...node.outputs])
    const dead = [...touched].filter((id) => lastReader.get(id) === i && !kept.has(id))
    return {
      node,
      kernel,
      isList: Kernels.find(node.kernel)?.inputs === "list",
      dead
    }
  })
}

const numbers = (values: tf.backend_util.BackendValues): NdArray.Data => {
  if (Array.isArray(values)) throw new TypeError("a tensor of strings has no numbers")
  return values
}

const parameters = (graph: Graph.Graph, role: Graph.Parameter["role"]) =>
  graph.parameters.filter((parameter) => parameter.role === role)

const results = (graph: Graph.Graph, role: Graph.Result["role"]) =>
  graph.results.filter((result) => result.role === role)

/** A fresh array for each place. */
const views = (
  graph: Graph.Graph,
  places: ReadonlyArray<{ readonly path: string; readonly value: Graph.ValueId }>
) =>
  places.map(({ path, value }) => {
    const { dtype, shape } = Graph.spec(graph, value)
    return { path, value, array: NdArray.zeros(shape, dtype) }
  })

const take = (handles: ReadonlyMap<Graph.ValueId, Handle>, id: Graph.ValueId): Handle => {
  const handle = handles.get(id)
  if (handle === undefined) throw new RangeError(`%${id} is read before it is made`)
  return handle
}

// handles

const upload = ({ backend }: Device, { data, dtype, shape }: NdArray.NdArray): Handle => ({
  dataId: backend.write(data, [...shape], dtype),
  shape: [...shape],
  dtype
})

const free = ({ backend }: Device, handle: Handle | undefined): void => {
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

// the engine

/** Runs the nodes; afterwards `handles` holds the parameters, the constants and the results. */
const execute = (
  device: Device,
  graph: Graph.Graph,
  steps: ReadonlyArray<Step>,
  handles: Map<Graph.ValueId, Handle>
): void => {
  for (const { dead, isList, kernel, node } of steps) {
    const inputs = node.inputs.map((id) => take(handles, id))
    const result = kernel.kernelFunc({
      inputs: Object.assign(
        isList ? [] : {},
        Object.fromEntries(node.inputNames.map((name, i) => [name, inputs[i]]))
      ),
      attrs: { ...node.attributes },
      backend: device.backend
    })
    const outputs = Array.isArray(result) ? result : [result]
    node.outputs.forEach((id, i) => {
      const output = outputs[i]
      if (output === undefined || !Shape.equals(output.shape, Graph.spec(graph, id).shape)) {
        throw new EngineError({
          engine: device.name,
          reason: `the kernel ${node.kernel} (${node.site}) gave [${String(output?.shape)}] for %${id}`,
          fix: "Report it to the authors of @ornstein/jit: a trace and a kernel disagree."
        })
      }
      handles.set(id, output)
    })
    for (const id of dead) {
      free(device, take(handles, id))
      handles.delete(id)
    }
  }
}

/** One module's state on a device: the handles, and the caller's views of them. */
class State {
  readonly views: ReadonlyMap<string, NdArray.NdArray>
  readonly #device: Device
  readonly #handles = new Map<string, Handle>()

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
    for (const [path, view] of this.views) {
      view.data.set(numbers(await this.#device.backend.read(this.get(path).dataId)))
    }
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

  dispose(): void {
    for (const handle of this.#handles.values()) free(this.#device, handle)
    this.#handles.clear()
  }
}

const executable = (
  device: Device,
  given: Graph.Graph,
  state: State
): Executable & { readonly free: () => void } => {
  const graph = lower(given)
  const steps = plan(device, graph)
  const constants = graph.constants.map(({ data, value }) => ({
    value,
    handle: upload(device, { ...Graph.spec(graph, value), data })
  }))
  const inputs = views(graph, parameters(graph, "input"))
  const outputs = views(graph, results(graph, "output"))

  const start = (): Map<Graph.ValueId, Handle> => {
    const handles = new Map(constants.map(({ handle, value }) => [value, handle]))
    for (const { path, value } of parameters(graph, "state")) handles.set(value, state.get(path))
    for (const { array, value } of inputs) handles.set(value, upload(device, array))
    execute(device, graph, steps, handles)
    return handles
  }
  const finish = (handles: Map<Graph.ValueId, Handle>): void => {
    state.commit(new Map(results(graph, "state").map(({ path, value }) => [path, take(handles, value)])))
    const borrowed = new Set([...constants, ...parameters(graph, "state")].map(({ value }) => value))
    for (const [value, handle] of handles) if (!borrowed.has(value)) free(device, handle)
  }
  return {
    inputs: new Map(inputs.map(({ array, path }) => [path, array])),
    outputs: new Map(outputs.map(({ array, path }) => [path, array])),
    run: () => {
      if (!device.synchronous) {
        throw new EngineError({
          engine: device.name,
          reason: "the backend answers later",
          fix: "Call `await program.runAsync()` instead of `run()`."
        })
      }
      const handles = start()
      for (const { array, value } of outputs) {
        array.data.set(numbers(device.backend.readSync(take(handles, value).dataId)))
      }
      finish(handles)
    },
    runAsync: async () => {
      const handles = start()
      for (const { array, value } of outputs) {
        array.data.set(numbers(await device.backend.read(take(handles, value).dataId)))
      }
      finish(handles)
      if (!device.synchronous) await state.pullAsync()
    },
    free: () => {
      for (const { handle } of constants) free(device, handle)
    }
  }
}

const link = (device: Device, module: Module): Linked => {
  const state = new State(device, module.state)
  const programs = new Map(
    [...module.programs].map(([name, graph]) => [name, executable(device, graph, state)])
  )
  let disposed = false
  const alive =
    <A>(f: () => A): (() => A) =>
    () => {
      if (!disposed) return f()
      throw new EngineError({
        engine: device.name,
        reason: "it was used after `dispose()`",
        fix: "Compile the programs again."
      })
    }
  return {
    state: state.views,
    programs: new Map(
      [...programs].map(([name, program]) => [
        name,
        {
          inputs: program.inputs,
          outputs: program.outputs,
          run: alive(program.run),
          runAsync: alive(program.runAsync)
        }
      ])
    ),
    pull: alive(() => state.pull()),
    push: alive(() => state.push()),
    dispose: alive(() => {
      disposed = true
      state.dispose()
      for (const program of programs.values()) program.free()
    })
  }
}

const engine = (device: Device): Engine => ({
  name: device.name,
  synchronous: device.synchronous,
  link: (module) => link(device, module)
})

const kernels = (backend: string): ReadonlyMap<string, Kernel> =>
  new Map(tf.getKernelsForBackend(backend).map((kernel) => [kernel.kernelName, kernel]))

/** TensorFlow.js' CPU backend without the notice that it prints when it is used in Node. */
class Cpu extends tf.MathBackendCPU {
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

// constructors

/** `tfjs:cpu`: TensorFlow.js' own CPU kernels, slow and plain. The oracle of every test. */
export const cpu = (): Engine =>
  engine({ name: "tfjs:cpu", backend: new Cpu(), kernels: kernels("cpu"), shared: true, synchronous: true })

/**
 * `tfjs:<backend>` on any backend that the caller has imported (`@tensorflow/tfjs-backend-wasm`, ...). Initialises
 * it; the backend in use stays the one in use. Fails with an `EngineError` if there is no such backend.
 */
export const make = async (backend: string): Promise<Engine> => {
  if (backend === "cpu") return cpu()
  const name = `tfjs:${backend}`
  const previous = tf.engine().backendName
  const isReady = tf.engine().backendNames().includes(backend) && (await tf.setBackend(backend))
  if (previous) await tf.setBackend(previous)
  const found = tf.findBackend(backend)
  if (!isReady || found === null) {
    throw new EngineError({
      engine: name,
      reason: `TensorFlow.js has no backend "${backend}" that works here (it has ${tf.engine().backendNames().join(", ")})`,
      fix: `Import the package that registers it, for example "@tensorflow/tfjs-backend-${backend}".`
    })
  }
  return engine({
    name,
    backend: found,
    kernels: kernels(backend),
    shared: false,
    synchronous: isSynchronous(backend)
  })
}
