/**
 * The interaction of an agent with its environments: acting and learning, joined by a schedule. The inner loop of
 * training, synchronous and without allocation; where it stops and goes on again changes nothing.
 *
 * A round is one step of each lane. Its result depends on the schedule and on the number of lanes, never on time.
 */
import type * as Acting from "./Acting.ts"
import type * as Learning from "./Learning.ts"

// models

/** Where a run stands. */
export interface Counters {
  readonly step: number
  readonly updates: number
  /** Episodes that have ended, of all lanes. */
  readonly episode: number
  /** Updates made of those that a round made due, if more are: the steps are taken, and it goes on before the next. */
  readonly round: number
}

/**
 * What a round consists of:
 *
 * | stage | what happens |
 * | --- | --- |
 * | `select` | the actions of all lanes, by the parameters as they are |
 * | `take` | lane after lane steps, or all at once on threads of their own; lane after lane its transition is stored |
 * | `learn` | the updates that are due by the steps taken |
 * | `end` | episodes that have ended are told, and their lanes begin anew |
 */
export type Stage = "select" | "take" | "learn" | "end"

export type Schedule = ReadonlyArray<Stage>

/**
 * Acting in round r uses the parameters of round r: those after the updates of all rounds before. With one lane that is
 * Algorithm 1 of DDPG, from "select action" to the end of the step.
 */
export const inTurn: Schedule = ["select", "take", "learn", "end"]

/** What is joined. */
export interface Parts {
  readonly acting: Acting.Acting
  readonly learning: Learning.Learning
  /** How many transitions can be sampled from. */
  readonly size: () => number
  readonly options: { readonly episodes?: number; readonly learningStarts: number }
  /** After the updates of a round, once learning has started. */
  readonly learned?: ((step: number) => void) | undefined
}

export interface Interaction {
  /**
   * Runs from the counters to step `until`, to the end of the last episode, or to an earlier step or update if it gets
   * late; tells of every episode that ends. Step `until` may stand in the middle of a round.
   */
  readonly run: (
    from: Counters,
    until: number,
    isLate: () => boolean,
    onEpisode: (episode: Acting.Episode) => void
  ) => Counters
  /** The steps taken until now, also where `run` has thrown. */
  readonly reached: () => number
}

// the loop

/** Steps without updates between two looks at the clock. */
const LOOK_EVERY = 16

/** The loop over rounds. */
export const make = (parts: Parts, schedule: Schedule = inTurn): Interaction => {
  const { acting, learned, learning, options, size } = parts
  const { lanes } = acting
  const { episodes = Number.POSITIVE_INFINITY, learningStarts } = options
  const [take, learn] = [schedule.indexOf("take"), schedule.indexOf("learn")]
  let step = 0

  const run: Interaction["run"] = (from, until, isLate, onEpisode) => {
    let { episode, round, updates } = from
    step = from.step
    const standing = (): Counters => ({ step, updates, episode, round })
    while (step < until || round > 0) {
      const first = round > 0 ? learn : step % lanes > 0 ? take : 0
      for (let stage = first; stage < schedule.length; stage++) {
        switch (schedule[stage]) {
          case "select":
            acting.select(step)
            break
          case "take": {
            const sent = acting.send(step, Math.min(until, step - (step % lanes) + lanes))
            do {
              acting.take(step)
              step += 1
              const mayStop = step >= sent && step % lanes > 0 && step % LOOK_EVERY === 0
              if (mayStop && isLate()) return standing()
            } while (step < until && step % lanes > 0)
            if (step % lanes > 0) return standing()
            break
          }
          case "learn": {
            const due = learning.due(step)
            while (round < due && size() > 0) {
              updates += 1
              round += 1
              learning.update(updates, step)
              if (round < due && isLate()) return standing()
            }
            round = 0
            if (step >= learningStarts && size() > 0) learned?.(step)
            break
          }
          case "end":
            episode += acting.end(step, onEpisode)
            break
        }
      }
      if (episode >= episodes) break
      // The clock is read after updates, which take time, and now and then among steps, which take little; and at the end
      // of an episode, where somebody may wait for it.
      const isLooking = updates > from.updates || step % LOOK_EVERY === 0 || episode > from.episode
      if (isLooking && isLate()) break
    }
    return standing()
  }

  return { run, reached: () => step }
}
