/** The bodies of the worlds, in MuJoCo's XML: masses, joints, shapes and motors are Gymnasium's, field by field. */
export { humanoid, humanoidStandup } from "./Humanoid.ts"
export { invertedDoublePendulum } from "./InvertedDoublePendulum.ts"
export { invertedPendulum } from "./InvertedPendulum.ts"
export { pusher } from "./Pusher.ts"
export { reacher } from "./Reacher.ts"
