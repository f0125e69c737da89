/**
 * JSON as text, stricter than `JSON.parse`: a key that stands twice in one object is a mistake, not an overwriting, and
 * what is nested beyond all measure, which would exhaust the stack of whoever walks through it, is refused.
 */
import * as Result from "effect/Result"

// errors

/** Why a text is no JSON, or why it is refused although it is. */
export interface Refusal {
  readonly reason: string
  readonly isJson: boolean
}

// pure core

/** Strings, and the punctuation that opens and closes; in valid JSON nothing else matters for where keys stand. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"\s*(:)?|[{}[\]]/gs

/** Nothing that is written is nested half as deep. */
const DEEPEST = 100

/** What is wrong with a valid JSON text: a key that stands twice in one object, or depth. */
const fault = (text: string): string | undefined => {
  const open: Array<Set<string>> = []
  for (const [token, colon] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") {
      if (open.push(new Set()) > DEEPEST) return `it is nested more than ${DEEPEST} deep`
    } else if (token === "}" || token === "]") open.pop()
    else if (colon !== undefined) {
      const key = String(JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)))
      if (open.at(-1)?.has(key) === true) return `the key ${JSON.stringify(key)} stands twice in one object`
      open.at(-1)?.add(key)
    }
  }
  return undefined
}

/**
 * The value of a JSON text, or what is wrong with it.
 *
 * ```ts
 * JsonText.parse('{ "seed": 1, "seed": 2 }') // fails: the key "seed" stands twice in one object
 * ```
 */
export const parse = (text: string): Result.Result<unknown, Refusal> =>
  Result.flatMap(
    Result.try({
      try: (): unknown => JSON.parse(text),
      catch: (cause): Refusal => ({
        reason: cause instanceof Error ? cause.message : String(cause),
        isJson: false
      })
    }),
    (value) => {
      const reason = fault(text)
      return reason === undefined ? Result.succeed(value) : Result.fail({ reason, isJson: true })
    }
  )
