/** Networks, optimizers, ramps and engines whose methods are watched. */
import type { Architecture } from "@ornstein/algos"
import type * as Engine from "@ornstein/core/Engine"
import type * as Optimizers from "@ornstein/core/Optimizers"
import type * as Ramp from "@ornstein/core/Ramp"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Effect from "effect/Effect"
import * as Guard from "./Guard.ts"
import { Words } from "../terminal/index.ts"

// pure core

const making: Guard.Call = { isAtWork: false }

/** Records of arrays, at any depth. */
const areArrays = (u: unknown): boolean =>
  NdArray.isNdArray(u) || (JsonPath.isRecord(u) && Object.values(u).every(areArrays))

const field = (u: unknown, name: string): unknown => (JsonPath.isRecord(u) ? u[name] : undefined)

/** What methods give, by name. */
const expected: { readonly [method: string]: Guard.Wrong } = {
  "optimizer.init": (made) => (areArrays(made) ? undefined : "records of arrays"),
  "optimizer.update": (made) =>
    Array.isArray(made) && made.length === 2 && made.every(JsonPath.isRecord)
      ? undefined
      : "the changes and the next state: [changes, state]",
  "optimizer.project": (made) => (JsonPath.isRecord(made) ? undefined : "parameters"),
  "network.init": (made) =>
    areArrays(field(made, "parameters")) && areArrays(field(made, "statistics"))
      ? undefined
      : "parameters and statistics, records of arrays",
  "network.apply": (made) =>
    Words.isObject(field(made, "output")) && JsonPath.isRecord(field(made, "statistics"))
      ? undefined
      : "an output and statistics",
  "engine.link": (made) =>
    field(made, "state") instanceof Map && field(made, "programs") instanceof Map
      ? Guard.methods("pull", "push", "dispose")(made)
      : "a linked module: its state and its programs"
}

/** The same value, whose methods are watched while programs are made of them. */
const methods = <A extends object>(who: Guard.Who, sort: string, self: A): A =>
  Guard.seen(self, (name, method) => {
    const wrong = expected[`${sort}.${name}`]
    return wrong === undefined
      ? undefined
      : (...args) => Guard.call(who, name, () => method(...args), wrong, making)
  })

// combinators

/** The networks, whose methods are watched. */
export const network = (who: Guard.Who, self: Architecture.Architecture): Architecture.Architecture => ({
  ...self,
  actor: (...sizes) =>
    methods(
      who,
      "network",
      Guard.call(who, "actor", () => self.actor(...sizes), Guard.methods("init", "apply"), making)
    ),
  critic: (...sizes) =>
    methods(
      who,
      "network",
      Guard.call(who, "critic", () => self.critic(...sizes), Guard.methods("init", "apply"), making)
    )
})

/** The optimizer, whose methods are watched. */
export const optimizer =
  (who: Guard.Who, self: Optimizers.Rated): Optimizers.Rated =>
  (rate) =>
    methods(
      who,
      "optimizer",
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
    Effect.map((opened) => methods(who, "engine", opened))
  )
