/** The bodies of the worlds, in MuJoCo's XML: masses, joints, shapes and motors are Gymnasium's, field by field. */

export * as Ant from "./Ant.ts"
export * as HalfCheetah from "./HalfCheetah.ts"
export * as Hopper from "./Hopper.ts"
export * as Humanoid from "./Humanoid.ts"
export * as InvertedDoublePendulum from "./InvertedDoublePendulum.ts"
export * as InvertedPendulum from "./InvertedPendulum.ts"
export * as Pusher from "./Pusher.ts"
export * as Reacher from "./Reacher.ts"
export * as Swimmer from "./Swimmer.ts"
export * as Walker2d from "./Walker2d.ts"
