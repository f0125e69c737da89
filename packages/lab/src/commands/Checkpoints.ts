/** The flags of commands that train. */
import * as Field from "@ornstein/core/Field"
import * as Flag from "effect/cli/Flag"

export const every = Flag.Int("checkpoint-every").pipe(
  Flag.withSchema(Field.positiveInt),
  Flag.withMetavar("STEPS"),
  Flag.withDescription("Environment steps from one checkpoint to the next (default 5000); changes no result")
)

export const keep = Flag.Int("keep").pipe(
  Flag.withSchema(Field.positiveInt),
  Flag.withMetavar("K"),
  Flag.withDescription("Newest checkpoints that stay, besides the best by evaluation (default 3)")
)

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print the result as one line of JSON on standard output, all else on standard error"),
  Flag.withDefault(false)
)
