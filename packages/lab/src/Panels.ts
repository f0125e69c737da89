/** The figures of a report as Vega-Lite specifications, their numbers inside. */
import type * as Curves from "./Curves.ts"
import * as Figure from "./Figure.ts"
import type * as RunHistory from "./RunHistory.ts"
import * as Statistics from "./Statistics.ts"

// models

/** One panel of a run's figure. */
export interface Panel {
  readonly title: string
  readonly series: RunHistory.Series
  /** Values that the smoothed line averages over; 1 draws the series alone. */
  readonly window: number
}

/** A row of a figure's table. */
export type Row = { readonly [column: string]: number | string }

// pure core

const WIDTH = 520

const steps = { field: "step", type: "quantitative", title: "Environment steps" } as const

/** The numbers of a run's figure, as drawn. */
export const panelRows = (panels: ReadonlyArray<Panel>): ReadonlyArray<Row> =>
  panels.flatMap(({ series, title, window }) => {
    const smoothed = Statistics.smooth(series.values, window)
    return series.values.map((value, i) => ({
      panel: title,
      step: series.steps[i] ?? 0,
      value,
      smoothed: smoothed[i] ?? value
    }))
  })

/** A run: panels one above the other, each value light and their running mean dark. */
export const run = (title: string, panels: ReadonlyArray<Panel>): Figure.Spec => {
  const shown = panels.filter(({ series }) => series.values.length > 0)
  return {
    title: { text: title, offset: 12 },
    data: { values: panelRows(shown).map((row) => ({ ...row })) },
    spacing: 14,
    resolve: { scale: { x: "shared" } },
    vconcat: shown.map(({ title, window }, i) => {
      const isLast = i === shown.length - 1
      const x = {
        ...steps,
        axis: isLast
          ? { grid: false, tickCount: 8, format: "~s" }
          : { grid: false, labels: false, ticks: false, title: null }
      }
      const axis = { tickCount: 4, format: ",.4~r", minExtent: 50 }
      const y = { type: "quantitative", scale: { zero: false }, axis } as const
      return {
        width: WIDTH,
        height: 110,
        transform: [{ filter: { field: "panel", equal: title } }],
        layer: [
          {
            mark: { type: "line", strokeWidth: 1, color: window > 1 ? "#b0c4de" : Figure.palette[0] },
            encoding: { x, y: { ...y, field: "value", title } }
          },
          ...(window > 1
            ? [
                {
                  mark: { type: "line", strokeWidth: 2, color: Figure.palette[1] } as const,
                  encoding: { x, y: { ...y, field: "smoothed", title } }
                }
              ]
            : [])
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

/** Groups of runs: a line and a band each; groups of different environments side by side. */
export const curves = (all: ReadonlyArray<Curves.Curve>, title: string): Figure.Spec => {
  const environments = [...new Set(all.map(({ group }) => group.environment))]
  const labels = all.map(({ group }) => group.label)
  const color = {
    field: "group",
    type: "nominal",
    title: null,
    sort: labels,
    scale: { domain: labels },
    legend: { orient: "bottom", columns: labels.some((label) => label.length > 30) ? 1 : 3, labelLimit: 500 }
  } as const
  const x = { ...steps, axis: { grid: false, tickCount: 6, format: "~s" } } as const
  const scale = { zero: false, nice: false } as const
  return {
    data: { values: curveRows(all).map((row) => ({ ...row })) },
    hconcat: environments.map((environment) => ({
      ...(environments.length > 1 ? { title: environment } : {}),
      width: environments.length > 1 ? 320 : WIDTH,
      height: 300,
      transform: [{ filter: { field: "environment", equal: environment } }],
      encoding: { x, color },
      layer: [
        {
          mark: { type: "area", opacity: 0.2 },
          encoding: { y: { field: "low", type: "quantitative", scale, title }, y2: { field: "high" } }
        },
        {
          mark: { type: "line", strokeWidth: 2 },
          encoding: { y: { field: "value", type: "quantitative", scale, title } }
        }
      ]
    }))
  }
}

/** Rows as CSV (RFC 4180), with the first row's columns. */
export const csv = (rows: ReadonlyArray<Row>): string => {
  const columns = Object.keys(rows[0] ?? {})
  const cell = (value: number | string | undefined): string =>
    typeof value === "string" && /[",\n]/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : String(value ?? "")
  return [columns.join(","), ...rows.map((row) => columns.map((column) => cell(row[column])).join(","))]
    .join("\n")
    .concat("\n")
}
