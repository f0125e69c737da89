/**
 * A process of copies of one world. What its copies are to do next goes out in one frame and comes back in one: `send`
 * and `collect` are apart, so that copies work together, and processes at once.
 */
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import { BridgeError, PythonProcess } from "../host/index.ts"
import * as Layout from "./Layout.ts"

// models

/** What a process is asked to make copies of. */
export interface World {
  readonly id: string
  readonly kwargs: { readonly [name: string]: unknown }
  readonly wrappers: ReadonlyArray<{
    readonly name: string
    readonly kwargs: { readonly [name: string]: unknown }
  }>
  readonly imports: ReadonlyArray<string>
  readonly timeLimit: number | null
}

/** What Python says of the world. */
export const Described = Schema.Struct({
  observation: Schema.Array(Layout.Leaf),
  action: Schema.Array(Layout.Leaf),
  /** The bytes of a row. */
  rowIn: Schema.Int,
  rowOut: Schema.Int,
  timeLimit: Schema.NullOr(Schema.Int),
  rewardThreshold: Schema.NullOr(Schema.Finite),
  /** In seconds. */
  timeStep: Schema.NullOr(Schema.Finite),
  renders: Schema.Boolean,
  versions: Schema.Struct({ gymnasium: Schema.String, numpy: Schema.String })
})
export type Described = typeof Described.Type

/** A picture: rows from the top, red, green and blue of each pixel. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly colours: Uint8Array
}

/** A copy: what it showed last. */
export interface Copy {
  /** Written by `collect`. */
  readonly observation: Space.Numbers
  readonly reward: number
  readonly terminated: boolean
  readonly truncated: boolean
  /** Tells it to act; `collect` waits for what comes of it. Throws a `BridgeError`, as all of these. */
  readonly send: (action: ArrayLike<number>) => void
  /** Tells it to begin an episode with this seed. */
  readonly begin: (seed: number) => void
  readonly collect: () => void
  readonly render: () => Pixels
  readonly drop: () => void
}

export interface Server {
  readonly described: Described
  /** Its supervisor's. */
  readonly pid: number
  /** One more copy, whose observations are written into this. */
  readonly add: (observation: Space.Numbers) => Copy
  /** How many copies there are. */
  readonly size: () => number
  /** Does its process live? */
  readonly isOpen: () => boolean
  readonly close: () => void
}

const HEAD = 16
const ROW = 16
const ACT = 1
const RESET = 2
const TERMINATED = 1
const TRUNCATED = 2
const RAISED = 4

// pure core

const decode = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, bytes: Uint8Array): S["Type"] =>
  Schema.decodeUnknownSync(schema)(JSON.parse(new TextDecoder().decode(bytes)))

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** The first and second halves of frames, and what stands at each place of them. */
const frames = ({ action, observation, rowIn, rowOut }: Described, rows: number) => {
  const [asked, answered] = [new ArrayBuffer(HEAD + rows * rowIn), new ArrayBuffer(HEAD + rows * rowOut)]
  const numbers = Layout.size(action)
  return {
    asked: Array.from({ length: rows + 1 }, (_, n) => new Uint8Array(asked, 0, HEAD + n * rowIn)),
    answered: Array.from({ length: rows + 1 }, (_, n) => new Uint8Array(answered, 0, HEAD + n * rowOut)),
    places: Array.from({ length: rows }, (_, row) => {
      const [from, to] = [HEAD + row * rowIn, HEAD + row * rowOut]
      return {
        command: new Uint32Array(asked, from, 2),
        seed: new BigUint64Array(asked, from + 8, 1),
        action: new Float64Array(asked, from + ROW, numbers),
        reward: new Float64Array(answered, to, 1),
        flags: new Uint32Array(answered, to + 8, 1),
        read: Layout.reader(observation, answered, to + ROW)
      }
    })
  }
}

// constructors

/** Starts a process and asks it for the world. Throws a `BridgeError`. */
export const open = (world: World, options: PythonProcess.Options): Server => {
  const python = PythonProcess.start(options)
  const describe = (): Described => {
    try {
      return decode(Described, python.ask(PythonProcess.Operation.hello, encode(world)))
    } catch (cause) {
      python.close()
      throw cause
    }
  }
  const described = describe()

  interface Row {
    readonly copy: number
    readonly observation: Space.Numbers
    reward: number
    flags: number
  }
  const copies = new Set<Row>()
  /** Those whose rows are written and not sent, and those whose rows are sent and not collected. */
  let [waiting, away]: [Array<Row>, Array<Row>] = [[], []]
  let frame = frames(described, 1)

  /** Takes in what is away. */
  const receive = (): void => {
    if (away.length === 0) return
    const rows = away
    away = []
    python.receive(frame.answered[rows.length]!)
    for (let i = 0; i < rows.length; i++) {
      const { flags, read, reward } = frame.places[i]!
      const row = rows[i]!
      row.reward = reward[0]!
      row.flags = flags[0]!
      if (row.flags !== RAISED) read(row.observation)
    }
  }
  const flush = (): void => {
    const rows = waiting
    waiting = []
    python.send(PythonProcess.Operation.step, frame.asked[rows.length]!)
    away = rows
  }
  /** The place of a copy's next row. */
  const write = (row: Row, command: number) => {
    if (waiting.includes(row)) throw new RangeError("a copy is sent something twice")
    receive()
    const place = frame.places[waiting.length]!
    place.command[0] = command
    place.command[1] = row.copy
    return place
  }
  const queue = (row: Row): void => {
    waiting.push(row)
    // With all of them together the process begins at once, whoever is collected first.
    if (waiting.length === copies.size) flush()
  }

  const add = (observation: Space.Numbers): Copy => {
    receive()
    if (waiting.length > 0) throw new RangeError("a copy is made while others wait to be collected")
    const copy = decode(Schema.Int, python.ask(PythonProcess.Operation.make))
    const row: Row = { copy, observation, reward: 0, flags: 0 }
    copies.add(row)
    if (frame.places.length < copies.size) frame = frames(described, 2 * copies.size)
    return {
      observation,
      get reward() {
        return row.reward
      },
      get terminated() {
        return (row.flags & TERMINATED) !== 0
      },
      get truncated() {
        return (row.flags & TRUNCATED) !== 0
      },
      send: (action) => {
        write(row, ACT).action.set(action)
        queue(row)
      },
      begin: (seed) => {
        write(row, RESET).seed[0] = BigInt(seed)
        queue(row)
      },
      collect: () => {
        if (waiting.includes(row)) flush()
        receive()
        if (row.flags !== RAISED) return
        row.flags = 0
        const raised = decode(PythonProcess.Raised, python.ask(PythonProcess.Operation.fault, encode(copy)))
        throw PythonProcess.errorOf(raised, options.python)
      },
      render: () => {
        receive()
        const body = python.ask(PythonProcess.Operation.render, encode(copy))
        const head = new DataView(body.buffer, body.byteOffset)
        const [height, width, depth] = [0, 4, 8].map((at) => head.getUint32(at, true))
        if (height === undefined || width === undefined || depth !== 3) {
          throw new BridgeError({
            reason: "world",
            what: `its picture has ${depth} numbers for a pixel, not red, green and blue`,
            fix: 'Make it with "render_mode": "rgb_array"'
          })
        }
        return { width, height, colours: body.subarray(12) }
      },
      drop: () => {
        copies.delete(row)
        try {
          if (waiting.length > 0) flush()
          receive()
          python.ask(PythonProcess.Operation.drop, encode(copy))
        } catch (cause) {
          // A copy that cannot be closed is gone with its process.
          if (!(cause instanceof BridgeError)) throw cause
        }
      }
    }
  }

  return {
    described,
    pid: python.pid,
    add,
    size: () => copies.size,
    isOpen: python.isOpen,
    close: python.close
  }
}
