/** Columns of text. */

// pure core

/** Rows as lines, each column as wide as its widest cell; the last one is not padded. */
export const lines = (rows: ReadonlyArray<ReadonlyArray<string>>, gap = "   "): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0)
  )
  return rows.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join(gap)
  )
}
