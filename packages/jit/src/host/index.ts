/** The face of the host: what is asked of whatever runs this, Node or a browser. What only Node has is in `node/`. */
export * as Threads from "./Threads.ts"
