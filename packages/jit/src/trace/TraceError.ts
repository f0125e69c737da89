/** Why a function could not become a graph: what it did, where, and how to fix it. */
export class TraceError extends Error {
  readonly _tag = "TraceError"
  readonly program: string
  readonly reason: string
  /** The path of a tensor, or a kernel and the line of the user's code that asked for it. */
  readonly where: string
  readonly fix: string
  constructor(options: {
    readonly program: string
    readonly reason: string
    readonly where: string
    readonly fix: string
    readonly cause?: unknown
  }) {
    super(`program "${options.program}": ${options.reason}, at ${options.where}. ${options.fix}`, {
      cause: options.cause
    })
    this.name = "TraceError"
    this.program = options.program
    this.reason = options.reason
    this.where = options.where
    this.fix = options.fix
  }
}
