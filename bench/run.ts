/**
 * `npm run bench`: measures this machine, all sections or those named: `npm run bench -- updates environments`.
 * `--json` prints numbers for machines; `--write` keeps them in `bench/history.json` and renews the tables of
 * `docs/performance.md`.
 */
import { parseArgs } from "node:util"
import * as Checkpoints from "./Checkpoints.ts"
import * as Engines from "./Engines.ts"
import * as Environments from "./Environments.ts"
import * as GymnasiumBridge from "./GymnasiumBridge.ts"
import * as History from "./History.ts"
import * as Lanes from "./Lanes.ts"
import * as TrainingSpeed from "./TrainingSpeed.ts"
import * as Updates from "./Updates.ts"
import * as Worlds from "./Worlds.ts"

/** Measures one section; its rows, and the same as a table. */
const section =
  <Row>({
    measure,
    table
  }: {
    readonly measure: () => ReadonlyArray<Row> | Promise<ReadonlyArray<Row>>
    readonly table: (rows: ReadonlyArray<Row>) => string
  }) =>
  async () => {
    const rows = await measure()
    return { rows, table: table(rows) }
  }

const sections = {
  updates: section(Updates),
  engines: section(Engines),
  training: section(TrainingSpeed),
  environments: section(Environments),
  worlds: section(Worlds),
  gymnasium: section(GymnasiumBridge),
  lanes: section(Lanes),
  checkpoints: section(Checkpoints)
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, write: { type: "boolean", default: false } }
})
const unknown = positionals.filter((name) => !Object.hasOwn(sections, name))
if (unknown.length > 0) {
  console.error(`There is no section ${unknown.join(", ")}. There are: ${Object.keys(sections).join(", ")}`)
  process.exit(2)
}

const measured: Array<readonly [string, { readonly rows: ReadonlyArray<unknown>; readonly table: string }]> =
  []
for (const [name, measure] of Object.entries(sections)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const result = await measure()
  measured.push([name, result])
  if (!values.json) console.log(`${name}\n\n${result.table}\n`)
}
const entry = History.entry(Object.fromEntries(measured.map(([name, { rows }]) => [name, rows])))
if (values.json) console.log(JSON.stringify(entry))
if (values.write) {
  History.keep(entry, Object.fromEntries(measured.map(([name, { table }]) => [name, table])))
}
