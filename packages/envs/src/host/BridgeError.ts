/** What goes wrong between us and a Python process. */
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Fault from "@ornstein/core/Fault"

// models

/**
 * | reason | what it means |
 * | --- | --- |
 * | `system` | the bridge works on Linux with `pidfd_open` only |
 * | `python` | there is no such Python |
 * | `package` | a package is not installed there |
 * | `unknown` | nobody has registered the id |
 * | `space` | a space that has no counterpart here |
 * | `world` | the world raised an exception |
 * | `died` | the process ended by itself |
 * | `hung` | no reply before the deadline |
 * | `garbage` | something else than a reply came out of the pipe |
 * | `closed` | used after its end |
 */
export const Reason = Schema.Literals([
  "system",
  "python",
  "package",
  "unknown",
  "space",
  "world",
  "died",
  "hung",
  "garbage",
  "closed"
])
export type Reason = typeof Reason.Type

// errors

export class BridgeError
  extends Schema.TaggedError<BridgeError>()("BridgeError", {
    reason: Reason,
    /** Python's type of what was raised: `ValueError`. */
    type: Schema.optionalKey(Schema.String),
    ...Fault.fields
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  override get message(): string {
    return Fault.message(this)
  }
}
