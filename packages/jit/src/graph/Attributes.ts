/** Reading a kernel's attributes (`Graph.Attributes`), which are plain data of any kind. */
import type { Attribute, Attributes } from "./Graph.ts"

/** Something that has attributes: a node, or a step of a fused loop. */
export interface Owner {
  readonly attributes: Attributes
}

export const numbers = (attribute: Attribute): ReadonlyArray<number> =>
  typeof attribute === "number"
    ? [attribute]
    : Array.isArray(attribute)
      ? attribute.filter((n) => typeof n === "number")
      : []

export const number = ({ attributes }: Owner, name: string, otherwise: number): number => {
  const value = attributes[name]
  return typeof value === "number" ? value : otherwise
}

export const flag = ({ attributes }: Owner, name: string): boolean => attributes[name] === true

/** Kernels count axes from the last one with negative numbers. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** The axes that a reduction removes, all of them where none is named. */
export const reducedAxes = ({ attributes }: Owner, rank: number): ReadonlyArray<number> => {
  const given = attributes["axis"] ?? attributes["reductionIndices"]
  const axes = given === undefined || given === null ? Array.from({ length: rank }, (_, d) => d) : given
  return numbers(axes).map((axis) => axisOf(axis, rank))
}
