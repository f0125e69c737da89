/** A run whose numbers stopped being finite: where, and what can be done with what there is. */
import type * as Agent from "@ornstein/core/Agent"
import * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Fault from "@ornstein/core/Fault"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Event } from "../events/index.ts"
import { RunDirectory } from "../runs/index.ts"
import { Numbers, Shell } from "../terminal/index.ts"

// errors

export class Diverged
  extends Schema.TaggedError<Diverged>()("Diverged", {
    run: Schema.String,
    divergence: Event.Divergence,
    where: Schema.String,
    what: Schema.String,
    cure: Schema.String,
    /** Was the operation looked for that began it? */
    isSought: Schema.Boolean,
    /** The step of the newest checkpoint, if there is one. */
    checkpoint: Schema.NullOr(Schema.Int)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get fix(): string {
    const run = Shell.quote(this.run)
    const kept =
      this.checkpoint === null
        ? "There is no checkpoint yet"
        : `The newest checkpoint, of step ${Numbers.integer(this.checkpoint)}, is unharmed: ` +
          `\`npx ornstein branch ${run} --set path=value\` goes on from there with a change`
    const search = !this.isSought
      ? `; \`npx ornstein resume ${run} --find-nan\` names the operation that began it`
      : this.divergence.operation === undefined
        ? "; on the oracle tfjs:cpu the same update gives finite numbers"
        : ""
    return `${this.cure}. ${kept}${search}`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// constructors

/** The error of a run in this directory. */
export const of = Effect.fnUntraced(function* (
  directory: string,
  error: Agent.DivergenceError,
  isSought: boolean
) {
  const store = (yield* Path.Path).join(directory, RunDirectory.files.checkpoints)
  const names = yield* Effect.map(CheckpointDirectory.list(store), (all) =>
    all.map(({ name }) => Number(name))
  )
  const { operation, phase, step, tensor, update } = error
  return new Diverged({
    run: directory,
    divergence: { step, update, phase, tensor, ...(operation === undefined ? {} : { operation }) },
    isSought,
    where: error.where,
    what: error.what,
    cure: error.fix,
    checkpoint: names.length === 0 ? null : names.reduce((a, b) => Math.max(a, b))
  })
})
