/** Elementwise operations to try: single kernels of every type and shape, and passes of many steps. */
import * as Kernels from "@ornstein/jit/Kernels"
import * as NdArray from "@ornstein/jit/NdArray"
import { machine } from "@ornstein/jit/internal/engines/wasm/Machine"
import { isDefined } from "@ornstein/jit/internal/plan/ElementwiseRules"
import { Elementwise, type Op } from "@ornstein/jit/internal/plan/index"
import { Draw } from "../../../Draw.ts"
import type * as Beside from "./Beside.ts"

export const kernels = Kernels.all.filter(({ kind }) => kind === "elementwise")

/** Zeros, infinities, NaN of several kinds, subnormals, numbers at which a function changes. */
const SPECIAL = [
  0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7fc12345,
  0xffc54321, 0x7f812345, 0xff800001, 1, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000,
  0x7f7fffff, 0xff7fffff, 0x33333333, 0x4f000000, 0xcf000000, 0x4effffff, 0xcf000001, 0x40000000, 0x3f000000,
  0xbf000000, 0x42c80000, 0x42b17218, 0xc2b17218, 0x40c00000, 0x3fb504f3, 0x3f3504f3, 0x4b000001, 0xcb000001,
  0x3fc00000, 0xbfc00000
]
const INTEGERS = [0, 1, -1, 2, -2, 3, 7, -7, 0x7fffffff, -0x80000000, 0x7ffffffe, -0x7fffffff, 12345, -12345]

/** `size` elements of a type: special ones and those drawn. */
export const elements = (dtype: NdArray.DType, size: number, draw: Draw): NdArray.Data => {
  const pick = <A>(from: ReadonlyArray<A>): A => from[Math.floor(draw.unit() * from.length)]!
  switch (dtype) {
    case "float32": {
      const words = Uint32Array.from({ length: size }, () => {
        const kind = draw.unit()
        return kind < 0.4 ? pick(SPECIAL) : Math.floor(draw.unit() * 2 ** 32)
      })
      const out = new Float32Array(words.buffer)
      // Most numbers of training are between -4 and 4. NaN with a payload must not pass through a number.
      const near = Float32Array.from({ length: size }, () => draw.unit() * 8 - 4)
      const bits = new Uint32Array(near.buffer)
      for (let i = 0; i < size; i++) if (draw.unit() < 0.4) words[i] = bits[i]!
      return out
    }
    case "int32":
      return Int32Array.from({ length: size }, () =>
        draw.unit() < 0.5 ? pick(INTEGERS) : Math.floor(draw.unit() * 2 ** 32) - 2 ** 31
      )
    case "bool":
      return Uint8Array.from({ length: size }, () => (draw.unit() < 0.5 ? 0 : 1))
  }
}

interface Shapes {
  readonly result: ReadonlyArray<number>
  readonly operands: ReadonlyArray<ReadonlyArray<number>>
}

/** Alike; one number; a row; a column; both; in the middle. */
export const shapesOf = (count: number): ReadonlyArray<Shapes> => {
  const alike = [1, 3, 7, 8, 15, 16, 17, 31, 33, 100].map((size) => ({
    result: [size],
    operands: Array.from({ length: count }, () => [size])
  }))
  const mixed = (result: ReadonlyArray<number>, ...others: ReadonlyArray<ReadonlyArray<number>>): Shapes => ({
    result,
    operands: Array.from({ length: count }, (_, i) => (i === 0 ? result : others[(i - 1) % others.length]!))
  })
  const turned = ({ operands, result }: Shapes): Shapes => ({ result, operands: operands.toReversed() })
  const broadcast =
    count === 1
      ? []
      : [
          mixed([33], [1], []),
          mixed([17, 3], [3], [17, 1]),
          mixed([5, 19], [5, 1], [1, 19]),
          mixed([20, 33], [33], [20, 1]),
          mixed([3, 4, 17], [4, 1], [3, 1, 17]),
          mixed([2, 3, 1, 8], [1, 3, 1, 1], [2, 1, 1, 8])
        ]
  return [...alike, ...broadcast, ...broadcast.map(turned)]
}

export const operandsOf = (kernel: Kernels.Kernel, from: NdArray.DType): ReadonlyArray<NdArray.DType> => {
  if (kernel.name === "Select") return ["bool", from, from]
  return kernel.inputs === "list" ? [from, from, from] : kernel.inputs.map(() => from)
}

/** One kernel as an operation; the result is buffer 0. */
export const single = (
  kernel: string,
  types: ReadonlyArray<NdArray.DType>,
  to: NdArray.DType,
  shapes: Shapes,
  draw: Draw,
  options: { readonly constant?: number; readonly attributes?: object; readonly lasts?: boolean } = {}
): Beside.Case => {
  const op: Op.Elementwise = {
    _tag: "Elementwise",
    shape: shapes.result,
    operands: types.map((dtype, i) => ({
      buffer: i + 1,
      shape: shapes.operands[i]!,
      dtype,
      constant: i === 1 ? options.constant : undefined
    })),
    steps: [
      {
        kernel,
        operands: types.map((_, input) => ({ input })),
        inputNames: types.map((_, i) => `${i}`),
        attributes: { ...options.attributes },
        dtype: to
      }
    ],
    results: [{ buffer: 0, dtype: to, step: 0, lasts: options.lasts ?? false }]
  }
  const task = Elementwise.task(machine, kernel, op)
  if (task === undefined) throw new RangeError("nothing to do")
  return {
    name: `${kernel} ${types.join()} -> ${to} ${JSON.stringify(shapes)} ${JSON.stringify(options)}`,
    task,
    buffers: [
      elements(to, NdArray.size(shapes.result), draw),
      ...types.map((dtype, i) => elements(dtype, NdArray.size(shapes.operands[i]!), draw))
    ]
  }
}

export const resultOf = (kernel: Kernels.Kernel, from: NdArray.DType): NdArray.DType =>
  kernel.dtype === "same" ? from : kernel.dtype

/** A pass of many steps on operands of all types: more values at a time than there are registers. */
export const fused = (seed: number): Beside.Case => {
  const draw = new Draw(seed)
  const pick = <A>(from: ReadonlyArray<A>): A => from[draw.int(0, from.length - 1)]!
  const result = Array.from({ length: draw.int(1, 3) }, () => draw.pick(1, 2, 3, 5, 8, 17, 20, 33))
  const operands: Array<Op.ElementwiseOperand> = []
  const buffers: Array<NdArray.Data> = []
  const add = (shape: ReadonlyArray<number>, dtype: NdArray.DType): number =>
    buffers.push(elements(dtype, NdArray.size(shape), draw)) - 1
  const count = draw.int(1, 9)
  for (let i = 0; i < count; i++) {
    const dtype = draw.pick("float32", "float32", "float32", "int32", "bool")
    const shape = draw.bool() ? result : result.map((size) => (draw.bool() ? 1 : size)).slice(draw.int(0, 1))
    const constant = draw.unit() < 0.15 ? draw.int(-2, 2) : undefined
    operands.push({ buffer: add(shape, dtype), shape, dtype, constant })
  }
  const steps: Array<Op.Elementwise["steps"][number]> = []
  const known = (dtype: NdArray.DType) => [
    ...operands.flatMap((operand, input) => (operand.dtype === dtype ? [{ input }] : [])),
    ...steps.flatMap((step, index) => (step.dtype === dtype ? [{ step: index }] : []))
  ]
  const length = draw.int(1, 60)
  while (steps.length < length) {
    const from = draw.pick<NdArray.DType>("float32", "float32", "float32", "int32", "bool")
    const kernel = pick(kernels.filter(({ name }) => isDefined(name, from)))
    const types = operandsOf(kernel, from)
    if (types.some((type) => known(type).length === 0)) {
      operands.push({ buffer: add(result, from), shape: result, dtype: from, constant: undefined })
      if (kernel.name === "Select" && known("bool").length === 0) {
        operands.push({ buffer: add(result, "bool"), shape: result, dtype: "bool", constant: undefined })
      }
    }
    const dtype = kernel.name === "Cast" ? draw.pick("float32", "int32", "bool") : resultOf(kernel, from)
    steps.push({
      kernel: kernel.name,
      operands: types.map((type) => pick(known(type))),
      inputNames: types.map((_, i) => `${i}`),
      attributes: {},
      dtype
    })
  }
  const results = Array.from({ length: draw.int(1, 4) }, (_, i) => {
    const step = i === 0 ? steps.length - 1 : draw.int(0, steps.length - 1)
    const { dtype } = steps[step]!
    // Where it can, a result takes the place of an operand that is walked alike.
    const same = operands.filter(
      ({ buffer, dtype: type, shape }) =>
        type === dtype &&
        shape.join() === result.join() &&
        operands.every((other) => other.buffer !== buffer || other.shape.join() === result.join())
    )
    const inPlace = same[i]?.buffer
    return {
      buffer: inPlace !== undefined && draw.bool() ? inPlace : add(result, dtype),
      dtype,
      step,
      lasts: draw.bool()
    }
  })
  const op: Op.Elementwise = { _tag: "Elementwise", shape: result, operands, steps, results }
  return { name: `pass ${seed}`, task: Elementwise.task(machine, "pass", op)!, buffers }
}
