/** Machine code in this process: an addon of Node's, written and loaded at run time. */
export * from "./Addon.ts"
