/** Rows of numbers as Markdown tables. */

/** A column: its title, and what a row shows in it. */
export type Column<Row> = readonly [title: string, cell: (row: Row, all: ReadonlyArray<Row>) => string]

export const table = <Row>(columns: ReadonlyArray<Column<Row>>, rows: ReadonlyArray<Row>): string =>
  [
    columns.map(([title]) => title),
    columns.map(() => "---"),
    ...rows.map((row) => columns.map(([, cell]) => cell(row, rows)))
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")

const begin = (name: string, command: string): string => `<!-- ${name}: made by npm run ${command} -->`
const end = (name: string): string => `<!-- end of ${name} -->`

/** The page with the text between the two marks of this name replaced, which `npm run` of a command makes. Throws a `RangeError` where it has none. */
export const withSection = (page: string, name: string, text: string, command: string): string => {
  const [before, rest] = page.split(begin(name, command))
  const after = rest?.split(end(name))[1]
  if (before === undefined || after === undefined) throw new RangeError(`the page has no marks for "${name}"`)
  return `${before}${begin(name, command)}\n\n${text}\n\n${end(name)}${after}`
}
