/** Classic control. */

/** Keep a pole upright on a cart: CartPole-v0 and -v1. */
export * as CartPole from "./CartPole.ts"
/** Drive out of a valley: MountainCarContinuous-v0. */
export * as MountainCarContinuous from "./MountainCarContinuous.ts"
/** Swing a pendulum up: Pendulum-v1. */
export * as Pendulum from "./Pendulum.ts"
