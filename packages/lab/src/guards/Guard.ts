/**
 * A part's methods, watched: whatever somebody else's code throws, or gives that cannot be used, becomes one `PartError`
 * that names the part, its file, what it did and where. What is called in every step is watched too: that costs about a
 * microsecond a call, and nothing where all parts are ours.
 */
import * as Agent from "@ornstein/core/Agent"
import * as Environment from "@ornstein/core/Environment"
import type * as Lanes from "@ornstein/core/Lanes"
import * as Learner from "@ornstein/core/Learner"
import * as Mistake from "@ornstein/core/Mistake"
import * as PartError from "@ornstein/core/PartError"
import * as Replay from "@ornstein/core/Replay"
import * as Shape from "@ornstein/core/Shape"
import * as Snapshot from "@ornstein/core/Snapshot"
import { Algorithm } from "@ornstein/algos"
import * as Jit from "@ornstein/jit/Engine"
import * as TraceError from "@ornstein/jit/TraceError"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Contained from "./Contained.ts"
import { Words } from "../terminal/index.ts"

// models

/** Whose methods they are. */
export interface Who {
  /** `world "lander"` */
  readonly part: string
  /** The module, as it was named. */
  readonly module: string
  /** The files that it consists of, absolute. */
  readonly files: ReadonlyArray<string>
}

/** What is expected of what a method gives, where it gives something else. */
export type Wrong = (made: unknown) => string | undefined

/** How a method is called. */
export interface Call {
  /** Where the part stands: `step 12 of its episode`. */
  readonly at?: () => string
  /** Is it at work, and not only being made? True if left out. */
  readonly isAtWork?: boolean
}

// pure core: errors

const errorOf = (
  { module, part }: Who,
  what: string,
  fix: string,
  { at, isAtWork = true }: Call
): PartError.PartError =>
  new PartError.PartError({ part, module, isAtWork, what, fix, ...(at === undefined ? {} : { at: at() }) })

/** What is said by its own type already, or by that of a part further inside. */
const isKnown = (cause: unknown): boolean =>
  cause instanceof PartError.PartError ||
  cause instanceof Agent.DivergenceError ||
  cause instanceof Algorithm.VariantConflict ||
  cause instanceof Algorithm.IdleOption ||
  cause instanceof Learner.IdleVariant ||
  cause instanceof Shape.ShapeError ||
  cause instanceof Jit.EngineError ||
  cause instanceof TraceError.TraceError

/** The error of a method that has thrown. */
const thrown = (who: Who, method: string, cause: unknown, call: Call): PartError.PartError => {
  if (cause instanceof Environment.EnvironmentError || cause instanceof Replay.ReplayError) {
    return errorOf(who, cause.what, cause.fix, call)
  }
  const line = Words.lineOf(cause, who.files)
  const did =
    cause instanceof Contained.ExitCalled ? `called ${cause.message}` : `threw ${Words.reasonOf(cause)}`
  return errorOf(
    who,
    `its ${method} ${did}`,
    line === undefined ? "Mend it there" : `Mend it at ${line}`,
    call
  )
}

/** The error of a method that has given what it should not. */
const given = (
  who: Who,
  method: string,
  made: unknown,
  expected: string,
  call: Call
): PartError.PartError => {
  if (Words.isPromise(made)) {
    Words.forget(made)
    return errorOf(who, `its ${method} gave a promise`, "It must answer at once: without async", call)
  }
  return errorOf(who, `its ${method} gave ${Words.shown(made)}`, `Expected ${expected}`, call)
}

/** What is wrong with what a method has given, if anything; to look at it may throw, too. */
const faultOf = (
  who: Who,
  method: string,
  made: unknown,
  wrong: Wrong,
  options: Call
): PartError.PartError | undefined =>
  Result.match(
    Result.try(() => (Words.isPromise(made) ? "" : wrong(made))),
    {
      onFailure: (cause) => thrown(who, method, cause, options),
      onSuccess: (expected) =>
        expected === undefined ? undefined : given(who, method, made, expected, options)
    }
  )

// calling

/** Something that is wrong with what a part does, said of one of its methods. */
export const fail = (who: Who, what: string, fix: string, call: Call = {}): never => {
  throw errorOf(who, what, fix, call)
}

/** What a method gives. Throws a `PartError` where it throws, or gives what is wrong. */
export const call = <A>(who: Who, method: string, run: () => A, wrong: Wrong, options: Call = {}): A => {
  const result = Result.try({
    try: run,
    catch: (cause) => (isKnown(cause) ? cause : thrown(who, method, cause, options))
  })
  if (Result.isFailure(result)) throw result.failure
  const made = result.success
  const fault = faultOf(who, method, made, wrong, options)
  if (fault !== undefined) throw fault
  return made
}

/** In a fiber of its own: what is no effect inside of one ends the whole fiber. */
const alone = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.forkChild(self), Fiber.join)

/** The same of an effect: its defects are those of the part. */
export const effect = <A, E, R>(
  who: Who,
  method: string,
  run: () => Effect.Effect<A, E, R>,
  wrong: Wrong,
  options: Call = {}
): Effect.Effect<A, E | PartError.PartError, R> =>
  alone(Effect.suspend(() => call(who, method, run, isEffect, options))).pipe(
    Effect.catchDefect((cause) =>
      isKnown(cause) && !(cause instanceof PartError.PartError)
        ? Effect.die(cause)
        : Effect.fail(cause instanceof PartError.PartError ? cause : thrown(who, method, cause, options))
    ),
    Effect.flatMap((made) => {
      const fault = faultOf(who, method, made, wrong, options)
      return fault === undefined ? Effect.succeed(made) : Effect.fail(fault)
    })
  )

/** A method that is to be watched: how it is called. */
type Method = (...args: ReadonlyArray<unknown>) => unknown

/**
 * The same value with other methods in place of some: `watch` is given the name of each, how it is called and what it is,
 * and gives what stands in for it.
 */
export const seen = <A extends object>(
  self: A,
  watch: (name: string, method: Method, own: unknown) => Method | undefined
): A =>
  // What is frozen would keep its own methods: a proxy cannot show others.
  new Proxy(Object.isFrozen(self) ? { ...self } : self, {
    get: (target, name): unknown => {
      const own: unknown = Reflect.get(target, name)
      if (typeof own !== "function" || typeof name !== "string") return own
      return watch(name, (...args): unknown => Reflect.apply(own, target, args), own) ?? own
    }
  })

/** The error of a layer: what it failed with was thrown. */
const ofCause = (who: Who, method: string, cause: Cause.Cause<unknown>): PartError.PartError => {
  const error = Cause.squash(cause)
  return error instanceof PartError.PartError ? error : thrown(who, method, error, { isAtWork: false })
}

/** The service of a layer, which fails and dies in the part's name. */
export const provided = <I, S>(
  who: Who,
  tag: Context.Key<I, S>,
  layer: Layer.Layer<I, unknown>,
  wrong: Wrong
): Effect.Effect<S, never, Scope.Scope> =>
  alone(Layer.build(layer)).pipe(
    Effect.catchCause((cause) => Effect.die(ofCause(who, "layer", cause))),
    Effect.map((context) => call(who, "layer", () => Context.get(context, tag), wrong, { isAtWork: false }))
  )

// what is expected

const isEffect: Wrong = (made) => (Effect.isEffect(made) ? undefined : "an Effect")

/** Nothing is: what it gives is not looked at. */
export const nothing: Wrong = () => undefined

export const aNumber: Wrong = (made) => (Number.isFinite(made) ? undefined : "a finite number")

export const aCount: Wrong = (made) =>
  typeof made === "number" && Number.isInteger(made) && made >= 0 ? undefined : "a count: 0, 1, 2, ..."

export const aBoolean: Wrong = (made) => (typeof made === "boolean" ? undefined : "true or false")

/** A record that has these methods. */
export const methods =
  (...names: ReadonlyArray<string>): Wrong =>
  (made) =>
    Words.isObject(made) && names.every((name) => typeof Reflect.get(made, name) === "function")
      ? undefined
      : `an object with the methods ${names.join(", ")}`

/** No checkpoint holds states deeper than this. */
const DEEPEST = 64

/** The path of the first thing in a state that no checkpoint can hold. */
const unkept = (state: unknown, path: string, depth: number): string | undefined => {
  if (depth > DEEPEST) return `${path} is nested too deep, or in itself`
  if (state === null || ["number", "string", "boolean"].includes(typeof state)) return undefined
  if (ArrayBuffer.isView(state)) {
    return Snapshot.isSnapshot(state) ? undefined : `${path} is ${Words.shown(state)}`
  }
  if (Array.isArray(state)) {
    for (const [i, item] of state.entries()) {
      const found = unkept(item, `${path}.${i}`, depth + 1)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (typeof state !== "object" || Words.nameOf(state) !== "") {
    Words.forget(state)
    return `${path} is ${Words.shown(state)}`
  }
  for (const [name, item] of Object.entries(state)) {
    const found = unkept(item, `${path}.${name}`, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

const areMistakes = Schema.is(Schema.Array(Mistake.Mistake))

/** What a service cannot do with several lanes, watched. */
export const lanes =
  (who: Who, self: Lanes.Refusals): Lanes.Refusals =>
  (count) =>
    call(
      who,
      "lanes",
      () => self(count),
      (made) => (areMistakes(made) ? undefined : "a list of mistakes"),
      { isAtWork: false }
    )

/** A state that a checkpoint can hold. */
export const aSnapshot: Wrong = (made) => {
  const found = unkept(made, "it", 0)
  return found === undefined
    ? undefined
    : `numbers, strings, booleans, null, typed arrays, and plain arrays and objects of them: ${found}`
}
