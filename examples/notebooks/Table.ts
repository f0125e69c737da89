/** The rows that an example prints, also as a CSV file in its run directory. */
import * as Durable from "@ornstein/core/Durable"
import * as Panels from "@ornstein/lab/Panels"
import { Console, Effect } from "effect"

export type Row = { readonly [column: string]: number }

/** An empty table; `add` prints a line for its row and renews the file. */
export const make = Effect.fnUntraced(function* (directory: string, name: string) {
  yield* Durable.ensureDirectory(directory)
  const rows: Array<Row> = []
  const add = (row: Row, line: string) =>
    Effect.sync(() => rows.push(row)).pipe(
      Effect.andThen(Console.log(line)),
      Effect.andThen(() => Durable.replaceText(`${directory}/${name}.csv`, Panels.csv(rows)))
    )
  return { add }
})
