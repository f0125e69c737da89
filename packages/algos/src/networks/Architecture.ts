/** What a network part makes: the slots of an algorithm that build its actor and its critics. */
import { Algorithm } from "../family/index.ts"

// models

/** Numbers of weights. */
export interface Weights {
  readonly actor: number
  /** Of one critic. */
  readonly critic: number
}

export interface Architecture {
  readonly actor: Algorithm.Algorithm["actor"]
  readonly critic: Algorithm.Algorithm["critic"]
  /** The weights that are there at least where observations have so many numbers; none if not given. */
  readonly weights?: (observation: number) => Weights
}

// combinators

/** The variant that builds an algorithm's networks so; its name is the part's. */
export const variant = (name: string, { actor, critic }: Architecture): Algorithm.Variant =>
  Algorithm.variant(name, () => ({ actor, critic }))
