/**
 * The contract of environments, tested on one: whoever writes an environment gets these tests for free.
 *
 * ```ts
 * it.effect("keeps the contract", () => Environment.check(myEnvironment))
 * ```
 *
 * It acts at random, so it finds what random actions can reach; more steps find more.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault } from "../config/index.ts"
import { Key } from "../random/index.ts"
import { Snapshot } from "../state/index.ts"
import { attempt, type Environment, type Instance, type Spec } from "./Contract.ts"
import * as Scene from "./Scene.ts"
import * as Space from "./Space.ts"

// errors

const Violation = Schema.Struct({
  /** The rule that is broken. */
  rule: Schema.String,
  /** Steps taken when it was seen. */
  step: Schema.Int,
  /** What was seen, and what it should have been. */
  detail: Schema.String
})
export type Violation = typeof Violation.Type

/** An environment that breaks the contract, with the first instance of each broken rule. */
export class ContractError
  extends Schema.TaggedError<ContractError>()("ContractError", {
    environment: Schema.String,
    violations: Schema.NonEmptyArray(Violation)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get what(): string {
    const lines = this.violations.map(({ rule, step, detail }) => `  ${rule} (step ${step}): ${detail}`)
    return [`${this.environment} breaks the contract of environments:`, ...lines].join("\n")
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export interface Options {
  /** Random steps in all. Default 500. */
  readonly steps?: number
  readonly seed?: number
  /** Something outlives episodes on purpose: running statistics, a generator of its own. */
  readonly remembers?: boolean
}

/** Where a walk is. */
interface Place {
  readonly step: number
  readonly episode: number
}

// pure core: a random walk, the same for the same key

/** Steps at random and begins new episodes, up to `until` steps in all; yields after each. */
function* walk(
  instance: Instance,
  { action: space }: Spec,
  key: Key.Key,
  until: number,
  from: Place = { step: 0, episode: 0 }
): Generator<Place> {
  const action = Space.allocate(space)
  let { step, episode } = from
  for (; step < until; step++) {
    if (step === 0 || instance.terminated || instance.truncated) {
      instance.reset(Key.fold(Key.fold(key, "reset"), episode))
      episode += 1
    }
    instance.step(Space.sample(space, Key.fold(Key.fold(key, "action"), step), action))
    yield { step: step + 1, episode }
  }
}

const outcome = ({ observation, reward, terminated, truncated, steps }: Instance): string =>
  Snapshot.stringify({ observation, reward, terminated, truncated, steps })

const trace = (instance: Instance, spec: Spec, key: Key.Key, until: number): ReadonlyArray<string> =>
  Array.from(walk(instance, spec, key, until), () => outcome(instance))

const firstDifference = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number =>
  a.findIndex((text, i) => text !== b[i])

const violation = (rule: string, step: number, detail: string): Violation => ({ rule, step, detail })

/** Compares two traces of what should be the same walk. */
const alike = (
  rule: string,
  a: ReadonlyArray<string>,
  b: ReadonlyArray<string>
): ReadonlyArray<Violation> => {
  const i = firstDifference(a, b)
  return i < 0 ? [] : [violation(rule, i + 1, `${a[i]} and then ${b[i]}`)]
}

// pure core: the rules

const numbersAreRight = (instance: Instance, spec: Spec, place: Place): ReadonlyArray<Violation> => {
  const { observation, reward, steps, truncated } = instance
  const note = (rule: string, detail: string) => violation(rule, place.step, detail)
  const shown = `[${Array.from(observation).join(", ")}]`
  const dtype = observation instanceof Float32Array ? "float32" : "float64"
  const limit = spec.timeLimit ?? Number.POSITIVE_INFINITY
  return [
    ...(Space.contains(spec.observation, observation)
      ? []
      : [note("observations are in their space", `${shown} is not in ${Space.format(spec.observation)}`)]),
    ...(dtype === spec.observation.dtype
      ? []
      : [note("observations have their space's precision", `${dtype} for ${spec.observation.dtype}`)]),
    ...(observation.every(Number.isFinite) ? [] : [note("observations are finite", shown)]),
    ...(Number.isFinite(reward) ? [] : [note("rewards are finite", String(reward))]),
    ...(steps >= 1 && steps <= limit ? [] : [note("the time limit holds", `${steps} steps, limit ${limit}`)]),
    ...(steps < limit || truncated
      ? []
      : [note("the time limit truncates", `not truncated after ${steps} steps`)])
  ]
}

const staysInside = (
  instance: Instance,
  spec: Spec,
  key: Key.Key,
  until: number
): ReadonlyArray<Violation> => {
  const array = instance.observation
  const moved = (step: number) =>
    array === instance.observation
      ? []
      : [violation("observations are one array, overwritten", step, "another array than before")]
  return Array.from(walk(instance, spec, key, until), (place) => [
    ...numbersAreRight(instance, spec, place),
    ...moved(place.step)
  ]).flat()
}

/** Takes snapshots on a walk, then continues from each of them elsewhere. */
const continues = (
  instance: Instance,
  other: Instance,
  spec: Spec,
  key: Key.Key,
  until: number
): ReadonlyArray<Violation> => {
  const texts: Array<string> = []
  const taken: Array<{ readonly place: Place; readonly snapshot: Snapshot.Snapshot; readonly text: string }> =
    []
  for (const place of walk(instance, spec, key, until)) {
    texts.push(outcome(instance))
    const isKept = spec.snapshots === undefined && place.step % 23 === 1
    if (isKept || instance.terminated || instance.truncated) {
      const snapshot = instance.snapshot()
      taken.push({ place, snapshot, text: Snapshot.stringify(snapshot) })
    }
  }
  return taken.flatMap(({ place, snapshot, text }) => {
    if (Snapshot.stringify(snapshot) !== text) {
      return [violation("snapshots share nothing with the world", place.step, "later steps have changed it")]
    }
    other.restore(Snapshot.parse(text))
    const here = outcome(other)
    const next = Math.min(until, place.step + 23)
    const rest = Array.from(walk(other, spec, key, next, place), () => outcome(other))
    return alike("a restored snapshot continues bit for bit", texts.slice(place.step - 1, next), [
      here,
      ...rest
    ])
  })
}

const picture = (instance: Instance): ReadonlyArray<Violation> => {
  const scene = instance.render?.()
  return scene === undefined || Scene.isDrawable(scene)
    ? []
    : [violation("a picture has an extent and shapes", instance.steps, JSON.stringify(scene).slice(0, 80))]
}

/** Walks until an episode has ended. */
const toAnEnd = (instance: Instance, spec: Spec, key: Key.Key, until: number): ReadonlyArray<Violation> => {
  const places = walk(instance, spec, key, until)
  while (places.next().done !== true && !instance.terminated && !instance.truncated);
  return []
}

const leavesAction = (instance: Instance, action: Space.Numbers): ReadonlyArray<Violation> => {
  const given = action.slice()
  instance.step(given)
  return alike("a step leaves its action alone", [String(action)], [String(given)])
}

// effects

/** Plays; an error on the way is a violation too. */
const plays = (instance: Instance, use: () => ReadonlyArray<Violation>) =>
  Effect.map(Effect.exit(attempt(use)), (exit) =>
    Exit.isSuccess(exit)
      ? exit.value
      : [violation("actions from the space are accepted", instance.steps, Cause.pretty(exit.cause))]
  )

/** What should be refused with an `EnvironmentError`. */
const refuses = (rule: string, instance: Instance, action: Space.Numbers) =>
  Effect.map(Effect.exit(attempt(() => instance.step(action))), (exit) => {
    if (Exit.isSuccess(exit)) return [violation(rule, instance.steps, "it was accepted")]
    return Cause.hasDies(exit.cause)
      ? [violation(rule, instance.steps, `thrown was ${Cause.pretty(exit.cause)}`)]
      : []
  })

/**
 * Tests determinism, snapshot and restore, spaces, finite numbers, aliasing, refusals and pictures; fails with every
 * broken rule at once.
 */
export const check = Effect.fn("Environment.check")(function* (
  environment: Environment,
  { steps = 500, seed = 0, remembers = false }: Options = {}
) {
  const { spec } = environment
  const key = Key.make(seed)
  const [one, two, three] = [yield* environment.make, yield* environment.make, yield* environment.make]
  const action = Space.sample(spec.action, key, Space.allocate(spec.action))

  const found = [
    yield* refuses("a step before the first reset is refused", one, action),
    yield* plays(one, () => {
      const alone = trace(one, spec, key, steps)
      // A third walks in between, so that state which instances share shows.
      const third = walk(three, spec, Key.fold(key, "third"), steps)
      const disturbed = Array.from(walk(two, spec, key, steps), () => {
        third.next()
        return outcome(two)
      })
      return [
        ...alike("the same key gives the same bits", alone, disturbed),
        ...(remembers ? [] : alike("a reset forgets what was before", alone, trace(one, spec, key, steps))),
        ...staysInside(one, spec, key, steps),
        ...continues(one, two, spec, key, steps)
      ]
    }),
    yield* plays(one, () => {
      one.reset(key)
      return [...leavesAction(one, action), ...picture(one)]
    }),
    yield* plays(one, () => {
      one.reset(key)
      return []
    }),
    yield* refuses("an action of the wrong length is refused", one, new Float32Array(action.length + 1)),
    yield* refuses(
      "an action that is not a number is refused",
      one,
      action.map(() => Number.NaN)
    ),
    ...(spec.action._tag === "Discrete"
      ? [yield* refuses("an index outside the space is refused", one, Float32Array.of(spec.action.n))]
      : []),
    yield* plays(two, () => toAnEnd(two, spec, key, steps)),
    ...(two.terminated || two.truncated
      ? [yield* refuses("a step after the end is refused", two, action)]
      : [])
  ].flat()

  const [first, ...others] = found.filter(
    (each, i) => found.findIndex(({ rule }) => rule === each.rule) === i
  )
  if (first === undefined) return
  return yield* new ContractError({ environment: spec.id, violations: [first, ...others] })
}, Effect.scoped)
