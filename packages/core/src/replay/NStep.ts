/** Several steps in one transition: the option of replays that can have it, the decorator, and what it requires. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Field, type Part } from "../config/index.ts"
import * as Assembly from "./Assembly.ts"
import { Replay } from "./Contract.ts"
import * as Reader from "./Reader.ts"

// options

/** See `Reader.nStep`. */
export const option = Field.positiveInt
  .annotate({ description: "steps in one transition, fewer at the end of an episode" })
  .pipe(Field.withDefault(1))

interface Options {
  readonly nStep: number
  readonly capacity: number
}

/** More steps than an episode or the replay has, or that count nothing. */
export const requires: ReadonlyArray<Part.Requirement<Options>> = [
  {
    at: "nStep",
    reads: ["environment"],
    check: ({ nStep }, { world: { id, timeLimit } }) =>
      timeLimit !== undefined && nStep > timeLimit
        ? `expected at most ${timeLimit}, the steps of an episode of ${id}`
        : undefined
  },
  {
    at: "nStep",
    check: ({ capacity, nStep }) =>
      nStep > capacity ? `expected at most replay.capacity (${capacity})` : undefined
  },
  {
    at: "nStep",
    reads: ["algorithm.gamma"],
    check: ({ nStep }, { learner }) =>
      nStep > 1 && learner.gamma === 0
        ? "expected 1: with algorithm.gamma 0, what comes later counts nothing"
        : undefined
  }
]

// decorators

/** The same replay with up to n steps in each transition it gives: see `Reader.nStep`. */
export const nStep = (n: number) => {
  const steps = Field.make("nStep", Field.positiveInt, n)
  return <E, R>(self: Layer.Layer<Replay, E, R>): Layer.Layer<Replay, E, R> =>
    Layer.effect(
      Replay,
      Replay.useSync(({ make, name, ...rest }) => ({
        ...rest,
        name: `${name}, ${steps} steps`,
        make: (shape, reader) =>
          reader === undefined ? make(shape, Reader.nStep(steps)) : Effect.fail(Assembly.refuseReader(name))
      }))
    ).pipe(Layer.provide(self))
}

/** The replay of a configuration's options, with as many steps as they say. */
export const apply = <E, R>({ nStep: n }: Options, self: Layer.Layer<Replay, E, R>) =>
  n === 1 ? self : nStep(n)(self)
