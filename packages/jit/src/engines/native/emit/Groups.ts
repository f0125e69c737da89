/**
 * The instructions of `lanes` on several vectors at a time: each is written for one vector after the other, so that long chains,
 * those of polynomials, do not wait for themselves.
 */
import type { Float32, Float64, Int32, Lanes } from "../../lanes/index.ts"
import type { Halves, Writer } from "./Lanes.ts"
import type { Value } from "./Values.ts"

// models

export type Group<A = Value> = ReadonlyArray<A>

// pure core: functions of one as functions of several

const none =
  <A>(f: (x: number) => A, count: number) =>
  (x: number): Group<A> => {
    const same = f(x)
    return Array.from({ length: count }, () => same)
  }

const one =
  <A>(f: (a: A) => A) =>
  (a: Group<A>): Group<A> =>
    a.map(f)

const at = <A>(group: Group<A>, i: number): A => {
  const value = group[i]
  if (value === undefined) throw new RangeError(`a group has no vector ${i}`)
  return value
}

const two =
  <A>(f: (a: A, b: A) => A) =>
  (a: Group<A>, b: Group<A>): Group<A> =>
    a.map((x, i) => f(x, at(b, i)))

const three =
  <A>(f: (a: A, b: A, c: A) => A) =>
  (a: Group<A>, b: Group<A>, c: Group<A>): Group<A> =>
    a.map((x, i) => f(x, at(b, i), at(c, i)))

const float32 = (set: Float32<Value>, count: number): Float32<Group> => ({
  const: none(set.const, count),
  abs: one(set.abs),
  neg: one(set.neg),
  sqrt: one(set.sqrt),
  floor: one(set.floor),
  add: two(set.add),
  sub: two(set.sub),
  mul: two(set.mul),
  div: two(set.div),
  min: two(set.min),
  max: two(set.max),
  pmax: two(set.pmax),
  eq: two(set.eq),
  ne: two(set.ne),
  lt: two(set.lt),
  gt: two(set.gt),
  le: two(set.le),
  ge: two(set.ge),
  fromInt32: one(set.fromInt32)
})

const int32 = (set: Int32<Value>, count: number): Int32<Group> => ({
  const: none(set.const, count),
  abs: one(set.abs),
  neg: one(set.neg),
  add: two(set.add),
  sub: two(set.sub),
  mul: two(set.mul),
  min: two(set.min),
  max: two(set.max),
  eq: two(set.eq),
  ne: two(set.ne),
  lt: two(set.lt),
  gt: two(set.gt),
  le: two(set.le),
  ge: two(set.ge),
  fromFloat32: one(set.fromFloat32),
  floorOfQuotient: two(set.floorOfQuotient)
})

const float64 = (set: Float64<Halves>, count: number): Float64<Group<Halves>> => ({
  const: none(set.const, count),
  bits: (word) => Array.from({ length: count }, () => set.bits(word)),
  abs: one(set.abs),
  neg: one(set.neg),
  sqrt: one(set.sqrt),
  trunc: one(set.trunc),
  add: two(set.add),
  sub: two(set.sub),
  mul: two(set.mul),
  div: two(set.div),
  pmin: two(set.pmin),
  pmax: two(set.pmax),
  eq: two(set.eq),
  ne: two(set.ne),
  lt: two(set.lt),
  gt: two(set.gt),
  ge: two(set.ge),
  and: two(set.and),
  or: two(set.or),
  not: one(set.not),
  select: three(set.select),
  addInt: two(set.addInt),
  shiftLeft: (a, bits) => a.map((x) => set.shiftLeft(x, bits)),
  shiftRight: (a, bits) => a.map((x) => set.shiftRight(x, bits)),
  keep: (value) => value
})

// constructors

export const make = ({ demoted, doubles, finish, lanes, promoted }: Writer, count: number): Lanes<Group> => {
  const wide = float64(doubles, count)
  const halves = (x: Group): Group<Halves> => x.map((value) => promoted(value))
  return {
    float32: float32(lanes.float32, count),
    int32: int32(lanes.int32, count),
    and: two(lanes.and),
    or: two(lanes.or),
    not: one(lanes.not),
    select: three(lanes.select),
    keep: (value) => value,
    math: (f, x, y) =>
      f
        .apply(wide, halves(x), y === undefined ? wide.const(0) : halves(y))
        .map((result, i) => finish(f, demoted(result), at(x, i)))
  }
}
