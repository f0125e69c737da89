/** The face of the host: what is asked of whatever runs this, Node or a browser. What only Node has is in `node/`. */
export * as Addons from "./Addons.ts"
export * as Threads from "./Threads.ts"
