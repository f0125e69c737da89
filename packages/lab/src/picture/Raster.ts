/**
 * Drawing scenes without a display: shapes to pixels with exact area coverage, so edges are smooth. A shape adds the
 * signed areas that its edges cut from each pixel; running sums along a row then give how much of a pixel is covered
 * (the method of Raph Levien's font-rs).
 *
 * ```ts
 * const frame = Raster.draw(instance.render(), 400)
 * ```
 */
import type * as Scene from "@ornstein/core/Scene"
import * as Font from "./Font.ts"

// models

/** Red, green and blue of each pixel, row by row from the top left. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

type Outline = ReadonlyArray<Scene.Point>

// pure core: outlines in pixels, counterclockwise or all clockwise

const circleOf = ([x, y]: Scene.Point, radius: number): Outline => {
  // As many corners as keep the sides within a hundredth of a pixel of the arc.
  const corners = Math.max(8, Math.ceil(Math.PI * Math.sqrt(50 * radius)))
  return Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
  })
}

const isElsewhere = ([x, y]: Scene.Point, before: Scene.Point | undefined): boolean =>
  before === undefined || x !== before[0] || y !== before[1]

/**
 * Around a line at this distance: out along one side and back along the other, with an arc around each corner and end
 * that turns away from the side.
 */
const strokeOf = (line: Outline, radius: number): Outline => {
  const points = line.filter((point, i) => isElsewhere(point, line[i - 1]))
  if (points.length < 2) return circleOf(points[0] ?? [0, 0], radius)
  const loop = [...points, ...points.slice(1, -1).toReversed()]
  const at = (i: number): Scene.Point => loop[(i + loop.length) % loop.length]!
  const heading = ([ax, ay]: Scene.Point, [bx, by]: Scene.Point): number => Math.atan2(by - ay, bx - ax)
  return loop.flatMap(([x, y], i): Outline => {
    const [before, after] = [heading(at(i - 1), [x, y]), heading([x, y], at(i + 1))]
    const turn = Math.atan2(Math.sin(after - before), Math.cos(after - before))
    // Back the way it came is half a turn, in whichever direction rounding sees it.
    const outward = Math.abs(turn) > Math.PI - 1e-6 ? Math.PI : turn
    const steps = outward > 0 ? Math.max(1, Math.ceil(outward * Math.sqrt(13 * radius))) : 1
    return Array.from({ length: steps + 1 }, (_, k) => {
      const angle = before + (outward * k) / steps - Math.PI / 2
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
    })
  })
}

/** Dots are whole pixels where they can be, so that small text stays sharp; they are never larger than what was asked for. */
const textOf = (text: string, [x, y]: Scene.Point, height: number): ReadonlyArray<Outline> => {
  const exact = height / Font.CAPITAL
  const dot = exact < 1 ? exact : Math.floor(exact + 1e-9)
  const [left, top] = [Math.round(x), Math.round(y - dot * Font.CAPITAL)]
  return text.split("").flatMap((letter, i) =>
    Font.dots(letter).map(([column, row]): Outline => {
      const x0 = left + (i * (Font.COLUMNS + 1) + column) * dot
      const y0 = top + row * dot
      return [
        [x0, y0],
        [x0 + dot, y0],
        [x0 + dot, y0 + dot],
        [x0, y0 + dot]
      ]
    })
  )
}

// pure core: coverage

/** Signed areas by pixel; a row has two cells more than pixels, for what lies to the right. */
interface Coverage {
  readonly width: number
  readonly height: number
  readonly cells: Float64Array
}

/** Adds what one edge cuts off within one row, from (x0, upper) to (x1, lower); `cover` is the signed height. */
const cut = ({ width, cells }: Coverage, row: number, x0: number, x1: number, cover: number): void => {
  const left = Math.max(0, Math.min(width, Math.min(x0, x1)))
  const right = Math.max(0, Math.min(width, Math.max(x0, x1)))
  const base = row * (width + 2)
  const first = Math.floor(left)
  const last = Math.max(first, Math.ceil(right) - 1)
  const add = (x: number, amount: number): void => {
    cells[base + x] = cells[base + x]! + amount
  }
  if (first === last) {
    const beyond = 0.5 * (left + right) - first
    add(first, cover * (1 - beyond))
    add(first + 1, cover * beyond)
    return
  }
  // The covered share of pixel x is the mean over the edge of what lies to its right; differences go into the cells.
  const slope = 1 / (right - left)
  const share = (x: number): number => {
    const inside = Math.min(right, x + 1) - Math.max(left, x)
    const passed = Math.max(0, x - left) * slope
    const middle = 0.5 * (Math.min(right, x + 1) + Math.max(left, x))
    return passed + inside * slope * (x + 1 - middle)
  }
  let before = 0
  for (let x = first; x <= last; x++) {
    const now = share(x)
    add(x, cover * (now - before))
    before = now
  }
  add(last + 1, cover * (1 - before))
}

const edge = (self: Coverage, [ax, ay]: Scene.Point, [bx, by]: Scene.Point): void => {
  if (ay === by) return
  const direction = ay < by ? 1 : -1
  const [x0, y0, x1, y1] = ay < by ? [ax, ay, bx, by] : [bx, by, ax, ay]
  const slope = (x1 - x0) / (y1 - y0)
  const from = Math.max(0, y0)
  const to = Math.min(self.height, y1)
  for (let row = Math.floor(from); row < to; row++) {
    const upper = Math.max(from, row)
    const lower = Math.min(to, row + 1)
    cut(self, row, x0 + slope * (upper - y0), x0 + slope * (lower - y0), direction * (lower - upper))
  }
}

const clamp = (x: number, most: number): number => Math.max(0, Math.min(most, x))

const fill = (frame: Frame, self: Coverage, outlines: ReadonlyArray<Outline>, colour: Scene.Colour): void => {
  const { width, height, pixels } = frame
  const points = outlines.flat()
  const bound = (axis: 0 | 1, most: number) => [
    clamp(Math.floor(points.reduce((least, point) => Math.min(least, point[axis]), most)), most),
    clamp(Math.ceil(points.reduce((largest, point) => Math.max(largest, point[axis]), 0)), most)
  ]
  const [left = 0, right = 0] = bound(0, width)
  const [top = 0, bottom = 0] = bound(1, height)
  const row = width + 2

  for (let y = top; y < bottom; y++) self.cells.fill(0, y * row + left, y * row + right + 2)
  for (const outline of outlines) {
    for (const [i, point] of outline.entries()) edge(self, point, outline[(i + 1) % outline.length]!)
  }
  for (let y = top; y < bottom; y++) {
    let sum = 0
    for (let x = left; x < right; x++) {
      sum += self.cells[y * row + x]!
      const covered = Math.min(1, Math.abs(sum))
      if (covered < 1 / 512) continue
      const at = 3 * (y * width + x)
      for (let c = 0; c < 3; c++) {
        const below = pixels[at + c]!
        pixels[at + c] = Math.round(below + covered * (colour[c]! - below))
      }
    }
  }
}

const heightOf = (scene: Scene.Scene, width: number): number =>
  Math.max(1, Math.round((width / (scene.right - scene.left)) * (scene.top - scene.bottom)))

/** The pixels of the frame that `draw` makes. */
export const pixels = (scene: Scene.Scene, width: number): number => width * heightOf(scene, width)

/** The first whole number below a step of a grid, and the first one not below the next. */
const span = (i: number, steps: number, most: number): readonly [from: number, to: number] => {
  const from = Math.min(most - 1, Math.floor((i * most) / steps))
  return [from, Math.max(from + 1, Math.floor(((i + 1) * most) / steps))]
}

/** Copies a picture into a frame, whose pixels are the means of those that they cover. */
const copy = (
  frame: Frame,
  { colours, columns, height, width }: Scene.Pixels,
  [left, bottom]: Scene.Point,
  scale: number
): void => {
  const rows = Math.floor(colours.length / (3 * columns))
  const [wide, high] = [Math.round(scale * width), Math.round(scale * height)]
  const [x0, y0] = [Math.round(left), Math.round(bottom) - high]
  for (let y = Math.max(0, -y0); y < high && y0 + y < frame.height; y++) {
    const [above, below] = span(y, high, rows)
    for (let x = Math.max(0, -x0); x < wide && x0 + x < frame.width; x++) {
      const [from, to] = span(x, wide, columns)
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let row = above; row < below; row++) {
          for (let column = from; column < to; column++) sum += colours[3 * (row * columns + column) + c]!
        }
        frame.pixels[3 * ((y0 + y) * frame.width + x0 + x) + c] = Math.round(
          sum / ((below - above) * (to - from))
        )
      }
    }
  }
}

/** Paints the shapes of a scene over a frame, from its upper left corner on. */
export const paint = (frame: Frame, scene: Scene.Scene): Frame => {
  const { height, width } = frame
  const scale = width / (scene.right - scene.left)
  const coverage = { width, height, cells: new Float64Array((width + 2) * height) }
  const place = ([x, y]: Scene.Point): Scene.Point => [scale * (x - scene.left), scale * (scene.top - y)]

  const outlinesOf = (shape: Exclude<Scene.Shape, { readonly _tag: "Pixels" }>): ReadonlyArray<Outline> => {
    switch (shape._tag) {
      case "Polygon":
        return [shape.points.map(place)]
      case "Circle":
        return [circleOf(place(shape.centre), scale * shape.radius)]
      case "Line":
        return [strokeOf(shape.points.map(place), 0.5 * scale * shape.width)]
      case "Text":
        return textOf(shape.text, place(shape.at), scale * shape.height)
    }
  }

  for (const shape of scene.shapes) {
    if (shape._tag === "Pixels") copy(frame, shape, place(shape.at), scale)
    else fill(frame, coverage, outlinesOf(shape), shape._tag === "Line" ? shape.stroke : shape.fill)
  }
  return frame
}

// constructors

/** The scene, `width` pixels wide and as high as its proportions ask. */
export const draw = (scene: Scene.Scene, width: number): Frame => {
  const height = heightOf(scene, width)
  const frame = { width, height, pixels: new Uint8Array(3 * width * height) }
  for (let i = 0; i < frame.pixels.length; i++) frame.pixels[i] = scene.background[i % 3]!
  return paint(frame, scene)
}
