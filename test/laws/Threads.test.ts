/**
 * Neither the number of threads nor the engine changes anything: every preset, base and variant on `wasm` with 1 to 4
 * threads and on `native` at every level, also on a busy machine.
 */
import { Registry } from "@ornstein/algos"
import { Extension, Key, Learner, ParameterNoise, Space } from "@ornstein/core"
import * as Programs from "@ornstein/core/Programs"
import { type Engine, type NdArray, Program } from "@ornstein/jit"
import * as NativeEngine from "@ornstein/jit/NativeEngine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Presets from "@ornstein/lab/Presets"
import { Effect, Result } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { availableParallelism } from "node:os"
import * as Native from "../jit/Native.ts"
import { afterAll, assert, beforeAll, describe, it } from "vitest"

const key = Key.make(29)

interface Sharing {
  readonly threads: number
  readonly shareAbove?: number
}

/** Who computes, on how many threads. */
const TEAMS: ReadonlyArray<{
  readonly name: string
  readonly threads: number
  readonly make: (sharing: Sharing) => Engine.Engine
}> = [
  ...[1, 2, 3, 4].map((threads) => ({ name: "wasm", threads, make: WasmEngine.make })),
  ...Native.levels.flatMap((level) =>
    (level === "avx2" ? [2] : [1, 3]).map((threads) => ({
      name: `native ${level}`,
      threads,
      make: (sharing: Sharing) => NativeEngine.make({ level, shareAbove: 0, ...sharing })
    }))
  )
]
const THREADS = TEAMS.map(({ threads }) => threads)

/** A learner's programs, in memories of their own on each number of threads. */
const link = (
  plan: Learner.Plan,
  sizes: Learner.Sizes,
  options: { readonly extension?: Extension.Extension; readonly shareAbove?: number } = {}
) => {
  const { extension, ...sharing } = options
  const initial = plan.init(Key.fold(key, "init"))
  const teams: Array<Engine.Linked> = []
  const engine: Engine.Engine = {
    name: "every number of threads",
    synchronous: true,
    link: (module) => {
      teams.push(...TEAMS.map(({ make, threads }) => make({ threads, ...sharing }).link(module)))
      return teams[0]!
    }
  }
  Program.compile(engine, {
    state: Extension.extended(plan, initial, extension),
    programs: {
      ...Programs.learning(plan, sizes),
      ...Extension.programs(plan, sizes, initial, extension)
    }
  })
  for (const { programs } of teams) {
    for (const [name, { inputs }] of programs) {
      for (const [path, { data }] of inputs) {
        if (data instanceof Float32Array) fill(path, data, sizes)
        else if (path.startsWith("draws.")) data.forEach((_, i) => (data[i] = i))
        else throw new TypeError(`${path} of ${name} is not float32`)
      }
    }
  }
  return teams
}

/** Numbers that an update can be made of, by the name of the input. */
const fill = (path: string, data: Float32Array, sizes: Learner.Sizes): void => {
  const name = path.split(".").at(-1)
  Key.normals(Key.fold(key, path), data)
  if (name === "discount") data.fill(0.98)
  else if (name === "weight") data.forEach((x, i) => (data[i] = 1 / (1 + x * x)))
  else if (name === "mask") data.fill(1)
  else if (name === "action") data.forEach((x, i) => (data[i] = Math.floor(Math.abs(x)) % sizes.action))
  else if (path.startsWith("scalars.")) data.fill(0.01)
  else if (path.startsWith("parameters.")) data.forEach((x, i) => (data[i] = x / 100))
}

/** All that the call of a program could change. */
const numbers = ({ programs, state }: Engine.Linked): ReadonlyMap<string, NdArray.Data> =>
  new Map([
    ...Array.from(state, ([path, { data }]) => [`state ${path}`, data] as const),
    ...Array.from(programs, ([name, { outputs }]) =>
      Array.from(outputs, ([path, { data }]) => [`${path} of ${name}`, data] as const)
    ).flat()
  ])

const bits = ({ buffer, byteLength, byteOffset }: NdArray.Data): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** Calls the programs in turn, one right after the other, on every team, and compares every bit. */
const compare = (teams: ReadonlyArray<Engine.Linked>, names: ReadonlyArray<string>, calls: number): void => {
  for (const { programs } of teams) {
    const runs = names.map((name) => programs.get(name)!.run)
    for (let call = 0; call < calls; call++) runs[call % runs.length]!()
  }
  const [alone, ...others] = teams.map(numbers)
  for (const [path, data] of alone ?? []) {
    assert.isTrue(data.every(Number.isFinite), `${path} is finite`)
    for (const [i, other] of others.entries()) {
      assert.isTrue(
        bits(data).equals(bits(other.get(path)!)),
        `${path} on ${TEAMS[i + 1]?.name}, ${THREADS[i + 1]} threads`
      )
    }
  }
}

/** The names of the programs of updates 1, 2, 3, ... until they repeat. */
const rhythm = ({ phases }: Learner.Plan): ReadonlyArray<string> =>
  Array.from({ length: Learner.period(phases) }, (_, n) => Learner.programName(Learner.due(phases, n + 1)))

/** Asserts that all threads of each team share these programs. */
const assertShared = (teams: ReadonlyArray<Engine.Linked>, names: ReadonlyArray<string>): void => {
  for (const name of names) {
    assert.deepStrictEqual(
      teams.map(({ programs }) => programs.get(name)?.threads),
      THREADS,
      name
    )
  }
}

const dispose = (teams: ReadonlyArray<Engine.Linked>): void => {
  for (const team of teams) team.dispose()
}

const law = (plan: Learner.Plan, sizes: Learner.Sizes): void => {
  const teams = link(plan, sizes)
  const updates = rhythm(plan)
  assertShared(teams, updates)
  compare(teams, [...updates, "act"], 24)
  dispose(teams)
}

/** The learner with its own widths; networks for actions from a list are small and take a larger minibatch. */
const algorithm = (input: unknown, sizes: Partial<Learner.Sizes> = {}) => {
  const options = Result.getOrThrow(Registry.bases.decode(input))
  const isDiscrete = Registry.bases.partOf(options).environment === "Discrete"
  const all = { observation: 4, action: 2, batch: isDiscrete ? 128 : 16, ...sizes }
  return { plan: Effect.runSync(Registry.learner(options)).plan(all), sizes: all }
}

/** Options of variants that have no defaults for them. */
const required: { readonly [variant: string]: object } = { targetUpdate: { rule: "hard", every: 3 } }

describe("1, 2, 3 and 4 threads have the same bits", { timeout: 180_000 }, () => {
  it.each(Presets.names)("preset %s", (name) => {
    const config = Result.getOrThrow(Experiment.decode(Presets.presets[name]?.config))
    const { action, observation } = Experiment.world(config).spec
    const sizes = {
      observation: Space.size(observation),
      action: Space.size(action),
      batch: config.training.batchSize,
      isWeighted: config.replay.kind === "prioritized"
    }
    law(Effect.runSync(Experiment.learner(config)).plan(sizes), sizes)
  })

  it.each(Registry.bases.parts)("base $kind", ({ kind }) => {
    const { plan, sizes } = algorithm({ base: kind }, { isWeighted: true })
    law(plan, sizes)
  })

  it.each(Registry.variants.parts)("variant $kind", ({ kind }) => {
    const { plan, sizes } = algorithm({ base: "ddpg", variants: [{ kind, ...required[kind] }] })
    law(plan, sizes)
  })
})

describe("on a busy machine", () => {
  /** More processes than cores that do nothing but compute; they end with this one if nobody ends them. */
  const busy: Array<ChildProcess> = []

  beforeAll(() => {
    const script = `while (process.ppid === ${process.pid});`
    for (let i = 0; i < availableParallelism() + 2; i++) {
      busy.push(spawn(process.execPath, ["--eval", script], { stdio: "ignore" }))
    }
  })
  afterAll(() => {
    for (const child of busy) child.kill("SIGKILL")
  })

  it("a thousand calls of two and of three programs have the same bits", () => {
    const { plan, sizes } = algorithm({ base: "td3", hidden: [16, 16] })
    const teams = link(plan, sizes, { extension: ParameterNoise.extension, shareAbove: 0 })
    const updates = rhythm(plan)
    assert.strictEqual(new Set(updates).size, 2)
    assertShared(teams, [...updates, "act", "extension.perturb", "extension.explore"])
    compare(teams, updates, 1000)
    compare(teams, [...updates, "extension.perturb"], 1000)
    dispose(teams)
    assert.isTrue(busy.every(({ exitCode, signalCode }) => exitCode === null && signalCode === null))
  })
})
