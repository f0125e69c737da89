/**
 * The engine `tfjs:<backend>`: calls the kernels that a TensorFlow.js backend has registered, one after the other,
 * without dispatch, scopes or tape. `tfjs:cpu` is the reference that other engines are compared with.
 *
 * The kernels get and give tensor handles of their backend. A handle lives until its last reader has run; state
 * stays on the device between calls. On `cpu` the state's memory is the caller's view itself.
 */
import {
  type Engine,
  EngineError,
  type Executable,
  type Linked,
  type Module,
  untilDisposed
} from "../../Engine.ts"
import { Graph, Kernels, NdArray, Shape } from "../../graph/index.ts"
import { keepNan, unfuse } from "../../passes/index.ts"
import * as TfjsDevice from "./TfjsDevice.ts"

// models

/** A module whose asynchronous calls leave the state on the device until it is asked for. */
export interface Resident extends Linked {
  readonly pullAsync: () => Promise<void>
}

/** A node that is ready to run. */
interface Step {
  readonly node: Graph.Node
  readonly kernel: TfjsDevice.Kernel
  readonly isList: boolean
  /** Values that nobody reads after this node. */
  readonly dead: ReadonlyArray<Graph.ValueId>
}

// pure core

/** Each node with the kernel that runs it and the values that end with it. */
const plan = (device: TfjsDevice.Device, graph: Graph.Graph): ReadonlyArray<Step> => {
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

const take = (
  handles: ReadonlyMap<Graph.ValueId, TfjsDevice.Handle>,
  id: Graph.ValueId
): TfjsDevice.Handle => {
  const handle = handles.get(id)
  if (handle === undefined) throw new RangeError(`%${id} is read before it is made`)
  return handle
}

// the engine

/** Runs the nodes; afterwards `handles` holds the parameters, the constants and the results. */
const execute = (
  device: TfjsDevice.Device,
  graph: Graph.Graph,
  steps: ReadonlyArray<Step>,
  handles: Map<Graph.ValueId, TfjsDevice.Handle>
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
      TfjsDevice.free(device, take(handles, id))
      handles.delete(id)
    }
  }
}

const executable = (
  device: TfjsDevice.Device,
  given: Graph.Graph,
  state: TfjsDevice.State,
  isShown: boolean
): Executable & { readonly free: () => void } => {
  const plain = unfuse(given)
  const graph = device.keepsNan ? plain : keepNan(plain)
  const steps = plan(device, graph)
  const constants = graph.constants.map(({ data, value }) => ({
    value,
    handle: TfjsDevice.upload(device, { ...Graph.spec(graph, value), data })
  }))
  const inputs = views(graph, parameters(graph, "input"))
  const outputs = views(graph, results(graph, "output"))

  const start = (): Map<Graph.ValueId, TfjsDevice.Handle> => {
    const handles = new Map(constants.map(({ handle, value }) => [value, handle]))
    for (const { path, value } of parameters(graph, "state")) handles.set(value, state.get(path))
    for (const { array, value } of inputs) handles.set(value, TfjsDevice.upload(device, array))
    execute(device, graph, steps, handles)
    return handles
  }
  const finish = (handles: Map<Graph.ValueId, TfjsDevice.Handle>): void => {
    state.commit(new Map(results(graph, "state").map(({ path, value }) => [path, take(handles, value)])))
    const borrowed = new Set([...constants, ...parameters(graph, "state")].map(({ value }) => value))
    for (const [value, handle] of handles) if (!borrowed.has(value)) TfjsDevice.free(device, handle)
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
        array.data.set(TfjsDevice.numbers(device.backend.readSync(take(handles, value).dataId)))
      }
      finish(handles)
    },
    runAsync: () =>
      state.inTurn(async () => {
        const handles = start()
        await Promise.all(
          outputs.map(async ({ array, value }) =>
            array.data.set(TfjsDevice.numbers(await device.backend.read(take(handles, value).dataId)))
          )
        )
        finish(handles)
        if (isShown) await state.pullAsync()
      }),
    free: () => {
      for (const { handle } of constants) TfjsDevice.free(device, handle)
    }
  }
}

const link = (device: TfjsDevice.Device, module: Module, isShown: boolean): Resident => {
  const state = new TfjsDevice.State(device, module.state)
  const programs = new Map(
    [...module.programs].map(([name, graph]) => [name, executable(device, graph, state, isShown)])
  )
  const linked = untilDisposed(device.name, {
    state: state.views,
    programs,
    pull: () => state.pull(),
    push: () => state.push(),
    dispose: () => {
      state.dispose()
      for (const program of programs.values()) program.free()
    }
  })
  return { ...linked, pullAsync: () => state.inTurn(() => state.pullAsync()) }
}

const engine = (device: TfjsDevice.Device): Engine => ({
  name: device.name,
  synchronous: device.synchronous,
  link: (module) => link(device, module, !device.synchronous)
})

// constructors

/** The module on a device that answers later; `runAsync` does not read the state back. */
export const resident = (device: TfjsDevice.Device, module: Module): Resident => link(device, module, false)

/** `tfjs:cpu`: TensorFlow.js' own CPU kernels, slow and plain. The oracle of every test. */
export const cpu = (): Engine => engine(TfjsDevice.cpu())

/**
 * `tfjs:<backend>` on any backend that the caller has imported (`@tensorflow/tfjs-backend-wasm`, ...). Fails with an
 * `EngineError` if there is no such backend.
 */
export const make = async (backend: string): Promise<Engine> =>
  backend === "cpu" ? cpu() : engine(await TfjsDevice.make(backend))
