/**
 * An environment whose state is hidden in an engine: episodes that are begun from draws and stepped. Its snapshot is how the
 * episode began and the actions since; `restore` plays them again, which gives the same bits, and checks that it did.
 */
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import type * as Scene from "@ornstein/core/Scene"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import { Draws } from "../arithmetic/index.ts"
import { GymnasiumSeed } from "../recording/index.ts"
import type * as Binding from "./Binding.ts"
import * as Engine from "./Engine.ts"

// models

/** One episode in the engine. */
export interface Episode {
  /** The reward of the last step. */
  readonly reward: number
  readonly terminated: boolean
  /** One step; an index for a discrete space stands alone in its array. */
  readonly step: (action: Float32Array) => void
  readonly observe: (out: Space.Numbers) => void
  readonly render: () => Scene.Scene
  /** Gives back the memory. */
  readonly close: () => void
}

/** An environment as one function that begins an episode. Actions are single precision, as learners give them. */
export interface Definition<A extends Space.Space> {
  readonly spec: Environment.Spec<A> & { readonly timeLimit: number }
  readonly begin: (box2d: Binding.Box2d, draws: Draws.Draws) => Episode
  /** Starts are Gymnasium's own for this seed. */
  readonly gymnasiumSeed: number | undefined
}

// pure core

const isKey = (saved: Snapshot.Snapshot | undefined): saved is Key.Key =>
  Snapshot.isRecord(saved) && Number.isInteger(saved["high"]) && Number.isInteger(saved["low"])

/** Where the draws of an episode come from, and what has to be kept to draw them again. */
interface Source {
  readonly draws: (key: Key.Key) => Draws.Draws
  readonly save: (key: Key.Key | undefined) => Snapshot.Snapshot
  /** Draws as they were when `saved` was; nothing where it is none of this source's. */
  readonly again: (saved: Snapshot.Snapshot | undefined) => Draws.Draws | undefined
}

const ofKeys: Source = {
  draws: Draws.ofKey,
  save: (key) => (key === undefined ? null : { high: key.high, low: key.low }),
  again: (saved) => (isKey(saved) ? Draws.ofKey(saved) : undefined)
}

const ofSeed = (seed: number): Source => {
  const generator = GymnasiumSeed.generator(seed)
  return {
    draws: () => generator,
    save: generator.save,
    again: (saved) => {
      if (!(saved instanceof Uint32Array) || saved.length !== generator.save().length) return undefined
      generator.load(saved)
      return generator
    }
  }
}

// constructors

const instantiate = <A extends Space.Space>(
  { begin, gymnasiumSeed, spec }: Definition<A>,
  box2d: Binding.Box2d
) => {
  const { action: space, id, timeLimit } = spec
  const size = Space.size(space)
  const source = gymnasiumSeed === undefined ? ofKeys : ofSeed(gymnasiumSeed)
  const observation = Space.allocate(spec.observation)
  const action = new Float32Array(size)
  let log = new Float32Array(64 * size)
  /** What the source of draws was when the episode began. */
  let origin = source.save(undefined)
  let episode: Episode | undefined

  const fail = (what: string, fix: string): never => {
    throw new Environment.EnvironmentError({ environment: id, step: instance.steps, what, fix })
  }

  const close = (): void => {
    episode?.close()
    episode = undefined
  }

  const observe = (current: Episode): void => {
    current.observe(observation)
    if (observation.every(Number.isFinite) && Number.isFinite(current.reward)) return
    fail("the bodies have left the finite numbers", "Take less wind")
  }

  const start = (draws: Draws.Draws): Episode => {
    close()
    instance.steps = 0
    instance.reward = 0
    instance.terminated = false
    instance.truncated = false
    episode = begin(box2d, draws)
    observe(episode)
    return episode
  }

  const advance = (current: Episode): void => {
    current.step(action)
    if (log.length < (instance.steps + 1) * size) {
      const longer = new Float32Array(2 * log.length)
      longer.set(log)
      log = longer
    }
    log.set(action, instance.steps * size)
    instance.steps += 1
    instance.reward = current.reward
    instance.terminated = current.terminated
    instance.truncated = instance.steps >= timeLimit
  }

  const isAcceptable = (given: Space.Numbers): boolean =>
    space._tag === "Discrete"
      ? Space.contains(space, given)
      : given.length === size && !given.some(Number.isNaN)

  const instance = {
    observation,
    reward: 0,
    terminated: false,
    truncated: false,
    steps: 0,
    reset: (key: Key.Key): void => {
      origin = source.save(key)
      start(source.draws(key))
    },
    step: (given: Space.Numbers): void => {
      if (episode === undefined) return fail("a step before the first reset", "Call reset first")
      if (instance.terminated || instance.truncated) return fail("a step after the end", "Call reset first")
      if (!isAcceptable(given)) throw Environment.refusal(spec, instance.steps, given)
      action.set(given)
      advance(episode)
      observe(episode)
    },
    snapshot: (): Snapshot.Snapshot => ({
      origin: Snapshot.copy(origin),
      isBegun: episode !== undefined,
      actions: log.slice(0, instance.steps * size),
      observation: observation.slice(),
      reward: instance.reward,
      terminated: instance.terminated
    }),
    restore: (saved: Snapshot.Snapshot): void => {
      const foreign = (): never =>
        fail("the snapshot is none of this environment", "Restore what snapshot() gave")
      if (!Snapshot.isRecord(saved)) return foreign()
      const { actions, isBegun, observation: seen = null, origin: from } = saved
      if (!(actions instanceof Float32Array) || actions.length % size !== 0 || from === undefined)
        return foreign()
      const draws = source.again(from)
      if (draws === undefined && (isBegun === true || from !== null)) return foreign()
      origin = Snapshot.copy(from)
      close()
      instance.steps = 0
      if (isBegun !== true || draws === undefined) return
      const current = start(draws)
      for (let at = 0; at < actions.length; at += size) {
        action.set(actions.subarray(at, at + size))
        advance(current)
      }
      observe(current)
      const isSame =
        Snapshot.stringify(seen) === Snapshot.stringify(observation) &&
        Object.is(saved["reward"], instance.reward) &&
        saved["terminated"] === instance.terminated
      if (!isSame)
        fail("the snapshot's actions lead elsewhere", "Look for the version that it was taken with")
    },
    render: (): Scene.Scene =>
      episode === undefined
        ? fail("nothing to draw before the first reset", "Call reset first")
        : episode.render()
  }
  return { instance, close }
}

/** The environment of a definition. */
export const define = <A extends Space.Space>(definition: Definition<A>): Environment.Environment<A> => ({
  spec: {
    ...definition.spec,
    source: "Gymnasium 1.3.0, Box2D 2.3.1",
    libraries: { "box2d.js": Engine.VERSION }
  },
  make: Effect.gen(function* () {
    const box2d = yield* Engine.place(definition.spec.id)
    const { instance } = yield* Effect.acquireRelease(
      Effect.sync(() => instantiate(definition, box2d)),
      ({ close }) => Effect.sync(close)
    )
    return instance
  })
})
