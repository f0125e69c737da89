/**
 * The physics of Box2D 2.3.1, as `box2d.js` 1.0.4 compiles it: asm.js in a heap of 16 MB. The package is optional and read
 * when a world asks for it.
 *
 * Its text is taken, and not the module that Node would make of it, for three reasons:
 *
 * - it computes sine and cosine by the host, whose last bits differ between versions of V8: it is given ours
 *   (`Trigonometry`), and so a step has the same bits everywhere;
 * - loaded by Node it listens to `uncaughtException` of the whole process: here it sees no process;
 * - every evaluation has a heap of its own: when one is full of worlds, the next is opened.
 */
import * as Digest from "@ornstein/core/Digest"
import * as Environment from "@ornstein/core/Environment"
import * as HostCode from "@ornstein/core/HostCode"
import * as HostFile from "@ornstein/core/HostFile"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Binding from "./Binding.ts"

// models

/** The one release whose bits worlds are known by. */
export const VERSION = "1.0.4"
const FILE = "box2d.js/build/Box2D_v2.3.1_min.js"
const SHA256 = "8984d073869653780ce71a6cdf3c6f37d052985f61e7e292df37c8b7987c7534"

/** Worlds in a heap: the largest, a hardcore walker's, takes below 0.4 MB of its 16. */
const WORLDS = 32

/** A heap, and how many worlds are in it. */
interface Heap {
  readonly box2d: Binding.Box2d
  worlds: number
}

type Instantiate = () => unknown

const install = `Its physics is a package of its own: \`npm install box2d.js@${VERSION}\``

// pure core

/** A function of the library's that nothing here reaches, and that no host computes alike. */
const refuseAtan2 = (): never => {
  throw new RangeError("an arc tangent has no bits that are the same everywhere")
}

/** What is put in place of the host's functions: in the module around, and in the compiled part. */
const REPLACED = [
  ["Eb=Math.cos,Fb=Math.sin,Gb=Math.atan2", "Eb=ourCos,Fb=ourSin,Gb=ourAtan2"],
  ["var Q=global.Math.cos;var R=global.Math.sin;", "var Q=env._cosf;var R=env._sinf;"],
  ["var W=global.Math.atan2;", "var W=env._atan2f;"]
] as const

/** The text with our functions, as a function that opens a heap; nothing where no text can become one. */
const compile = (text: string): Instantiate | undefined => {
  const ours = REPLACED.reduce((text, [host, own]) => text.replace(host, own), text)
  // Names that the library looks for stand here as parameters, so that it finds no process and no global of anybody.
  const hidden = ["process", "require", "module", "document", "importScripts"]
  const names = ["Module", "window", "ourCos", "ourSin", "ourAtan2", ...hidden]
  const open = HostCode.compile(`${ours}\nreturn window.Module`, names, FILE)
  if (open === undefined) return undefined
  const quiet = () => undefined
  return () => {
    const functions = [Trigonometry.cos, Trigonometry.sin, refuseAtan2]
    return open([{ print: quiet, printErr: quiet }, {}, ...functions])
  }
}

// effects

const unavailable = (environment: string, what: string, fix: string) =>
  new Environment.EnvironmentError({ environment, step: 0, what, fix })

/** The library, as a function that opens heaps. Fails where it is absent or not the one release that is known. */
export const read = Effect.fnUntraced(function* (environment: string, file = FILE) {
  const url = yield* Effect.try({
    try: () => new URL(import.meta.resolve(file)),
    catch: () => unavailable(environment, "the package box2d.js is not installed", install)
  })
  const bytes = yield* Effect.mapError(HostFile.read(url), (reason) =>
    unavailable(environment, `box2d.js cannot be read: ${reason}`, install)
  )
  if (Digest.sha256().update(bytes).hex() !== SHA256) {
    const what = `box2d.js is not ${VERSION}, and other releases compute other bits`
    return yield* unavailable(environment, what, install)
  }
  const compiled = compile(new TextDecoder().decode(bytes))
  if (compiled === undefined)
    return yield* unavailable(environment, "Box2D is compiled by Node, and there is none", "Run it in Node")
  return compiled
})

/** Those of this thread: the compiled text, and heaps with worlds in them or room for some. */
const heaps: Array<Heap> = []
let compiled: Instantiate | undefined

const withRoom = Effect.fnUntraced(function* (environment: string) {
  const found = heaps.find(({ worlds }) => worlds < WORLDS)
  if (found !== undefined) return found
  compiled ??= yield* read(environment)
  const box2d = compiled()
  if (!Binding.isBox2d(box2d)) {
    return yield* unavailable(environment, "box2d.js did not become the module that is known", install)
  }
  const heap: Heap = { box2d, worlds: 0 }
  heaps.push(heap)
  return heap
})

/**
 * A place for one world in a heap of this thread, until the scope ends. Fails with an `EnvironmentError` where the package
 * is absent or another version.
 */
export const place = (
  environment: string
): Effect.Effect<Binding.Box2d, Environment.EnvironmentError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.tap(withRoom(environment), (heap) => Effect.sync(() => void (heap.worlds += 1))),
      (heap) =>
        Effect.sync(() => {
          heap.worlds -= 1
          // The last one is kept: its next world comes soon.
          if (heap.worlds === 0 && heaps.length > 1) heaps.splice(heaps.indexOf(heap), 1)
        })
    ),
    ({ box2d }) => box2d
  )
