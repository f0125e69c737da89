/**
 * Worlds on worker threads: many lanes step at once, each in a thread that has made its world anew. What they give does not
 * depend on how many threads there are, nor on how fast each is: a lane's steps depend on its own state and action only.
 *
 * Another thread cannot be given functions, so it is told where it finds the world: a module that exports `world`, a function
 * of what it is given, whose result is an effect of the environment.
 *
 * ```ts
 * // tank.ts
 * export const tank = Environment.define({ ... })
 * export const world = () => Effect.succeed(tank)
 *
 * // train.ts
 * const found = Workers.foundAt(tank, { module: new URL("./tank.ts", import.meta.url).href, given: null })
 * const trainer = Training.make(learner, { lanes: 8, workers: 2, updatesPerRound: 8 })
 *   .pipe(Effect.provide(Environment.layerContinuous(found)))
 * ```
 *
 * The run and a thread share memory for actions, observations and rewards. The run writes an action and rings; the thread
 * steps and counts down; the run sleeps until all is done. Snapshots and errors go by messages.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { PartError } from "../config/index.ts"
import { Environment, Space } from "../environment/index.ts"
import { Threads } from "../host/index.ts"
import type { Snapshot } from "../state/index.ts"
import * as Memory from "./Memory.ts"
import * as Message from "./Message.ts"

// models

/** Where other threads find a world. */
export interface Place {
  /** The URL of a module that exports `world`. */
  readonly module: string
  /** What `world` is given: data that can be sent to a thread. */
  readonly given: Schema.Json
}

/** How long is waited for a thread: until its worlds stand, for one of their steps, for its end. */
export const Patience = Context.Reference<{
  readonly begin: Duration.Input
  readonly step: Duration.Input
  readonly end: Duration.Input
}>("@ornstein/core/Workers/Patience", {
  defaultValue: () => ({ begin: "60 seconds", step: "60 seconds", end: "5 seconds" })
})

/** A thread that has begun, and what is known of it. */
interface Worker {
  readonly thread: Threads.Thread
  readonly memory: Memory.Memory
  /** Of its lanes, by their numbers in the run. */
  readonly lanes: ReadonlyArray<number>
  readonly ended: Deferred.Deferred<unknown>
  /** How often each end looks for the other before it sleeps. */
  readonly spins: number
  /** Has it ended, or been given up? */
  isLost: boolean
}

// errors

const FIX =
  "Look for a world that ends its process or never comes back; with training.workers 1 it steps in the run's own thread"

/** The lane is that which the worker was busy with. */
const lost = (spec: Environment.Spec, worker: Worker, what: string): Environment.EnvironmentError => {
  worker.isLost = true
  const { memory } = worker
  const lane = Atomics.load(memory.control, Memory.control.at)
  const own = worker.lanes.indexOf(lane)
  return new Environment.EnvironmentError({
    environment: spec.id,
    step: memory.lanes[own]?.words[Memory.word.steps] ?? 0,
    lane,
    what,
    fix: FIX
  })
}

const notBegun = ({ id }: Environment.Spec, what: string, fix: string): Environment.EnvironmentError =>
  new Environment.EnvironmentError({ environment: id, step: 0, what, fix })

// the run's end of the conversation

/** Looks before sleep, where every thread has a core: some 0.1 milliseconds, longer than a round waits for an answer. */
const SPINS = 20_000

const isAnswer = Schema.is(Message.Answer)

/** Waits until a worker has done all that it was told. */
const settle = (spec: Environment.Spec, worker: Worker, patience: number): void => {
  const { control } = worker.memory
  const { dead, left } = Memory.control
  for (let i = worker.spins; i > 0 && Atomics.load(control, left) !== 0; i--);
  while (true) {
    if (worker.isLost || Atomics.load(control, dead) !== 0)
      throw lost(spec, worker, "its worker thread has ended")
    const count = Atomics.load(control, left)
    if (count === 0) return
    const isLate = Atomics.wait(control, left, count, patience) === "timed-out"
    if (isLate && Atomics.load(control, left) === count) {
      throw lost(
        spec,
        worker,
        `its worker thread gave no answer for ${Duration.format(Duration.millis(patience))}`
      )
    }
  }
}

/** Tells a worker that there is something to do. */
const ring = ({ memory: { control } }: Worker): void => {
  Atomics.add(control, Memory.control.left, 1)
  Atomics.add(control, Memory.control.bell, 1)
  Atomics.notify(control, Memory.control.bell)
}

/** A lane of a worker as an instance; `own` is its number there. */
const instanceOf = (
  spec: Environment.Spec,
  worker: Worker,
  own: number,
  {
    action: actions,
    observation: observations
  }: { readonly [name in "action" | "observation"]: Memory.Precision },
  patience: number
): Environment.Instance => {
  const lane = worker.memory.lanes[own]
  if (lane === undefined) throw new RangeError(`the worker has no lane ${own}`)
  const { reward, words } = lane
  const [observation, action] = [lane.observation(observations), lane.action(actions)]
  const { command, isFaulty, keyHigh, keyLow, steps, terminated, truncated } = Memory.word

  const ask = (asked: Message.Asked): Snapshot.Snapshot => {
    settle(spec, worker, patience)
    worker.thread.post(asked)
    Atomics.store(worker.memory.control, Memory.control.message, 1)
    ring(worker)
    settle(spec, worker, patience)
    const answer = worker.thread.receive()
    if (!isAnswer(answer))
      throw lost(spec, worker, "its worker thread has sent something else than an answer")
    if (answer._tag === "Threw") throw Message.thrown(answer.error)
    return answer.snapshot
  }
  const tell = (what: number): void => {
    Atomics.store(words, command, what)
    ring(worker)
  }
  const collect = (): void => {
    settle(spec, worker, patience)
    if (words[isFaulty] !== 0) ask({ _tag: "Fault", lane: own })
  }
  const send = (given: Space.Numbers): void => {
    if (given.length !== action.length) throw Environment.refusal(spec, words[steps]!, given)
    action.set(given)
    tell(Memory.command.step)
  }

  return {
    observation,
    get reward() {
      return reward[0]!
    },
    get terminated() {
      return words[terminated] !== 0
    },
    get truncated() {
      return words[truncated] !== 0
    },
    get steps() {
      return words[steps]!
    },
    reset: (key) => {
      words[keyHigh] = key.high
      words[keyLow] = key.low
      tell(Memory.command.reset)
      collect()
    },
    step: (given) => {
      send(given)
      collect()
    },
    beside: { send, collect },
    snapshot: () => ask({ _tag: "Snapshot", lane: own }),
    restore: (snapshot) => void ask({ _tag: "Restore", lane: own, snapshot })
  }
}

/** A lane of the run's own thread: it steps when it is sent, while the others do, and what it throws waits as theirs does. */
const ofRun = (inner: Environment.Instance): Environment.Instance => {
  let thrown: { readonly cause: unknown } | undefined
  return {
    get observation() {
      return inner.observation
    },
    get reward() {
      return inner.reward
    },
    get terminated() {
      return inner.terminated
    },
    get truncated() {
      return inner.truncated
    },
    get steps() {
      return inner.steps
    },
    reset: (key) => inner.reset(key),
    step: (action) => inner.step(action),
    beside: {
      send: (action) => {
        thrown = undefined
        try {
          inner.step(action)
        } catch (cause) {
          thrown = { cause }
        }
      },
      collect: () => {
        if (thrown !== undefined) throw thrown.cause
      }
    },
    snapshot: () => inner.snapshot(),
    restore: (snapshot) => inner.restore(snapshot)
  }
}

// threads

/** The lanes of a worker: neighbours. The last worker is the run's own thread, so all others are told before it steps. */
const share = (lanes: number, workers: number, worker: number): ReadonlyArray<number> => {
  const [first, next] = [worker, worker + 1].map((each) => Math.floor((lanes * each) / workers))
  return Array.from({ length: next! - first! }, (_, i) => first! + i)
}

/** The worlds of the run's own thread. */
const own = ({ make }: Environment.Environment, lanes: number) =>
  Effect.map(Effect.all(Array.from({ length: lanes }, () => make)), (all) => all.map(ofRun))

/** The module that a thread runs, beside this one, and what Node needs to run it where it is TypeScript. */
const MODULE = new URL(`./Thread${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`, import.meta.url)
  .href
const FLAGS = MODULE.endsWith(".ts") ? ["--conditions=@ornstein/source"] : undefined

const decodeTold = Schema.decodeUnknownExit(Message.Told)

/** A thread with the worlds of these lanes, until the scope closes. */
const begin = Effect.fnUntraced(function* (
  spec: Environment.Spec,
  place: Place,
  lanes: ReadonlyArray<number>,
  spins: number
) {
  const patience = yield* Patience
  const sizes = { observation: Space.size(spec.observation), action: Space.size(spec.action) }
  const buffer = new SharedArrayBuffer(Memory.bytes({ ...sizes, lanes: lanes.length }))
  const memory = Memory.view(buffer, { ...sizes, lanes: lanes.length })
  const told = yield* Deferred.make<unknown, Environment.EnvironmentError>()
  const ended = yield* Deferred.make<unknown>()
  const given: Message.Given = { ...place, ...sizes, lanes: [...lanes], spins, buffer }
  const worker = yield* Effect.acquireRelease(
    Effect.sync((): Worker => {
      const thread = Threads.start({
        name: `ornstein lanes ${lanes.join(", ")}`,
        module: MODULE,
        flags: FLAGS,
        given,
        onTold: (message) => Deferred.doneUnsafe(told, Exit.succeed(message)),
        onEnd: (cause) => {
          const why = cause instanceof Error ? `: ${cause.message}` : ""
          const error = notBegun(spec, `its worker thread has ended before the world stood${why}`, FIX)
          Deferred.doneUnsafe(told, Exit.fail(error))
          Deferred.doneUnsafe(ended, Exit.succeed(cause))
        }
      })
      return { thread, memory, lanes, ended, spins, isLost: false }
    }),
    (worker) => {
      const { thread } = worker
      const isServing = !worker.isLost && Deferred.isDoneUnsafe(told)
      const asked = Effect.sync(() => {
        thread.hold(true)
        if (!isServing) return
        thread.post({ _tag: "Close" } satisfies Message.Asked)
        Atomics.store(memory.control, Memory.control.message, 1)
        ring(worker)
      })
      const killed = Effect.promise(() => thread.terminate())
      const gone = isServing
        ? Effect.timeoutOrElse(Deferred.await(ended), { duration: patience.end, orElse: () => killed })
        : killed
      return Effect.andThen(asked, gone)
    }
  )
  const message = yield* Deferred.await(told).pipe(
    Effect.timeoutOrElse({
      duration: patience.begin,
      orElse: () =>
        notBegun(
          spec,
          `no world stood in its worker thread after ${Duration.format(Duration.fromInputUnsafe(patience.begin))}`,
          FIX
        )
    })
  )
  worker.thread.hold(false)
  const answer = yield* Effect.orDie(decodeTold(message))
  if (answer._tag === "Failed") {
    const error = Message.thrown(answer.error)
    if (error instanceof Environment.EnvironmentError || error instanceof PartError.PartError)
      return yield* error
    const fix =
      "Name a module whose export `world` gives the world, or step it in the run's own thread: training.workers 1"
    return yield* notBegun(spec, `its worker thread does not find the world: ${error.message}`, fix)
  }
  if (answer.spec !== Message.specOf(spec)) {
    const fix = "Give threads what makes the same world"
    return yield* notBegun(spec, `a worker thread found another world: ${answer.spec}`, fix)
  }
  const step = Duration.toMillis(patience.step)
  return answer.observations.map((observation, own) =>
    instanceOf(spec, worker, own, { observation, action: answer.action }, step)
  )
})

// combinators

/** The same environment, which other threads find at a place: what training needs for `workers`. */
export const foundAt = <A extends Space.Space>(
  self: Environment.Environment<A>,
  place: Place
): Environment.Environment<A> => ({
  // What a world that is another process says of itself is asked for when it is needed.
  get spec() {
    return self.spec
  },
  make: self.make,
  makeBeside: Effect.fn("Workers.makeBeside")(function* (
    lanes: number,
    workers: number
  ): Effect.fn.Return<ReadonlyArray<Environment.Instance>, Environment.WorldError, Scope.Scope> {
    if (!Threads.areThere()) {
      return yield* notBegun(
        self.spec,
        "there are no worker threads here, as in a browser",
        "Step the lanes in the run's own thread: training.workers 1"
      )
    }
    const spins = workers <= Threads.cores() ? SPINS : 0
    const crews = yield* Effect.forEach(
      Array.from({ length: workers }, (_, worker) => share(lanes, workers, worker)),
      (numbers, worker) =>
        worker === workers - 1 ? own(self, numbers.length) : begin(self.spec, place, numbers, spins),
      { concurrency: "unbounded" }
    )
    return crews.flat()
  })
})
