/** Movements, gathers, scans, segment sums and one-hot as machine code, with the bits of `wasm`. */
import * as NdArray from "@ornstein/jit/NdArray"
import { machine } from "@ornstein/jit/internal/engines/wasm/Machine"
import { Movement, Nest, type Op, type Task } from "@ornstein/jit/internal/plan/index"
import * as Indexing from "@ornstein/jit/internal/plan/Indexing"
import * as Scan from "@ornstein/jit/internal/plan/Scan"
import { assert, describe, it } from "vitest"
import { Draw } from "../../../Draw.ts"
import * as Beside from "./Beside.ts"
import { elements } from "./Passes.ts"

const TYPES = ["float32", "int32", "bool"] as const

const caseOf = (
  task: Task.Task | undefined,
  buffers: ReadonlyArray<NdArray.Data>
): ReadonlyArray<Beside.Case> =>
  task === undefined ? [] : [{ name: JSON.stringify(task.op), task, buffers }]

/** Boxes of arrays, turned, repeated or with gaps, put at places of one or two results. */
const movement = (seed: number): ReadonlyArray<Beside.Case> => {
  const draw = new Draw(seed)
  const dtype = draw.pick(...TYPES)
  const first = draw.shape(1, 4)
  const shapes = draw.bool() ? [first] : [first, [first[0]!, ...draw.shape(1, 2)]]
  const buffers: Array<NdArray.Data> = shapes.map((shape) => elements(dtype, NdArray.size(shape), draw))
  const pieces = Array.from({ length: draw.int(0, 3) }, (): Op.Piece => {
    const result = draw.int(0, shapes.length - 1)
    const shape = shapes[result]!
    const strides = Nest.strides(shape)
    // Most pieces take whole rows, so that movements are cut.
    const low = shape.map((size, d) => (d === 0 && draw.bool() ? 0 : draw.int(0, size - 1)))
    const box = shape.map((size, d) => (d === 0 && low[0] === 0 ? size : draw.int(1, size - low[d]!)))
    const order = box.map((_, d) => d).toSorted(() => (draw.unit() < 0.3 ? 1 : -1))
    const repeated = box.map((_, d) => d > 0 && draw.unit() < 0.2)
    const own = order.map((d) => (repeated[d] ? 1 : box[d]! + (draw.unit() < 0.3 ? draw.int(1, 3) : 0)))
    const ownStrides = Nest.strides(own)
    const offset = draw.int(0, 3)
    return {
      shape: box,
      from: {
        buffer: buffers.push(elements(dtype, NdArray.size(own) + offset, draw)) - 1,
        offset,
        strides: box.map((_, d) => (repeated[d] ? 0 : ownStrides[order.indexOf(d)]!))
      },
      to: { buffer: result, offset: low.reduce((sum, at, d) => sum + at * strides[d]!, 0), strides }
    }
  })
  const results = shapes.map((shape, buffer) => ({ buffer, shape }))
  const fill = draw.bool() ? draw.pick(0, 1, -0, 0.1, 7) : undefined
  return caseOf(Movement.task(machine, "movement", { dtype, results, pieces, fill }), buffers)
}

/** Long runs: the loops of copies and fills. */
const runs = (bytes: number, draw: Draw): ReadonlyArray<Beside.Case> => {
  const buffers = [elements("bool", bytes, draw), elements("bool", bytes, draw)]
  const results = [{ buffer: 0, shape: [bytes] }]
  const view = (buffer: number): Op.View => ({ buffer, offset: 0, strides: [1] })
  const piece = { shape: [bytes], from: view(1), to: view(0) }
  return [
    ...caseOf(
      Movement.task(machine, "copy", { dtype: "bool", results, pieces: [piece], fill: undefined }),
      buffers
    ),
    ...caseOf(Movement.task(machine, "fill", { dtype: "bool", results, pieces: [], fill: 1 }), buffers)
  ]
}

/** Integers of which some are outside. */
const indices = (count: number, size: number, draw: Draw): NdArray.Data =>
  Int32Array.from({ length: count }, () =>
    draw.unit() < 0.2 ? draw.pick(-1, size, -2147483648, 2147483647) : draw.int(0, Math.max(0, size - 1))
  )

const gather = (seed: number): ReadonlyArray<Beside.Case> => {
  const draw = new Draw(seed)
  const dtype = draw.pick(...TYPES)
  const [batch, outer, size, count] = [draw.int(1, 3), draw.int(1, 3), draw.int(0, 5), draw.int(1, 9)]
  const inner = draw.pick(1, 2, 3, 5, 16, 17, 33, 70)
  const op: Op.Gather = {
    _tag: "Gather",
    x: 1,
    indices: 2,
    output: 0,
    dtype,
    batch,
    outer,
    size,
    count,
    inner
  }
  return caseOf(Indexing.gather(machine, "gather", op), [
    elements(dtype, batch * outer * count * inner, draw),
    elements(dtype, batch * outer * size * inner, draw),
    indices(batch * count, size, draw)
  ])
}

const segmentSum = (seed: number): ReadonlyArray<Beside.Case> => {
  const draw = new Draw(seed)
  const dtype = draw.pick("float32", "int32")
  const [count, segments] = [draw.int(0, 20), draw.int(1, 5)]
  const inner = draw.pick(1, 2, 3, 5, 7, 8, 9, 16, 17, 33, 70)
  const op: Op.SegmentSum = { _tag: "SegmentSum", x: 1, ids: 2, output: 0, dtype, count, segments, inner }
  return caseOf(Indexing.segmentSum(machine, "segments", op), [
    elements(dtype, segments * inner, draw),
    elements(dtype, count * inner, draw),
    indices(count, segments, draw)
  ])
}

const oneHot = (seed: number): ReadonlyArray<Beside.Case> => {
  const draw = new Draw(seed)
  const dtype = draw.pick(...TYPES)
  const [count, depth, on, off] = [draw.int(1, 20), draw.int(1, 20), draw.pick(1, 0.5, 3), draw.pick(0, -1)]
  const op: Op.OneHot = { _tag: "OneHot", indices: 1, output: 0, dtype, count, depth, on, off }
  return caseOf(Indexing.oneHot(machine, "one-hot", op), [
    elements(dtype, count * depth, draw),
    indices(count, depth, draw)
  ])
}

const scan = (seed: number): ReadonlyArray<Beside.Case> => {
  const draw = new Draw(seed)
  const dtype = draw.pick("float32", "int32")
  const [outer, size, inner] = [draw.int(1, 9), draw.int(1, 20), draw.pick(1, 1, 2, 3, 7, 8, 9, 16, 17, 35)]
  const op: Op.Scan = {
    _tag: "Scan",
    input: 1,
    output: 0,
    dtype,
    outer,
    size,
    inner,
    product: draw.bool(),
    exclusive: draw.bool(),
    reverse: draw.bool()
  }
  const length = outer * size * inner
  return caseOf(Scan.task(machine, "scan", op), [
    elements(dtype, length, draw),
    elements(dtype, length, draw)
  ])
}

const COUNT = 200

describe.each(Beside.levels)("at %s", (level) => {
  const check = (cases: ReadonlyArray<Beside.Case>): void => {
    for (const parts of [1, 3]) {
      const { differences, left } = Beside.run(cases, level, parts)
      assert.deepStrictEqual(differences.slice(0, 5), [])
      assert.deepStrictEqual(left, [])
    }
  }
  it.each([
    ["movements", movement],
    ["gathers", gather],
    ["segment sums", segmentSum],
    ["one-hot rows", oneHot],
    ["scans", scan]
  ] as const)("%s have the bits of wasm", (_, make) => {
    const cases = Array.from({ length: COUNT }, (_, seed) => make(seed + 1)).flat()
    assert.isAbove(cases.length, COUNT / 2)
    check(cases)
  })

  it("runs of every length are copied and filled", () => {
    const draw = new Draw(1)
    const lengths = [
      ...Array.from({ length: 140 }, (_, i) => i + 1),
      255,
      256,
      257,
      511,
      512,
      513,
      1000,
      5003
    ]
    check(lengths.flatMap((bytes) => runs(bytes, draw)))
  })
})
