/** What somebody else's code has thrown or given, in words of one line. */
import * as Printable from "@ornstein/core/Printable"
import * as Result from "effect/Result"
import { pathToFileURL } from "node:url"

// pure core

export const isObject = (u: unknown): u is object =>
  (typeof u === "object" && u !== null) || typeof u === "function"

/** Does it answer later? */
export const isPromise = (u: unknown): u is PromiseLike<unknown> =>
  isObject(u) && "then" in u && typeof u.then === "function"

/** Nobody waits for it: that it fails is no news. */
export const forget = (u: unknown): void => {
  if (isPromise(u)) Promise.resolve(u).catch(() => {})
}

/** The class of an object, unless it is a plain one. */
export const nameOf = (u: object): string => {
  const prototype: unknown = Object.getPrototypeOf(u)
  const made = isObject(prototype) && "constructor" in prototype ? prototype.constructor : undefined
  return typeof made === "function" && made !== Object && made.name !== "" ? made.name : ""
}

const article = (noun: string): string => `${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`

const described = (u: unknown): string => {
  if (typeof u === "string") return `the string ${JSON.stringify(u.length > 40 ? `${u.slice(0, 37)}...` : u)}`
  if (typeof u === "bigint") return `the bigint ${u}n`
  if (typeof u === "function") return "a function"
  if (typeof u !== "object" || u === null) return String(u)
  if (isPromise(u)) return "a promise"
  if (Array.isArray(u)) return `an array of ${u.length}`
  if (ArrayBuffer.isView(u)) {
    return "length" in u ? `${article(nameOf(u))} of ${String(u.length)}` : article(nameOf(u))
  }
  const name = nameOf(u)
  return name === "" ? "an object" : article(name)
}

/** A value in words; a proxy may throw while it is looked at. */
export const shown = (u: unknown): string =>
  Result.getOrElse(
    Result.try(() => Printable.inline(described(u))),
    () => "something that throws when it is looked at"
  )

const messageOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return shown(cause)
  const first = cause.message.split("\n")[0] ?? ""
  if (first === "") return Printable.inline(cause.name)
  return Printable.inline(cause.name === "Error" ? first : `${cause.name}: ${first}`)
}

/** What was thrown, in one line. */
export const reasonOf = (cause: unknown): string =>
  Result.getOrElse(
    Result.try(() => messageOf(cause)),
    () => "something that throws when it is looked at"
  )

/** `parts.ts:12`: the innermost line of these files that an error went through. */
export const lineOf = (cause: unknown, files: ReadonlyArray<string>): string | undefined => {
  const stack = cause instanceof Error && typeof cause.stack === "string" ? cause.stack : ""
  for (const frame of stack.split("\n")) {
    for (const file of files) {
      for (const name of [pathToFileURL(file).href, file]) {
        const at = frame.indexOf(`${name}:`)
        const line = at < 0 ? undefined : /^\d+/.exec(frame.slice(at + name.length + 1))?.[0]
        if (line !== undefined) return `${file.split(/[/\\]/).at(-1) ?? file}:${line}`
      }
    }
  }
  return undefined
}
