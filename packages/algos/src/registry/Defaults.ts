/**
 * What an algorithm brings along besides itself: the exploration, the replay and the rhythm of training that it is run
 * with unless a configuration says otherwise.
 *
 * ```ts
 * const { exploration, replay, training } = Defaults.of("sac")
 * Training.stream(Algorithm.learner(sac), { ...training, seed: 7 }).pipe(
 *   Stream.provide(Layer.mergeAll(Exploration.layer(exploration), Replay.layer(replay)))
 * )
 * ```
 */
import * as Exploration from "@ornstein/core/Exploration"
import * as Replay from "@ornstein/core/Replay"
import type * as Training from "@ornstein/core/Training"

// models

export interface Defaults {
  readonly exploration: Exploration.Options
  readonly replay: Replay.Options
  /** What differs from the defaults of `Training.Options`. */
  readonly training: Partial<Training.Options>
}

// the table

/** A deterministic policy adds noise of 0.1 to its actions, as TD3's authors do. */
const deterministic: Defaults = {
  exploration: Exploration.Options.make({ kind: "gaussian", sigma: 0.1 }),
  replay: Replay.Options.make({ kind: "uniform" }),
  training: {}
}

/** Barth-Maron et al., 2018, appendix: noise of 0.3, priorities, returns over 5 steps. */
const distributional: Defaults = {
  exploration: Exploration.Options.make({ kind: "gaussian", sigma: 0.3 }),
  replay: Replay.Options.make({ kind: "prioritized", nStep: 5 }),
  training: {}
}

/** A stochastic policy explores by its own samples. */
const stochastic: Defaults = { ...deterministic, exploration: Exploration.Options.make({ kind: "none" }) }

/** A minibatch is a whole rollout of the policy's own actions, from the first step on. */
const onPolicy = (replay: Replay.Options): Defaults => ({
  exploration: Exploration.Options.make({ kind: "none" }),
  replay,
  training: { warmup: 0, learningStarts: 0, batchSize: replay.capacity }
})

const table = {
  ddpg: deterministic,
  td3: deterministic,
  d4pg: distributional,
  sac: stochastic,
  tqc: stochastic,
  actorCritic: onPolicy(Replay.Options.make({ kind: "rollout" })),
  a2c: onPolicy(Replay.Options.make({ kind: "rollout", capacity: 32, until: "full", normalize: false }))
} as const satisfies { readonly [base: string]: Defaults }

export type Base = keyof typeof table

/** The defaults of a base. */
export const of = (base: Base): Defaults => table[base]

/** Is it a base's name? */
export const isBase = (name: unknown): name is Base => typeof name === "string" && Object.hasOwn(table, name)
