/**
 * A TensorFlow.js backend that records instead of computing. Shapes are found by rule where the work would be heavy
 * (products, elementwise kernels) and by TensorFlow.js' own CPU kernels on zeros elsewhere. A tensor under trace has
 * a shape and no numbers, so a program that wants to see one is refused.
 */
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu"
import * as tf from "@tensorflow/tfjs-core"
import { Graph, Kernels, NdArray } from "../graph/index.ts"
import { infer } from "./Infer.ts"
import * as Site from "./Site.ts"
import { TfjsDevice } from "../engines/tfjs/index.ts"
import { TraceError } from "./TraceError.ts"

// models

type DataId = tf.TensorInfo["dataId"]
type Values = tf.backend_util.BackendValues
type Kernel = Parameters<typeof tf.registerKernel>[0]

/** What a CPU kernel's results look like, and whether they are a list. */
export interface Found {
  readonly specs: ReadonlyArray<NdArray.Spec>
  readonly isList: boolean
}

export interface Options {
  /** Whether the graph says where its nodes come from. */
  readonly withSites: boolean
  /** What was found before, by kernel, inputs and attributes; recorders of the same function share it. */
  readonly shapes: Map<string, Found>
}

/** Zeros that take memory only if a CPU kernel asks for them. */
class Zeros implements NdArray.Spec {
  readonly shape: ReadonlyArray<number>
  readonly dtype: NdArray.DType
  refCount = 1
  #values: NdArray.Data | undefined
  constructor(spec: NdArray.Spec) {
    this.shape = spec.shape
    this.dtype = spec.dtype
  }
  get values(): NdArray.Data {
    this.#values ??= NdArray.allocate(this.dtype, NdArray.size(this.shape))
    return this.#values
  }
}

// pure core

const isInfo = (u: unknown): u is tf.TensorInfo =>
  typeof u === "object" && u !== null && "dataId" in u && "shape" in u && "dtype" in u

// the backend

/** The name under which a recorder is registered while a function runs. */
export const backendName = "ornstein-trace"

export class Recorder extends MathBackendCPU {
  readonly #program: string
  readonly #withSites: boolean
  readonly #shapes: Map<string, Found>
  readonly #cpu: ReadonlyMap<string, Kernel>
  readonly #ids = new Map<DataId, Graph.ValueId>()
  /** Values that are known while tracing, so that a program may read them back. */
  readonly #fixed = new Set<Graph.ValueId>()
  /** Tensors made before the trace, copied in: their numbers are constants. */
  readonly #captured = new Map<DataId, DataId>()
  readonly #values: Array<NdArray.Spec> = []
  readonly #parameters: Array<Graph.Parameter> = []
  readonly #constants: Array<Graph.Constant> = []
  readonly #nodes: Array<Graph.Node> = []
  #refused: TraceError | undefined
  #depth = 0

  constructor(program: string, cpu: ReadonlyMap<string, Kernel>, options: Options) {
    super()
    this.#withSites = options.withSites
    this.#shapes = options.shapes
    this.#program = program
    this.#cpu = cpu
  }

  /** A tensor that comes from outside: the state or input at `path`. */
  parameter(role: Graph.Parameter["role"], path: string, spec: NdArray.Spec): tf.Tensor {
    if (this.#parameters.some((known) => known.role === role && known.path === path)) {
      throw this.#refuse(`two tensors have the path ${path}`, `${role} ${path}`, "Use names without dots.")
    }
    const value = this.#value(spec)
    this.#parameters.push({ role, path, value })
    return tf.engine().makeTensorFromTensorInfo(this.#mint(value), this)
  }

  get parameters(): ReadonlyArray<Graph.Parameter> {
    return this.#parameters
  }

  /** The value that a tensor of the program is. */
  idOf(tensor: tf.TensorInfo): Graph.ValueId {
    return this.#known(tensor, "the result", () => "the returned tree")
  }

  graph(results: ReadonlyArray<Graph.Result>): Graph.Graph {
    return {
      values: this.#values,
      parameters: this.#parameters,
      constants: this.#constants,
      nodes: this.#nodes,
      results
    }
  }

  /** Throws what the program was refused for and then hid, by catching it or by not awaiting it. */
  assertAllowed(): void {
    if (this.#refused !== undefined) throw this.#refused
  }

  /** The recording version of the kernel `name`. */
  kernel(name: string): Kernel {
    return {
      kernelName: name,
      backendName,
      kernelFunc: ({ inputs, attrs }) => this.#record(name, inputs, attrs)
    }
  }

  /** A fused product is recorded as its parts: fusing is a matter of the graph's passes. */
  #recordFused(inputs: object, attrs: object | undefined): tf.TensorInfo {
    const { a, b, bias } = Object.fromEntries(Object.entries(inputs))
    const { activation, leakyreluAlpha: alpha, transposeA, transposeB } = Graph.attributes(attrs ?? {})
    const kernel = typeof activation === "string" ? Kernels.activations.get(activation) : undefined
    const [product] = [this.#record("BatchMatMul", { a, b }, { transposeA, transposeB })].flat()
    const [sum] = isInfo(bias) ? [this.#record("Add", { a: product, b: bias }, {})].flat() : [product]
    const [result] =
      kernel === undefined
        ? [sum]
        : [this.#record(kernel, { x: sum }, kernel === "LeakyRelu" ? { alpha } : {})].flat()
    if (
      result === undefined ||
      (kernel === undefined && activation !== undefined && activation !== "linear")
    ) {
      throw this.#refuse(
        `the activation ${JSON.stringify(activation)} of a fused product is not supported`,
        `_FusedMatMul (${Site.current()})`,
        "Write the product, the bias and the activation as operations of their own."
      )
    }
    for (const info of [product, sum])
      if (info !== undefined && info !== result) this.disposeData(info.dataId)
    return result
  }

  #record(name: string, inputs: object, attrs: object | undefined): tf.TensorInfo | Array<tf.TensorInfo> {
    if (name === "_FusedMatMul") return this.#recordFused(inputs, attrs)
    const site = this.#withSites ? Site.current() : ""
    const where = () => `${name} (${site === "" ? Site.current() : site})`
    const kernel = Kernels.find(name)
    const cpu = this.#cpu.get(name)
    if (kernel === undefined || cpu === undefined) {
      throw this.#refuse(
        `the kernel ${name} is not supported`,
        where(),
        "Write it with supported operations; the README of @ornstein/jit lists them."
      )
    }
    const given = Object.entries(inputs).filter((entry): entry is [string, tf.TensorInfo] => isInfo(entry[1]))
    const order = kernel.inputs
    const named =
      order === "list" ? given : given.toSorted((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]))
    const ids = named.map(([input, info]) => this.#known(info, `input ${input}`, where))
    const specs = ids.map((id) => this.#spec(id))
    const plain = Graph.attributes(attrs ?? {})
    const inferred = infer(kernel, specs, plain)
    const key = inferred === undefined ? JSON.stringify([name, specs, Graph.showAttribute(plain)]) : ""
    const found =
      inferred === undefined
        ? (this.#shapes.get(key) ?? this.#run(cpu, inputs, attrs, where))
        : { specs: [inferred], isList: false }
    if (inferred === undefined) this.#shapes.set(key, found)
    const outputs = found.specs.map((spec) => this.#value(spec))
    this.#nodes.push({
      kernel: name,
      inputs: ids,
      inputNames: named.map(([input]) => input),
      attributes: plain,
      outputs,
      site
    })
    const infos = outputs.map((id) => this.#mint(id))
    return found.isList ? infos : (infos[0] ?? [])
  }

  /** Lets the CPU kernel say what its results look like. */
  #run(cpu: Kernel, inputs: object, attrs: object | undefined, where: () => string): Found {
    const own = Object.entries(inputs).map(([name, info]) => [name, isInfo(info) ? this.#own(info) : info])
    const given = Array.isArray(inputs) ? own.map(([, info]) => info) : Object.fromEntries(own)
    this.#depth++
    try {
      const result = cpu.kernelFunc({ inputs: given, attrs: { ...attrs }, backend: this })
      const infos = Array.isArray(result) ? result : [result]
      const specs = infos.map((info) => this.#specOf(info, "its result", where))
      for (const info of infos) this.disposeData(info.dataId)
      return { specs, isList: Array.isArray(result) }
    } finally {
      this.#depth--
    }
  }

  #known(info: tf.TensorInfo, what: string, where: () => string): Graph.ValueId {
    if (info instanceof tf.Variable) {
      throw this.#refuse(
        `${what} is the tf.Variable "${info.name}", whose changes a graph cannot see`,
        where(),
        "Keep it in the state: a program takes the state as a tree of tensors and returns the next one."
      )
    }
    const own = this.#own(info)
    const known = this.#ids.get(own.dataId)
    if (known !== undefined) return known
    const spec = this.#specOf(info, what, where)
    const id = this.#value(spec)
    this.#fix(id, spec, TfjsDevice.numbers(this.readSync(own.dataId)))
    this.#ids.set(own.dataId, id)
    return id
  }

  /** A constant; a tensor full of one number is a `Fill`, however large. */
  #fix(id: Graph.ValueId, { dtype, shape }: NdArray.Spec, values: NdArray.Data): void {
    this.#fixed.add(id)
    const [value = 0] = values
    if (values.length > 1 && NdArray.isUniform(values)) {
      const attributes = { shape: [...shape], value, dtype }
      const site = this.#withSites ? Site.current() : ""
      this.#nodes.push({ kernel: "Fill", inputs: [], inputNames: [], attributes, outputs: [id], site })
      return
    }
    const data = NdArray.allocate(dtype, values.length)
    data.set(values)
    this.#constants.push({ value: id, data })
  }

  /** The tensor in this backend; one of another backend is read, never moved. */
  #own(info: tf.TensorInfo): tf.TensorInfo {
    if (this.data.has(info.dataId)) return info
    const captured = this.#captured.get(info.dataId)
    if (captured !== undefined) return { ...info, dataId: captured }
    const dataId = this.write(tf.engine().readSync(info.dataId), info.shape, info.dtype)
    this.#captured.set(info.dataId, dataId)
    return { dataId, shape: info.shape, dtype: info.dtype }
  }

  #specOf(info: tf.TensorInfo, what: string, where: () => string): NdArray.Spec {
    const { dtype, shape } = info
    if (NdArray.isDType(dtype)) return { shape: [...shape], dtype }
    throw this.#refuse(`${what} has the element type ${dtype}`, where(), "Use float32, int32 or bool.")
  }

  #spec(id: Graph.ValueId): NdArray.Spec {
    return this.#values[id] ?? NdArray.spec([])
  }

  #value({ dtype, shape }: NdArray.Spec): Graph.ValueId {
    return this.#values.push({ shape: [...shape], dtype }) - 1
  }

  #mint(id: Graph.ValueId): tf.TensorInfo {
    const spec = this.#spec(id)
    const dataId = {}
    this.data.set(dataId, new Zeros(spec))
    this.#ids.set(dataId, id)
    return { dataId, shape: [...spec.shape], dtype: spec.dtype }
  }

  #refuse(reason: string, where: string, fix: string): TraceError {
    this.#refused ??= new TraceError({ program: this.#program, reason, where, fix })
    return this.#refused
  }

  #refuseRead(dataId: DataId): TraceError | undefined {
    const id = this.#ids.get(dataId)
    if (this.#depth > 0 || id === undefined || this.#fixed.has(id)) {
      return undefined
    }
    const parameter = this.#parameters.find(({ value }) => value === id)
    const node = this.#nodes.find(({ outputs }) => outputs.includes(id))
    const name =
      parameter === undefined
        ? `a result of ${node?.kernel} (${node?.site})`
        : `${parameter.role} ${parameter.path}`
    return this.#refuse(
      `it reads back ${name}, whose numbers exist only when the program runs`,
      Site.current(),
      "Compute with tensors (tf.where instead of a branch), or return the tensor as an output."
    )
  }

  // what TensorFlow.js calls

  override write(values: Values, _shape: Array<number>, dtype: tf.DataType): DataId {
    const dataId = {}
    this.data.set(dataId, { values, dtype, refCount: 1 })
    return dataId
  }

  override readSync(dataId: DataId): Values {
    const refused = this.#refuseRead(dataId)
    if (refused !== undefined) throw refused
    return super.readSync(dataId)
  }

  /** A refused asynchronous read still answers, so that a promise that nobody awaits does not end the process. */
  override read(dataId: DataId): Promise<Values> {
    this.#refuseRead(dataId)
    return Promise.resolve(super.readSync(dataId))
  }
}
