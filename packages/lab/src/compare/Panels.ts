/** The figures of a report as Vega-Lite specifications, their numbers inside. */
import type { RunHistory } from "../runs/index.ts"
import type * as Curves from "./Curves.ts"
import * as Figure from "./Figure.ts"
import * as Smooth from "./Smooth.ts"
import * as Statistics from "./Statistics.ts"

// models

/** One panel of a run's figure. */
export interface Panel {
  readonly title: string
  readonly series: RunHistory.Series
  /** Environment steps that the smooth line looks at; 0 draws the series alone. */
  readonly window: number
  /** Values drawn over it as dots, such as evaluations, under a name of their own in the table. */
  readonly dots?: { readonly title: string; readonly series: RunHistory.Series }
}

/** A row of a figure's table; `null` where there is no number. */
export type Row = { readonly [column: string]: number | string | null }

export interface Title {
  readonly title: string
  readonly subtitle: string
}

// pure core

const WIDTH = 520

const LIGHT = "#b0c4de"

const heading = ({ subtitle, title }: Title) => ({
  text: title,
  subtitle,
  subtitleFontSize: 11,
  subtitleColor: "#555555",
  offset: 12
})

/** Steps as `500`, `10k`, `1.5M`; the first one as `0`. */
const STEPS = "datum.value === 0 ? '0' : format(datum.value, '~s')"

/** Values of a size that people read, in digits; what has run away, as a power of ten. */
const VALUES = "abs(datum.value) < 1e9 ? datum.label : format(datum.value, '.2~e')"

const steps = { field: "step", type: "quantitative", title: "Environment steps" } as const

/** The numbers of a run's figure, as drawn. */
export const panelRows = (panels: ReadonlyArray<Panel>): ReadonlyArray<Row> =>
  panels.flatMap(({ dots, series, title, window }) => {
    const smooth = window > 0 ? Smooth.localLinear(series, window) : series.values
    const row = (panel: string, at: number | undefined, value: number, smoothed: number): Row => ({
      panel,
      step: at ?? 0,
      value: Number.isFinite(value) ? value : null,
      smoothed: Number.isFinite(smoothed) ? smoothed : null
    })
    return [
      ...series.values.map((value, i) => row(title, series.steps[i], value, smooth[i] ?? value)),
      ...(dots?.series.values ?? []).map((value, i) =>
        row(dots?.title ?? "", dots?.series.steps[i], value, value)
      )
    ]
  })

/** A run: panels one above the other, each value light, a smooth line through them dark, dots over both. */
export const run = (title: Title, panels: ReadonlyArray<Panel>): Figure.Spec => {
  const shown = panels.filter(
    ({ dots, series }) => series.values.length + (dots?.series.values.length ?? 0) > 0
  )
  return {
    title: heading(title),
    data: { values: panelRows(shown).map((row) => ({ ...row })) },
    spacing: 14,
    resolve: { scale: { x: "shared" } },
    vconcat: shown.map(({ dots, title, window }, i) => {
      const isLast = i === shown.length - 1
      const x = {
        ...steps,
        axis: isLast
          ? { grid: false, tickCount: 8, labelExpr: STEPS }
          : { grid: false, labels: false, ticks: false, title: null }
      }
      const axis = { tickCount: 4, format: ",.4~r", labelExpr: VALUES, minExtent: 50 }
      const y = { type: "quantitative", scale: { zero: false }, axis, title } as const
      const line = (field: string, strokeWidth: number, color: string) => ({
        transform: [{ filter: { field: "panel", equal: title } }],
        mark: { type: "line", strokeWidth, color } as const,
        encoding: { x, y: { ...y, field } }
      })
      return {
        width: WIDTH,
        height: 110,
        layer: [
          line("value", 1, window > 0 ? LIGHT : Figure.palette[0]),
          ...(window > 0 ? [line("smoothed", 2, Figure.palette[1])] : []),
          ...(dots === undefined
            ? []
            : [
                {
                  transform: [{ filter: { field: "panel", equal: dots.title } }],
                  mark: {
                    type: "point",
                    filled: true,
                    size: 36,
                    opacity: 1,
                    color: Figure.palette[0]
                  } as const,
                  encoding: { x, y: { ...y, field: "value" } }
                }
              ])
        ]
      }
    })
  }
}

/** The numbers of learning curves, as drawn. */
export const curveRows = (curves: ReadonlyArray<Curves.Curve>): ReadonlyArray<Row> =>
  curves.flatMap(({ group, points }) =>
    points.map(({ high, low, point, step }) => ({
      group: group.label,
      environment: group.environment,
      runs: group.runs.length,
      step,
      value: point,
      low,
      high
    }))
  )

/** `ddpg (n = 5)`, or `ddpg (n = 3 of 4)` where a run does not count. */
const legendOf = ({ aside, label, runs }: Curves.Group): string =>
  `${label} (n = ${runs.length}${aside.length === 0 ? "" : ` of ${runs.length + aside.length}`})`

/**
 * All lines and bands with a little room, and as much again above and below of what diverged: one number must not flatten
 * the others.
 */
const domainOf = (curves: ReadonlyArray<Curves.Curve>): readonly [number, number] | undefined => {
  const broken = curves.flatMap(({ broken }) =>
    broken.flatMap(({ points }) => points.map(({ value }) => value))
  )
  const points = curves.flatMap((curve) => curve.points)
  const [least, most] = [Statistics.minimum(broken), Statistics.maximum(broken)]
  const low = Statistics.minimum(points.map((point) => point.low))
  const high = Statistics.maximum(points.map((point) => point.high))
  if (points.length === 0 && broken.length === 0) return undefined
  const span = high > low ? high - low : Math.max(1, Math.abs(high))
  const bottom =
    points.length === 0 ? least : broken.length === 0 ? low : Math.max(low - span, Math.min(low, least))
  const top =
    points.length === 0 ? most : broken.length === 0 ? high : Math.min(high + span, Math.max(high, most))
  const room = 0.04 * (top - bottom) || 1
  return [bottom - room, top + room]
}

/**
 * Groups of runs: a line and a band each; groups of different environments side by side. A run that diverged or failed
 * is a thin line of its group's colour, with a cross where it ends.
 */
export const curves = (all: ReadonlyArray<Curves.Curve>, title: Title): Figure.Spec => {
  const environments = [...new Set(all.map(({ group }) => group.environment))]
  const labels = all.map(({ group }) => legendOf(group))
  const strokes = all.map((_, i) => Figure.stroke(i))
  const legend = {
    orient: "bottom",
    columns: labels.some((label) => label.length > 30) ? 1 : 3,
    labelLimit: 500,
    // Long enough that dashes can be told apart.
    symbolSize: 700
  } as const
  const color = {
    field: "legend",
    type: "nominal",
    title: null,
    sort: labels,
    scale: { domain: labels, range: strokes.map((stroke) => stroke.color) },
    legend
  } as const
  const strokeDash = {
    ...color,
    scale: { domain: labels, range: strokes.map(({ dash }) => [...dash]) }
  } as const
  const x = { ...steps, axis: { grid: false, tickCount: 6, labelExpr: STEPS } } as const
  const broken = all.flatMap((curve) =>
    curve.broken.flatMap(({ points, run }) =>
      points.map(({ step, value }, i) => ({
        legend: legendOf(curve.group),
        environment: curve.group.environment,
        broken: run,
        step,
        value,
        end: i === points.length - 1
      }))
    )
  )
  const isBroken = "isValid(datum.broken)"
  return {
    title: heading(
      broken.length === 0
        ? title
        : { ...title, subtitle: `${title.subtitle}; thin, with a cross: a run that diverged or failed` }
    ),
    data: {
      values: [
        ...all.flatMap((curve) =>
          curveRows([curve]).map((row) => ({ ...row, legend: legendOf(curve.group) }))
        ),
        ...broken
      ]
    },
    hconcat: environments.map((environment) => {
      const domain = domainOf(all.filter(({ group }) => group.environment === environment))
      const scale = { zero: false, nice: false, ...(domain === undefined ? {} : { domain: [...domain] }) }
      const y = { type: "quantitative", scale, axis: { labelExpr: VALUES }, title: "Return" } as const
      return {
        title: { text: environment, fontSize: 12, anchor: "middle" },
        width: environments.length > 1 ? 320 : WIDTH,
        height: 300,
        transform: [{ filter: { field: "environment", equal: environment } }],
        encoding: { x, color },
        layer: [
          {
            transform: [{ filter: `!${isBroken}` }],
            mark: { type: "area", opacity: 0.2, clip: true },
            encoding: { y: { ...y, field: "low" }, y2: { field: "high" } }
          },
          {
            transform: [{ filter: `!${isBroken}` }],
            mark: { type: "line", strokeWidth: 2, clip: true },
            encoding: { y: { ...y, field: "value" }, strokeDash }
          },
          ...(broken.length === 0
            ? []
            : [
                {
                  transform: [{ filter: isBroken }],
                  mark: { type: "line", strokeWidth: 1, clip: true } as const,
                  encoding: { y: { ...y, field: "value" }, strokeDash, detail: { field: "broken" } }
                },
                {
                  transform: [{ filter: isBroken }, { filter: "datum.end" }],
                  mark: {
                    type: "point",
                    shape: "cross",
                    angle: 45,
                    filled: true,
                    size: 90,
                    clip: true
                  } as const,
                  encoding: { y: { ...y, field: "value" } }
                }
              ])
        ]
      }
    })
  }
}

/** Rows as CSV (RFC 4180), with the first row's columns; what is not there is an empty cell. */
export const csv = (rows: ReadonlyArray<Row>): string => {
  const columns = Object.keys(rows[0] ?? {})
  const cell = (value: number | string | null | undefined): string =>
    typeof value === "string" && /[",\n\r]/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : String(value ?? "")
  return [columns.join(","), ...rows.map((row) => columns.map((column) => cell(row[column])).join(","))]
    .join("\n")
    .concat("\n")
}
