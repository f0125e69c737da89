/** What reductions carry from element to element, on vectors of lanes: as in the engine `wasm`. */
import type { NdArray } from "../../../graph/index.ts"
import type { Op } from "../../../plan/index.ts"
import * as Lanes from "./Lanes.ts"
import type { Leaf, Value } from "./Values.ts"

// models

/** An element for each lane, as its type or as `float64`. */
export interface Input {
  readonly vector: () => Value
  readonly halves: () => Lanes.Halves
}

export interface Accumulator {
  /** What the states are before the first element. */
  readonly begin: ReadonlyArray<Leaf>
  readonly add: (states: ReadonlyArray<Value>, input: Input) => ReadonlyArray<Value>
  readonly result: (states: ReadonlyArray<Value>) => Value
}

// pure core

const state = (states: ReadonlyArray<Value>, i: number): Value => {
  const value = states[i]
  if (value === undefined) throw new RangeError(`there is no state ${i}`)
  return value
}

const float64 = (
  { demoted, double }: Lanes.Writer,
  start: number,
  combine: (a: Lanes.Halves, b: Lanes.Halves) => Lanes.Halves,
  finish: (all: Lanes.Halves) => Lanes.Halves
): Accumulator => {
  const halves = (states: ReadonlyArray<Value>) => ({ low: state(states, 0), high: state(states, 1) })
  return {
    begin: [double(start), double(start)],
    add: (states, input) => {
      const { high, low } = combine(halves(states), input.halves())
      return [low, high]
    },
    result: (states) => demoted(finish(halves(states)))
  }
}

const direct = (start: Leaf, combine: (a: Value, b: Value) => Value): Accumulator => ({
  begin: [start],
  add: (states, input) => [combine(state(states, 0), input.vector())],
  result: (states) => state(states, 0)
})

/** The first place of the largest element; an element that is not a number is never larger. */
const place = ({ lanes, word }: Lanes.Writer, better: (a: Value, b: Value) => Value): Accumulator => {
  const { int32, or, select } = lanes
  return {
    begin: [word(0), word(0), word(0)],
    add: (states, input) => {
      const [best, at, next] = [state(states, 0), state(states, 1), state(states, 2)]
      const value = input.vector()
      const mask = or(int32.eq(next, word(0)), better(value, best))
      return [select(mask, value, best), select(mask, next, at), int32.add(next, word(1))]
    },
    result: (states) => state(states, 1)
  }
}

const LARGEST = 0x7fffffff
const SMALLEST = -0x80000000

// constructors

/** `count` is how many elements go into one. */
export const make = (
  kind: Op.ReductionKind,
  dtype: NdArray.DType,
  count: number,
  writer: Lanes.Writer
): Accumulator => {
  const { doubles, lanes, word } = writer
  const { float32, int32 } = lanes
  const float = dtype === "float32"
  const number = (x: number) => word(Lanes.bitsOf32(x))
  switch (kind) {
    case "Sum":
      return float ? float64(writer, 0, doubles.add, (all) => all) : direct(word(0), int32.add)
    case "Mean":
      return float64(writer, 0, doubles.add, (all) => doubles.div(all, doubles.const(Math.max(1, count))))
    case "Prod":
      return float ? float64(writer, 1, doubles.mul, (all) => all) : direct(word(1), int32.mul)
    case "Max":
      return float
        ? direct(number(count === 0 ? Number.NaN : Number.NEGATIVE_INFINITY), float32.max)
        : direct(word(SMALLEST), int32.max)
    case "Min":
      return float
        ? direct(number(count === 0 ? Number.NaN : Number.POSITIVE_INFINITY), float32.min)
        : direct(word(LARGEST), int32.min)
    case "All":
      return direct(word(count === 0 ? 0 : -1), lanes.and)
    case "Any":
      return direct(word(0), lanes.or)
    case "ArgMax":
      return place(writer, float ? float32.gt : int32.gt)
    case "ArgMin":
      return place(writer, float ? float32.lt : int32.lt)
  }
}
