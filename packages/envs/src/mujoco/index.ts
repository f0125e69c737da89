/** Worlds on MuJoCo: Gymnasium's tasks of version 5. */

/** Run forwards on four legs. */
export * as Ant from "./Ant.ts"
/** Run forwards in the plane. */
export * as HalfCheetah from "./HalfCheetah.ts"
/** Hop forwards on one leg. */
export * as Hopper from "./Hopper.ts"
/** Swim forwards with three links. */
export * as Swimmer from "./Swimmer.ts"
/** Walk forwards on two legs. */
export * as Walker2d from "./Walker2d.ts"
