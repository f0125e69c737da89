/**
 * A module as one graph of TensorFlow. Every state is a variable of the session, on the device; every program is one
 * call of the session, which is fed the inputs, renews the variables and fetches the outputs. Two more calls write
 * and read all variables.
 */
import type { Module } from "../../Engine.ts"
import { Graph, type NdArray } from "../../graph/index.ts"
import * as GraphDef from "./GraphDef.ts"
import * as Rules from "./Rules.ts"
import { type Device, HOST, type Tensor, Writer } from "./Writer.ts"

// models

/** A value that goes in or out, by the path that the caller knows it by. */
export interface Place extends NdArray.Spec {
  readonly path: string
  /** As TensorFlow names it: `n12:0`. */
  readonly name: string
}

/** One call of the session. */
export interface Call {
  readonly feeds: ReadonlyArray<Place>
  readonly fetches: ReadonlyArray<Place>
}

export interface SavedModel {
  readonly bytes: Uint8Array
  readonly programs: ReadonlyMap<string, Call>
  /** Sets every variable to what it is fed. */
  readonly push: Call
  /** Fetches every variable. */
  readonly pull: Call
  /** Fetches the number of the kind of device that the programs run on, as `DEVICES` counts them. */
  readonly device: Call
}

/** What the call `device` counts: where an operation runs is known to that operation. */
export const DEVICES = ["CPU", "GPU"] as const

// writing

interface Variable extends Place {
  readonly handle: string
}

/** `name` of a node as a place that a session can be fed at or fetched from. */
const place = (path: string, name: string, { dtype, shape }: NdArray.Spec): Place => ({
  path,
  name: name.includes(":") ? name : `${name}:0`,
  dtype,
  shape
})

/**
 * A number that comes from outside, on the host. Floats come as the whole numbers of the same bits: the addon moves
 * floats to the device at once, and a session takes them from the host again. It is copied, because what is fed may be
 * the caller's own memory, and a variable would keep it.
 */
const placeholder = (writer: Writer, path: string, spec: NdArray.Spec): readonly [Place, Tensor] => {
  const host = { device: HOST }
  const dtype = spec.dtype === "float32" ? "int32" : spec.dtype
  const attributes = { dtype: GraphDef.type(dtype), shape: GraphDef.shape(spec.shape) }
  const name = writer.node("Placeholder", [], attributes, host)
  const copy = writer.node("DeepCopy", [name], { T: GraphDef.type(dtype) }, host)
  const types = { T: GraphDef.type(dtype), type: GraphDef.type(spec.dtype) }
  const ref = dtype === spec.dtype ? copy : writer.node("Bitcast", [copy], types, host)
  return [place(path, name, spec), { ...spec, ref }]
}

/** A number to fetch once `before` has run. */
const fetched = (writer: Writer, path: string, tensor: Tensor, before: ReadonlyArray<string>): Place => {
  const inputs = [tensor.ref, ...before.map((name) => `^${name}`)]
  return place(path, writer.node("Identity", inputs, { T: GraphDef.type(tensor.dtype) }), tensor)
}

const variable = (writer: Writer, path: string, index: number, { dtype, shape }: NdArray.Spec): Variable => {
  const name = `v${index}`
  const handle = writer.node(
    "VarHandleOp",
    [],
    {
      shared_name: GraphDef.text(name),
      container: GraphDef.text(""),
      dtype: GraphDef.type(dtype),
      shape: GraphDef.shape(shape)
    },
    { name }
  )
  return { path, name, handle, dtype, shape }
}

const read = (writer: Writer, { dtype, handle, shape }: Variable): Tensor => {
  return { dtype, shape, ref: writer.node("ReadVariableOp", [handle], { dtype: GraphDef.type(dtype) }) }
}

/** Renews a variable, after the nodes `before`. */
const assign = (
  writer: Writer,
  { dtype, handle }: Variable,
  value: Tensor,
  before: ReadonlyArray<string>
): string =>
  writer.node("AssignVariableOp", [handle, value.ref, ...before.map((name) => `^${name}`)], {
    dtype: GraphDef.type(dtype)
  })

/** A call that fetches nothing but has to happen: it fetches a number of no meaning. */
const done = (writer: Writer, before: ReadonlyArray<string>): Place =>
  fetched(writer, "done", writer.int(0), before)

const program = (writer: Writer, variables: ReadonlyMap<string, Variable>, graph: Graph.Graph): Call => {
  const tensors = new Map<Graph.ValueId, Tensor>()
  const reads = new Map<string, Tensor>()
  const take = (id: Graph.ValueId): Tensor => {
    const tensor = tensors.get(id)
    if (tensor === undefined) throw new RangeError(`%${id} is read before it is made`)
    return tensor
  }
  const variableAt = (path: string): Variable => {
    const found = variables.get(path)
    if (found === undefined) throw new RangeError(`the module has no state ${path}`)
    return found
  }

  const feeds: Array<Place> = []
  for (const { path, role, value } of graph.parameters) {
    if (role === "state") {
      const tensor = read(writer, variableAt(path))
      reads.set(path, tensor)
      tensors.set(value, tensor)
    } else {
      const [feed, tensor] = placeholder(writer, path, Graph.spec(graph, value))
      feeds.push(feed)
      tensors.set(value, tensor)
    }
  }
  for (const { data, value } of graph.constants) {
    tensors.set(value, writer.constant({ ...Graph.spec(graph, value), data }))
  }
  for (const node of graph.nodes) {
    const outputs = node.outputs.map((id) => Graph.spec(graph, id))
    const made = Rules.write(writer, node, node.inputs.map(take), outputs)
    made.forEach((tensor, i) => tensors.set(node.outputs[i] ?? -1, tensor))
  }

  // Every read of the state sees the old numbers: a variable is renewed after it was read.
  const renewals = graph.results
    .filter(({ role }) => role === "state")
    .map(({ path, value }) => {
      const before = reads.get(path)
      return assign(writer, variableAt(path), take(value), before === undefined ? [] : [before.ref])
    })
  const last = writer.node(
    "NoOp",
    renewals.map((name) => `^${name}`),
    {}
  )
  const outputs = graph.results.filter(({ role }) => role === "output")
  const fetches = outputs.map(({ path, value }) => fetched(writer, path, take(value), [last]))
  return { feeds, fetches: fetches.length === 0 ? [done(writer, [last])] : fetches }
}

// constructors

/** The graph of a module whose programs run on `device`. Throws an `EngineError` for a kernel that is not there. */
export const make = (module: Module, device: Device): SavedModel => {
  const writer = new Writer(device)
  const variables = new Map(
    [...module.state].map(([path, array], index) => [path, variable(writer, path, index, array)] as const)
  )
  const programs = new Map(
    [...module.programs].map(([name, graph]) => [name, program(writer, variables, graph)])
  )

  const pushed = [...variables.values()].map((target) => {
    const [feed, tensor] = placeholder(writer, target.path, target)
    return { feed, assigned: assign(writer, target, tensor, []) }
  })
  const push = {
    feeds: pushed.map(({ feed }) => feed),
    fetches: [
      done(
        writer,
        pushed.map(({ assigned }) => assigned)
      )
    ]
  }
  const pull = {
    feeds: [],
    fetches: [...variables.values()].map((source) => fetched(writer, source.path, read(writer, source), []))
  }
  const index = writer.node("DeviceIndex", [], { device_names: GraphDef.texts(DEVICES) })
  const where = fetched(writer, "device", { ref: index, dtype: "int32", shape: [] }, [])
  return { bytes: writer.bytes(), programs, push, pull, device: { feeds: [], fetches: [where] } }
}
