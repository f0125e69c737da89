/** Writes down the hashes of `Bits.test.ts` anew: only after a change that is meant to change bits. */
import { writeFileSync } from "node:fs"
import * as Bits from "./Bits.ts"

for (const refusal of Bits.refusals()) process.stderr.write(`${refusal}\n`)
writeFileSync(new URL("bits.json", import.meta.url), `${JSON.stringify(await Bits.record(), null, 2)}\n`)
