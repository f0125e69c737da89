/** What a machine gives to whoever runs on it: the only room of core that asks for Node, and does without. */

/** SHA-256, piece by piece. */
export * as Digest from "./Digest.ts"
/** The text of a script as a function. */
export * as HostCode from "./HostCode.ts"
/** A file's bytes. */
export * as HostFile from "./HostFile.ts"
/** What kind of system this is. */
export * as Platform from "./Platform.ts"
/** Threads that run a module. */
export * as Threads from "./Threads.ts"
/** Names that nobody can know before. */
export * as Token from "./Token.ts"
/** The codes in which an operating system says why a file cannot be had. */
export * as SystemCode from "./SystemCode.ts"
