/**
 * An engine in plain TypeScript for what `plan/` makes: every operation of a task is interpreted, one element at a time,
 * over the planned memory. Its machine has nothing in common with WebAssembly: parts may begin anywhere, everything is
 * worth sharing. The threads of a phase run one after the other, the last one first.
 */
import { type Engine, type Linked, type Module, untilDisposed } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import {
  type Buffers,
  Elementwise,
  Layout,
  Linking,
  type Machine,
  Movement,
  Nest,
  type Op,
  Product,
  ProgramPlan,
  Reduction,
  type Task
} from "@ornstein/jit/internal/plan/index"
import * as Kernels from "./Kernels.ts"

// models

/** The elements of a buffer, as numbers of a type. */
type Arrays = (buffer: Buffers.BufferId, dtype: NdArray.DType) => NdArray.Data

/** Does units `start` up to, not including, `end` of an operation. */
type Run<T extends Op.Tag> = (op: Op.Of<T>, arrays: Arrays, start: number, end: number) => void

export type Runs = { readonly [T in Op.Tag]: Run<T> }

// pure core: places

/** The element at `index` of an array that is walked with these strides, in row-major order of `shape`. */
const placeOf = (index: number, shape: ReadonlyArray<number>, strides: ReadonlyArray<number>): number => {
  let rest = index
  let place = 0
  for (let d = shape.length - 1; d >= 0; d--) {
    place += (rest % shape[d]!) * strides[d]!
    rest = Math.floor(rest / shape[d]!)
  }
  return place
}

/** Every place of the axes, the last one runs fastest; with its index along the last. */
const places = (
  axes: ReadonlyArray<Reduction.Axis>
): ReadonlyArray<readonly [place: number, last: number]> => {
  const shape = axes.map(({ size }) => size)
  const strides = axes.map(({ stride }) => stride)
  return Array.from({ length: NdArray.size(shape) }, (_, i) => [
    placeOf(i, shape, strides),
    i % (shape.at(-1) ?? 1)
  ])
}

// the operations

const elementwise: Run<"Elementwise"> = (op, arrays, start, end) => {
  const { operands, results, shape, steps } = op
  const walks = Elementwise.walks(op)
  const units = walks.outer[0]?.size ?? NdArray.size(shape) / (Elementwise.elementsPerUnit(op, walks) ?? 1)
  const perUnit = NdArray.size(shape) / units
  const sources = operands.map(({ buffer, constant, dtype, shape: own }) => ({
    constant,
    data: constant === undefined ? arrays(buffer, dtype) : undefined,
    strides: Nest.broadcast(own, shape)
  }))
  const targets = results.map(({ buffer, dtype }) => arrays(buffer, dtype))
  for (let i = start * perUnit; i < end * perUnit; i++) {
    const read = sources.map(({ constant, data, strides }) => constant ?? data![placeOf(i, shape, strides)]!)
    const values: Array<number> = []
    for (const step of steps) {
      values.push(
        Kernels.apply(step.kernel, {
          operands: step.operands.map((source) =>
            "input" in source ? read[source.input]! : values[source.step]!
          ),
          from: Elementwise.typeOf(op, step),
          to: step.dtype,
          attributes: step.attributes
        })
      )
    }
    results.forEach(({ dtype, lasts, step }, r) => {
      const value = values[step]!
      targets[r]![i] = lasts && dtype === "float32" && Math.abs(value) < 2 ** -126 ? 0 : value
    })
  }
}

const product: Run<"Product"> = (op, arrays, start, end) => {
  const { activation, transposeA, transposeB } = op
  const { k, m, n } = Product.sizes(op)
  const [a, b, c] = [op.a, op.b, op.output].map(({ buffer }) => arrays(buffer, "float32"))
  const bias = op.bias === undefined ? undefined : arrays(op.bias.buffer, "float32")
  const biasSize = op.bias === undefined ? 0 : NdArray.size(op.bias.shape)
  const batch = Product.batch(op)
  const strides = [op.a, op.b].map(({ shape }) => Nest.broadcast(shape.slice(0, -2), batch))
  const byRows = Product.splitsRows({ m })
  for (let matrix = 0; matrix < NdArray.size(batch); matrix++) {
    const [aFrom, bFrom] = [
      m * k * placeOf(matrix, batch, strides[0]!),
      k * n * placeOf(matrix, batch, strides[1]!)
    ]
    for (let i = byRows ? start : 0; i < (byRows ? end : m); i++) {
      for (let j = byRows ? 0 : start; j < (byRows ? n : end); j++) {
        let sum = 0
        for (let l = 0; l < k; l++) {
          const x = a![aFrom + (transposeA ? l * m + i : i * k + l)]!
          const y = b![bFrom + (transposeB ? j * k + l : l * n + j)]!
          sum = Math.fround(sum + Math.fround(x * y))
        }
        if (bias !== undefined) sum = Math.fround(sum + bias[biasSize === 1 ? 0 : j]!)
        const operands = [sum]
        c![matrix * m * n + i * n + j] =
          activation === undefined
            ? sum
            : Kernels.apply(activation, { operands, from: "float32", to: "float32", attributes: {} })
      }
    }
  }
}

const movement: Run<"Movement"> = (op, arrays, start, end) => {
  const { dtype, fill, pieces, results } = op
  const rows = Movement.rowsOf(op)
  const part = (size: number): readonly [from: number, to: number] =>
    rows === undefined ? [0, size] : [(start * size) / rows, (end * size) / rows]
  if (fill !== undefined) {
    for (const { buffer, shape } of results) {
      arrays(buffer, dtype).fill(dtype === "bool" ? Number(fill !== 0) : fill, ...part(NdArray.size(shape)))
    }
  }
  for (const { from, shape, to } of pieces) {
    const [source, target] = [arrays(from.buffer, dtype), arrays(to.buffer, dtype)]
    const [first, last] = part(NdArray.size(shape))
    for (let i = first; i < last; i++) {
      target[to.offset + placeOf(i, shape, to.strides)] =
        source[from.offset + placeOf(i, shape, from.strides)]!
    }
  }
}

/** The reduction of elements that are read in their order, each with its place along the last axis that goes. */
const reduced = (
  { dtype, kind }: Op.Reduction,
  isRow: boolean,
  read: ReadonlyArray<readonly [x: number, last: number]>
): number => {
  const float = dtype === "float32"
  const numbers = read.map(([x]) => x)
  const sum = (): number => {
    if (!isRow) return numbers.reduce((total, x) => total + x, 0)
    const parts = Array.from({ length: 8 }, () => 0)
    for (const [x, last] of read) parts[last % 8]! += x
    const [a, b, c, d, e, f, g, h] = parts
    return a! + e! + (c! + g!) + (b! + f! + (d! + h!))
  }
  const best = (isBetter: (x: number, y: number) => boolean): number =>
    numbers.reduce((at, x, i) => (i === 0 || isBetter(x, numbers[at]!) ? i : at), 0)
  switch (kind) {
    case "Sum":
      return float ? Math.fround(sum()) : numbers.reduce((total, x) => (total + x) | 0, 0)
    case "Mean":
      return Math.fround(sum() / Math.max(1, numbers.length))
    case "Prod":
      return float ? Math.fround(numbers.reduce((total, x) => total * x, 1)) : numbers.reduce(Math.imul, 1)
    case "Max":
      if (!float) return numbers.reduce((most, x) => Math.max(most, x), -(2 ** 31))
      return numbers.length === 0 ? Number.NaN : numbers.reduce((most, x) => Math.max(most, x))
    case "Min":
      if (!float) return numbers.reduce((least, x) => Math.min(least, x), 2 ** 31 - 1)
      return numbers.length === 0 ? Number.NaN : numbers.reduce((least, x) => Math.min(least, x))
    case "All":
      return Number(numbers.length > 0 && numbers.every((x) => x !== 0))
    case "Any":
      return Number(numbers.some((x) => x !== 0))
    case "ArgMax":
      return best((x, y) => x > y)
    case "ArgMin":
      return best((x, y) => x < y)
  }
}

const reduction: Run<"Reduction"> = (op, arrays, start, end) => {
  const { columns, gone, kept } = Reduction.split(op)
  const [input, output] = [arrays(op.input, op.dtype), arrays(op.output, Reduction.resultType(op))]
  const perUnit = Reduction.count(kept.slice(1))
  const bases = places(kept)
  const inside = places(gone)
  for (let i = start * perUnit; i < end * perUnit; i++) {
    const base = bases[i]![0]
    output[i] = reduced(
      op,
      !columns && gone.length > 0,
      inside.map(([place, last]) => [input[base + place]!, last])
    )
  }
}

const scan: Run<"Scan"> = (
  { dtype, exclusive, inner, input, output, product, reverse, size },
  arrays,
  start,
  end
) => {
  const [source, target] = [arrays(input, dtype), arrays(output, dtype)]
  const combine = Kernels.kernels[product ? "Multiply" : "Add"]!
  for (let line = start * inner; line < end * inner; line++) {
    const first = Math.floor(line / inner) * size * inner + (line % inner)
    let all = product ? 1 : 0
    for (let i = 0; i < size; i++) {
      const place = first + (reverse ? size - 1 - i : i) * inner
      const next = combine({ operands: [all, source[place]!], from: dtype, to: dtype, attributes: {} })
      target[place] = exclusive ? all : next
      all = next
    }
  }
}

const gather: Run<"Gather"> = ({ batch, count, dtype, indices, inner, outer, output, size, x }, arrays) => {
  const [source, at, target] = [arrays(x, dtype), arrays(indices, "int32"), arrays(output, dtype)]
  for (let row = 0; row < batch * outer * count; row++) {
    const [line, i] = [Math.floor(row / count), row % count]
    const index = at[Math.floor(line / outer) * count + i]!
    for (let k = 0; k < inner; k++) {
      target[row * inner + k] = index >= 0 && index < size ? source[(line * size + index) * inner + k]! : 0
    }
  }
}

const segmentSum: Run<"SegmentSum"> = ({ count, dtype, ids, inner, output, segments, x }, arrays) => {
  const [source, at, target] = [arrays(x, dtype), arrays(ids, "int32"), arrays(output, dtype)]
  const add = Kernels.kernels["Add"]!
  target.fill(0, 0, segments * inner)
  for (let row = 0; row < count; row++) {
    const segment = at[row]!
    if (segment < 0 || segment >= segments) continue
    for (let k = 0; k < inner; k++) {
      const place = segment * inner + k
      const operands = [target[place]!, source[row * inner + k]!]
      target[place] = add({ operands, from: dtype, to: dtype, attributes: {} })
    }
  }
}

const oneHot: Run<"OneHot"> = ({ count, depth, dtype, indices, off, on, output }, arrays) => {
  const [at, target] = [arrays(indices, "int32"), arrays(output, dtype)]
  const stored = (value: number): number => (dtype === "bool" ? Number(value !== 0) : value)
  target.fill(stored(off), 0, count * depth)
  for (let row = 0; row < count; row++) {
    const index = at[row]!
    if (index >= 0 && index < depth) target[row * depth + index] = stored(on)
  }
}

export const runs: Runs = {
  Elementwise: elementwise,
  Gather: gather,
  Movement: movement,
  OneHot: oneHot,
  Product: product,
  Reduction: reduction,
  Scan: scan,
  SegmentSum: segmentSum
}

// the engine

export const machine: Machine.Machine = {
  engine: "interpreter",
  cost: () => 10_000,
  granule: () => 1,
  scratch: () => 0,
  reserved: 0,
  mostBytes: 2 ** 28
}

export interface Options {
  readonly threads: number
  readonly runs?: Runs
  /** Told of every operation that is interpreted, and how many threads shared its program. */
  readonly onRun?: (tag: Op.Tag, threads: number) => void
}

/** The elements of the program's buffers, in this memory. */
export const arraysOf =
  (address: Layout.Placed["address"], bytes: ReadonlyArray<number>, memory: ArrayBufferLike): Arrays =>
  (buffer, dtype) =>
    Layout.view(memory, address(buffer), { shape: [bytes[buffer]! / NdArray.bytesOf(dtype)], dtype }).data

/** Does a part of a task. */
export const runTask = (runs: Runs, { op }: Task.Task, arrays: Arrays, start: number, end: number): void => {
  const runOp = <T extends Op.Tag>(tag: T, op: Op.Of<T>): void => runs[tag](op, arrays, start, end)
  runOp(op._tag, op)
}

const link = (module: Module, { onRun, runs: own = runs, threads }: Options): Linked => {
  const planned = [...module.programs].map(([name, graph]) =>
    ProgramPlan.make(machine, name, graph, { threads, shareAbove: 0 })
  )
  const layout = Layout.make(machine, module, planned, threads)
  const memory = new ArrayBuffer(layout.bytes)
  const program = (index: number) => () => {
    const { address, ordered, schedule } = layout.programs[index]!
    const arrays = arraysOf(address, ordered.buffers, memory)
    for (const phase of schedule.phases) {
      for (let thread = schedule.threads - 1; thread >= 0; thread--) {
        for (const { parts, task } of phase) {
          for (const { end, start, thread: whose } of parts) {
            if (whose !== thread) continue
            onRun?.(ordered.tasks[task]!.op._tag, schedule.threads)
            runTask(own, ordered.tasks[task]!, arrays, start, end)
          }
        }
      }
    }
  }
  return untilDisposed(
    "interpreter",
    Linking.link(module, layout, memory, { program, check: () => {}, dispose: () => {} })
  )
}

export const make = (options: Options): Engine => ({
  name: "interpreter",
  synchronous: true,
  link: (module) => link(module, options)
})
