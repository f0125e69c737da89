/** A signal ended the run before its last step. */
import * as Fault from "@ornstein/core/Fault"
import * as Printable from "@ornstein/core/Printable"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Shell, Signals } from "../terminal/index.ts"

/** What was done so far is complete, and can be resumed. */
export class Stopped
  extends Schema.TaggedError<Stopped>()("Stopped", {
    signal: Signals.Signal,
    run: Schema.String,
    step: Schema.Int
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Signals.exitCode[this.signal]
  get what(): string {
    return (
      `stopped by ${this.signal} at step ${this.step}; what was done so far is in ${Printable.inline(this.run)}\n` +
      `npx ornstein resume ${Shell.quote(this.run)} goes on from there`
    )
  }
  override get message(): string {
    return Fault.message(this)
  }
}
