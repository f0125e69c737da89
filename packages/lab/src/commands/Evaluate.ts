/** `ornstein evaluate`. */
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Numbers, Output } from "../terminal/index.ts"
import * as Engines from "./Engines.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

export const evaluate = Reading.make(
  "evaluate",
  {
    run: Flags.pathArgument("run").pipe(
      Argument.withDescription("The directory of a run, or a file that `ornstein export` has written")
    ),
    at: Flags.at,
    env: Flags.environment,
    engine: Engines.acting,
    episodes: Flag.Int("episodes").pipe(
      Flag.withSchema(Field.intBetween(1, 1_000_000)),
      Flag.withAlias("n"),
      Flag.withDescription("Episodes (default: the run's own evaluation.episodes)"),
      Flag.optional
    ),
    seed: Flag.Int("seed").pipe(
      Flag.withSchema(Field.nonNegativeInt),
      Flag.withAlias("s"),
      Flag.withDescription("Fixes the start states (default: the run's own evaluation.seed)"),
      Flag.optional
    ),
    stepLimit: Flag.Int("step-limit").pipe(
      Flag.withSchema(Field.positiveInt),
      Flag.withMetavar("STEPS"),
      Flag.withDescription(
        "Cut an episode off after so many steps (default: the run's own evaluation.stepLimit, else the world's limit)"
      ),
      Flag.optional
    ),
    ...Using.ofRuns,
    json: Flags.jsonOf("the result as one line of JSON")
  },
  Effect.fn(
    function* ({ at, engine, env, episodes, json, run, seed, stepLimit }) {
      const [SavedPolicy, Statistics, Evaluation, Config] = yield* Effect.promise(() =>
        Promise.all([
          import("../policy/SavedPolicy.ts"),
          import("../compare/Statistics.ts"),
          import("@ornstein/core/Evaluation"),
          import("@ornstein/core/Config")
        ])
      )
      const saved = yield* SavedPolicy.open({
        from: run,
        at: Option.getOrUndefined(at),
        environment: Option.getOrUndefined(env),
        engine: yield* Engines.decoded(engine)
      })
      const options = yield* Effect.fromResult(
        Config.decode(
          { schema: Evaluation.Options, rules: [], example: {} },
          {
            episodes: Option.getOrElse(episodes, () => saved.evaluation.episodes),
            seed: Option.getOrElse(seed, () => saved.evaluation.seed),
            ...Option.match(
              Option.orElse(stepLimit, () => Option.fromUndefinedOr(saved.evaluation.stepLimit)),
              {
                onNone: () => ({}),
                onSome: (stepLimit) => ({ stepLimit })
              }
            )
          }
        )
      )
      const result = yield* Evaluation.run(saved.environment, saved.batched, options)
      const output = yield* Output.Output
      const { returns } = result
      const { step } = saved.value
      if (json) {
        const evaluation = Evaluation.brief(result)
        return yield* output.line(
          JSON.stringify({ run, step, engine: saved.actor, seed: options.seed, evaluation })
        )
      }
      yield* output.line(
        `${saved.environment.spec.id}, policy of step ${Numbers.integer(step)} on ${saved.actor}, ` +
          `${Numbers.integer(result.episodes)} episodes without exploration (start states of seed ${options.seed}):`
      )
      yield* output.line(`  return  ${Numbers.spread(result)}  mean ± deviation${Evaluation.remark(result)}`)
      yield* output.line(
        `  from    ${Numbers.value(Statistics.minimum(returns))} to ${Numbers.value(Statistics.maximum(returns))}`
      )
    },
    Effect.scoped,
    (self, given) => Using.using(given)(self)
  )
).pipe(
  Command.withDescription("Evaluate the policy of a run or of a file, without exploration"),
  Command.withExamples([
    {
      command: "ornstein evaluate runs/pendulum-20261121-064512-seed0 --seed 1",
      description: "From other start states"
    },
    {
      command: "ornstein evaluate runs/pendulum-20261121-064512-seed0 --at best",
      description: "Not the last policy, but the best of those that were evaluated while it learned"
    },
    { command: "ornstein evaluate policy.safetensors", description: "A policy that was exported" }
  ])
)
