/** Short runs of everything that a configuration can choose, and the hashes of what each leaves behind. */
import { Registry as Algorithms } from "@ornstein/algos"
import { Training } from "@ornstein/core"
import { Registry as Environments } from "@ornstein/envs"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Presets from "@ornstein/lab/Presets"
import { Effect, Result, Stream } from "effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"

/** What a run leaves behind. */
export interface Bits {
  readonly step: number
  readonly updates: number
  /** Every parameter, target and moment of the learner. */
  readonly parameters: string
  /** All that the future of the run depends on, the replay's rows among it. */
  readonly state: string
  /** The replay's rows and the returns of the episodes. */
  readonly experience: string
}

type Config = { readonly [part: string]: unknown }

export const short = { steps: 260, warmup: 80, learningStarts: 80, batchSize: 16, sliceSteps: 130 }

/** On the world of a pendulum, or of another kind where something needs it. */
export const pendulum = { environment: { kind: "pendulum", timeLimit: 40 }, training: short }
export const small = { hidden: [16, 16] }

/** A world with as many numbers for each dimension. */
export const plane = { kind: "pointReach", dimensions: 2, timeLimit: 40 }

/** Options of variants that have no defaults for them. */
const required: { readonly [variant: string]: object } = { targetUpdate: { rule: "hard", every: 3 } }

/** An on-policy learner brings its rhythm along; only its length is given. */
const onPolicy = { steps: 260, sliceSteps: 130 }

const presets = (): ReadonlyArray<readonly [string, Config]> =>
  Presets.names.map((name) => {
    const config = Presets.presets[name]!.config
    const { batchSize = 64 } = config.training ?? {}
    // Those of networks as large as papers have make few updates of few transitions.
    const [first = 0] = config.algorithm?.hidden ?? []
    const [steps, batch] = first > 128 ? [270, 16] : [330, batchSize]
    const training =
      config.replay?.kind === "rollout"
        ? onPolicy
        : { ...config.training, steps, warmup: 200, learningStarts: 200, sliceSteps: 110, batchSize: batch }
    return [`preset ${name}`, { ...config, training }]
  })

const bases = (): ReadonlyArray<readonly [string, Config]> =>
  Algorithms.bases.parts.map(({ environment, kind }) =>
    environment === "Discrete"
      ? [`base ${kind}`, { environment: { kind: "cartPole" }, algorithm: { base: kind }, training: onPolicy }]
      : [`base ${kind}`, { ...pendulum, algorithm: { base: kind, ...small } }]
  )

const variants = (): ReadonlyArray<readonly [string, Config]> =>
  Algorithms.variants.parts.map(({ kind }) => [
    `variant ${kind}`,
    {
      ...pendulum,
      environment: kind === "deepSets" ? plane : pendulum.environment,
      algorithm: {
        base: "ddpg",
        ...(kind === "deepSets" ? {} : small),
        variants: [{ kind, ...required[kind] }]
      }
    }
  ])

const worlds = (): ReadonlyArray<readonly [string, Config]> =>
  Environments.entries.map(({ configuration, environment, id }) => [
    `world ${id}`,
    environment.spec.action._tag === "Box"
      ? { environment: configuration, algorithm: { base: "ddpg", ...small }, training: short }
      : { environment: configuration, algorithm: { base: "a2c" }, training: onPolicy }
  ])

const others: ReadonlyArray<readonly [string, Config]> = [
  ...Experiment.catalogues.explorations.parts.map(
    ({ kind }) => [`exploration ${kind}`, { ...pendulum, exploration: { kind } }] as const
  ),
  ["replay prioritized", { ...pendulum, replay: { kind: "prioritized", nStep: 3 } }],
  ["replay of two updates to a step", { ...pendulum, training: { ...short, updatesPerRound: 2 } }],
  ["replay that is full", { ...pendulum, replay: { kind: "uniform", capacity: 100, nStep: 4 } }],
  [
    "replay hindsight",
    {
      ...pendulum,
      environment: {
        kind: "pointReach",
        dimensions: 2,
        goalConditioned: true,
        reward: "sparse",
        timeLimit: 20
      },
      replay: { kind: "hindsight" }
    }
  ],
  [
    "replay rollout",
    {
      environment: { kind: "cartPole" },
      algorithm: { base: "actorCritic" },
      replay: { kind: "rollout", capacity: 64, until: "full" },
      training: onPolicy
    }
  ],
  ["exploration mixed", { ...pendulum, exploration: { kind: "gaussian", sigma: 0.3, epsilon: 0.2 } }],
  [
    "exploration that ends",
    {
      ...pendulum,
      exploration: { kind: "gaussian", sigma: { kind: "linear", from: 0.5, to: 0.1, steps: 240 } }
    }
  ],
  [
    "exploration ornsteinUhlenbeck in time",
    { ...pendulum, exploration: { kind: "ornsteinUhlenbeck", dt: 0.05, theta: 1.5 } }
  ],
  ["normalised", { ...pendulum, training: { ...short, normalize: { observations: true, rewards: true } } }]
]

/** What is written down. */
export const known = (): { readonly [name: string]: Bits } =>
  JSON.parse(readFileSync(new URL("bits.json", import.meta.url), "utf8"))

/** Every case by name. */
export const cases = (): ReadonlyArray<readonly [string, Config]> => [
  ...presets(),
  ...bases(),
  ...variants(),
  ...worlds(),
  ...others.map(
    ([name, config]) =>
      [name, "algorithm" in config ? config : { ...config, algorithm: { base: "ddpg", ...small } }] as const
  )
]

/** Trains the configuration to its end. */
export const run = (input: Config, engine: object = { kind: "wasm" }): Promise<Bits> =>
  Effect.gen(function* () {
    const config = yield* Effect.fromResult(
      Experiment.decode({ ...input, engine, evaluation: { every: 0, episodes: 0 } })
    )
    return yield* Effect.gen(function* () {
      const trainer = yield* Training.make(yield* Experiment.learner(config), config.training)
      const reports = yield* Stream.runCollect(trainer.stream)
      const saved = yield* trainer.saved
      const experience = createHash("sha256")
      for (const [name, { buffer, byteLength, byteOffset }] of Object.entries(saved.rows).sort(([a], [b]) =>
        a < b ? -1 : 1
      )) {
        experience.update(name).update(new Uint8Array(buffer, byteOffset, byteLength))
      }
      for (const { episodes } of reports) experience.update(JSON.stringify(episodes))
      return {
        step: saved.state.step,
        updates: saved.state.updates,
        parameters: trainer.agent.hash(),
        state: Training.hash(saved),
        experience: experience.digest("hex")
      }
    }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config)))
  }).pipe(Effect.runPromise)

/** All of them, as they are written down. */
export const record = async (): Promise<{ readonly [name: string]: Bits }> => {
  const all: Array<readonly [string, Bits]> = []
  for (const [name, config] of cases()) {
    all.push([name, await run(config)])
  }
  return Object.fromEntries(all)
}

/** Fails where an experiment is refused, naming it. */
export const refusals = (): ReadonlyArray<string> =>
  cases().flatMap(([name, config]) => {
    const result = Experiment.decode(config)
    return Result.isFailure(result) ? [`${name}: ${result.failure.message}`] : []
  })
