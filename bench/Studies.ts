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
