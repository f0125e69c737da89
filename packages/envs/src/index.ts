import "@ornstein/jit/NodeVersion"

/** Keep a pole upright on a cart: CartPole-v0 and -v1. */
export * as CartPole from "./CartPole.ts"
/** Where the random numbers of a start come from. */
export * as Draws from "./Draws.ts"
/** Gymnasium's resets for a seed, bit for bit. */
export * as GymnasiumSeed from "./GymnasiumSeed.ts"
/** A linear system with quadratic cost, whose optimum is known. */
export * as LinearQuadratic from "./LinearQuadratic.ts"
/** Drive out of a valley: MountainCarContinuous-v0. */
export * as MountainCarContinuous from "./MountainCarContinuous.ts"
/** Swing a pendulum up: Pendulum-v1. */
export * as Pendulum from "./Pendulum.ts"
/** Bring a point in many dimensions to its goal. */
export * as PointReach from "./PointReach.ts"
/** Tiny worlds that each isolate one fault of a learner. */
export * as Probe from "./Probe.ts"
/** Recorded trajectories and how far ours is from them. */
export * as Recording from "./Recording.ts"
/** Sine and cosine with the same bits on every machine. */
export * as Trigonometry from "./Trigonometry.ts"
/** Environments around environments. */
export * as Wrapper from "./Wrapper.ts"
/** Every world by its name and version. */
export * as Registry from "./Registry.ts"
