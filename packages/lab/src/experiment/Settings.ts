/** What every experiment has, whichever parts it can choose from: the fields that training and sessions read. */
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Field from "@ornstein/core/Field"
import * as Training from "@ornstein/core/Training"
import * as Schema from "effect/Schema"

// models

export const EvaluationOptions = Schema.Struct({
  every: Field.nonNegativeInt
    .annotate({
      description: "environment steps from one evaluation to the next; 0: only before and after training"
    })
    .pipe(Field.withDefault(0)),
  ...Evaluation.Options.fields,
  episodes: Field.intBetween(0, 1_000_000)
    .annotate({ description: "episodes per evaluation; 0: there are none" })
    .pipe(Field.withDefault(Evaluation.Options.make({}).episodes))
})

const chosen = Schema.Struct({ kind: Schema.String })

/** An experiment of whichever parts. */
export const Settings = Schema.Struct({
  environment: chosen,
  wrappers: Schema.optionalKey(Schema.Array(chosen)),
  algorithm: Schema.Struct({ base: Schema.String }),
  replay: chosen,
  exploration: chosen,
  training: Training.Options,
  evaluation: EvaluationOptions,
  engine: chosen
})
export type Settings = typeof Settings.Type

export const isSettings = Schema.is(Settings)

/** Are these the options of some part that is named by its kind? */
export const isChosen = Schema.is(chosen)

/** The same with all options of its parts, as they are. */
export const Whole = Schema.declare(isSettings, { expected: "an experiment" })
