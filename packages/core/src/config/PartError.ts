/**
 * A part that somebody has written does not do what its place needs: it throws, answers later, or gives what cannot be
 * used. Which part, of which module, at which step, what it did, how to fix it.
 */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Fault from "./Fault.ts"

// errors

export class PartError
  extends Schema.TaggedError<PartError>()("PartError", {
    /** `world "lander"` */
    part: Schema.String,
    /** The file that it comes from. */
    module: Schema.String,
    /** Where it stood by itself: `step 12 of its episode`. */
    at: Schema.optionalKey(Schema.String),
    /** The step of the run. */
    step: Schema.optionalKey(Schema.Int),
    /** Was it at work already, and not only being made? */
    isAtWork: Schema.Boolean,
    ...Fault.fields
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = this.isAtWork ? Fault.exit.failed : Fault.exit.refused
  get where(): string {
    return [
      this.module,
      this.part,
      ...(this.at === undefined ? [] : [this.at]),
      ...(this.step === undefined ? [] : [`step ${this.step} of the run`])
    ].join(", ")
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// combinators

/** The same error, with the step of the run at which it came up. */
export const atStep = ({ at, fix, isAtWork, module, part, what }: PartError, step: number): PartError =>
  new PartError({ part, module, isAtWork, step, what, fix, ...(at === undefined ? {} : { at }) })

/** The same error, of a run that has begun. */
export const atWork = ({ at, fix, module, part, step, what }: PartError): PartError =>
  new PartError({
    part,
    module,
    isAtWork: true,
    what,
    fix,
    ...(at === undefined ? {} : { at }),
    ...(step === undefined ? {} : { step })
  })

/** Where a part that threw is met outside of what expects it: its error becomes a typed failure, too. */
export const caught = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | PartError, R> =>
  Effect.catchDefect(self, (defect) =>
    defect instanceof PartError ? Effect.fail(defect) : Effect.die(defect)
  )
