/** States that a run cannot go on from. */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault, PartError } from "../config/index.ts"
import { Environment } from "../environment/index.ts"

// errors

/** A state that this run cannot continue from: what does not fit, and how to fix it. */
export class ResumeError
  extends Schema.TaggedError<ResumeError>()("ResumeError", Fault.fields)
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  override get message(): string {
    return Fault.message(this)
  }
}

// combinators

/** What a state threw while it was put back, as a typed failure. */
export const attempt = <A>(run: () => A): Effect.Effect<A, ResumeError | PartError.PartError> =>
  Effect.try({
    try: run,
    catch: (cause) => {
      if (cause instanceof PartError.PartError) return cause
      const isForeign =
        cause instanceof Environment.EnvironmentError ||
        cause instanceof TypeError ||
        cause instanceof RangeError
      if (!isForeign) throw cause
      return new ResumeError({
        what: `the state belongs to another configuration: ${cause.message}`,
        fix: "Continue with the configuration that it was made with"
      })
    }
  })
