/** What kind of system this is, where it matters. */

/** Windows has no flag for opening a file without following links. */
export const isWindows: boolean = globalThis.process?.platform === "win32"
