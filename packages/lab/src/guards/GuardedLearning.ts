/** Networks, optimizers, ramps and engines whose methods are watched. */
import type { Architecture } from "@ornstein/algos"
import type * as Engine from "@ornstein/core/Engine"
import type * as Optimizers from "@ornstein/core/Optimizers"
import type * as Ramp from "@ornstein/core/Ramp"
import * as Effect from "effect/Effect"
import * as Guard from "./Guard.ts"
import * as Words from "./Words.ts"

// pure core

const something: Guard.Wrong = (made) => (Words.isObject(made) ? undefined : "what it is for")

const making: Guard.Call = { isAtWork: false }

/** The same value, whose methods are watched while programs are made of them. */
const methods = <A extends object>(who: Guard.Who, self: A): A =>
  Guard.seen(
    self,
    (name, method) =>
      (...args) =>
        Guard.call(who, name, () => method(...args), something, making)
  )

// combinators

/** The networks, whose methods are watched. */
export const network = (who: Guard.Who, self: Architecture.Architecture): Architecture.Architecture => ({
  ...self,
  actor: (...sizes) =>
    methods(
      who,
      Guard.call(who, "actor", () => self.actor(...sizes), Guard.methods("init", "apply"), making)
    ),
  critic: (...sizes) =>
    methods(
      who,
      Guard.call(who, "critic", () => self.critic(...sizes), Guard.methods("init", "apply"), making)
    )
})

/** The optimizer, whose methods are watched. */
export const optimizer =
  (who: Guard.Who, self: Optimizers.Rated): Optimizers.Rated =>
  (rate) =>
    methods(
      who,
      Guard.call(who, "optimizer of a rate", () => self(rate), Guard.methods("init", "update"), making)
    )

/** The ramp, which is watched at every step. */
export const ramp = (who: Guard.Who, self: Ramp.Motion): Ramp.Motion => {
  const { least, most } = self
  const isWithin: Guard.Wrong = (made) =>
    typeof made === "number" && made >= least && made <= most
      ? undefined
      : `a number between its bounds, ${least} and ${most}`
  return {
    least,
    most,
    at: (step) => Guard.call(who, "at", () => self.at(step), isWithin, { at: () => `step or update ${step}` })
  }
}

/** The engine, which opens or fails in the part's name. */
export const engine = (who: Guard.Who, self: Engine.Opened): Engine.Opened =>
  Guard.effect(who, "engine", () => self, Guard.methods("link"), making).pipe(
    Effect.catchTag("PartError", Effect.die),
    Effect.map((opened) => methods(who, opened))
  )
