/** The code of reductions. `plan/Reduction` says in which order sums are taken. */
import { NdArray } from "../../../graph/index.ts"
import { type Op, Reduction } from "../../../plan/index.ts"
import {
  type Assembler,
  type Code,
  f32x4,
  f64x2,
  forRange,
  highHalf,
  i32,
  i32x4,
  i8x16,
  loadFirst,
  type Local,
  lowHalves,
  plus,
  v128,
  when
} from "../assembly/index.ts"
import * as Elements from "./Elements.ts"
import type { Emitter, Target } from "./Emitter.ts"
import { walk } from "./Walk.ts"

// models

/** Accumulates one value for each of four lanes. */
interface Accumulator {
  readonly begin: Code
  readonly add: (value: Code) => Code
  readonly result: Code
}

// pure core: accumulators

const float64 = (
  scope: Assembler.Scope,
  start: number,
  combine: (a: Code, b: Code) => Code,
  finish: (x: Code) => Code
): Accumulator => {
  const [low, high, value] = [scope.local("v128"), scope.local("v128"), scope.local("v128")]
  const rounded = (x: Local) => f32x4.demoteF64x2Zero(finish(x.get))
  return {
    begin: [low.set(f64x2.const(start)), high.set(f64x2.const(start))],
    add: (x) => [
      low.set(combine(low.get, f64x2.promoteLowF32x4(value.tee(x)))),
      high.set(combine(high.get, f64x2.promoteLowF32x4(highHalf(value.get))))
    ],
    result: lowHalves(rounded(low), rounded(high))
  }
}

const direct = (scope: Assembler.Scope, start: Code, combine: (a: Code, b: Code) => Code): Accumulator => {
  const all = scope.local("v128")
  return { begin: all.set(start), add: (x) => all.set(combine(all.get, x)), result: all.get }
}

/** The first place of the largest element; an element that is not a number is never larger. */
const place = (
  scope: Assembler.Scope,
  dtype: NdArray.DType,
  better: (a: Code, b: Code) => Code
): Accumulator => {
  const [best, at, next, value, mask] = [
    scope.local("v128"),
    scope.local("v128"),
    scope.local("v128"),
    scope.local("v128"),
    scope.local("v128")
  ]
  const first = i32x4.eq(next.get, i32x4.const(0))
  return {
    begin: [
      at.set(i32x4.const(0)),
      next.set(i32x4.const(0)),
      best.set(dtype === "float32" ? f32x4.const(0) : i32x4.const(0))
    ],
    add: (x) => [
      value.set(x),
      mask.set(v128.or(first, better(value.get, best.get))),
      best.set(v128.bitselect(value.get, best.get, mask.get)),
      at.set(v128.bitselect(next.get, at.get, mask.get)),
      next.set(i32x4.add(next.get, i32x4.const(1)))
    ],
    result: at.get
  }
}

const LARGEST = 0x7fffffff
const SMALLEST = -0x80000000

/**
 * `count` is how many elements go into one. As in TensorFlow.js, the largest of none is not a number, and it is not
 * true that all of none are true.
 */
const accumulator = (
  kind: Op.ReductionKind,
  dtype: NdArray.DType,
  count: number,
  scope: Assembler.Scope
): Accumulator => {
  const float = dtype === "float32"
  switch (kind) {
    case "Sum":
      return float ? float64(scope, 0, f64x2.add, (x) => x) : direct(scope, i32x4.const(0), i32x4.add)
    case "Mean":
      return float64(scope, 0, f64x2.add, (x) => f64x2.div(x, f64x2.const(Math.max(1, count))))
    case "Prod":
      return float ? float64(scope, 1, f64x2.mul, (x) => x) : direct(scope, i32x4.const(1), i32x4.mul)
    case "Max":
      return float
        ? direct(scope, f32x4.const(count === 0 ? Number.NaN : Number.NEGATIVE_INFINITY), f32x4.max)
        : direct(scope, i32x4.const(SMALLEST), i32x4.maxS)
    case "Min":
      return float
        ? direct(scope, f32x4.const(count === 0 ? Number.NaN : Number.POSITIVE_INFINITY), f32x4.min)
        : direct(scope, i32x4.const(LARGEST), i32x4.minS)
    case "All":
      return direct(scope, i32x4.const(count === 0 ? 0 : -1), v128.and)
    case "Any":
      return direct(scope, i32x4.const(0), v128.or)
    case "ArgMax":
      return place(scope, dtype, float ? f32x4.gt : i32x4.gtS)
    case "ArgMin":
      return place(scope, dtype, float ? f32x4.lt : i32x4.ltS)
  }
}

// pure core: code

const define = (op: Op.Reduction, target: Target, name: string) =>
  target.module.define(name, ["i32", "i32"], [], (scope, [start, end]) => {
    const { kind, dtype } = op
    const { kept, gone, columns } = Reduction.split(op)
    const to = Reduction.resultType(op)
    const [bytes, outBytes] = [NdArray.bytesOf(dtype), NdArray.bytesOf(to)]
    const [source, result] = [target.address(op.input), target.address(op.output)]
    const elements = Reduction.count(gone)
    const outStrides = Reduction.resultStrides(kept)
    const dimensions = kept.map(({ size, stride }, i) => ({
      size,
      strides: [stride * bytes, (outStrides[i] ?? 0) * outBytes]
    }))
    const [input, output, spare] = [scope.local("i32"), scope.local("i32"), scope.local("v128")]
    const value = scope.local("v128")
    const store = (lanes: number, code: Code, offset: Code): Code => [
      value.set(code),
      Elements.store(to, lanes, offset, value, spare, result)
    ]

    /** Runs `body` with a pointer to every element that goes into one. */
    const over = (axes: ReadonlyArray<Reduction.Axis>, from: Local, body: (at: Local) => Code): Code =>
      Reduction.count(axes) === 0
        ? []
        : walk(
            scope,
            axes.map(({ size, stride }) => ({ size, strides: [stride * bytes] })),
            [from],
            ([at = from]) => body(at)
          )

    /** The results `first` to `last` along the last kept axis, whose elements lie at `at`. */
    const columnsOf = (
      at: Local,
      out: Local,
      from: Code,
      until: Code,
      size: number,
      whole: boolean
    ): Code => {
      const [j, column, place] = [scope.local("i32"), scope.local("i32"), scope.local("i32")]
      const group = (lanes: number, vectors: number): Code =>
        scope.reuse(() => {
          const sums = Array.from({ length: vectors }, () => accumulator(kind, dtype, elements, scope))
          return [
            column.set(i32.add(at.get, i32.mul(j.get, i32.const(bytes)))),
            place.set(i32.add(out.get, i32.mul(j.get, i32.const(outBytes)))),
            sums.map(({ begin }) => begin),
            over(gone, column, (pointer) =>
              sums.map(({ add }, v) => add(Elements.load(dtype, lanes, pointer.get, source + 4 * v * bytes)))
            ),
            sums.map((sum, v) => store(lanes, sum.result, plus(place.get, 4 * v * outBytes)))
          ]
        })
      const last = [
        size % 8 >= 4 ? [j.set(i32.const(size - (size % 8))), group(4, 1)] : [],
        size % 4 > 0 ? [j.set(i32.const(size - (size % 4))), group(size % 4, 1)] : []
      ]
      return [
        size < 8 ? [] : forRange(j, from, plus(until, -7), 8, group(4, 2)),
        size % 8 === 0 ? [] : whole ? last : when(i32.eq(until, i32.const(size)), last)
      ]
    }

    /** One result from elements that are neighbours: sums in eight lanes, all else one after the other. */
    const row = (at: Local, out: Local): Code => {
      const axis = gone.at(-1)
      const sums = axis !== undefined && dtype === "float32" && (kind === "Sum" || kind === "Mean")
      if (!sums) {
        const all = accumulator(kind, dtype, elements, scope)
        return [
          all.begin,
          over(gone, at, (pointer) => all.add(Elements.splat(dtype, pointer.get, source))),
          store(1, all.result, out.get)
        ]
      }
      const [i, x] = [scope.local("i32"), scope.local("v128")]
      const lanes = Array.from({ length: 4 }, () => scope.local("v128"))
      const [a, b, c, d] = [lanes[0]!, lanes[1]!, lanes[2]!, lanes[3]!]
      const add = (low: Local, high: Local, vector: Code): Code => [
        low.set(f64x2.add(low.get, f64x2.promoteLowF32x4(x.tee(vector)))),
        high.set(f64x2.add(high.get, f64x2.promoteLowF32x4(highHalf(x.get))))
      ]
      const { size } = axis
      const rest = size % 8
      const total = f64x2.add(f64x2.add(a.get, c.get), f64x2.add(b.get, d.get))
      const swapped = i8x16.shuffle(x.get, x.get, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7])
      return [
        lanes.map((lane) => lane.set(f64x2.const(0))),
        over(gone.slice(0, -1), at, (pointer) => [
          i.set(pointer.get),
          size < 8
            ? []
            : forRange(i, pointer.get, plus(pointer.get, 4 * (size - rest)), 32, [
                add(a, b, v128.load(i.get, source)),
                add(c, d, v128.load(i.get, source + 16))
              ]),
          rest >= 4
            ? add(a, b, v128.load(i.get, source))
            : rest > 0
              ? add(a, b, loadFirst(rest, i.get, source))
              : [],
          rest > 4 ? add(c, d, loadFirst(rest - 4, i.get, source + 16)) : []
        ]),
        x.set(total),
        x.set(f64x2.add(x.get, swapped)),
        store(
          1,
          f32x4.demoteF64x2Zero(
            kind === "Mean" ? f64x2.div(x.get, f64x2.const(Math.max(1, elements))) : x.get
          ),
          out.get
        )
      ]
    }

    const zero: Code = [input.set(i32.const(0)), output.set(i32.const(0))]
    if (!columns) {
      return [
        zero,
        walk(scope, dimensions, [input, output], ([at = input, out = output]) => row(at, out), {
          start: start.get,
          end: end.get
        })
      ]
    }
    const size = kept.at(-1)?.size ?? 1
    const outer = dimensions.slice(0, -1)
    return [
      zero,
      outer.length === 0
        ? columnsOf(input, output, start.get, end.get, size, false)
        : walk(
            scope,
            outer,
            [input, output],
            ([at = input, out = output]) => columnsOf(at, out, i32.const(0), i32.const(size), size, true),
            { start: start.get, end: end.get }
          )
    ]
  })

// constructors

export const emit: Emitter<"Reduction"> = (op, target, name) => {
  const func = define(op, target, name)
  return (start, end) => func.call(i32.const(start), i32.const(end))
}
