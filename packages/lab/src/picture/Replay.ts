/**
 * An episode as a page of its own: every state that is shown, to be played, turned and looked at in a browser, at the pace
 * of the world. One file, without a network.
 */
import { Buffer } from "node:buffer"
import type * as Environment from "@ornstein/core/Environment"
import type * as Evaluation from "@ornstein/core/Evaluation"
import * as Scene from "@ornstein/core/Scene"
import * as Effect from "effect/Effect"
import * as Drawing from "./Drawing.ts"
import { FilmError } from "./Film.ts"
import * as ReplayPage from "./ReplayPage.ts"
import * as ReplayShader from "./ReplayShader.ts"
import * as Rollout from "./Rollout.ts"
import * as Solids from "./Solids.ts"

// models

export interface Options extends Rollout.Options {
  readonly title: string
  /** The most pictures in a second; default every state. */
  readonly fps?: number | undefined
  /** Seconds of the world in a second, to begin with; default 1. */
  readonly speed?: number | undefined
}

export interface Replay {
  readonly summary: Rollout.Summary
  readonly html: string
  /** Of the world. */
  readonly seconds: number
}

interface Shot {
  readonly step: number
  readonly total: number
  readonly picture: Scene.Picture
}

/** The most numbers of all pictures together: a page of a hundred megabytes. */
const NUMBERS = 20_000_000

/** Position and rotation. */
const POSE = 12

// pure core

const base64 = (numbers: Float32Array): string =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64")

/** What of a solid stays as it is: one with another size or colour is another solid. */
const look = ({ _tag, checker, fill, size }: Scene.Solid, i: number): string =>
  JSON.stringify([i, _tag, size, fill, checker])

const described = (solid: Scene.Solid): ReplayPage.Spatial["solids"][number] => {
  const { radius } = Solids.place(solid)
  return {
    form: ReplayShader.forms.indexOf(solid._tag),
    size: solid.size,
    fill: solid.fill,
    checker: solid.checker === undefined ? [0, 0, 0, 0] : [...solid.checker.fill, solid.checker.side],
    // A little more, for single precision.
    radius: Number.isFinite(radius) ? 1.001 * radius : 0
  }
}

const spatial = (scenes: ReadonlyArray<Scene.Spatial>) => {
  const indices = new Map<string, number>()
  const solids: Array<Scene.Solid> = []
  for (const scene of scenes) {
    for (const [i, solid] of scene.solids.entries()) {
      const name = look(solid, i)
      if (!indices.has(name)) {
        indices.set(name, solids.length)
        solids.push(solid)
      }
    }
  }
  const poses = new Float32Array(POSE * solids.length * scenes.length).fill(Number.NaN)
  const cameras = new Float32Array(10 * scenes.length)
  for (const [n, { camera, solids: shown }] of scenes.entries()) {
    for (const [i, solid] of shown.entries()) {
      const at = POSE * (n * solids.length + (indices.get(look(solid, i)) ?? 0))
      poses.set(solid.position, at)
      poses.set(solid.rotation, at + 3)
    }
    cameras.set([...camera.eye, ...camera.target, ...camera.up, camera.fieldOfView], 10 * n)
  }
  return { solids: solids.map(described), poses: base64(poses), cameras: base64(cameras) }
}

/** A shape as the page takes it: six digits of each number, and many pixels as base64. */
const shapeOf = (shape: Scene.Shape): string =>
  JSON.stringify(shape, (_, value) =>
    typeof value === "number"
      ? Number(value.toPrecision(6))
      : value instanceof Uint8Array
        ? Buffer.from(value).toString("base64")
        : value
  )

/** A shape that is in many pictures, such as the ground, is told once; of each picture, which ones it has. */
const flat = (scenes: ReadonlyArray<Scene.Scene>) => {
  const indices = new Map<string, number>()
  const shown = scenes.map(({ background, bottom, left, right, shapes, top }) => ({
    left,
    right,
    bottom,
    top,
    background,
    shapes: shapes.map((shape) => {
      const text = shapeOf(shape)
      const index = indices.get(text) ?? indices.size
      indices.set(text, index)
      return index
    })
  }))
  return { shapes: [...indices.keys()].map((text): unknown => JSON.parse(text)), scenes: shown }
}

/** A picture of a world in space that for once shows a flat one has no place in its page. */
const isSpatial = (picture: Scene.Picture): picture is Scene.Spatial => picture._tag === "Spatial"
const isFlat = (picture: Scene.Picture): picture is Scene.Scene => picture._tag !== "Spatial"

const dataOf = (
  shots: ReadonlyArray<Shot>,
  last: Shot,
  timeStep: number,
  { speed = 1, title }: Options
): ReplayPage.Data => {
  const first = last.picture
  const kept = shots.filter(({ picture }) => isSpatial(picture) === isSpatial(first))
  const told = {
    title,
    times: kept.map(({ step }) => Number((step * timeStep).toFixed(6))),
    steps: kept.map(({ step }) => step),
    returns: kept.map(({ total }) => Number(total.toFixed(3))),
    speed,
    aspect: Drawing.aspect(first)
  }
  const pictures = kept.map(({ picture }) => picture)
  return isSpatial(first)
    ? { kind: "Spatial", ...told, ...first.sky, ...spatial(pictures.filter(isSpatial)) }
    : { kind: "Flat", ...told, ...flat(pictures.filter(isFlat)) }
}

const sizeOf = (picture: Scene.Picture): number =>
  picture._tag === "Spatial"
    ? POSE * picture.solids.length + 10
    : picture.shapes.reduce(
        (sum, shape) =>
          sum +
          ("points" in shape
            ? 2 * shape.points.length
            : shape._tag === "Pixels"
              ? shape.colours.length / 3
              : 4),
        0
      )

// constructors

/** Who writes down an episode that somebody else plays. */
export interface Recorder {
  /** At the start of the episode and after every step. */
  readonly take: (instance: Environment.Instance, total: number) => Effect.Effect<void, FilmError>
  /** The page of the episode that has ended so. */
  readonly page: (summary: Rollout.Summary) => Effect.Effect<Replay>
}

/** A recorder for one episode of such a world. */
export const recorder = (spec: Environment.Spec, options: Options): Recorder => {
  const timeStep = Rollout.timeStep(spec)
  const between = options.fps === undefined ? 0 : 1 / options.fps
  const shots: Array<Shot> = []
  let numbers = 0
  return {
    take: (instance, total) =>
      Effect.suspend(() => {
        const { steps } = instance
        const last = shots.at(-1)
        const passed = timeStep * (steps - (last?.step ?? 0)) + 1e-9
        if (last !== undefined && passed < between && !Rollout.isOver(instance, options)) return Effect.void
        const picture = Rollout.picture(instance)
        shots.push({ step: steps, total, picture })
        numbers += sizeOf(picture)
        if (numbers <= NUMBERS) return Effect.void
        const what = `after ${steps} steps the page would hold ${NUMBERS / 1e6} million numbers, and more do not fit`
        return Effect.fail(new FilmError({ what }))
      }),
    page: (summary) =>
      Effect.suspend(() => {
        const last = shots.at(-1)
        if (last === undefined) return Effect.die(new Error("no state was shown"))
        const html = ReplayPage.make(dataOf(shots, last, timeStep, options))
        return Effect.succeed({ summary, html, seconds: timeStep * summary.steps })
      })
  }
}

// effects

/**
 * Plays an episode and makes the page of it.
 *
 * ```ts
 * const { html } = yield* Replay.record(saved.environment, saved.policy, { seed: 0, steps: 1000, title: "Ant-v5" })
 * ```
 */
export const record = Effect.fn("Replay.record")(function* (
  environment: Environment.Environment,
  policy: Evaluation.Policy,
  options: Options
) {
  const { page, take } = recorder(environment.spec, options)
  return yield* page(yield* Rollout.play(environment, policy, options, take))
})
