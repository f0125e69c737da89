/** Learning that has left the finite numbers: since when, where, and how it began. */
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault, Printable } from "../config/index.ts"

// models

/** Where in learning a number stopped being finite. */
const place = {
  /** Of learning, counted from 1; 0 before the first. */
  update: Schema.Int,
  /** The phases of that update that are run together: `critic+actor+targets`. */
  phase: Schema.String,
  /** The first array or metric that is not finite. */
  tensor: Schema.String,
  /** The operation that gave the first such number and the line that asked for it, where it was looked for. */
  operation: Schema.optionalKey(Schema.Struct({ name: Schema.String, site: Schema.String }))
}
export type Divergence = Schema.Struct<typeof place>["Type"]

// errors

/** Something became NaN or infinite: the environment step and the update at which it was seen, and where. */
export class DivergenceError
  extends Schema.TaggedError<DivergenceError>()("DivergenceError", { step: Schema.Int, ...place })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return `at step ${this.step}, ${this.update === 0 ? "before the first update" : `update ${this.update} (${this.phase})`}`
  }
  get what(): string {
    const { operation } = this
    const origin =
      operation === undefined ? "" : `; it began with ${operation.name} (${Printable.inline(operation.site)})`
    return `${this.tensor} is not finite${origin}`
  }
  get fix(): string {
    return "Lower the learning rates, clip the gradients, or scale the reward"
  }
  override get message(): string {
    return Fault.message(this)
  }
}
