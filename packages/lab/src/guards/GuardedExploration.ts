/** An exploration whose methods are watched. */
import * as Exploration from "@ornstein/core/Exploration"
import type * as Extension from "@ornstein/core/Extension"
import type * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Guard from "./Guard.ts"

// pure core

const instanceMethods = Guard.methods("perturb", "reset", "scale", "snapshot", "restore")

const orNothing =
  (wrong: Guard.Wrong): Guard.Wrong =>
  (made) =>
    made === undefined ? undefined : wrong(made)

const aMethod: Guard.Wrong = (made) => (typeof made === "function" ? undefined : "a method, or nothing")

const stepped = (step: number): Guard.Call => ({ at: () => `the noise of step ${step}` })

/** Fails unless an action lies in [-1, 1], as far as the method has changed it. */
const check = (
  who: Guard.Who,
  method: string,
  before: Space.Numbers,
  action: Space.Numbers,
  step: number
) => {
  for (let i = 0; i < action.length; i++) {
    const x = action[i]!
    if (x === before[i] || (x >= -1 && x <= 1)) continue
    Guard.fail(
      who,
      `its ${method} left ${x} as element ${i} of the action`,
      "Actions lie in [-1, 1]: clip them",
      stepped(step)
    )
  }
}

const attached = (who: Guard.Who, self: Exploration.Attached): Exploration.Attached => {
  const [act, begin, learned] = (["act", "begin", "learned"] as const).map((name) =>
    Guard.call(who, name, () => self[name], orNothing(aMethod))
  )
  const { act: acts, begin: begins, learned: learns } = self
  return {
    ...(act === undefined || acts === undefined
      ? {}
      : {
          act: (observation, step, action) => {
            Guard.call(who, "act", () => acts.call(self, observation, step, action), Guard.nothing)
            check(who, "act", new Float64Array(action.length).fill(Number.NaN), action, step ?? 0)
          }
        }),
    ...(begin === undefined || begins === undefined
      ? {}
      : { begin: (episode) => Guard.call(who, "begin", () => begins.call(self, episode), Guard.nothing) }),
    ...(learned === undefined || learns === undefined
      ? {}
      : {
          learned: (step, replay) =>
            Guard.call(who, "learned", () => learns.call(self, step, replay), Guard.nothing, stepped(step))
        })
  }
}

const instance = (who: Guard.Who, inner: Exploration.Instance): Exploration.Instance => {
  const attach = Guard.call(who, "attach", () => inner.attach, orNothing(aMethod))
  const snapshot = () => Guard.call(who, "snapshot", () => inner.snapshot(), Guard.aSnapshot)
  let before: Space.Numbers = new Float64Array(0)
  let isKept = false
  return {
    perturb: (action, step) => {
      if (before.length !== action.length) before = new Float64Array(action.length)
      before.set(action)
      Guard.call(who, "perturb", () => inner.perturb(action, step), Guard.nothing, stepped(step))
      check(who, "perturb", before, action, step)
    },
    reset: () => {
      Guard.call(who, "reset", () => inner.reset(), Guard.nothing)
      // What no checkpoint can hold is said before the first step.
      if (!isKept) snapshot()
      isKept = true
    },
    ...(attach === undefined
      ? {}
      : {
          attach: (agent, key) =>
            attached(
              who,
              Guard.call(who, "attach", () => attach.call(inner, agent, key), Guard.methods())
            )
        }),
    scale: (step) => Guard.call(who, "scale", () => inner.scale(step), Guard.aNumber, stepped(step)),
    snapshot,
    restore: (saved) => Guard.call(who, "restore", () => inner.restore(saved), Guard.nothing)
  }
}

const extension = (who: Guard.Who, self: Extension.Extension): Extension.Extension => ({
  state: (plan, learner) =>
    Guard.call(who, "extension.state", () => self.state(plan, learner), Guard.methods(), { isAtWork: false }),
  programs: (plan, sizes, learner) =>
    Guard.call(who, "extension.programs", () => self.programs(plan, sizes, learner), Guard.methods(), {
      isAtWork: false
    })
})

type Service = (typeof Exploration.Exploration)["Service"]

const service = (who: Guard.Who, self: Service): Service => {
  const { extension: own, lanes } = self
  return {
    name: self.name,
    ...(lanes === undefined ? {} : { lanes: Guard.lanes(who, lanes) }),
    make: (key, dimensions, place) =>
      instance(
        who,
        Guard.call(who, "make", () => self.make(key, dimensions, place), instanceMethods, { isAtWork: false })
      ),
    ...(own === undefined ? {} : { extension: extension(who, own) })
  }
}

const isService: Guard.Wrong = (made) =>
  Guard.methods("make")(made) === undefined &&
  typeof Object(made).name === "string" &&
  (Object(made).extension === undefined ||
    Guard.methods("state", "programs")(Object(made).extension) === undefined)
    ? undefined
    : "an exploration: its name, its make and, if it has one, its extension"

// combinators

/** The exploration, whose methods are watched. */
export const layer = (
  who: Guard.Who,
  self: Layer.Layer<Exploration.Exploration>
): Layer.Layer<Exploration.Exploration> =>
  Layer.effect(
    Exploration.Exploration,
    Effect.map(Guard.provided(who, Exploration.Exploration, self, isService), (made) => service(who, made))
  )
