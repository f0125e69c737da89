/**
 * An n-dimensional array on the host: row-major data with a shape and an element type. It is what goes into a
 * program and what comes out; an engine hands out `NdArray`s whose `data` are live views of its own memory.
 */

// models

/** The element types that programs compute with. A `bool` is stored as one byte, 0 or 1. */
export type DType = "float32" | "int32" | "bool"

export type Data = Float32Array | Int32Array | Uint8Array

/** What is known of an array before there are numbers: its shape and its element type. */
export interface Spec {
  readonly shape: ReadonlyArray<number>
  readonly dtype: DType
}

export interface NdArray extends Spec {
  readonly data: Data
}

// constructors

/** The number of elements of an array of this shape: 1 for a scalar (`[]`), 0 if any dimension is 0. */
export const size = (shape: ReadonlyArray<number>): number => shape.reduce((product, n) => product * n, 1)

export const spec = (shape: ReadonlyArray<number>, dtype: DType = "float32"): Spec => ({ shape, dtype })

/** Bytes of one element. */
export const bytesOf = (dtype: DType): number => (dtype === "bool" ? 1 : 4)

/** Fresh zeroed storage for `length` elements. */
export const allocate = (dtype: DType, length: number): Data => {
  if (dtype === "float32") return new Float32Array(length)
  return dtype === "int32" ? new Int32Array(length) : new Uint8Array(length)
}

export const zeros = (shape: ReadonlyArray<number>, dtype: DType = "float32"): NdArray => ({
  shape,
  dtype,
  data: allocate(dtype, size(shape))
})

/** Numbers in row-major order as a `float32` array; throws a `RangeError` if their count is not the shape's. */
export const make = (shape: ReadonlyArray<number>, values: ArrayLike<number>): NdArray => {
  if (values.length !== size(shape)) {
    throw new RangeError(`${values.length} values do not fill the shape [${shape.join(", ")}]`)
  }
  return { shape, dtype: "float32", data: Float32Array.from(values) }
}

/** A `float32` array without dimensions. */
export const scalar = (value: number): NdArray => make([], [value])

// guards

export const isDType = (u: string): u is DType => u === "float32" || u === "int32" || u === "bool"

export const isNdArray = (u: unknown): u is NdArray =>
  typeof u === "object" &&
  u !== null &&
  "shape" in u &&
  "dtype" in u &&
  "data" in u &&
  ArrayBuffer.isView(u.data)

export const isSpec = (u: unknown): u is Spec =>
  typeof u === "object" &&
  u !== null &&
  "shape" in u &&
  "dtype" in u &&
  Array.isArray(u.shape) &&
  typeof u.dtype === "string"

const bytes = ({ buffer, byteLength, byteOffset }: Data): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** Equal bit for bit: unlike `===` it tells 0 from -0, and NaN equals itself. */
export const sameBits = (a: Data, b: Data): boolean => {
  const [x, y] = [bytes(a), bytes(b)]
  return x.length === y.length && x.every((byte, i) => byte === y[i])
}

/** Whether all elements are one number; there is at least one. */
export const isUniform = (data: Data): boolean => {
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], data[0])) return false
  return data.length > 0
}
