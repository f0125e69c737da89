/** A graph of TensorFlow while it is written: nodes get names, numbers become constants, tensors know their shapes. */
import type { NdArray } from "../../graph/index.ts"
import * as GraphDef from "./GraphDef.ts"

// models

/** An output of a node that is written. */
export interface Tensor extends NdArray.Spec {
  /** As other nodes read it: `n12`, or `n12:1`. */
  readonly ref: string
}

/** Where a node runs, as TensorFlow names it. With a device named, it runs there or the graph is refused. */
export type Device = "/device:CPU:0" | "/device:GPU:0"

export const HOST: Device = "/device:CPU:0"

// the writer

export class Writer {
  /** Where the nodes of programs run. */
  readonly device: Device
  readonly #nodes: Array<GraphDef.Node> = []
  #count = 0

  constructor(device: Device) {
    this.device = device
  }

  /** Adds a node and gives its name; without a name it gets the next one. Names are short: each call parses some. */
  node(
    op: string,
    inputs: ReadonlyArray<string>,
    attributes: GraphDef.Attributes,
    { device = this.device, name = `n${this.#count++}` }: { device?: Device; name?: string } = {}
  ): string {
    this.#nodes.push({ name, op, inputs, device, attributes })
    return name
  }

  /** A node with one output. */
  tensor(
    op: string,
    inputs: ReadonlyArray<Tensor>,
    attributes: GraphDef.Attributes,
    { dtype, shape }: NdArray.Spec
  ): Tensor {
    const ref = this.node(
      op,
      inputs.map((input) => input.ref),
      attributes
    )
    return { ref, dtype, shape }
  }

  /** A node whose inputs and output have one element type, which it calls `T`. */
  uniform(
    op: string,
    inputs: ReadonlyArray<Tensor>,
    spec: NdArray.Spec,
    attributes: GraphDef.Attributes = {}
  ): Tensor {
    return this.tensor(op, inputs, { T: GraphDef.type(inputs[0]?.dtype ?? spec.dtype), ...attributes }, spec)
  }

  constant(array: NdArray.NdArray): Tensor {
    const attributes = { dtype: GraphDef.type(array.dtype), value: GraphDef.tensor(array) }
    return this.tensor("Const", [], attributes, array)
  }

  /** Whole numbers, as kernels take their axes, shapes and places. */
  ints(values: ReadonlyArray<number>): Tensor {
    return this.constant({ dtype: "int32", shape: [values.length], data: Int32Array.from(values) })
  }

  int(value: number): Tensor {
    return this.constant({ dtype: "int32", shape: [], data: Int32Array.of(value) })
  }

  bytes(): Uint8Array {
    return GraphDef.savedModel(this.#nodes)
  }
}
