/** Where in the user's code a call came from, for error messages. */

const here = new URL(".", import.meta.url)

/** Frames inside this package, TensorFlow.js and Node are not the user's. */
const foreign = [here.href, here.pathname, "/node_modules/@tensorflow/", "node:", "<anonymous>"]

const location = /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/

const find = (stack: string | undefined): string => {
  const frames = (stack ?? "").split("\n").filter((line) => line.startsWith("    at "))
  const frame = frames.find((line) => !foreign.some((part) => line.includes(part)))
  const found = frame === undefined ? null : location.exec(frame)
  return found?.[1]?.replace("file://", "") ?? "unknown"
}

/** The user's line that is now running, `file:line:column`. */
export const current = (): string => find(new Error("site").stack)

/** The user's line that threw. */
export const ofError = (error: unknown): string => find(error instanceof Error ? error.stack : undefined)

/** Runs `f` with stacks long enough to reach from a gradient's kernel back to the user's line. */
export const withDeepStacks = <A>(f: () => A): A => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 100
  try {
    return f()
  } finally {
    Error.stackTraceLimit = limit
  }
}
