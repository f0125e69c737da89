/**
 * A binary tree of sums in one typed array: weights of n slots, their total, and the slot in which a cumulative sum falls,
 * each in log n steps. Every sum is the sum of its two children, so the same weights give the same bits whatever the
 * order in which they were set.
 */

// models

export interface SumTree {
  readonly size: number
  /** A power of two: where the leaves begin. */
  readonly leaves: number
  /** Node 1 is the root, the children of k are 2 k and 2 k + 1. */
  readonly sums: Float64Array
}

const leavesFor = (size: number): number => {
  let leaves = 1
  while (leaves < size) leaves *= 2
  return leaves
}

/** The bytes of a tree for so many slots. */
export const bytes = (size: number): number => Float64Array.BYTES_PER_ELEMENT * 2 * leavesFor(size)

// constructors

export const make = (size: number): SumTree => {
  const leaves = leavesFor(size)
  return { size, leaves, sums: new Float64Array(2 * leaves) }
}

// pure core

export const total = ({ sums }: SumTree): number => sums[1]!

export const get = ({ leaves, sums }: SumTree, slot: number): number => sums[leaves + slot]!

/** The weights of the slots `first`, ..., `last - 1`, not copied; none if `last` is not beyond `first`. */
export const range = ({ leaves, sums }: SumTree, first: number, last: number): Float64Array =>
  sums.subarray(leaves + first, leaves + Math.max(first, last))

/** Sets a slot's weight and the sums above it. */
export const set = ({ leaves, sums }: SumTree, slot: number, weight: number): void => {
  let node = leaves + slot
  sums[node] = weight
  while (node > 1) {
    node >>= 1
    sums[node] = sums[2 * node]! + sums[2 * node + 1]!
  }
}

/** The first slot whose cumulative sum is greater than `value`, for a value in [0, total). */
export const find = ({ leaves, sums }: SumTree, value: number): number => {
  let node = 1
  let rest = value
  while (node < leaves) {
    node *= 2
    const left = sums[node]!
    // Rounding can leave a rest beyond the last weight: a branch without weight is never entered.
    if (rest >= left && sums[node + 1]! > 0) {
      rest -= left
      node += 1
    }
  }
  return node - leaves
}
