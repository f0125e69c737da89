/**
 * An instance whose world is a copy in another process. It begins every episode itself, with a seed of that episode's key:
 * so what comes is a function of the key and the actions, if the world is one of its seed and its actions.
 */
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import { BridgeError } from "../host/index.ts"
import type * as Server from "./Server.ts"

// models

/** How an episode that has begun is kept: not at all, or by the actions that it took. */
export type Snapshots = "episodes" | "replayed"

// pure core

/** Seeds that every world takes: some have room for 31 bits. */
const SEEDS = 2 ** 31

const seedOf = (key: Key.Key): number => Key.integer(Key.fold(key, "gymnasium"), SEEDS)

const isNumbers = (saved: Snapshot.Snapshot): saved is Float32Array | Float64Array =>
  saved instanceof Float32Array || saved instanceof Float64Array

const isSame = (a: Space.Numbers, b: Space.Numbers): boolean =>
  a.length === b.length && a.every((x, i) => Object.is(x, b[i]))

// constructors

/** The actions of an episode, one after the other. */
const taken = (width: number) => {
  let [numbers, count] = [new Float64Array(width), 0]
  return {
    add: (action: ArrayLike<number>): void => {
      if ((count + 1) * width > numbers.length) {
        const longer = new Float64Array(2 * numbers.length)
        longer.set(numbers)
        numbers = longer
      }
      numbers.set(action, count * width)
      count += 1
    },
    clear: (): void => {
      count = 0
    },
    all: (): Float64Array => numbers.slice(0, count * width)
  }
}

/** An instance around a copy. */
export const make = (
  spec: Environment.Spec,
  copy: Server.Copy,
  { renders, snapshots }: { readonly renders: boolean; readonly snapshots: Snapshots }
): Environment.Instance => {
  const { observation } = copy
  const width = Space.size(spec.action)
  const history = taken(width)
  let key: Key.Key | undefined
  /** Is the copy where the instance is? After a snapshot of an episode that has ended it need not be. */
  let isLive = false

  const fail = (what: string, fix: string): never => {
    throw new Environment.EnvironmentError({ environment: spec.id, step: instance.steps, what, fix })
  }
  /** What the bridge throws, as an error of this world. */
  const call = <A>(run: () => A): A => {
    try {
      return run()
    } catch (cause) {
      throw cause instanceof BridgeError ? errorOf(spec.id, instance.steps, cause) : cause
    }
  }
  const look = (): void => {
    instance.reward = copy.reward
    instance.terminated = copy.terminated
    instance.truncated = copy.truncated
    if (!Number.isFinite(copy.reward)) fail(`the reward is ${copy.reward}`, "Rewards are finite numbers")
    let bad = observation.length - 1
    while (bad >= 0 && Number.isFinite(observation[bad])) bad -= 1
    if (bad >= 0)
      fail(
        `element ${bad} of the observation is ${observation[bad]}`,
        "Its state has left the finite numbers"
      )
  }
  const begin = (next: Key.Key): void => {
    key = next
    isLive = true
    instance.steps = 0
    history.clear()
    call(() => {
      copy.begin(seedOf(next))
      copy.collect()
    })
    look()
  }
  const advance = (): void => {
    call(copy.collect)
    instance.steps += 1
    look()
  }
  const send = (action: Space.Numbers): void => {
    if (key === undefined) return fail("a step before the first reset", "Call reset first")
    if (instance.terminated || instance.truncated) return fail("a step after the end", "Call reset first")
    if (!Space.contains(spec.action, action)) throw Environment.refusal(spec, instance.steps, action)
    if (snapshots === "replayed") history.add(action)
    call(() => copy.send(action))
  }

  const instance = {
    observation,
    reward: 0,
    terminated: false,
    truncated: false,
    steps: 0,
    reset: begin,
    beside: { send, collect: advance },
    step: (action: Space.Numbers): void => {
      send(action)
      advance()
    },
    snapshot: (): Snapshot.Snapshot => {
      if (key === undefined) return { key: null }
      const { reward, steps, terminated, truncated } = instance
      return {
        key: { high: key.high, low: key.low },
        observation: observation.slice(),
        reward,
        steps,
        terminated,
        truncated,
        ...(snapshots === "replayed" ? { actions: history.all() } : {})
      }
    },
    restore: (snapshot: Snapshot.Snapshot): void => {
      const saved = Snapshot.get(snapshot, "key")
      isLive = false
      if (saved === null) {
        key = undefined
        instance.steps = 0
        return
      }
      const seen = Snapshot.get(snapshot, "observation")
      if (!isNumbers(seen) || seen.length !== observation.length) {
        return fail("the snapshot is none of this environment", "Restore what snapshot() gave")
      }
      const steps = Snapshot.getNumber(snapshot, "steps")
      const isOver = Snapshot.getBoolean(snapshot, "terminated") || Snapshot.getBoolean(snapshot, "truncated")
      const actions = Snapshot.isRecord(snapshot) ? (snapshot["actions"] ?? null) : null
      const isCut = !isOver && steps > 0 && !isNumbers(actions)
      if (!isOver && !isCut) {
        begin({ high: Snapshot.getNumber(saved, "high"), low: Snapshot.getNumber(saved, "low") })
        if (isNumbers(actions)) {
          for (let i = 0; i < steps; i++) instance.step(actions.slice(i * width, (i + 1) * width))
        }
        if (!isSame(seen, observation)) {
          fail(
            `with the same seed and ${steps} actions it came to another observation`,
            "It is no function of its seed and actions, and cannot be gone on with: begin a new run"
          )
        }
        return
      }
      key = { high: Snapshot.getNumber(saved, "high"), low: Snapshot.getNumber(saved, "low") }
      observation.set(seen)
      instance.steps = steps
      instance.reward = Snapshot.getNumber(snapshot, "reward")
      instance.terminated = Snapshot.getBoolean(snapshot, "terminated")
      // Of an episode that was cut off nothing comes any more.
      instance.truncated = Snapshot.getBoolean(snapshot, "truncated") || isCut
    }
  }
  if (!renders) return instance
  return Object.assign(instance, {
    render: (): Scene.Scene => {
      if (!isLive) return fail("nothing to draw before a reset", "Call reset first")
      const { colours, height, width } = call(copy.render)
      return Scene.pixels(width, height, colours)
    }
  })
}

/** An error of the bridge as one of an environment. */
export const errorOf = (
  environment: string,
  step: number,
  { fix, reason, what }: BridgeError
): Environment.EnvironmentError => new Environment.EnvironmentError({ environment, step, what, fix, reason })
