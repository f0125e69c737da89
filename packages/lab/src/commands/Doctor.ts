/** `ornstein doctor`. */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { Output, Table } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"

export const doctor = Reading.make(
  "doctor",
  {
    json: Flags.jsonOf("a JSON array")
  },
  Effect.fn(function* ({ json }) {
    const Doctor = yield* Effect.promise(() => import("../doctor/Doctor.ts"))
    const findings = yield* Doctor.examine
    const output = yield* Output.Output
    if (json) yield* output.line(JSON.stringify(findings))
    else {
      const rows = findings.map(({ advice, found, name, status }) => [
        status,
        name,
        advice === undefined ? found : `${found}: ${advice}`
      ])
      for (const line of Table.lines(rows)) yield* output.line(line)
    }
    const faults = findings.filter(({ status }) => status === "fault").map(({ name }) => name)
    if (faults.length > 0) return yield* new Doctor.UnhealthyError({ faults })
  })
).pipe(Command.withDescription("Say what this machine has of what Ornstein needs"))
