/** What a person sees on a terminal. */

/** What is said of a command line that is wrong. */
export * as Misuse from "./Misuse.ts"
/** How numbers are written for people. */
export * as Numbers from "./Numbers.ts"
/** Where a command writes. */
export * as Output from "./Output.ts"
/** Words of a command line that is shown to be copied. */
export * as Shell from "./Shell.ts"
/** SIGINT, SIGTERM and SIGHUP (a terminal that was closed), and SIGPIPE, which stands for a reader of the output that has gone (`ornstein train | head`). */
export * as Signals from "./Signals.ts"
/** Columns of text. */
export * as Table from "./Table.ts"
/** What somebody else's code has thrown or given, in words of one line. */
export * as Words from "./Words.ts"
