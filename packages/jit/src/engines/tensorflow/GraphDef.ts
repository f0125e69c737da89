/**
 * TensorFlow's own graph format, as far as programs need it: a `SavedModel` of one `GraphDef`, written as protocol
 * buffers. The numbers are the fields' numbers in TensorFlow's `.proto` files, which do not change.
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import type { NdArray } from "../../graph/index.ts"

// models

/** An encoded `AttrValue`. */
export type Attribute = Uint8Array

export type Attributes = { readonly [name: string]: Attribute }

export interface Node {
  readonly name: string
  readonly op: string
  /** `name`, `name:1` for a second output, `^name` for a node that only has to run before. */
  readonly inputs: ReadonlyArray<string>
  readonly device: string
  readonly attributes: Attributes
}

/** TensorFlow's numbers of the element types. */
export const TYPES = { float32: 1, int32: 3, bool: 10 } as const

/** What the graphs are loaded by (`loadSavedModel`). */
export const TAG = "ornstein"

/** The version of the format, one that TensorFlow 2.4 and everything later reads. */
const PRODUCER = 561

// writing

const message = (write: (writer: BinaryWriter) => unknown): Uint8Array => {
  const writer = new BinaryWriter()
  write(writer)
  return writer.finish()
}

const shapeMessage = (shape: ReadonlyArray<number>): Uint8Array =>
  message((writer) => {
    for (const size of shape) {
      writer.tag(2, WireType.LengthDelimited).bytes(message((dim) => dim.tag(1, WireType.Varint).int64(size)))
    }
  })

const nodeMessage = ({ attributes, device, inputs, name, op }: Node): Uint8Array =>
  message((writer) => {
    writer.tag(1, WireType.LengthDelimited).string(name)
    writer.tag(2, WireType.LengthDelimited).string(op)
    for (const input of inputs) writer.tag(3, WireType.LengthDelimited).string(input)
    writer.tag(4, WireType.LengthDelimited).string(device)
    for (const [key, value] of Object.entries(attributes)) {
      const entry = message((pair) =>
        pair.tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).bytes(value)
      )
      writer.tag(5, WireType.LengthDelimited).bytes(entry)
    }
  })

// attributes

export const text = (value: string): Attribute =>
  message((writer) => writer.tag(2, WireType.LengthDelimited).string(value))

export const int = (value: number): Attribute =>
  message((writer) => writer.tag(3, WireType.Varint).int64(value))

export const float = (value: number): Attribute =>
  message((writer) => writer.tag(4, WireType.Bit32).float(value))

export const flag = (value: boolean): Attribute =>
  message((writer) => writer.tag(5, WireType.Varint).bool(value))

export const type = (dtype: NdArray.DType): Attribute =>
  message((writer) => writer.tag(6, WireType.Varint).int32(TYPES[dtype]))

export const shape = (sizes: ReadonlyArray<number>): Attribute =>
  message((writer) => writer.tag(7, WireType.LengthDelimited).bytes(shapeMessage(sizes)))

export const tensor = ({ data, dtype, shape: sizes }: NdArray.NdArray): Attribute => {
  const content = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const proto = message((writer) =>
    writer
      .tag(1, WireType.Varint)
      .int32(TYPES[dtype])
      .tag(2, WireType.LengthDelimited)
      .bytes(shapeMessage(sizes))
      .tag(4, WireType.LengthDelimited)
      .bytes(content)
  )
  return message((writer) => writer.tag(8, WireType.LengthDelimited).bytes(proto))
}

export const texts = (values: ReadonlyArray<string>): Attribute => {
  const list = message((writer) => {
    for (const value of values) writer.tag(2, WireType.LengthDelimited).string(value)
  })
  return message((writer) => writer.tag(1, WireType.LengthDelimited).bytes(list))
}

// the model

/** The contents of `saved_model.pb`. */
export const savedModel = (nodes: ReadonlyArray<Node>): Uint8Array => {
  const versions = message((writer) => writer.tag(1, WireType.Varint).int32(PRODUCER))
  const graph = message((writer) => {
    for (const node of nodes) writer.tag(1, WireType.LengthDelimited).bytes(nodeMessage(node))
    writer.tag(4, WireType.LengthDelimited).bytes(versions)
  })
  const info = message((writer) => writer.tag(4, WireType.LengthDelimited).string(TAG))
  const metaGraph = message((writer) =>
    writer.tag(1, WireType.LengthDelimited).bytes(info).tag(2, WireType.LengthDelimited).bytes(graph)
  )
  return message((writer) =>
    writer.tag(1, WireType.Varint).int64(1).tag(2, WireType.LengthDelimited).bytes(metaGraph)
  )
}
