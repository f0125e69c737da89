/** Worlds on MuJoCo: Gymnasium's tasks of version 5. */

/** Run forwards in the plane. */
export * as HalfCheetah from "./HalfCheetah.ts"
