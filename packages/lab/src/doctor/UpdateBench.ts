/**
 * How long an update takes: a compiled DDPG update (both losses, gradients, Adam, both target updates), measured as
 * the best of many rounds, next to the plain matrix product that it can at most be as fast as.
 */
import { Ddpg } from "@ornstein/algos"
import * as Algorithm from "@ornstein/algos/Algorithm"
import * as Key from "@ornstein/core/Key"
import * as Learner from "@ornstein/core/Learner"
import type { Engine } from "@ornstein/jit/Engine"
import type * as Graph from "@ornstein/jit/Graph"
import * as NativeEngine from "@ornstein/jit/NativeEngine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as Scalars from "@ornstein/core/Scalars"
import * as tf from "@tensorflow/tfjs-core"

// models

export interface Options {
  readonly engine: Engine
  /** Of the engine; 1 if not given. */
  readonly threads?: number
  readonly batch: number
  /** Widths of the hidden layers of actor and critic. */
  readonly hidden: readonly [number, ...ReadonlyArray<number>]
  readonly observation: number
  readonly action: number
}

export interface Result {
  /** One update. */
  readonly milliseconds: number
  /** Operations of the update's matrix products, in 10^9 per second. */
  readonly gflops: number
  /**
   * That, as a fraction of the most that there can be, measured in the same minute: with `native` what its registers can
   * do, times the threads; elsewhere what a 256 x 256 x 256 product reaches on as many threads.
   */
  readonly peakFraction: number
  /** Tracing, simplifying and linking: the first of a process costs the most. */
  readonly compileMilliseconds: number
  readonly allocatedBytesPerCall: number
  /** One action from one observation. */
  readonly actingMilliseconds: number
}

// pure core

/** Multiplications and additions of a graph's matrix products. */
export const productOperations = ({ nodes, values }: Graph.Graph): number =>
  nodes
    .filter(({ kernel }) => kernel === "BatchMatMul" || kernel === "_FusedMatMul")
    .reduce((sum, { attributes, inputs, outputs }) => {
      const [a] = inputs.map((id) => values[id]?.shape ?? [])
      const [c] = outputs.map((id) => values[id]?.shape ?? [])
      const inner = a?.at(attributes["transposeA"] === true ? -2 : -1) ?? 0
      return sum + 2 * inner * NdArray.size(c ?? [0])
    }, 0)

// programs

/** The plain product `[n, n] [n, n]`. */
const cube = (engine: Engine, n: number) =>
  Program.compile(engine, {
    state: {},
    programs: {
      product: {
        inputs: { a: NdArray.spec([n, n]), b: NdArray.spec([n, n]) },
        fn: (state, { a, b }) => [state, tf.matMul(a, b)]
      }
    }
  })

/** What products are held against: how many operations a call makes. */
interface Yardstick {
  readonly operations: number
  readonly run: () => void
  readonly dispose: () => void
}

const plainProduct = (engine: Engine): Yardstick => {
  const { dispose, programs } = cube(engine, 256)
  fill([programs.product.inputs.a, programs.product.inputs.b])
  return { operations: 2 * 256 * 256 * 256, run: programs.product.run, dispose }
}

const yardstick = ({ engine, threads = 1 }: Options): Yardstick => {
  const [kind, variant] = engine.name.split(":")
  const level = engine.libraries?.["level"]
  if (kind !== "native" || (level !== "avx512" && level !== "avx2")) return plainProduct(engine)
  const { dispose, operations, run } = NativeEngine.peak({ level, fused: variant === "fused" })
  // One thread is measured: what so many can do if each has a core of its own, and none waits.
  return { operations: threads * operations, run, dispose }
}

/** The programs of DDPG as training compiles them. */
const compile = ({ action, batch, engine, hidden, observation }: Options) => {
  const plan = Algorithm.learner(Ddpg.make({ hidden })).plan({ observation, action, batch })
  const update = Learner.sequence(plan.phases)
  return Program.compile(engine, {
    state: plan.init(Key.make(1)),
    programs: {
      update: {
        inputs: { batch: plan.batch, draws: {}, scalars: Scalars.specs(plan.scalars) },
        fn: (state: Learner.State<tf.Tensor>, inputs) => update(state, inputs)
      },
      act: {
        inputs: { s: NdArray.spec([1, observation]) },
        fn: (state: Learner.State<tf.Tensor>, { s }) => [state, plan.act(state, s, undefined)]
      }
    }
  })
}

// measuring

const now = (): number => performance.now()

/** Milliseconds of one call: the mean of `calls` calls in a row. */
const timed = (run: () => void, calls: number): number => {
  const from = now()
  for (let call = 0; call < calls; call++) run()
  return (now() - from) / calls
}

/** How many calls make a round of about `milliseconds`; calling it so often also lets V8 compile its best code. */
const callsFor = (run: () => void, milliseconds: number): number => {
  const until = now() + 300
  let best = Number.POSITIVE_INFINITY
  while (now() < until) best = Math.min(best, timed(run, 1))
  return Math.max(1, Math.round(milliseconds / best))
}

/** Short and many: on a machine that others use too, some rounds are undisturbed. */
const ROUNDS = 200

/** Where a round takes long, there are fewer. */
const MOST_MILLISECONDS = 6000

/** How the heap grows from `calls` calls, at least. */
const growth = (run: () => void, calls: number, repetitions: number): number =>
  Math.min(
    ...Array.from({ length: repetitions }, () => {
      const before = process.memoryUsage().heapUsed
      for (let call = 0; call < calls; call++) run()
      return process.memoryUsage().heapUsed - before
    }).filter((bytes) => bytes > 0)
  )

/** Bytes per call: from more calls and fewer, because asking how large the heap is makes it grow too. */
const allocated = (run: () => void, milliseconds: number): number => {
  const [fewer, repetitions] = milliseconds < 20 ? [10, 7] : [1, 2]
  const more = growth(run, 4 * fewer, repetitions) - growth(run, fewer, repetitions)
  return Number.isFinite(more) ? Math.max(0, Math.round(more / (3 * fewer))) : 0
}

const fill = (arrays: ReadonlyArray<NdArray.NdArray>): void =>
  arrays.forEach(({ data }, i) => {
    const numbers = Key.normals(Key.fold(Key.make(2), i), new Float32Array(data.length), 0, 0.5)
    data.set(numbers)
  })

/** Measures all of it; rounds of the update and of what it is held against alternate, so that both see the same machine. */
export const measure = (options: Options): Result => {
  const most = yardstick(options)
  const begun = now()
  const learner = compile(options)
  const compileMilliseconds = now() - begun
  const { act, update } = learner.programs
  const { action, discount, nextObservation, observation, reward } = update.inputs.batch
  fill([act.inputs.s])
  fill([action, discount, nextObservation, observation, reward].filter((array) => array !== undefined))

  const [updates, products, acts] = [callsFor(update.run, 4), callsFor(most.run, 2), callsFor(act.run, 1)]
  let [milliseconds, productMilliseconds, actingMilliseconds] = [Infinity, Infinity, Infinity]
  const deadline = now() + MOST_MILLISECONDS
  for (let round = 0; round < ROUNDS && (round < 3 || now() < deadline); round++) {
    milliseconds = Math.min(milliseconds, timed(update.run, updates))
    productMilliseconds = Math.min(productMilliseconds, timed(most.run, products))
    actingMilliseconds = Math.min(actingMilliseconds, timed(act.run, acts))
  }
  const gflops = productOperations(update.graph) / milliseconds / 1e6
  const peak = most.operations / productMilliseconds / 1e6
  const result = {
    milliseconds,
    gflops,
    peakFraction: gflops / peak,
    compileMilliseconds,
    allocatedBytesPerCall: allocated(update.run, milliseconds),
    actingMilliseconds
  }
  learner.dispose()
  most.dispose()
  return result
}
