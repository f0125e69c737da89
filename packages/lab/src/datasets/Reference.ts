/**
 * Reference scores: of a random policy and of an expert, between which a normalised score of 0 and 100 lies. They hold for
 * one version of a world and one time limit, so they are never chosen by a guess: a dataset brings its own, or somebody
 * names them.
 */
import * as Schema from "effect/Schema"

// models

export interface Reference {
  /** The mean return of a random policy. */
  readonly minimum: number
  /** That of an expert. */
  readonly maximum: number
  readonly source: string
}

const D4RL = "Fu et al., 2020, D4RL 1.1 (d4rl/infos.py): MuJoCo v2 of Gym, episodes of 1000 steps"

/** Those that can be named. */
const known = {
  "halfcheetah-v2": { minimum: -280.178953, maximum: 12135, source: D4RL },
  "hopper-v2": { minimum: -20.272305, maximum: 3234.3, source: D4RL },
  "walker2d-v2": { minimum: 1.629008, maximum: 4592.3, source: D4RL },
  "ant-v2": { minimum: -325.6, maximum: 3879.7, source: D4RL }
} as const

export const Name = Schema.Literals(["halfcheetah-v2", "hopper-v2", "walker2d-v2", "ant-v2"])
export type Name = typeof Name.Type

// pure core

export const named = (name: Name): Reference => known[name]

/** 0 at the minimum, 100 at the maximum. */
export const normalized = ({ maximum, minimum }: Reference, score: number): number =>
  (100 * (score - minimum)) / (maximum - minimum)
