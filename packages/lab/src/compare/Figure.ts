/**
 * Figures of paper quality from Vega-Lite specifications, as SVG and PNG, with text measured and drawn in a font that
 * comes along: the same figure on every machine, also on one without fonts.
 *
 * The libraries are loaded by the first figure.
 */
import * as Fault from "@ornstein/core/Fault"
import * as Durable from "@ornstein/core/Durable"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { createRequire } from "node:module"
import type { TopLevelSpec } from "vega-lite"

// errors

/** A figure that could not be drawn: a fault of the specification. */
export class FigureError
  extends Schema.TaggedError<FigureError>()("FigureError", { figure: Schema.String, reason: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get what(): string {
    return `the figure ${this.figure} cannot be drawn: ${this.reason}`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export type Spec = TopLevelSpec

type Theme = NonNullable<Spec["config"]>

interface TextItem {
  readonly font?: string
  readonly fontSize?: number
  readonly fontWeight?: string | number
  readonly text?: string | number
}

// The types of Vega leave out how it measures text.
declare module "vega" {
  export const textMetrics: { width: (item: TextItem, text?: string | number) => number }
}

// pure core

/** Okabe and Ito's palette: eight colours that people with any colour vision can tell apart. */
export const palette = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#000000",
  "#999999"
] as const

/** How lines of the same colour differ, in lengths of strokes and gaps: none, then longer patterns. */
const DASHES = [
  [1, 0],
  [7, 3],
  [2, 2],
  [8, 2, 2, 2],
  [12, 4],
  [8, 2, 2, 2, 2, 2]
] as const

/**
 * The colour and the dashes of line number `n` of a figure: every eighth line has the same colour, and no two lines
 * have both in common.
 */
export const stroke = (n: number): { readonly color: string; readonly dash: ReadonlyArray<number> } => {
  const round = Math.floor(n / palette.length)
  return { color: palette[n % palette.length]!, dash: DASHES[round] ?? [4 + 4 * (round - DASHES.length), 6] }
}

const FONT = "DejaVu Sans"

/** The look that all figures share. */
export const theme: Theme = {
  font: FONT,
  background: "white",
  padding: 8,
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: "normal",
    gridColor: "#e6e6e6",
    domainColor: "#666666",
    tickColor: "#666666"
  },
  legend: {
    labelFontSize: 11,
    titleFontSize: 12,
    symbolType: "stroke",
    symbolOpacity: 1,
    symbolStrokeWidth: 2.5
  },
  title: { fontSize: 13, fontWeight: "normal", anchor: "start" },
  view: { stroke: null },
  range: { category: [...palette] }
}

// drawing

const load = Effect.cached(
  Effect.gen(function* () {
    const [vega, lite, canvas] = yield* Effect.promise(() =>
      Promise.all([import("vega"), import("vega-lite"), import("@napi-rs/canvas")])
    )
    const font = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf")
    canvas.GlobalFonts.registerFromPath(font, FONT)
    const context = canvas.createCanvas(1, 1).getContext("2d")
    // Without a browser Vega guesses widths, and a long title makes wide empty margins.
    vega.textMetrics.width = (item, text) => {
      context.font = `${item.fontWeight ?? "normal"} ${item.fontSize ?? 11}px "${FONT}"`
      return context.measureText(String(text ?? item.text ?? "")).width
    }
    return { vega, lite, canvas }
  })
).pipe(Effect.runSync)

const attempt = <A>(figure: string, draw: () => Promise<A>): Effect.Effect<A, FigureError> =>
  Effect.tryPromise({
    try: draw,
    catch: (cause) =>
      new FigureError({ figure, reason: cause instanceof Error ? cause.message : String(cause) })
  })

/** The figure as SVG. */
export const svg = Effect.fn("Figure.svg")(function* (name: string, spec: Spec) {
  const { lite, vega } = yield* load
  return yield* attempt(name, () => {
    const compiled = lite.compile({ ...spec, config: { ...theme, ...spec.config } })
    // Counted through the whole process otherwise: the second figure would differ from the first.
    vega.resetSVGDefIds()
    return new vega.View(vega.parse(compiled.spec), { renderer: "none" }).toSVG()
  })
})

/** An SVG as PNG, `scale` pixels to a point. */
export const png = Effect.fn("Figure.png")(function* (name: string, svg: string, scale = 2) {
  const { canvas } = yield* load
  return yield* attempt(name, () =>
    canvas.loadImage(new TextEncoder().encode(svg)).then((image) => {
      const picture = canvas.createCanvas(image.width * scale, image.height * scale)
      picture.getContext("2d").drawImage(image, 0, 0, picture.width, picture.height)
      return picture.encode("png")
    })
  )
})

/** Writes `<name>.svg`, `<name>.png` and `<name>.vl.json`, which the Vega editor opens, into a directory. */
export const write = Effect.fn("Figure.write")(function* (directory: string, name: string, spec: Spec) {
  const paths = yield* Path.Path
  const drawn = yield* svg(name, spec)
  yield* Durable.replaceText(paths.join(directory, `${name}.svg`), drawn)
  yield* Durable.replace(paths.join(directory, `${name}.png`), yield* png(name, drawn))
  yield* Durable.replaceText(
    paths.join(directory, `${name}.vl.json`),
    JSON.stringify({ $schema: "https://vega.github.io/schema/vega-lite/v6.json", ...spec, config: theme })
  )
})
