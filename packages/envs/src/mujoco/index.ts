/** Worlds on MuJoCo: Gymnasium's tasks of version 5. */

/** Run forwards on four legs. */
export * as Ant from "./Ant.ts"
/** Run forwards in the plane. */
export * as HalfCheetah from "./HalfCheetah.ts"
/** Hop forwards on one leg. */
export * as Hopper from "./Hopper.ts"
/** Walk forwards on two legs. */
export * as Humanoid from "./Humanoid.ts"
/** Get up from lying on the back. */
export * as HumanoidStandup from "./HumanoidStandup.ts"
/** Keep two poles upright, one on the other, on a cart. */
export * as InvertedDoublePendulum from "./InvertedDoublePendulum.ts"
/** Keep a pole upright on a cart. */
export * as InvertedPendulum from "./InvertedPendulum.ts"
/** Push a puck to a goal. */
export * as Pusher from "./Pusher.ts"
/** Bring the tip of an arm to a target. */
export * as Reacher from "./Reacher.ts"
/** Swim forwards with three links. */
export * as Swimmer from "./Swimmer.ts"
/** Walk forwards on two legs. */
export * as Walker2d from "./Walker2d.ts"
