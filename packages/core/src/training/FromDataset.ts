/**
 * Learning from a dataset alone (`Replay.Instance.statistics`): a step of the run is the updates that it makes due, and no
 * environment takes one. So nothing acts, explores or warms up, and updates begin with the first step.
 */
import { JsonPath, Mistake } from "../config/index.ts"
import type * as Acting from "./Acting.ts"
import type * as Interaction from "./Interaction.ts"
import type * as Learning from "./Learning.ts"
import type { Options } from "./TrainingOptions.ts"

// models

/** What differs from a run that acts. */
export const rhythm = { warmup: 0, learningStarts: 0 } as const

// pure core

const NOBODY = "nobody acts while a dataset is learned from"

/** What is allowed in these fields, where something else is given. */
export const refusals: ReadonlyArray<{
  readonly path: readonly [string, ...ReadonlyArray<string>]
  readonly check: (given: Options) => string | undefined
}> = [
  {
    path: ["episodes"],
    check: ({ episodes }) => (episodes === undefined ? undefined : `expected none: ${NOBODY}`)
  },
  { path: ["lanes"], check: ({ lanes }) => (lanes === 1 ? undefined : `expected 1: ${NOBODY}`) },
  {
    path: ["normalize", "rewards"],
    check: ({ normalize }) =>
      normalize.rewards ? `expected false: its scale is that of returns, and ${NOBODY}` : undefined
  }
]

/** All mistakes in the options of training. */
export const mistakes = (given: Options): ReadonlyArray<Mistake.Mistake> =>
  refusals.flatMap(({ check, path }) => {
    const allowed = check(given)
    const found = path.reduce<unknown>((value, name) => JsonPath.child(value, name), given)
    return allowed === undefined ? [] : [Mistake.make(["training", ...path], allowed, found)]
  })

// constructors

/** Nobody acts. */
export const nobody: Acting.Acting = {
  lanes: 0,
  attached: undefined,
  start: () => {},
  select: () => {},
  send: (step) => step,
  take: () => {},
  end: () => 0,
  standings: () => [],
  lane: () => undefined,
  isAtRest: () => true,
  renew: () => 0,
  actions: () => null,
  restore: () => {}
}

/** Steps without updates between two looks at the clock. */
const LOOK_EVERY = 16

/** The loop over steps; what is known of episodes stays as it was. */
export const make = ({ due, update }: Learning.Learning): Interaction.Interaction => {
  let step = 0
  const run: Interaction.Interaction["run"] = (from, until, isLate) => {
    let { round, updates } = from
    step = from.step
    const standing = (): Interaction.Counters => ({ step, updates, episode: from.episode, round })
    while (step < until || round > 0) {
      if (round === 0) step += 1
      const all = due(step)
      while (round < all) {
        updates += 1
        round += 1
        update(updates, step)
        if (round < all && isLate()) return standing()
      }
      round = 0
      if ((updates > from.updates || step % LOOK_EVERY === 0) && isLate()) break
    }
    return standing()
  }
  return { run, reached: () => step }
}
