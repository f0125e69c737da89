/** Where in the user's code a call came from, for error messages. */

/** The folder of this package's modules; in a bundle there is none, and its frames cannot be told apart. */
const here = /\/trace\/Site\.[jt]s$/.test(import.meta.url) ? URL.parse("..", import.meta.url) : null

/** Frames inside this package, TensorFlow.js and Node are not the user's. */
const foreign = here === null ? undefined : [here.href, here.pathname, "/node_modules/@tensorflow/", "node:"]

const isUsers = (file: string | null | undefined): boolean =>
  Boolean(file) && foreign?.some((part) => file?.includes(part)) === false

const location = /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/

const find = (stack: string | undefined): string => {
  const frames = (stack ?? "").split("\n").filter((line) => line.startsWith("    at "))
  const found = frames.map((line) => location.exec(line)?.[1]).find(isUsers)
  return found?.replace("file://", "") ?? "unknown"
}

/** What V8 asks to write a stack; a debugger or a test runner may have set it. */
interface Writer {
  prepareStackTrace?: ((error: Error, frames: Array<NodeJS.CallSite>) => unknown) | undefined
}
const writer: Writer = Error

/** The user's line that now runs, `file:line:column`. */
export const current = (): string => {
  const before = writer.prepareStackTrace
  // Writing a whole stack takes longer than tracing the kernel; one frame is enough.
  writer.prepareStackTrace = (error, frames) => {
    const frame = frames.find((candidate) => isUsers(candidate.getFileName()))
    if (frame === undefined) return ""
    if (before !== undefined) return before(error, [frame])
    return `    at ${frame.getFileName()}:${frame.getLineNumber()}:${frame.getColumnNumber()}`
  }
  try {
    return find(new Error("site").stack)
  } finally {
    writer.prepareStackTrace = before
  }
}

/** The user's line that threw. */
export const ofError = (error: unknown): string => find(error instanceof Error ? error.stack : undefined)

/** Runs `f` with stacks long enough to reach from a gradient's kernel back to the user's line. */
export const withDeepStacks = <A>(f: () => A): A => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 60
  try {
    return f()
  } finally {
    Error.stackTraceLimit = limit
  }
}
