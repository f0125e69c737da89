import "@ornstein/jit/NodeVersion"

// randomness: keys, and functions with the same bits everywhere

export { Elementary, Key, Trigonometry } from "./random/index.ts"

// configurations: parts and their catalogues, strict decoding, rules, overrides, every mistake named

export { Catalogue, Config, Fault, Field, Lanes, Mistake, Part, PartError, Slot } from "./config/index.ts"

// numbers that move along with a run

export * as Ramp from "./ramp/Ramp.ts"

// worlds: contract, spaces, definitions

export { Environment, Goals, Scene, Space } from "./environment/index.ts"
export { Workers } from "./workers/index.ts"

// exploring, remembering

export { Exploration, ParameterNoise } from "./exploration/index.ts"
export { Dataset, Hindsight, Replay } from "./replay/index.ts"

// learning: networks, optimizers, a learner in an engine's memory

export * as Engine from "./engine/Engine.ts"
export {
  Agent,
  Decision,
  Draw,
  Extension,
  Gradient,
  Learner,
  Network,
  Optimizer,
  Optimizers,
  Parameters,
  Scalars,
  Shape
} from "./learner/index.ts"

// what was learned, as a value

export { Policy, PolicyError, PolicyFile } from "./policy/index.ts"

// the loop: training, evaluating

export {
  Evaluation,
  FromDataset,
  Normalization,
  OnPolicy,
  RunningStatistics,
  Training
} from "./training/index.ts"

// state as a value, and at rest on disk

export { Safetensors, Snapshot } from "./state/index.ts"
export { CheckpointDirectory, CheckpointError, CheckpointStore } from "./checkpoint/index.ts"
