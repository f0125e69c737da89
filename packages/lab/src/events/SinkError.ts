/** A durable sink does not do what a run can wait for: it throws, gives what is no Effect, or never ends. */
import * as Fault from "@ornstein/core/Fault"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

export class SinkError
  extends Schema.TaggedError<SinkError>()("SinkError", { sink: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return `sink "${this.sink}"`
  }
  override get message(): string {
    return Fault.message(this)
  }
}
