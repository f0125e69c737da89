/**
 * `npm run bench`: measures updates over a grid of sizes. `-- --json` prints numbers for machines; `-- --write` keeps
 * them in `bench/history.json` and renews the table in `docs/performance.md`.
 */
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import * as Updates from "./Updates.ts"

const { values } = parseArgs({ options: { json: { type: "boolean" }, write: { type: "boolean" } } })
const threads = availableParallelism() >= 2 ? [1, 2] : [1]
const entry = Updates.entry(Updates.measure(threads))
console.log(values.json === true ? JSON.stringify(entry) : Updates.table(entry.updates))
if (values.write === true) Updates.keep(entry)
