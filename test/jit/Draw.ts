/** Random choices for tests: a sequence without a pattern, the same for the same seed. */

export class Draw {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** In [0, 1): the generator mulberry32. */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1))
  }

  bool(): boolean {
    return this.unit() < 0.5
  }

  pick<A>(first: A, ...rest: ReadonlyArray<A>): A {
    return [first, ...rest][this.int(0, rest.length)] ?? first
  }

  /** The size of an axis: around the widths of vectors and blocks. */
  size(): number {
    return this.pick(1, 2, 3, 4, 5, 7, 8, 9, 16, 17)
  }

  shape(lowestRank: number, highestRank: number): Array<number> {
    const rank = this.int(lowestRank, highestRank)
    return Array.from({ length: rank }, () => (rank > 3 ? this.int(1, 5) : this.size()))
  }

  /** Some axes, at least one, ascending. */
  axes(rank: number): Array<number> {
    const chosen = Array.from({ length: rank }, (_, axis) => axis).filter(() => this.bool())
    return chosen.length === 0 ? [this.int(0, rank - 1)] : chosen
  }

  permutation(rank: number): Array<number> {
    const keys = Array.from({ length: rank }, () => this.unit())
    return keys.map((_, axis) => axis).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0))
  }

  /** A shape that broadcasts to `shape`: axes stretched, leading axes missing. */
  narrower(shape: ReadonlyArray<number>): Array<number> {
    return shape.slice(this.pick(0, this.int(0, shape.length))).map((n) => (this.int(0, 3) === 0 ? 1 : n))
  }
}
