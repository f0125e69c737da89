import { assert, describe, it } from "@effect/vitest"
import * as Config from "@ornstein/core/Config"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Mistake from "@ornstein/core/Mistake"
import * as Training from "@ornstein/core/Training"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Presets from "@ornstein/lab/Presets"
import { Effect, JsonSchema, Result, Schema, SchemaRepresentation } from "effect"

const cartPole = {
  environment: { kind: "cartPole" },
  algorithm: { base: "actorCritic" },
  replay: { kind: "rollout", capacity: 500 },
  exploration: { kind: "none" },
  training: { batchSize: 500 }
}

const pendulum = { environment: { kind: "pendulum" } } as const

const mistakes = (input: unknown): ReadonlyArray<Mistake.Mistake> => {
  const decoded = Experiment.decode(input)
  return Result.isFailure(decoded) ? decoded.failure.mistakes : []
}

/** Inputs that break one rule between fields, by the path of the mistake. */
const broken: ReadonlyArray<readonly [title: string, path: string, input: object, said: RegExp]> = [
  [
    "a deterministic policy for discrete actions",
    "environment.kind",
    { environment: { kind: "cartPole" } },
    /discrete actions/
  ],
  [
    "more threads for worlds than there are worlds",
    "training.workers",
    { ...pendulum, training: { lanes: 2, workers: 3 } },
    /at most training.lanes \(2\)/
  ],
  ...["gaussian", "ornsteinUhlenbeck"].flatMap((kind): typeof broken => [
    [
      `a ladder of ${kind} noise with one rung`,
      "exploration.perLane",
      { ...pendulum, exploration: { kind, perLane: { rule: "ladder", from: 0.5, to: 1 } } },
      /training.lanes of 2 or more/
    ],
    [
      `a ladder of ${kind} noise from nothing`,
      "exploration.perLane.from",
      {
        ...pendulum,
        exploration: { kind, perLane: { rule: "ladder", from: 0, to: 1 } },
        training: { lanes: 2 }
      },
      /equal ratios/
    ],
    [
      `a scale of ${kind} noise drawn from an empty range`,
      "exploration.perLane.to",
      { ...pendulum, exploration: { kind, perLane: { rule: "uniform", from: 1, to: 1 } } },
      /more than perLane.from/
    ]
  ]),
  [
    "a batch larger than the replay",
    "training.batchSize",
    {
      ...pendulum,
      training: { batchSize: 65, learningStarts: 65 },
      replay: { kind: "uniform", capacity: 64 }
    },
    /at most replay.capacity \(64\)/
  ],
  [
    "learning before there is a batch",
    "training.learningStarts",
    { ...pendulum, training: { batchSize: 65, learningStarts: 64 } },
    /at least training.batchSize \(65\)/
  ],
  [
    "learning after the replay has lost transitions unseen",
    "training.learningStarts",
    { ...pendulum, training: { learningStarts: 501 }, replay: { kind: "uniform", capacity: 500 } },
    /at most replay.capacity \(500\)/
  ],
  [
    "learning after the end",
    "training.learningStarts",
    { ...pendulum, training: { steps: 1000, learningStarts: 1000 } },
    /less than training.steps \(1000\)/
  ],
  [
    "a period of updates that never comes",
    "training.updateEvery",
    { ...pendulum, training: { steps: 1500, learningStarts: 1001, updateEvery: 1000 } },
    /no update/
  ],
  [
    "more episodes than steps",
    "training.episodes",
    { ...pendulum, training: { steps: 2000, episodes: 2001 } },
    /at most training.steps \(2000\)/
  ],
  [
    "episodes that are over before learning starts",
    "training.episodes",
    { ...pendulum, training: { learningStarts: 1001, episodes: 5 } },
    /at least 6 of Pendulum-v1's 200 steps/
  ],
  [
    "networks for like dimensions where they are not",
    "algorithm.variants.0.kind",
    {
      environment: {
        kind: "linearQuadratic",
        a: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1]
        ],
        b: [
          [1, 0],
          [0, 1],
          [0, 0]
        ],
        q: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1]
        ],
        r: [
          [1, 0],
          [0, 1]
        ]
      },
      algorithm: { base: "ddpg", variants: [{ kind: "deepSets" }] }
    },
    /has 3 for 2/
  ],
  [
    "a network of dimensions that are not alike",
    "algorithm.network.kind",
    {
      environment: {
        kind: "linearQuadratic",
        a: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1]
        ],
        b: [
          [1, 0],
          [0, 1],
          [0, 0]
        ],
        q: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1]
        ],
        r: [
          [1, 0],
          [0, 1]
        ]
      },
      algorithm: { base: "ddpg", network: { kind: "deepSets" } }
    },
    /has 3 for 2/
  ],
  [
    "warm-up beyond the end",
    "training.warmup",
    { ...pendulum, training: { steps: 2000, warmup: 2001 } },
    /at most training.steps \(2000\)/
  ],
  [
    "n steps beyond the end of an episode",
    "replay.nStep",
    { environment: { kind: "pendulum", timeLimit: 50 }, replay: { kind: "uniform", nStep: 51 } },
    /at most 50/
  ],
  [
    "n steps beyond the replay",
    "replay.nStep",
    {
      ...pendulum,
      replay: { kind: "prioritized", nStep: 101, capacity: 100 },
      training: { learningStarts: 100 }
    },
    /at most replay.capacity \(100\)/
  ],
  [
    "more lanes than transitions: uniform",
    "replay.capacity",
    {
      ...pendulum,
      replay: { kind: "uniform", capacity: 100 },
      training: { lanes: 101, batchSize: 8, learningStarts: 100 }
    },
    /at least training.lanes \(101\)/
  ],
  [
    "more lanes than transitions: prioritized",
    "replay.capacity",
    {
      ...pendulum,
      replay: { kind: "prioritized", capacity: 100 },
      training: { lanes: 101, batchSize: 8, learningStarts: 100 }
    },
    /at least training.lanes \(101\)/
  ],
  [
    "more lanes than transitions: hindsight",
    "replay.capacity",
    {
      environment: { kind: "pointReach", goalConditioned: true },
      replay: { kind: "hindsight", capacity: 100 },
      training: { lanes: 101, batchSize: 8, learningStarts: 100 }
    },
    /at least training.lanes \(101\)/
  ],
  [
    "rollouts of several lanes that end with an episode",
    "replay.until",
    {
      environment: { kind: "cartPole" },
      algorithm: { base: "actorCritic" },
      replay: { kind: "rollout" },
      training: { lanes: 2 }
    },
    /expected "full", or training.lanes 1/
  ],
  [
    "rollouts that end in the middle of the lanes",
    "replay.capacity",
    {
      environment: { kind: "cartPole" },
      algorithm: { base: "a2c" },
      replay: { kind: "rollout", capacity: 32, until: "full", normalize: false },
      training: { lanes: 3 }
    },
    /a multiple of training.lanes \(3\)/
  ],
  [
    "noise on the parameters of several lanes",
    "exploration.kind",
    { ...pendulum, exploration: { kind: "parameterNoise" }, training: { lanes: 2 } },
    /training.lanes 1: it has programs for one lane/
  ],
  [
    "hindsight without goals",
    "replay.kind",
    { ...pendulum, replay: { kind: "hindsight" } },
    /needs a world with goals/
  ],
  [
    "rollouts for an off-policy learner",
    "replay.kind",
    { ...pendulum, training: { batchSize: 100 }, replay: { kind: "rollout", capacity: 100 } },
    /on-policy/
  ],
  [
    "single transitions for an on-policy learner",
    "replay.kind",
    { ...cartPole, replay: { kind: "uniform" } },
    /expected "rollout"/
  ],
  [
    "minibatches shorter than rollouts",
    "training.batchSize",
    { ...cartPole, training: { batchSize: 64 } },
    /a minibatch is a whole rollout/
  ],
  [
    "random actions for an on-policy learner",
    "training.warmup",
    { ...cartPole, training: { ...cartPole.training, warmup: 10 } },
    /expected 0: actorCritic learns from actions of its own only/
  ],
  [
    "rollouts that are not learned from",
    "training.learningStarts",
    { ...cartPole, training: { ...cartPole.training, learningStarts: 10 } },
    /expected 0: .* from every rollout/
  ],
  [
    "rollouts that wait",
    "training.updateEvery",
    { ...cartPole, training: { ...cartPole.training, updateEvery: 2 } },
    /expected 1: .* in the step that completes it/
  ],
  [
    "rollouts that are learned from twice",
    "training.updatesPerRound",
    { ...cartPole, training: { ...cartPole.training, updatesPerRound: 2 } },
    /expected 1: .* once from each rollout/
  ],
  [
    "normalised returns for a learner that sees none",
    "replay.normalize",
    {
      environment: { kind: "cartPole" },
      algorithm: { base: "a2c" },
      replay: { kind: "rollout", capacity: 32, normalize: true }
    },
    /expected false: a2c/
  ],
  [
    "the scale of rewards whose returns are normalised",
    "training.normalize.rewards",
    { ...cartPole, training: { ...cartPole.training, normalize: { rewards: true } } },
    /expected false: replay.normalize/
  ],
  [
    "several steps of which one counts",
    "replay.nStep",
    { ...pendulum, algorithm: { base: "ddpg", gamma: 0 }, replay: { kind: "uniform", nStep: 3 } },
    /expected 1: with algorithm.gamma 0/
  ],
  [
    "noise on actions from a list",
    "exploration.kind",
    { ...cartPole, exploration: { kind: "gaussian" } },
    /draws its actions/
  ],
  [
    "a learner for actions from a list in a box",
    "environment.kind",
    { ...cartPole, ...pendulum },
    /has a box of actions/
  ],
  [
    "episodes of nobody",
    "training.episodes",
    { ...pendulum, replay: { kind: "offline", file: "data" }, training: { episodes: 3 } },
    /expected none: nobody acts while a dataset is learned from/
  ],
  [
    "lanes of nobody",
    "training.lanes",
    { ...pendulum, replay: { kind: "offline", file: "data" }, training: { lanes: 2 } },
    /expected 1: nobody acts/
  ],
  [
    "the scale of returns that nobody has",
    "training.normalize.rewards",
    { ...pendulum, replay: { kind: "offline", file: "data" }, training: { normalize: { rewards: true } } },
    /expected false: its scale is that of returns/
  ],
  [
    "evaluations where nothing happens",
    "evaluation.episodes",
    {
      environment: { kind: "spaces", observation: 3, low: [-2], high: [2] },
      replay: { kind: "offline", file: "data" }
    },
    /expected 0: nothing happens in a world of spaces alone/
  ],
  [
    "evaluations inside a slice",
    "evaluation.every",
    { ...pendulum, training: { sliceSteps: 500 }, evaluation: { every: 750 } },
    /multiple of training.sliceSteps \(500\)/
  ],
  [
    "noise that grows without bound, unit step",
    "exploration.theta",
    { ...pendulum, exploration: { kind: "ornsteinUhlenbeck", theta: 2 } },
    /theta \* dt below 2/
  ],
  [
    "noise that grows without bound, Euler-Maruyama",
    "exploration.theta",
    { ...pendulum, exploration: { kind: "ornsteinUhlenbeck", theta: 20, dt: 0.1 } },
    /theta \* dt below 2/
  ],
  [
    "networks larger than an engine's memory",
    "algorithm.hidden",
    { ...pendulum, algorithm: { base: "ddpg", hidden: [9000, 9000] } },
    /with its optimizers, and the engine auto has 2.0 GiB/
  ],
  [
    "TF32 on a CPU",
    "engine.tf32",
    { ...pendulum, engine: { kind: "tensorflow", device: "cpu", tf32: true } },
    /for a GPU; leave it out/
  ],
  [
    "a bound for normalised numbers without any",
    "training.normalize.clip",
    { ...pendulum, training: { normalize: { clip: 5 } } },
    /no effect without/
  ],
  [
    "a goal where each episode has its own",
    "environment.goal",
    { environment: { kind: "pointReach", dimensions: 2, goal: 0.5, goalConditioned: true } },
    /no effect with goalConditioned/
  ]
]

/** Inputs that break the bound of one field. */
const outOfBounds: ReadonlyArray<readonly [path: string, input: object]> = [
  ["algorithm.tau", { algorithm: { base: "ddpg", tau: 0 } }],
  ["algorithm.tau", { algorithm: { base: "ddpg", tau: 1.1 } }],
  ["algorithm.gamma", { algorithm: { base: "ddpg", gamma: -0.1 } }],
  ["algorithm.gamma", { algorithm: { base: "ddpg", gamma: 1.1 } }],
  ["algorithm.gamma", { algorithm: { base: "ddpg", gamma: "0.9" } }],
  ["algorithm.actorLearningRate", { algorithm: { base: "ddpg", actorLearningRate: 0 } }],
  ["algorithm.hidden", { algorithm: { base: "ddpg", hidden: [] } }],
  ["algorithm.base", { algorithm: { base: "dqn" } }],
  ["algorithm.variants.0", { algorithm: { base: "td3", variants: [{ kind: "twinCritics" }] } }],
  ["algorithm.tau", { algorithm: { tau: 0.1, variants: [{ kind: "targetUpdate", rule: "hard" }] } }],
  ["algorithm.tau", { algorithm: { tau: 0.1, variants: [{ kind: "targetUpdate", rule: "soft" }] } }],
  [
    "algorithm.variants.0.tau",
    { algorithm: { variants: [{ kind: "targetUpdate", rule: "hard", tau: 0.1 }] } }
  ],
  ["algorithm.variants.0.rule", { algorithm: { variants: [{ kind: "targetUpdate" }] } }],
  ["algorithm.hidden", { algorithm: { hidden: [8], variants: [{ kind: "deepSets" }] } }],
  ["algorithm.criticHidden", { algorithm: { criticHidden: [8], variants: [{ kind: "deepSets" }] } }],
  ["algorithm.initial", { algorithm: { initial: "he", variants: [{ kind: "deepSets" }] } }],
  ["algorithm.smallFinal", { algorithm: { smallFinal: false, variants: [{ kind: "deepSets" }] } }],
  ["algorithm.critic", { algorithm: { critic: { kind: "twoBranch" }, variants: [{ kind: "deepSets" }] } }],
  ["algorithm.critic.branches", { algorithm: { critic: { kind: "concatenated", branches: {} } } }],
  ["algorithm.layerNorm", { algorithm: { layerNorm: true, variants: [{ kind: "layerNorm" }] } }],
  ["algorithm.hidden", { algorithm: { hidden: [8], network: { kind: "dense" } } }],
  ["algorithm.variants.0", { algorithm: { network: { kind: "dense" }, variants: [{ kind: "deepSets" }] } }],
  ["algorithm.network.kind", { algorithm: { network: { kind: "denze" } } }],
  ["algorithm.network.features", { algorithm: { network: { kind: "dense", features: 3 } } }],
  ["algorithm.actorOptimizer.kind", { algorithm: { actorOptimizer: { kind: "lion" } } }],
  ["environment.kind", { environment: { kind: "pendulm" } }],
  ["environment.gravty", { environment: { kind: "pendulum", gravty: 3 } }],
  ["environment.goal", { environment: { kind: "pointReach", dimensions: 2, goal: [1, 2, 3] } }],
  ["environment", { environment: undefined }],
  ["environment.dimensions", { environment: { kind: "pointReach", dimensions: 100_000 } }],
  ["environment.kind", { environment: {} }],
  ["training.seed", { training: { seed: -1 } }],
  ["training.steps", { training: { steps: 0 } }],
  ["training.episodes", { training: { episodes: 0 } }],
  ["training.batchSize", { training: { batchSize: 1.5 } }],
  ["replay.capacity", { replay: { kind: "uniform", capacity: 0 } }],
  ["exploration.sigma", { exploration: { kind: "gaussian", sigma: -1 } }],
  ["exploration.sigma.kind", { exploration: { kind: "gaussian", sigma: { kind: "wave" } } }],
  ["evaluation.episodes", { evaluation: { episodes: -1 } }],
  ["engine.threads", { engine: { kind: "wasm", threads: 65 } }],
  ["engine.backend", { engine: { kind: "tfjs", backend: "gpu" } }],
  ["engine.backend", { engine: { kind: "tfjs" } }],
  ["engine.backend", { engine: { kind: "tfjs", adapter: "any" } }],
  ["engine.adapter", { engine: { kind: "tfjs", backend: "cpu", adapter: "any" } }],
  ["engine.adapter", { engine: { adapter: "any" } }],
  ["engine.adapter", { engine: { kind: "tfjs", backend: "webgpu", adapter: "software" } }],
  ["engine.device", { engine: { kind: "tensorflow", device: "tpu" } }],
  ["engine.threads", { engine: { kind: "tensorflow", device: "cpu", threads: 0 } }]
]

describe("decode", () => {
  it("fills in the defaults of every part", () => {
    const config = Result.getOrThrow(Experiment.decode(pendulum))
    assert.deepStrictEqual(config, Experiment.Options.make(pendulum))
    assert.strictEqual(config.engine.kind, "auto")
  })

  it("is the identity on what it gave", () => {
    const config = Result.getOrThrow(Experiment.decode(pendulum))
    assert.deepStrictEqual(Result.getOrThrow(Experiment.decode(JSON.parse(JSON.stringify(config)))), config)
  })

  it.each([
    ["ddpg", "gaussian", "uniform"],
    ["td3", "gaussian", "uniform"],
    ["d4pg", "gaussian", "prioritized"],
    ["sac", "none", "uniform"],
    ["tqc", "none", "uniform"]
  ])("gives %s its own exploration (%s) and replay (%s)", (base, noise, memory) => {
    const config = Result.getOrThrow(Experiment.decode({ ...pendulum, algorithm: { base } }))
    assert.deepStrictEqual([config.exploration.kind, config.replay.kind], [noise, memory])
  })

  it.each([
    ["actorCritic", 500],
    ["a2c", 32]
  ])("gives %s rollouts of %d steps from the first step on, without noise", (base, rows) => {
    const input = { environment: { kind: "cartPole" }, algorithm: { base } }
    const { exploration, replay, training } = Result.getOrThrow(Experiment.decode(input))
    assert.deepStrictEqual(
      [replay.kind, replay.capacity, training.batchSize, training.warmup, training.learningStarts],
      ["rollout", rows, rows, 0, 0]
    )
    assert.strictEqual(exploration.kind, "none")
    const longer = Result.getOrThrow(Experiment.decode({ ...input, replay: { capacity: 64 } }))
    assert.deepStrictEqual([longer.replay.capacity, longer.training.batchSize], [64, 64])
  })

  it("prefers what is given to what a base brings along", () => {
    const config = Result.getOrThrow(
      Experiment.decode({
        ...pendulum,
        algorithm: { base: "d4pg" },
        replay: { kind: "uniform" },
        exploration: { sigma: 0.2 }
      })
    )
    assert.deepInclude(config.replay, { kind: "uniform", nStep: 1 })
    assert.deepInclude(config.exploration, { kind: "gaussian", sigma: 0.2 })
  })

  it.each([
    ["algorithm", { gamma: 0.98 }, { base: "ddpg", gamma: 0.98 }],
    ["replay", { nStep: 3 }, { kind: "uniform", nStep: 3 }],
    ["exploration", { epsilon: 0.1 }, { kind: "gaussian", epsilon: 0.1 }],
    [
      "algorithm",
      { network: { hidden: [8] } },
      {
        network: {
          kind: "dense",
          hidden: [8],
          critic: { kind: "concatenated" },
          activation: "relu",
          initial: "fanIn",
          smallFinal: true
        }
      }
    ],
    ["engine", { threads: 2 }, { kind: "auto", threads: 2 }]
  ] as const)("takes the default of an absent tag of %s", (part, given, expected) => {
    const config = Result.getOrThrow(Experiment.decode({ ...pendulum, [part]: given }))
    assert.deepInclude(config[part], expected)
    const [[field, value] = []] = Object.entries(given)
    const set = { path: `${part}.${field}`, value }
    const overridden = Experiment.decode(Config.override(Experiment.definition, pendulum, [set]))
    assert.deepStrictEqual(Result.getOrThrow(overridden), config)
  })

  it.each(outOfBounds)("refuses %s in %j", (path, input) => {
    const found = mistakes({ ...pendulum, ...input })
    assert.deepStrictEqual(
      found.map((mistake) => mistake.path),
      [path]
    )
  })
})

describe("variants", () => {
  it("are told all of their conflicts at once, by the names that a configuration gives them", () => {
    const variants = [
      { kind: "twinCritics" },
      { kind: "categoricalCritic" },
      { kind: "softActor" },
      { kind: "behaviourCloning" }
    ]
    const found = mistakes({ ...pendulum, algorithm: { base: "td3", variants } })
    assert.deepStrictEqual(
      found.map(({ allowed, path }) => `${path}: ${allowed}`),
      [
        "algorithm.variants.0: td3 has twinCritics already; leave it out",
        'algorithm.variants.1: replaces "value", "criticLoss", "policyValue", as twinCritics does, which td3 has; leave it out, or begin with base "ddpg" and the variants targetPolicySmoothing, delayedPolicy, categoricalCritic',
        'algorithm.variants.2: replaces "targetAction", as targetPolicySmoothing does, which td3 has; leave it out, or begin with base "ddpg" and the variants twinCritics, delayedPolicy, softActor'
      ]
    )
    const both = mistakes({ ...pendulum, algorithm: { variants: variants.slice(2) } })
    assert.deepStrictEqual(
      both.map(({ allowed, path }) => `${path}: ${allowed}`),
      ['algorithm.variants.1: replaces "actorLoss", as softActor does; leave one of them out']
    )
  })
})

describe("rules", () => {
  it.each(broken)("refuse %s", (_, path, input, said) => {
    const found = mistakes(input)
    assert.deepStrictEqual(
      found.map((mistake) => mistake.path),
      [path]
    )
    assert.match(found[0]!.allowed, said)
  })

  const kindsOf = (catalogue: "replays" | "explorations"): ReadonlyArray<string> =>
    Experiment.catalogues[catalogue].parts.map(({ kind }) => kind)

  /** What parts share is required of each of them. */
  const shared = [
    ...["uniform", "prioritized", "offline"].flatMap((kind) => {
      const replay = { kind, file: "data", capacity: 100, nStep: 101 }
      return [
        { environment: { kind: "pendulum", timeLimit: 50 }, replay },
        { ...pendulum, algorithm: { base: "ddpg", gamma: 0 }, replay }
      ]
    }),
    ...kindsOf("replays")
      .filter((kind) => kind !== "rollout")
      .map((kind) => ({ ...cartPole, replay: { kind, file: "data" } })),
    ...kindsOf("explorations").map((kind) => ({ ...cartPole, exploration: { kind, epsilon: 0.1 } }))
  ]

  it("are all tested", () => {
    const inputs = [...broken.map(([, , input]) => input), ...shared]
    const parsed = inputs.map((input) =>
      Schema.decodeUnknownSync(Experiment.Options, { onExcessProperty: "ignore" })(input)
    )
    const untested = Experiment.rules.filter(({ check }) => {
      const says = (config: Experiment.Options): boolean => (check(config) ?? []).length > 0
      return !parsed.some(says)
    })
    assert.deepStrictEqual(
      untested.map(({ path }) => path),
      ["algorithm", "environment"],
      "conflicts of variants and lanes of worlds in Python have tests of their own"
    )
  })

  it.each([
    ["fast noise in short steps", { exploration: { kind: "ornsteinUhlenbeck", theta: 19, dt: 0.1 } }],
    ["n steps of a whole episode", { replay: { kind: "uniform", nStep: 200 } }],
    [
      "a batch as large as the replay",
      { training: { batchSize: 1000 }, replay: { kind: "uniform", capacity: 1000 } }
    ],
    ["as many episodes as it takes to learn", { training: { learningStarts: 1000, episodes: 5 } }],
    ["a single update", { training: { steps: 1000, learningStarts: 999, updateEvery: 1000 } }],
    ["no exploration at all", { exploration: { kind: "none" }, training: { warmup: 0 } }]
  ])("allow %s", (_, input) => assert.deepStrictEqual(mistakes({ ...pendulum, ...input }), []))

  it("are told together with mistakes of single fields", () => {
    const paths = mistakes({
      environment: { kind: "cartPole" },
      algorithm: { base: "ddpg", tau: 0 },
      training: { batchSize: 300, learningStarts: 200, sed: 1 }
    }).map(({ path }) => path)
    assert.sameMembers(paths, [
      "environment.kind",
      "algorithm.tau",
      "training.learningStarts",
      "training.sed"
    ])
  })
})

describe("presets", () => {
  it.each(Presets.names)("%s is a valid experiment", (name) => {
    assert.deepStrictEqual(mistakes(Presets.presets[name]!.config), [])
  })

  it.each(Presets.names)("%s says how often it learns, where that is not by rollouts", (name) => {
    const { replay, training } = Presets.presets[name]!.config
    assert.isTrue(replay?.kind === "rollout" || training?.updatesPerRound !== undefined)
  })
})

describe("learner and layer", () => {
  const small = Result.getOrThrow(
    Experiment.decode({
      ...pendulum,
      algorithm: { base: "td3", hidden: [4] },
      training: { steps: 40, warmup: 10, learningStarts: 20, batchSize: 4, sliceSteps: 20 },
      engine: { kind: "tfjs", backend: "cpu" }
    })
  )

  it.effect("train what the configuration says", () =>
    Effect.gen(function* () {
      const learner = yield* Experiment.learner(small)
      assert.strictEqual(learner.name, "TD3")
      const trainer = yield* Training.make(learner, small.training)
      assert.strictEqual(trainer.environment.spec.id, "Pendulum-v1")
    }).pipe(Effect.provide(Experiment.layer(small)))
  )

  it.effect("refuse a discrete world that got past `decode`", () =>
    Effect.gen(function* () {
      const discrete = Experiment.Options.make({ environment: { kind: "cartPole" } })
      const error = yield* Effect.flip(Experiment.learner(discrete))
      assert.strictEqual(error._tag, "ConfigError")
    })
  )
})

describe("a change on a command line", () => {
  const config = (...changes: ReadonlyArray<string>) =>
    Result.getOrThrow(
      Config.decodeWith(Experiment.definition, { environment: { kind: "pendulum" } }, changes)
    )
  const refused = (...changes: ReadonlyArray<string>): string => {
    const result = Config.decodeWith(Experiment.definition, { environment: { kind: "pendulum" } }, changes)
    return Result.isFailure(result) ? result.failure.message : "it was taken"
  }

  it("inside a part that was not named keeps its kind", () => {
    const { actorOptimizer } = {
      actorOptimizer: undefined,
      ...config("algorithm.actorOptimizer.beta1=0.5").algorithm
    }
    assert.deepInclude(actorOptimizer, { kind: "adam", beta1: 0.5, beta2: 0.999 })
  })

  it("leaves to the base what the base decides", () => {
    const { replay } = config("replay.nStep=3", "algorithm.base=d4pg")
    assert.deepInclude(replay, { kind: "prioritized", nStep: 3 })
  })

  it("takes lists and objects as JSON, and as YAML in one line", () => {
    assert.deepStrictEqual(
      config("algorithm.variants=[{kind: twinCritics}]"),
      config('algorithm.variants=[{"kind":"twinCritics"}]')
    )
    const sigma = config("exploration.sigma={kind: linear, from: 1, to: 0.1, steps: 100}").exploration
    assert.deepInclude(sigma, { sigma: { kind: "linear", from: 1, to: 0.1, steps: 100 } })
  })

  const ramp = "{kind: linear, from: 1, to: 0, steps: 10}"
  it.each([
    [
      ["exploration.sigma={kind: linear, from: 1, to: 0, steps: 10, per: step}"],
      /sigma\.per: unknown key, got "step"$/
    ],
    [
      ["exploration.sigma={kind: linear, form: 1, to: 0, steps: 10}"],
      /did you mean "exploration\.sigma\.from"/
    ],
    [
      ["algorithm.tau={kind: warmup, steps: 9, to: {kind: linear, from: 1, to: 0, steps: 9, per: step}}"],
      /mean "algorithm\.tau\.per"/
    ],
    [
      [`algorithm.gamma=${ramp}`],
      /algorithm\.gamma: .*\(no object; "linear" can stand at algorithm\.tau, .* more\)/
    ],
    [[`training.batchSize=${ramp}`], /training\.batchSize: .*"linear" can stand at/],
    [["exploration.sigma={kind: piecewise, points: []}"], /sigma\.points: expected at least 1 item$/],
    [
      ["exploration.sigma={kind: piecewise, points: []}", "exploration.sigma.points.5.value=3"],
      /2 mistakes[^]*sigma\.points\.5\.value: is set beside exploration\.sigma; set one of them/
    ],
    [["algorithm.hidden.5=3"], /algorithm\.hidden\.5: expected an index from 0 to 2$/],
    [["algorithm.actorOptimizer.momentum=0.5"], /momentum: no key of this kind; "sgd" has it/]
  ] as const)("%j is refused in words that help", (changes, said) => assert.match(refused(...changes), said))
})

describe("the JSON Schema", () => {
  const document = Config.jsonSchema(Experiment.definition, "An experiment")

  /** As another reader of JSON Schema takes it, references and all. */
  const read = Schema.make<Schema.ConstraintDecoder<unknown>>(
    SchemaRepresentation.fromJsonSchemaDocument(JsonSchema.fromSchemaDraft2020_12(document)).ast
  )
  const decode = Schema.decodeUnknownResult(read, { onExcessProperty: "error" })
  const isTaken = (config: unknown): boolean => Result.isSuccess(decode(config))

  it("takes every preset, whole and as it is written", () => {
    for (const { config } of Object.values(Presets.presets)) {
      assert.isTrue(isTaken(config), JSON.stringify(config))
      assert.isTrue(isTaken({ $schema: "./ornstein.schema.json", ...config }))
      assert.isTrue(isTaken(Result.getOrThrow(Experiment.decode(config))))
    }
  })

  const environment = { kind: "pendulum" }
  const ramp = { kind: "linear", from: 1e-3, to: 0, steps: 100 }
  const written: ReadonlyArray<readonly [config: object, isRight: boolean]> = [
    [{ environment, algorithm: { actorLearningRate: ramp } }, true],
    [{ environment, algorithm: { actorLearningRate: { kind: "warmup", steps: 10, to: ramp } } }, true],
    [{ environment, algorithm: { actorLearningRate: { ...ramp, stepz: 1 } } }, false],
    [{ environment, algorithm: { actorLearningRate: { ...ramp, from: -1 } } }, false],
    [
      {
        environment,
        algorithm: { actorLearningRate: { kind: "warmup", steps: 10, to: { ...ramp, to: "x" } } }
      },
      false
    ],
    [{ environment, algorithm: { gamma: 2 } }, false],
    [{ environment, algorithm: { variants: [{ kind: "twinCritics" }] } }, true],
    [{ environment, algorithm: { variants: [{ kind: "twinCritic" }] } }, false],
    [{ environment, replay: { nStep: 3 } }, true],
    [{ environment: { kind: "pendulums" } }, false],
    [{ environment, more: 1 }, false],
    [{}, false]
  ]
  it.each(written)("judges %j: %s", (config, isRight) => assert.strictEqual(isTaken(config), isRight))

  it("says once what stands in many places: it was 6 MB", () => {
    assert.isBelow(JSON.stringify(document, undefined, 2).length, 200_000)
  })

  /** Every property of every object, by path, in whatever union. */
  const properties = (node: unknown, path: string): ReadonlyArray<readonly [string, unknown]> => {
    if (Array.isArray(node)) return node.flatMap((item: unknown) => properties(item, path))
    if (!JsonPath.isRecord(node)) return []
    return Object.entries(node).flatMap(([key, value]) =>
      key === "properties" && JsonPath.isRecord(value)
        ? Object.entries(value).flatMap(([name, property]) => [
            [`${path}.${name}`, property] as const,
            ...properties(property, `${path}.${name}`)
          ])
        : properties(value, path)
    )
  }

  it("shows a description of every option, tags aside", () => {
    const all = properties(document, "")
    assert.isAbove(all.length, 150)
    const silent = all.filter(
      ([path, property]) =>
        !/\.(kind|base|\$schema)$/.test(path) && !JSON.stringify(property).includes('"description":')
    )
    assert.deepStrictEqual(silent, [])
  })

  it("asks for no tag that has a default", () => {
    const required = (node: unknown): ReadonlyArray<unknown> => {
      if (Array.isArray(node)) return node.flatMap(required)
      if (!JsonPath.isRecord(node)) return []
      const { $ref, anyOf, allOf, required: own = [] } = node
      if (typeof $ref === "string") {
        return required(JsonPath.at(document, $ref.replace("#/", "").replace("/", ".")))
      }
      return [...(Array.isArray(own) ? own : []), ...required(anyOf), ...required(allOf)]
    }
    const ofPart = (part: string) => required(JsonPath.at(document, `properties.${part}`))
    const parts = ["algorithm", "replay", "exploration", "engine"].flatMap(ofPart)
    assert.deepStrictEqual(
      parts.filter((name) => name === "kind" || name === "base"),
      []
    )
    const networks = properties(JsonPath.at(document, "properties.algorithm"), "").filter(
      ([path]) => path === ".network"
    )
    assert.isNotEmpty(networks)
    assert.notInclude(
      networks.flatMap(([, network]) => required(network)),
      "kind"
    )
    assert.include(ofPart("environment"), "kind")
    assert.include(ofPart("engine"), "backend")
  })
})
