/** Flags that several commands have, in the same words. */
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Field from "@ornstein/core/Field"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"

// places

/** A name that a file can have. */
const isPath = (text: string): boolean => text !== "" && !text.includes("\u0000")

const PATH = "the name of a file or directory"

/** A flag that names a place. */
export const path = (name: string): Flag.Flag<string> => Flag.filter(Flag.String(name), isPath, () => PATH)

/** An argument that names a place. */
export const pathArgument = (name: string): Argument.Argument<string> =>
  Argument.filter(Argument.String(name), isPath, () => PATH)

// what several commands have

export const every = Flag.Int("checkpoint-every").pipe(
  Flag.withSchema(Field.positiveInt),
  Flag.withMetavar("STEPS"),
  Flag.withDescription("Environment steps from one checkpoint to the next (default 5000); changes no result")
)

export const keep = Flag.Int("keep").pipe(
  Flag.withSchema(Field.positiveInt),
  Flag.withMetavar("K"),
  Flag.withDescription("Newest checkpoints that stay, besides the best by evaluation (default 3)")
)

const which = (value: string): Option.Option<CheckpointDirectory.Which> => {
  if (value === "best" || value === "last") return Option.some(value)
  return /^\d{1,12}$/.test(value) ? Option.some(Number(value)) : Option.none()
}

/** Which checkpoint a policy is taken from. */
export const at = Flag.String("at").pipe(
  Flag.filterMap(which, () => "a step, best or last"),
  Flag.withMetavar("STEP|best|last"),
  Flag.withDescription(
    "The checkpoint: that of a step, the best by evaluation, or the newest (default: last)"
  ),
  Flag.optional
)

/** Where a policy acts that may act elsewhere. */
export const environment = Flag.String("env").pipe(
  Flag.withMetavar("ID"),
  Flag.withDescription("Another world with the same spaces, by its id (default: the one that it learned in)"),
  Flag.optional
)

/** Prints for a program: what, in one line. */
export const jsonOf = (what: string) =>
  Flag.Boolean("json").pipe(Flag.withDescription(`Print ${what}`), Flag.withDefault(false))

/** The result as a line of JSON beside everything else. */
export const json = jsonOf("the result as one line of JSON on standard output, all else on standard error")

/** What is different: `path=value`. */
export const set = (what: string) =>
  Flag.String("set").pipe(
    Flag.withMetavar("path=value"),
    Flag.withDescription(`${what}, as in algorithm.tau=0.005; may be repeated`),
    Flag.atLeast(0)
  )

/** How many threads step the lanes, which changes no result. */
export const workers = Flag.Int("workers").pipe(
  Flag.withSchema(Field.positiveInt),
  Flag.withMetavar("K"),
  Flag.withDescription(
    "Threads that step the lanes, the run's own among them; changes no result: training.workers (default 1)"
  ),
  Flag.optional
)

/** Who listens to a run besides its own tables. */
export const listeners = {
  json,
  events: Flag.Boolean("events").pipe(
    Flag.withDescription(
      "Print what happens as lines of JSON on standard output, all else on standard error; a slow reader misses slices"
    ),
    Flag.withDefault(false)
  ),
  socket: path("socket").pipe(
    Flag.withMetavar("PATH"),
    Flag.withDescription("Send the same lines to a viewer that listens on this local socket"),
    Flag.optional
  )
}

export const findNan = Flag.Boolean("find-nan").pipe(
  Flag.withDescription(
    "If numbers stop being finite, repeat that update slowly and name the first operation that began it; costs a copy of the networks in every update"
  ),
  Flag.withDefault(false)
)
