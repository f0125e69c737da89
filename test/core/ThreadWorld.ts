/** Worlds that worker threads find here: one that counts, with what can go wrong in one, and a pendulum. */
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Space from "@ornstein/core/Space"
import * as Pendulum from "@ornstein/envs/Pendulum"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { threadId } from "node:worker_threads"

/** What goes wrong in a step, and in which one. */
export const Given = Schema.Struct({
  kind: Schema.Literals(["pendulum", "counter", "thread", "none"]),
  wrong: Schema.optionalKey(Schema.Literals(["fault", "defect", "exit", "hang", "never"])),
  at: Schema.optionalKey(Schema.Int)
})
export type Given = typeof Given.Type

const Count = Schema.Struct({ count: Schema.Int, start: Schema.Finite })

/** Its state is how far it has come; it ends after some steps that its key says. */
const counter = ({ at = Number.POSITIVE_INFINITY, kind, wrong }: Given) =>
  Environment.define({
    id: "Counter-v0",
    description: "Count",
    observation: Space.box({ shape: [2], low: -1e9, high: 1e9, dtype: "float64" }),
    action: Space.box({ shape: [1], low: -2, high: 2 }),
    reset: (key) => ({ count: 0, start: Key.uniform(key) }),
    step: (state, action) => {
      const { count, start } = Schema.decodeUnknownSync(Count)(state)
      if (count === at) {
        if (wrong === "fault") {
          throw new Environment.EnvironmentError({
            environment: "Counter-v0",
            step: count,
            what: "it broke",
            fix: "Mend it"
          })
        }
        if (wrong === "defect") throw new TypeError("a bug")
        if (wrong === "exit") process.exit(3)
        if (wrong === "hang") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      }
      const next = count + 1
      return {
        state: { count: next, start },
        reward: start + action[0]!,
        terminated: next >= 3 + Math.floor(4 * start)
      }
    },
    observe: (state, out) => {
      const { count, start } = Schema.decodeUnknownSync(Count)(state)
      out[0] = kind === "thread" ? threadId : count
      out[1] = start
    }
  })

/** The same world here as in a thread. */
export const make = (given: Given): Environment.Environment<Space.Box> =>
  given.kind === "pendulum" ? Pendulum.make({ timeLimit: 7 }) : counter(given)

/** What a thread finds. */
export const world = (input: unknown): unknown => {
  const given = Schema.decodeUnknownSync(Given)(input)
  if (given.kind === "none") return "nothing"
  return Effect.as(given.wrong === "never" ? Effect.sleep("1 hour") : Effect.void, make(given))
}
