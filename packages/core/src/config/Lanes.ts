/**
 * What a part says of several lanes: environments that step in turn (`training.lanes`). It is said once, to a configuration
 * as what the part requires, to a program by the service that the part makes:
 *
 * ```ts
 * const lanes: ReadonlyArray<Lanes.Requirement<Options>> = [
 *   { at: "", check: (_, lanes) => (lanes > 1 ? "expected another, or training.lanes 1: it draws for one lane" : undefined) }
 * ]
 * const layer = (options: Options) =>
 *   Layer.succeed(Exploration, { name: "mine", make, lanes: Lanes.refusals("exploration", lanes, options) })
 * const part = Part.make("mine", { ..., requires: Lanes.requires(lanes), make: layer })
 * ```
 */
import * as JsonPath from "./JsonPath.ts"
import * as Mistake from "./Mistake.ts"
import type * as Part from "./Part.ts"

// models

/** What options must be beside a number of lanes. */
export interface Requirement<in O> {
  /** The field where a mistake is shown; empty for the part's kind. */
  readonly at: string
  /** What is allowed, where the options break it. */
  readonly check: (options: O, lanes: number) => string | undefined
}

/** What a service cannot do with so many lanes: each mistake with its path, as in a configuration. */
export type Refusals = (lanes: number) => ReadonlyArray<Mistake.Mistake>

// constructors

/** As a part requires it. */
export const requires = <O>(own: ReadonlyArray<Requirement<O>>): ReadonlyArray<Part.Requirement<O>> =>
  own.map(({ at, check }) => ({
    at,
    reads: ["training.lanes"],
    check: (options, { training }) => check(options, training.lanes)
  }))

/** As a service with these options answers it, which stands at a place of a configuration: `replay`, `exploration`. */
export const refusals =
  <O>(place: string, own: ReadonlyArray<Requirement<O>>, options: O): Refusals =>
  (lanes) =>
    own.flatMap(({ at, check }) => {
      const allowed = check(options, lanes)
      const field = at === "" ? "kind" : at
      return allowed === undefined
        ? []
        : [Mistake.make([place, ...JsonPath.split(field)], allowed, JsonPath.at(options, field))]
    })
