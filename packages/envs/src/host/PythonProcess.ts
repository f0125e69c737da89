/**
 * A Python process that is asked and answers in frames, synchronously: `python/world.py` with a supervisor around it. What
 * it prints goes to our standard error. It ends when it is closed, and with whatever it has started when we end, however.
 */
import * as Schema from "effect/Schema"
import { BridgeError } from "./BridgeError.ts"
import * as Pipes from "./Pipes.ts"

// models

export interface Options {
  /** Who is spoken of in errors: the id of a world. */
  readonly name: string
  readonly python: string
  /** The most seconds from a request to its reply. */
  readonly deadline: number
  /** The most seconds to the first reply: packages are imported before it. */
  readonly startDeadline: number
  /** Variables of its environment besides ours. */
  readonly variables: { readonly [name: string]: string }
}

/** What a request asks for. */
export const Operation = { hello: 1, make: 2, step: 3, fault: 4, render: 5, drop: 6, close: 7 } as const

export interface PythonProcess {
  /** Its supervisor's: the leader of a session and group of its own. */
  readonly pid: number
  /** Sends a request and waits for the body of its reply. */
  readonly ask: (operation: number, body?: Uint8Array) => Uint8Array
  /** Sends a frame whose head is left free, 16 bytes at its beginning. */
  readonly send: (operation: number, frame: Uint8Array) => void
  /** Waits for the reply to what was sent, a frame of this length. */
  readonly receive: (into: Uint8Array) => void
  /** False once it has ended, by itself or by a fault. */
  readonly isOpen: () => boolean
  /** Ends it; nothing the second time. */
  readonly close: () => void
}

const HEAD = 16
const MAGIC = 0x4f524e53
const OK = 16
const ERROR = 17
/** No reply is longer. */
const MOST = 2 ** 28

/** What was raised in Python. */
export const Raised = Schema.Struct({
  reason: Schema.Literals(["world", "space", "package", "unknown"]),
  module: Schema.NullOr(Schema.String),
  type: Schema.String,
  message: Schema.String,
  /** The places it went through, the last one first. */
  at: Schema.Array(Schema.String)
})
export type Raised = typeof Raised.Type

const isRaised = Schema.is(Raised)

/** The supervisor's last word. */
const Word = Schema.Struct({
  exit: Schema.optionalKey(Schema.Int),
  signal: Schema.optionalKey(Schema.String),
  hung: Schema.optionalKey(Schema.Number),
  system: Schema.optionalKey(Schema.String),
  stderr: Schema.String
})
const isWord = Schema.is(Word)

// pure core

/** As a line of a terminal can show it. */
const line = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, 600)

/** The exception in one line: its type, its words, its last place. */
const said = ({ at: [place], message, reason, type }: Raised): string =>
  line(`${type}: ${message}`) + (place === undefined || reason !== "world" ? "" : `, at ${line(place)}`)

/** What to do about it. */
const fixOf = (raised: Raised, python: string): string => {
  switch (raised.reason) {
    case "package":
      return raised.module === null
        ? `Install what it asks for with ${python} -m pip install, or name another Python`
        : `Install it: ${python} -m pip install ${raised.module.split(".")[0]}; or name another Python`
    case "unknown":
      return 'Look for a typing mistake; a package that registers it is named in "imports", or before it: "module:Id-v0"'
    case "space":
      return "Box and Discrete are understood, and Dict and Tuple of them: put a wrapper around it that gives one"
    case "world":
      return "The world or a wrapper raised it: mend it there, or its kwargs"
  }
}

/** A mistake of the world's, in our words. */
export const errorOf = (raised: Raised, python: string): BridgeError =>
  new BridgeError({
    reason: raised.reason,
    type: raised.type,
    what: raised.reason === "space" ? `no counterpart here has ${line(raised.message)}` : said(raised),
    fix: fixOf(raised, python)
  })

/** What faulthandler says before the places where Python stands. */
const STACK = "(most recent call first):"

/** The last that it printed, in one line: where it stands, if it was asked for that, else its last words. */
const lastWords = (stderr: string): string => {
  const texts = stderr.split("\n").filter((text) => text.trim() !== "")
  const stack = texts.findLastIndex((text) => text.includes(STACK))
  const last = (stack < 0 ? texts.slice(-4) : texts.slice(stack + 1, stack + 3)).join(" / ")
  return last === "" ? "" : `; ${stack < 0 ? "it printed last:" : "it stands at"} ${line(last).slice(-300)}`
}

const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))

// constructors

/** Where the script lies beside `src` and `dist`. */
const script = new URL("../../python/world.py", import.meta.url)

/** Starts one. Throws a `BridgeError` where there is no such Python. */
export const start = (options: Options): PythonProcess => {
  const { name, python } = options
  const host = Pipes.node()
  const { children, fs } = host
  const [requests, replies, word] = Pipes.make(host, python, 3)
  if (requests === undefined || replies === undefined || word === undefined)
    throw new RangeError("three pipes")
  const limits = JSON.stringify({ deadline: options.deadline, start: options.startDeadline })
  const child = children.spawn(python, ["-u", decodeURIComponent(script.pathname), limits], {
    stdio: ["ignore", 2, 2, requests[0], replies[1], word[1]],
    // A session of its own: Ctrl-C is for us, and all of it can be ended at once.
    detached: true,
    env: { ...globalThis.process.env, OMP_NUM_THREADS: "1", ...options.variables }
  })
  // Where it could not be started the replies end at once.
  child.on("error", () => {})
  child.unref()
  for (const end of [requests[0], replies[1], word[1]]) fs.closeSync(end)
  const ours = [requests[1], replies[0], word[0]]
  const pid = child.pid ?? 0
  const heading = new DataView(new ArrayBuffer(HEAD))
  const headed = new Uint8Array(heading.buffer)
  let sequence = 0
  let isAlive = true

  const end = (): void => {
    if (!isAlive) return
    isAlive = false
    // The supervisor sees it, and ends whatever is left.
    for (const descriptor of ours) fs.closeSync(descriptor)
  }

  /** The replies have ended: the supervisor's word says why. */
  const gone = (): BridgeError => {
    const bytes = new Uint8Array(2 ** 16)
    let length = 0
    for (let n = 1; n > 0 && length < bytes.length; length += n) {
      n = fs.readSync(ours[2]!, bytes, length, bytes.length - length, null)
    }
    const last = length === 0 ? undefined : json(bytes.subarray(0, length))
    end()
    if (isWord(last)) return ended(last)
    // The supervisor itself was ended: its group is left.
    if (pid > 0) {
      try {
        globalThis.process.kill(-pid, "SIGKILL")
      } catch {
        // There is none.
      }
    }
    return new BridgeError({
      reason: "died",
      what: "its process was killed together with its supervisor",
      fix: "Look for who ended it: memory that ran out, or a person"
    })
  }
  const ended = ({ exit, hung, signal, stderr, system }: typeof Word.Type): BridgeError => {
    const printed = lastWords(stderr)
    if (hung !== undefined) {
      return new BridgeError({
        reason: "hung",
        what: `it gave no reply for ${hung} s${printed}`,
        fix: 'Give it longer ("deadline", or "startDeadline" for the first reply), or mend what it waits for'
      })
    }
    if (system !== undefined) {
      return new BridgeError({
        reason: "system",
        what: `this system cannot watch processes as the bridge needs it (${line(system)})`,
        fix: "It takes a Linux of 5.3 or later, Python 3.9 or later, and a sandbox that allows pidfd_open"
      })
    }
    return new BridgeError({
      reason: "died",
      what: `its process ended by ${signal ?? `exit ${exit}`}${printed}`,
      fix: "The world or a library under it has ended it: see what it printed"
    })
  }

  const write = (bytes: Uint8Array): void => {
    if (!isAlive) {
      throw new BridgeError({
        reason: "closed",
        what: `the process of ${name} has ended`,
        fix: "Make another one"
      })
    }
    try {
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(ours[0]!, bytes, at)
    } catch (cause) {
      throw codeOf(cause) === "EPIPE" ? gone() : cause
    }
  }
  const read = (into: Uint8Array, from: number, to: number): void => {
    for (let at = from; at < to; ) {
      const n = fs.readSync(ours[1]!, into, at, to - at, null)
      if (n === 0) throw gone()
      at += n
    }
  }

  const send: PythonProcess["send"] = (operation, frame) => {
    sequence = (sequence + 1) >>> 0
    const head = new DataView(frame.buffer, frame.byteOffset, HEAD)
    head.setUint32(0, MAGIC, true)
    head.setUint32(4, sequence, true)
    head.setUint32(8, operation, true)
    head.setUint32(12, frame.length - HEAD, true)
    write(frame)
  }

  /** The head of a reply: its kind and how long its body is. Anything else is garbage, after which nothing can be trusted. */
  const headOf = (bytes: Uint8Array, length: number | undefined) => {
    const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD)
    const kind = head.getUint32(8, true)
    const size = head.getUint32(12, true)
    const isOurs = head.getUint32(0, true) === MAGIC && head.getUint32(4, true) === sequence
    const isKnown = kind === ERROR || (kind === OK && (length === undefined || size === length))
    if (isOurs && isKnown && size <= MOST) return { kind, size }
    const shown = Array.from(bytes.subarray(0, HEAD), (byte) => byte.toString(16).padStart(2, "0")).join("")
    end()
    throw new BridgeError({
      reason: "garbage",
      what: `${shown} came where a reply begins`,
      fix: "Something in the world's process writes to descriptors that it has not opened: find and mend it"
    })
  }
  const raise = (body: Uint8Array): never => {
    const raised = json(body)
    if (isRaised(raised)) throw errorOf(raised, python)
    throw new TypeError("what was raised is not described")
  }

  const receive: PythonProcess["receive"] = (into) => {
    // Head and body in one read, where they are what is expected.
    let got = fs.readSync(ours[1]!, into, 0, into.length, null)
    if (got === 0) throw gone()
    if (got < HEAD) {
      read(into, got, HEAD)
      got = HEAD
    }
    const { kind, size } = headOf(into, into.length - HEAD)
    if (kind === OK) return read(into, got, into.length)
    const body = new Uint8Array(size)
    body.set(into.subarray(HEAD, got))
    read(body, got - HEAD, size)
    raise(body)
  }

  const ask: PythonProcess["ask"] = (operation, body = new Uint8Array(0)) => {
    const frame = new Uint8Array(HEAD + body.length)
    frame.set(body, HEAD)
    send(operation, frame)
    read(headed, 0, HEAD)
    const { kind, size } = headOf(headed, undefined)
    const reply = new Uint8Array(size)
    read(reply, 0, size)
    return kind === OK ? reply : raise(reply)
  }

  return {
    pid,
    ask,
    send,
    receive,
    isOpen: () => isAlive,
    close: () => {
      if (!isAlive) return
      try {
        ask(Operation.close)
      } catch (cause) {
        // It was to end, and has.
        if (!(cause instanceof BridgeError)) throw cause
      }
      end()
    }
  }
}

const codeOf = (cause: unknown): unknown =>
  cause instanceof Error && "code" in cause ? cause.code : undefined
