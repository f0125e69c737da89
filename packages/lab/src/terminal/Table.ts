/** Columns of text. */
import * as Fold from "./Fold.ts"

// pure core

/** Rows as lines, each column as wide as its widest cell; the last one is not padded. */
export const lines = (rows: ReadonlyArray<ReadonlyArray<string>>, gap = "   "): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((width, row) => Math.max(width, Fold.cells(row[column] ?? "")), 0)
  )
  const padded = (cell: string, column: number): string =>
    cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - Fold.cells(cell)))
  return rows.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : padded(cell, column))).join(gap)
  )
}

/**
 * A table with a header in at most `width` cells: in columns where they fit, else each row as a block of lines
 * `header: cell` below its first cell.
 */
export const fit = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  width: number
): ReadonlyArray<string> => {
  const whole = lines([header, ...rows]).map((line) => line.trimEnd())
  if (whole.every((line) => Fold.cells(line) <= width)) return whole
  return rows.flatMap(([first = "", ...cells]) => [
    ...(first === "" ? [] : [first]),
    ...cells.flatMap((cell, i) => (cell === "" ? [] : [`  ${header[i + 1] ?? ""}: ${cell}`]))
  ])
}
