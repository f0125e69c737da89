import "@ornstein/jit/NodeVersion"

// classic control

export { CartPole, MountainCarContinuous, Pendulum } from "./control/index.ts"

// rigid bodies, on Box2D

export { BipedalWalker, LunarLander, LunarLanderContinuous } from "./box2d/index.ts"

// reaching, regulating, probes

export { LinearQuadratic, PointReach, Probe, Spaces } from "./tasks/index.ts"

// MuJoCo

export {
  Ant,
  HalfCheetah,
  Hopper,
  Humanoid,
  HumanoidStandup,
  InvertedDoublePendulum,
  InvertedPendulum,
  Pusher,
  Reacher,
  Swimmer,
  Walker2d
} from "./mujoco/index.ts"

// worlds in Python

export { Gymnasium } from "./gymnasium/index.ts"

export type { World } from "./world/index.ts"

// wrappers, and every world by name

export * as Wrapper from "./wrappers/Wrapper.ts"
export * as Registry from "./registry/Registry.ts"

// worlds beside recordings of other libraries

export { GymnasiumSeed, Recording } from "./recording/index.ts"
