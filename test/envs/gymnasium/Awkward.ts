/** The worlds of `python/awkward.py`, beside a stand-in for Gymnasium, each used and closed: nothing of it may be left. */
import { assert } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Gymnasium from "@ornstein/envs/Gymnasium"
import { Effect } from "effect"
import * as Pythons from "./Pythons.ts"

export const python = Pythons.plain ?? "python3"

let marks = 0
export const markOf = (): string => `${process.pid}-${(marks += 1)}`

export const inputOf = (
  how: string,
  more: Partial<Gymnasium.Input> = {},
  mark = markOf()
): Gymnasium.Input => ({
  id: "awkward:Awkward-v0",
  python,
  kwargs: { how },
  deadline: 20,
  ...more,
  variables: { PYTHONPATH: Pythons.standIn, MARK: mark }
})

export const zero = Float32Array.of(0)

/** One instance, used and closed; nothing of it may be left. */
export const using = Effect.fnUntraced(function* <A>(
  how: string,
  use: (world: Environment.Instance) => A,
  more: Partial<Gymnasium.Input> = {}
) {
  const mark = markOf()
  const world = Gymnasium.make(inputOf(how, more, mark))
  const used = yield* Effect.exit(
    Effect.scoped(Effect.flatMap(world.make, (instance) => Environment.attempt(() => use(instance))))
  )
  assert.deepStrictEqual(Pythons.left(mark), [], how)
  return yield* used
})

/** The error of an episode. */
export const faultOf = (how: string, more: Partial<Gymnasium.Input> = {}) =>
  using(
    how,
    (world) => {
      world.reset(Key.make(0))
      world.step(zero)
      world.step(zero)
    },
    more
  ).pipe(
    Effect.flip,
    Effect.map((error) => {
      assert.instanceOf(error, Environment.EnvironmentError)
      assert.notInclude(error.message, "\n")
      return error
    })
  )
