/**
 * Writes down the hashes of `Bits.test.ts`: of what is new, after what is there. Hashes that are there change only after a
 * change that is meant to change bits.
 */
import { readFileSync, writeFileSync } from "node:fs"
import * as Bits from "./Bits.ts"

const file = new URL("bits.json", import.meta.url)
for (const refusal of Bits.refusals()) process.stderr.write(`${refusal}\n`)
const record = await Bits.record()
const known: Array<string> = Object.keys(JSON.parse(readFileSync(file, "utf8")))
const names = new Set([...known.filter((name) => name in record), ...Object.keys(record)])
const rows = Object.fromEntries(Array.from(names, (name) => [name, record[name]]))
writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`)
