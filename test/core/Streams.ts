/** Random streams of transitions, as an environment makes them, for the tests of replay. */
import { Key } from "@ornstein/core"
import type * as Transitions from "@ornstein/core/internal/replay/Transitions"

export const shape = { observation: 2, action: 1 }

/** Episodes that end now by termination, now by truncation; `stream(key, n)[i]` is transition number i. */
export const stream = (key: Key.Key, n: number): ReadonlyArray<Transitions.Transition> => {
  const observe = (i: number, kind: string) =>
    Key.normals(Key.fold(Key.fold(key, i), kind), new Float32Array(shape.observation))
  let observation = observe(0, "first")
  return Array.from({ length: n }, (_, i) => {
    const terminated = Key.uniform(Key.fold(key, i), 0) < 0.1
    const truncated = Key.uniform(Key.fold(key, i), 1) < 0.1
    const nextObservation = observe(i, "next")
    const transition = {
      observation,
      action: Key.normals(Key.fold(Key.fold(key, i), "action"), new Float32Array(shape.action)),
      reward: Key.normal(Key.fold(key, i), 2),
      nextObservation,
      terminated,
      truncated
    }
    observation = terminated || truncated ? observe(i + 1, "first") : nextObservation
    return transition
  })
}
