/** What a run tells at its end: for people a summary, for programs one line of JSON. */
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Printable from "@ornstein/core/Printable"
import type { Event } from "../events/index.ts"
import { RunDirectory } from "../runs/index.ts"
import { Numbers, Shell, Table } from "../terminal/index.ts"
import type * as Next from "./Next.ts"

// models

/** What a run tells at its end, and what a person can do next. */
export interface Outcome extends Event.Outcome {
  /** The run's directory as it is seen from where the command was called. */
  readonly shortRun: string
  readonly next: Next.Next
  /** Modules of the user's own that the run needs. */
  readonly parts?: ReadonlyArray<string>
}

// pure core

/** The last line of `--json`. */
export const json = ({ after, hash, run, step, stepsPerSecond, wallSeconds }: Event.Outcome): string =>
  JSON.stringify({
    run,
    step,
    evaluation: after === undefined ? null : Evaluation.brief(after),
    hash: { parameters: hash.parameters, state: hash.state },
    wallSeconds,
    stepsPerSecond
  })

const verdict = (
  before: Evaluation.Evaluation,
  after: Evaluation.Evaluation,
  threshold: number | undefined
): string => {
  if (threshold !== undefined && after.mean >= threshold) {
    return `Solved: the mean return has reached ${Numbers.value(threshold)}.`
  }
  const noise = (before.std + after.std) / Math.sqrt(after.episodes)
  const gain = after.mean - before.mean
  const learned =
    gain > noise
      ? "The policy has become better"
      : gain < -noise
        ? "The policy has become worse"
        : "The policy is about as good as before"
  return threshold === undefined
    ? `${learned}.`
    : `${learned}; solved would be a mean return of ${Numbers.value(threshold)}. More steps may help.`
}

/** How the policy did before and after. */
const returns = ({ after, before, origin, threshold }: Outcome): ReadonlyArray<string> => {
  if (after === undefined || before === undefined)
    return ["It was not evaluated: `ornstein evaluate` does it."]
  const began = origin === undefined ? "untrained" : `as the branch began, at step ${Numbers.integer(origin)}`
  return [
    `  return before   ${Numbers.spread(before).padStart(18)}   ${began}, mean ± deviation over ${before.episodes} episodes`,
    `  return after    ${Numbers.spread(after).padStart(18)}   learned, same start states, no exploration noise`,
    "",
    `The return is the sum of an episode's rewards; more is better. ${verdict(before, after, threshold)}`
  ]
}

/** The summary as lines. */
export const lines = (outcome: Outcome): ReadonlyArray<string> => {
  const { algorithm, environment, next, step } = outcome
  const run = outcome.shortRun.startsWith("..") ? outcome.run : outcome.shortRun
  const again =
    next.preset === undefined
      ? `--config ${Shell.quote(`${run}/${RunDirectory.files.config}`)}`
      : `--preset ${next.preset}`
  const also = (outcome.parts ?? []).map((path) => ` --with ${Shell.quote(path)}`).join("")
  const commands = [
    [
      `  npx ornstein evaluate ${Shell.quote(run)} --seed ${next.evaluation}${also}`,
      "the policy from other start states"
    ],
    ...(next.seed === undefined
      ? []
      : [
          [
            `  npx ornstein train ${again} --seed ${next.seed}${also}`,
            "does it learn as well with another seed?"
          ]
        ]),
    ...(next.change === undefined
      ? []
      : [
          [
            `  npx ornstein train ${again} --set ${Shell.quote(next.change)}${also}`,
            "change anything; `ornstein schema` says what"
          ]
        ])
  ]
  const contents = [
    [`  ${RunDirectory.files.checkpoints}/`, "the learned policy, with all else that training knew"],
    [`  ${RunDirectory.files.metrics}`, "what happened while it learned"],
    [`  ${RunDirectory.files.config}`, "everything that it takes to repeat the run"]
  ]
  return [
    "",
    `${algorithm} learned ${environment.id} (${environment.description}) in ` +
      `${Numbers.integer(step)} steps: ${Numbers.duration(outcome.wallSeconds)}, ` +
      `${Numbers.integer(outcome.stepsPerSecond)} steps/s.`,
    "",
    ...returns(outcome),
    "",
    `Written to ${Printable.inline(run)} (its README.md says what is what):`,
    ...Table.lines(contents),
    "",
    "Try next:",
    ...Table.lines(commands)
  ]
}
