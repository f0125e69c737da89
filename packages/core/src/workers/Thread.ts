/**
 * What a worker thread runs: it makes the worlds of its lanes and steps them when it is told. Between commands it sleeps;
 * while nothing comes for a while, timers and promises of its worlds get their turn.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Environment, Space } from "../environment/index.ts"
import { Threads } from "../host/index.ts"
import * as Memory from "./Memory.ts"
import * as Message from "./Message.ts"

// models

interface Lane {
  readonly instance: Environment.Instance
  readonly memory: Memory.Lane
  readonly observation: Space.Numbers
  readonly action: Space.Numbers
  /** By its number in the run. */
  readonly number: number
  /** What its last command threw. */
  fault: Message.Sent | undefined
}

// pure core

const { at, bell, dead, left, message } = Memory.control
const { command, isFaulty, keyHigh, keyLow, steps, terminated, truncated } = Memory.word

/** Milliseconds without a command after which others get their turn. */
const IDLE = 100

const publish = ({ instance, memory, observation }: Lane): void => {
  const { reward, words } = memory
  observation.set(instance.observation)
  reward[0] = instance.reward
  words[terminated] = instance.terminated ? 1 : 0
  words[truncated] = instance.truncated ? 1 : 0
  words[steps] = instance.steps
}

/** Does what a lane was told. */
const obey = (lane: Lane): void => {
  const { action, instance, memory } = lane
  const { words } = memory
  try {
    if (words[command] === Memory.command.step) instance.step(action)
    else instance.reset({ high: words[keyHigh]! >>> 0, low: words[keyLow]! >>> 0 })
    publish(lane)
    words[isFaulty] = 0
  } catch (cause) {
    lane.fault = Message.sent(cause)
    words[isFaulty] = 1
  }
  words[command] = Memory.command.none
}

const answered = (act: () => Message.Answer): Message.Answer => {
  try {
    return act()
  } catch (cause) {
    return { _tag: "Threw", error: Message.sent(cause) }
  }
}

/** What is said to a message. */
const answer = (lanes: ReadonlyArray<Lane>, asked: Message.Asked): Message.Answer =>
  answered(() => {
    const lane = asked._tag === "Close" ? undefined : lanes[asked.lane]
    if (lane === undefined) return { _tag: "Done", snapshot: null }
    switch (asked._tag) {
      case "Snapshot":
        return { _tag: "Done", snapshot: lane.instance.snapshot() }
      case "Restore":
        lane.instance.restore(asked.snapshot)
        publish(lane)
        return { _tag: "Done", snapshot: null }
      default:
        return lane.fault === undefined
          ? { _tag: "Done", snapshot: null }
          : { _tag: "Threw", error: lane.fault }
    }
  })

// the loop

const isAsked = Schema.is(Message.Asked)

/** Serves until it is told to close. */
const serve = Effect.fnUntraced(function* (
  lanes: ReadonlyArray<Lane>,
  control: Int32Array,
  { post, receive }: Threads.Inside,
  spins: number
) {
  const done = (): void => {
    if (Atomics.sub(control, left, 1) === 1) Atomics.notify(control, left)
  }
  let heard = 0
  while (true) {
    for (let i = spins; i > 0 && Atomics.load(control, bell) === heard; i--);
    if (Atomics.wait(control, bell, heard, IDLE) === "timed-out") yield* Effect.sleep(0)
    heard = Atomics.load(control, bell)
    for (const lane of lanes) {
      if (Atomics.load(lane.memory.words, command) === Memory.command.none) continue
      Atomics.store(control, at, lane.number)
      obey(lane)
      done()
    }
    if (Atomics.load(control, message) === 0) continue
    Atomics.store(control, message, 0)
    const asked = receive()
    if (!isAsked(asked) || asked._tag === "Close") return
    post(answer(lanes, asked))
    done()
  }
})

/** The world that a module exports. */
const load = Effect.fnUntraced(function* ({ given, module }: Message.Given) {
  const found: unknown = yield* Effect.promise(() => import(module))
  const make = typeof found === "object" && found !== null && "world" in found ? found.world : undefined
  const made: unknown = typeof make === "function" ? make(given) : undefined
  const world: unknown = isWorld(made) ? yield* made : undefined
  if (isEnvironment(world)) return world
  return yield* Effect.die(
    new TypeError(`${module} exports no function "world" that gives an Effect of an environment`)
  )
})

/** Whatever it needs, it has brought: a thread has nothing for it. */
const isWorld = (u: unknown): u is Effect.Effect<unknown, unknown> => Effect.isEffect(u)

const isEnvironment = (u: unknown): u is Environment.Environment =>
  typeof u === "object" && u !== null && "spec" in u && "make" in u && Effect.isEffect(u.make)

const life = Effect.gen(function* () {
  const inside = Threads.inside()
  const given = Schema.decodeUnknownSync(Message.Given)(inside.given)
  const memory = Memory.view(given.buffer, { ...given, lanes: given.lanes.length })
  inside.onExit(() => {
    Atomics.store(memory.control, dead, 1)
    Atomics.notify(memory.control, left)
  })
  const lanes = Effect.gen(function* () {
    const world = yield* load(given)
    const action = Memory.precisionOf(Space.allocate(world.spec.action))
    const lanes = yield* Effect.forEach(memory.lanes, (memory, i) =>
      Effect.map(world.make, (instance): Lane => {
        const precision = Memory.precisionOf(instance.observation)
        return {
          instance,
          memory,
          observation: memory.observation(precision),
          action: memory.action(action),
          number: given.lanes[i] ?? i,
          fault: undefined
        }
      })
    )
    inside.tell({
      _tag: "Ready",
      spec: Message.specOf(world.spec),
      observations: lanes.map(({ observation }) => Memory.precisionOf(observation)),
      action
    } satisfies Message.Told)
    return lanes
  })
  const served = yield* Effect.exit(lanes)
  if (served._tag === "Success") return yield* serve(served.value, memory.control, inside, given.spins)
  return inside.tell({
    _tag: "Failed",
    error: Message.sent(Cause.squash(served.cause))
  } satisfies Message.Told)
})

Effect.runFork(Effect.scoped(life))
