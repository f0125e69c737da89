/**
 * How a run stands among the runs of its experiment: are its scores compared with theirs, and if not, why. A run that has
 * not come to its end is compared with none that has; it neither shortens their curves nor changes what is compared.
 */
import * as Printable from "@ornstein/core/Printable"
import type { RunHistory } from "../runs/index.ts"
import { Numbers } from "../terminal/index.ts"

// models

export type Standing =
  | { readonly _tag: "Counted" }
  /** A number of its learner or its world was no longer finite. */
  | { readonly _tag: "Diverged"; readonly step: number }
  | { readonly _tag: "Failed"; readonly step: number }
  | { readonly _tag: "Unfinished"; readonly step: number; readonly steps: number }
  /** It has no row yet. */
  | { readonly _tag: "Empty" }

/** A run whose scores do not count, and why. */
export interface Aside {
  readonly run: RunHistory.RunHistory
  readonly standing: Standing
}

// pure core

/** What `reason` says of a run that ended in numbers that are none: `at step 120, critic.l0.w is not finite. ...`. */
const DIVERGED = /is not finite|is not a number|of the observation is|the reward is/
const STEP = /\bstep (\d+)\b/

const stepOf = ({ manifest, slices }: RunHistory.RunHistory): number => {
  const seen = Math.max(manifest.step, slices.at(-1)?.step ?? 0)
  const told = manifest.reason?.startsWith("at step ") === true ? STEP.exec(manifest.reason)?.[1] : undefined
  return told === undefined ? seen : Math.max(seen, Number(told))
}

const standingOf = (run: RunHistory.RunHistory, isFinishedAmong: boolean): Standing => {
  const { manifest, slices } = run
  const step = stepOf(run)
  if (manifest.status === "failed") {
    return { _tag: DIVERGED.test(manifest.reason ?? "") ? "Diverged" : "Failed", step }
  }
  if (slices.length === 0) return { _tag: "Empty" }
  if (manifest.status === "finished" || !isFinishedAmong) return { _tag: "Counted" }
  return { _tag: "Unfinished", step, steps: manifest.steps }
}

/** The runs of one experiment whose scores are compared, and those left out. */
export const divide = (
  runs: ReadonlyArray<RunHistory.RunHistory>
): { readonly counted: ReadonlyArray<RunHistory.RunHistory>; readonly aside: ReadonlyArray<Aside> } => {
  const isFinishedAmong = runs.some(
    ({ manifest, slices }) => manifest.status === "finished" && slices.length > 0
  )
  const judged = runs.map((run) => ({ run, standing: standingOf(run, isFinishedAmong) }))
  return {
    counted: judged.filter(({ standing }) => standing._tag === "Counted").map(({ run }) => run),
    aside: judged.filter(({ standing }) => standing._tag !== "Counted")
  }
}

/** `diverged at step 100`. */
export const describe = (standing: Standing): string => {
  switch (standing._tag) {
    case "Counted":
      return "counted"
    case "Diverged":
      return `diverged at step ${Numbers.integer(standing.step)}`
    case "Failed":
      return `failed at step ${Numbers.integer(standing.step)}`
    case "Unfinished":
      return `unfinished at step ${Numbers.integer(standing.step)} of ${Numbers.integer(standing.steps)}`
    case "Empty":
      return "without a slice yet"
  }
}

/** `1 diverged at step 100 (runs/a); 2 without a slice yet (runs/b, runs/c)`. */
export const summary = (aside: ReadonlyArray<Aside>): string =>
  [...Map.groupBy(aside, ({ standing }) => describe(standing))]
    .map(
      ([what, these]) =>
        `${these.length} ${what} (${these.map(({ run }) => Printable.inline(run.run)).join(", ")})`
    )
    .join("; ")
