import "@ornstein/jit/NodeVersion"

/** A learner in an engine's memory: acting and learning. */
export * as Agent from "./Agent.ts"
/** The files of a training state. */
export * as Checkpoint from "./Checkpoint.ts"
/** What can go wrong with a checkpoint. */
export * as CheckpointError from "./CheckpointError.ts"
/** Reading the checkpoints of a run: which there are, what is in them. */
export * as CheckpointDirectory from "./CheckpointDirectory.ts"
/** Writing the checkpoints of a run, beside training. */
export * as CheckpointStore from "./CheckpointStore.ts"
/** Writing and removing: files that outlive a power cut, and nothing outside. */
export * as Durable from "./Durable.ts"
/** Configurations: strict decoding, rules, overrides, and what is wrong with options. */
export * as Config from "./Config.ts"
/** Recorded transitions, checked before anything is learned from them. */
export * as Dataset from "./Dataset.ts"
/** Logarithm, exponential and powers with the same bits everywhere. */
export * as Elementary from "./Elementary.ts"
/** The engine of a run as a service. */
export * as Engine from "./Engine.ts"
/** The environments that agents act in: contract, definition by plain functions, services. */
export * as Environment from "./Environment.ts"
/** Episodes without exploration, from fixed start states. */
export * as Evaluation from "./Evaluation.ts"
/** Noise for gathering experience. */
export * as Exploration from "./Exploration.ts"
/** Fields of option schemas. */
export * as Field from "./Field.ts"
/** Losses, their gradients, and one step down them. */
export * as Gradient from "./Gradient.ts"
/** Tasks whose observations contain a goal. */
export * as Goals from "./Goals.ts"
/** Other goals in hindsight. */
export * as Hindsight from "./Hindsight.ts"
/** The inner loop of training: an agent and its environment. */
export * as Interaction from "./Interaction.ts"
/** Random keys: counter-based, derived by name and step. */
export * as Key from "./Key.ts"
/** What training needs of an algorithm. */
export * as Learner from "./Learner.ts"
/** What a checkpoint consists of: versions, lengths, hashes. */
export * as Manifest from "./Manifest.ts"
/** Networks as data: perceptrons and critics. */
export * as Network from "./Network.ts"
/** Normalisation of what a learner sees. */
export * as Normalization from "./Normalization.ts"
/** What an on-policy learner cannot have beside it. */
export * as OnPolicy from "./OnPolicy.ts"
/** Optimizers as data: Adam, SGD, clipping, chains. */
export * as Optimizer from "./Optimizer.ts"
/** Noise on the parameters of the policy. */
export * as ParameterNoise from "./ParameterNoise.ts"
/** The trainable numbers of one network. */
export * as Parameters from "./Parameters.ts"
/** What a minibatch holds of the transitions drawn: one step, n steps. */
export * as Reader from "./Reader.ts"
/** Long synchronous work in turns. */
export * as Turn from "./Turn.ts"
/** Text from elsewhere, as it may be shown. */
export * as Printable from "./Printable.ts"
/** Reading files of which nothing is known. */
export * as RegularFile from "./RegularFile.ts"
/** The transitions that an agent has seen, and minibatches of them. */
export * as Replay from "./Replay.ts"
/** Running mean and variance, and the scale of rewards. */
export * as RunningStatistics from "./RunningStatistics.ts"
/** What an on-policy learner replays once and forgets. */
export * as Rollout from "./Rollout.ts"
/** Named arrays in a file that Python reads. */
export * as Safetensors from "./Safetensors.ts"
/** Which transitions a minibatch is made of: uniform, prioritized. */
export * as Sampler from "./Sampler.ts"
/** What an environment looks like, as data. */
export * as Scene from "./Scene.ts"
/** Quantities that change with the environment step. */
export * as Schedule from "./Schedule.ts"
/** State as a plain value, exact to the bit, also in JSON. */
export * as Snapshot from "./Snapshot.ts"
/** Immutable files of consecutive transitions. */
export * as Segments from "./Segments.ts"
/** Boxes and discrete spaces; rescaling to [-1, 1]. */
export * as Space from "./Space.ts"
/** Sums of weights in a tree. */
export * as SumTree from "./SumTree.ts"
/** The training loop as a resumable stream of slices. */
export * as Training from "./Training.ts"
/** Where a replay keeps its transitions: the full ring and the compact one. */
export * as Transitions from "./Transitions.ts"
