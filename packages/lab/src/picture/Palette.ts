/**
 * The colours of an animation. Up to 256 are kept as they are. Of more, those that are alike are put together: the box of
 * colours whose members lie farthest from their mean, all together, is cut in two at that mean, until there are 256 (after
 * Wan, Prusinkiewicz and Wong, "Variance-based color image quantization", 1990). White and black stay white and black.
 */
import type * as Raster from "./Raster.ts"

// models

export interface Palette {
  /** Red, green and blue in one number, 256 at most. */
  readonly colours: ReadonlyArray<number>
  readonly indexOf: (red: number, green: number, blue: number) => number
}

/** Colours whose upper bits are equal are one cell: of each the number of pixels and the sums of their channels. */
interface Cells {
  readonly count: Float64Array
  readonly sums: readonly [Float64Array, Float64Array, Float64Array]
}

interface Box {
  readonly cells: ReadonlyArray<number>
  readonly count: number
  readonly mean: ReadonlyArray<number>
  /** The channel that varies most, and its squared distances from the mean, added up over pixels. */
  readonly widest: number
  readonly spread: number
}

const MOST = 256

/** Upper bits of a channel that tell cells apart. */
const BITS = 6

// pure core

const colourOf = (red: number, green: number, blue: number): number => (red << 16) | (green << 8) | blue

const cellOf = (red: number, green: number, blue: number): number =>
  ((red >> (8 - BITS)) << (2 * BITS)) | ((green >> (8 - BITS)) << BITS) | (blue >> (8 - BITS))

/** The colours of all frames by when they first come, or nothing where there are too many. */
const few = (frames: ReadonlyArray<Raster.Frame>): Palette | undefined => {
  const indices = new Map<number, number>()
  for (const { pixels } of frames) {
    for (let i = 0; i < pixels.length; i += 3) {
      const colour = colourOf(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!)
      if (!indices.has(colour)) indices.set(colour, indices.size)
      if (indices.size > MOST) return undefined
    }
  }
  return {
    colours: [...indices.keys()],
    indexOf: (red, green, blue) => indices.get(colourOf(red, green, blue)) ?? 0
  }
}

const count = (frames: ReadonlyArray<Raster.Frame>): Cells => {
  const size = 1 << (3 * BITS)
  const cells: Cells = {
    count: new Float64Array(size),
    sums: [new Float64Array(size), new Float64Array(size), new Float64Array(size)]
  }
  for (const { pixels } of frames) {
    for (let i = 0; i < pixels.length; i += 3) {
      const cell = cellOf(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!)
      cells.count[cell] = cells.count[cell]! + 1
      for (let c = 0; c < 3; c++) {
        const sums = cells.sums[c]!
        sums[cell] = sums[cell]! + pixels[i + c]!
      }
    }
  }
  return cells
}

const boxOf = ({ count, sums }: Cells, cells: ReadonlyArray<number>): Box => {
  const total = cells.reduce((sum, cell) => sum + count[cell]!, 0)
  const mean = sums.map((sum) => cells.reduce((all, cell) => all + sum[cell]!, 0) / total)
  const spreads = sums.map((sum, c) =>
    cells.reduce((all, cell) => {
      const off = sum[cell]! / count[cell]! - mean[c]!
      return all + count[cell]! * off * off
    }, 0)
  )
  const spread = Math.max(spreads[0]!, spreads[1]!, spreads[2]!)
  return { cells, count: total, mean, widest: spreads.indexOf(spread), spread }
}

const cut = (all: Cells, { cells, mean, widest }: Box): ReadonlyArray<Box> => {
  const isLow = (cell: number): boolean => all.sums[widest]![cell]! / all.count[cell]! <= mean[widest]!
  return [
    boxOf(all, cells.filter(isLow)),
    boxOf(
      all,
      cells.filter((cell) => !isLow(cell))
    )
  ]
}

const many = (frames: ReadonlyArray<Raster.Frame>): Palette => {
  const all = count(frames)
  const ends = [0xffffff, 0]
  const used: Array<number> = []
  for (const [cell, n] of all.count.entries()) if (n > 0) used.push(cell)
  let boxes: ReadonlyArray<Box> = [boxOf(all, used)]
  while (boxes.length < MOST - ends.length) {
    const worst = boxes.reduce((most, box) => (box.spread > most.spread ? box : most))
    // Rounding leaves a spread where all are one.
    if (worst.spread < 1e-6 * worst.count) break
    boxes = boxes.flatMap((box) => (box === worst ? cut(all, box) : [box]))
  }
  const indices = new Uint8Array(all.count.length)
  for (const [i, { cells }] of boxes.entries()) for (const cell of cells) indices[cell] = i + ends.length
  return {
    colours: [
      ...ends,
      ...boxes.map(({ mean: [red = 0, green = 0, blue = 0] }) =>
        colourOf(Math.round(red), Math.round(green), Math.round(blue))
      )
    ],
    indexOf: (red, green, blue) => {
      const end = ends.indexOf(colourOf(red, green, blue))
      return end < 0 ? indices[cellOf(red, green, blue)]! : end
    }
  }
}

// constructors

export const make = (frames: ReadonlyArray<Raster.Frame>): Palette => few(frames) ?? many(frames)
