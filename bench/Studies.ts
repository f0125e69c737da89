/**
 * Studies: which presets are trained with which seeds for how long, and what others have published for the same. A run of a
 * study is one command, so that a stranger can repeat it.
 */

// models

/** What somebody else's mean was after as many steps. */
export interface Published {
  readonly mean: number
  readonly source: string
}

export interface Trial {
  readonly preset: string
  readonly steps: number
  readonly published?: Published
}

export interface Study {
  readonly title: string
  readonly seeds: ReadonlyArray<number>
  /** Environment steps between two evaluations. */
  readonly every: number
  /** Of an evaluation. */
  readonly episodes: number
  readonly trials: ReadonlyArray<Trial>
}

// pure core

const FUJIMOTO = "TD3 by its authors' learning curves (version 1 of the worlds, 10 seeds)"
const HAARNOJA = "SAC as newer papers have it beside their own (version 4)"

const at100k = (world: string, td3: number, sac: number): ReadonlyArray<Trial> => [
  { preset: `${world}-td3`, steps: 100_000, published: { mean: td3, source: FUJIMOTO } },
  { preset: `${world}-sac`, steps: 100_000, published: { mean: sac, source: HAARNOJA } }
]

const FIVE = [0, 1, 2, 3, 4]

const reached = (preset: string, steps: number, mean?: number, source?: string): Trial => ({
  preset,
  steps,
  ...(mean === undefined || source === undefined ? {} : { published: { mean, source } })
})

const ZOO = "RL Baselines3 Zoo, one agent each, runs of up to a million steps and more"

export const studies: { readonly [name: string]: Study } = {
  "mujoco-100k": {
    title: "Locomotion, 100,000 steps",
    seeds: FIVE,
    every: 5000,
    episodes: 10,
    trials: [
      ...at100k("half-cheetah", 5514, 6156),
      ...at100k("hopper", 660, 1103),
      ...at100k("walker2d", 770, 690),
      ...at100k("ant", 586, 747)
    ]
  },
  "mujoco-small": {
    title: "Balancing and reaching, 100,000 steps",
    seeds: FIVE,
    every: 5000,
    episodes: 10,
    trials: [
      reached("inverted-pendulum-td3", 100_000, 1000, FUJIMOTO),
      reached("inverted-pendulum-sac", 100_000),
      reached("inverted-double-pendulum-td3", 100_000, 7181, FUJIMOTO),
      reached("inverted-double-pendulum-sac", 100_000),
      reached("reacher-td3", 100_000, -4.6, FUJIMOTO),
      reached("reacher-sac", 100_000)
    ]
  },
  swimmer: {
    title: "Swimming with a discount of 0.9999, 500,000 steps",
    seeds: FIVE,
    every: 25_000,
    episodes: 10,
    trials: [reached("swimmer-td3", 500_000, 359, ZOO), reached("swimmer-sac", 500_000, 346, ZOO)]
  },
  box2d: {
    title: "Landing and walking on two legs",
    seeds: FIVE,
    every: 10_000,
    episodes: 10,
    trials: [
      reached("lunar-lander", 300_000, 230, ZOO),
      reached("lunar-lander-td3", 300_000),
      reached("bipedal-walker-td3", 1_000_000, 306, ZOO),
      reached("bipedal-walker-tqc", 500_000, 330, ZOO)
    ]
  }
}

/** What a person types to repeat a run. */
export const command = (
  { episodes, every }: Study,
  { preset, steps }: Trial,
  seed: number
): ReadonlyArray<string> => [
  "train",
  "--preset",
  preset,
  "--seed",
  String(seed),
  "--steps",
  String(steps),
  "--set",
  `evaluation.every=${every}`,
  "--set",
  `evaluation.episodes=${episodes}`
]
