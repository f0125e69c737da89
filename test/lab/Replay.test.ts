import { createServer, type Server } from "node:http"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as HalfCheetah from "@ornstein/envs/HalfCheetah"
import * as Pendulum from "@ornstein/envs/Pendulum"
import * as Drawing from "@ornstein/lab/internal/picture/Drawing"
import * as Replay from "@ornstein/lab/internal/picture/Replay"
import type * as Raster from "@ornstein/lab/internal/picture/Raster"
import * as Rollout from "@ornstein/lab/Rollout"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Browser from "./Browser.ts"
import * as Terminal from "./Terminal.ts"

/** What would harm a page that took it for more than text. */
const HOSTILE = `</script><script>document.title = "mine"</script><img src=x onerror="x()"> & "it"`

/** The same world with another picture. */
const withPicture = (inner: Environment.Instance, render: () => Scene.Picture): Environment.Instance =>
  Object.create(inner, { render: { value: render } })

const pageOf = Effect.fnUntraced(function* (world: Environment.Environment, steps: number, title: string) {
  const { action } = world.spec
  const { html } = yield* Replay.record(world, Rollout.random(action, 0), { seed: 0, steps, title })
  const files = yield* FileSystem.FileSystem
  const file = `${yield* Terminal.directory}/replay.html`
  yield* files.writeFileString(file, html)
  return { html, page: yield* Browser.open(`file://${file}`) }
})

/** The state after so many steps, drawn here. */
const drawnHere = Effect.fnUntraced(function* (world: Environment.Environment, steps: number, width: number) {
  const instance = yield* world.make
  const policy = Rollout.random(world.spec.action, 0)
  const action = new Float32Array(world.spec.action._tag === "Box" ? world.spec.action.low.length : 1)
  instance.reset(Key.fold(Key.make(0), "environment"))
  for (let i = 0; i < steps; i++) {
    policy(instance.observation, action)
    instance.step(action)
  }
  return Drawing.draw(Rollout.picture(instance), width)
})

/** What the page's canvas shows, so many pixels wide. */
const drawnThere = Effect.fnUntraced(function* (page: Browser.Page, { height, width }: Raster.Frame) {
  const values = yield* page.evaluate(`(() => {
    draw()
    const small = document.createElement("canvas")
    ;[small.width, small.height] = [${width}, ${height}]
    const context = small.getContext("2d")
    context.imageSmoothingQuality = "high"
    context.drawImage(canvas, 0, 0, ${width}, ${height})
    return Array.from(context.getImageData(0, 0, ${width}, ${height}).data).filter((_, i) => i % 4 < 3)
  })()`)
  if (!Array.isArray(values)) throw new Error("no pixels")
  return Uint8Array.from(values)
})

/** Whom a page could tell something. */
const someone = Effect.acquireRelease(
  Effect.callback<{ readonly port: number; readonly asked: Array<string>; readonly server: Server }>(
    (resume) => {
      const asked: Array<string> = []
      const server = createServer(({ url = "" }, response) => {
        asked.push(url)
        response.end()
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        if (address === null || typeof address === "string") throw new Error("no port")
        resume(Effect.succeed({ port: address.port, asked, server }))
      })
    }
  ),
  ({ server }) => Effect.sync(() => server.close())
)

const distance = (a: Uint8Array, b: Uint8Array): number => {
  assert.strictEqual(a.length, b.length)
  return a.reduce((sum, x, i) => sum + Math.abs(x - b[i]!), 0) / a.length
}

describe.skipIf(Browser.path === undefined)("a replay in a browser (needs Chromium)", () => {
  it.live("of a world in space is played, sought, turned and zoomed, and draws what pictures show", () =>
    Effect.gen(function* () {
      const world = HalfCheetah.make()
      const { page } = yield* pageOf(world, 200, HOSTILE)
      assert.strictEqual(yield* page.evaluate("document.title"), HOSTILE)
      assert.strictEqual(yield* page.evaluate("byId('title').textContent"), HOSTILE)

      // A second is a second of the world: its clock and the browser's go alike, at twice the speed twice as fast.
      for (const speed of [1, 2]) {
        yield* page.evaluate(`run(false); speed.value = "${speed}"; seek(0); run(true)`)
        yield* page.until("before !== undefined")
        const clocks = "[clock, before / 1000]"
        const [from, began] = Object(yield* page.evaluate(clocks))
        yield* page.until(`clock > ${from}`)
        const [to, ended] = Object(yield* page.evaluate(clocks))
        assert.approximately(to - from, speed * (ended - began), 1e-6)
      }
      yield* page.evaluate("seek(198)")
      yield* page.until("!playing")
      assert.match(
        String(yield* page.evaluate("told.textContent")),
        /^10\.00 s {3}step 200 {3}return -?[0-9.]+$/u
      )

      // Keys: the picture before, the first one, a space that plays.
      for (const [key, frame] of [
        [",", 199],
        ["Home", 0],
        [".", 1]
      ] as const) {
        yield* page.key(key)
        yield* page.until(`frame === ${frame}`)
      }
      yield* page.key(" ")
      yield* page.until("playing")
      yield* page.key(" ")
      yield* page.until("!playing")

      yield* page.evaluate("seek(20)")
      const here = yield* drawnHere(world, 20, 100)
      const straight = yield* drawnThere(page, here)
      assert.isBelow(distance(straight, here.pixels), 1.8)

      // The mouse turns it, and the wheel brings it nearer; the button takes both back.
      yield* page.mouse("mousePressed", 200, 100)
      yield* page.mouse("mouseMoved", 100, 130)
      yield* page.mouse("mouseReleased", 100, 130)
      yield* page.until("view.around !== 0 && view.above !== 0 && drag === undefined")
      const turned = yield* drawnThere(page, here)
      assert.isAbove(distance(turned, straight), 8)
      yield* page.wheel(200, 100, -400)
      yield* page.until("view.zoom < 0.8")
      assert.isAbove(distance(yield* drawnThere(page, here), turned), 5)
      yield* page.evaluate("byId('reset').click(); canvas.focus()")
      assert.deepStrictEqual(yield* drawnThere(page, here), straight)
      yield* page.key("ArrowLeft")
      yield* page.until("view.around > 0")
      assert.isAbove(distance(yield* drawnThere(page, here), straight), 2)

      assert.deepStrictEqual(page.complaints, [])
      assert.isTrue(page.requests.every((url) => url.startsWith("file:")))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("of a flat world draws what pictures show, and its policy lets nothing else in", () =>
    Effect.gen(function* () {
      const world = Pendulum.make()
      const { page } = yield* pageOf(world, 20, "Pendulum")
      yield* page.evaluate("run(false); seek(15)")
      const here = yield* drawnHere(world, 15, 100)
      assert.isBelow(distance(yield* drawnThere(page, here), here.pixels), 1)
      yield* page.evaluate("seek(2)")
      assert.isAbove(distance(yield* drawnThere(page, here), here.pixels), 2)
      assert.deepStrictEqual(page.complaints, [])

      const { asked, port } = yield* someone
      // A picture that was drawn elsewhere, pixel by pixel.
      const drawn = Scene.pixels(
        4,
        3,
        Uint8Array.from({ length: 36 }, (_, i) => (37 * i) % 256)
      )
      const elsewhere = { ...world, make: Effect.map(world.make, (inner) => withPicture(inner, () => drawn)) }
      const other = yield* pageOf(elsewhere, 1, "pixels")
      const same = Drawing.draw(drawn, 40)
      assert.isBelow(distance(yield* drawnThere(other.page, same), same.pixels), 4)

      // What somebody managed to put into it does not run, and calls nobody.
      yield* page.evaluate(`{
        const script = document.createElement("script")
        script.textContent = "window.mine = true"
        document.body.append(script)
        const image = document.createElement("img")
        image.src = "http://127.0.0.1:${port}/x"
        document.body.append(image)
      }`)
      assert.isUndefined(yield* page.evaluate("window.mine"))
      assert.include(page.complaints.join(), "Content Security Policy")
      assert.deepStrictEqual(asked, [])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("the page of a replay", () => {
  const record = (world: Environment.Environment, options: Partial<Replay.Options> = {}) =>
    Replay.record(world, Rollout.random(world.spec.action, 0), { seed: 0, steps: 40, title: "x", ...options })

  const dataOf = (html: string) =>
    JSON.parse(/<script id="data" type="application\/json">(.*?)<\/script>/su.exec(html)?.[1] ?? "")

  it.effect("holds every state at its time, or as many as were asked for, and the last one", () =>
    Effect.gen(function* () {
      const all = dataOf((yield* record(Pendulum.make())).html)
      assert.lengthOf(all.times, 41)
      assert.deepStrictEqual([all.times[1], all.times[40], all.steps[40]], [0.05, 2, 40])
      const few = dataOf((yield* record(Pendulum.make(), { fps: 5, steps: 42 })).html)
      assert.deepStrictEqual(few.steps, [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 42])
      assert.lengthOf(few.scenes, 12)
      // The axle, which never moves, is told once, and each picture says that it is there.
      assert.lengthOf(few.shapes, 13)
      const axle = few.shapes.findIndex(({ _tag }: Scene.Shape) => _tag === "Circle")
      assert.isTrue(few.scenes.every(({ shapes }: { readonly shapes: Array<number> }) => shapes[1] === axle))
    }).pipe(Effect.scoped)
  )

  it.effect("asks the network for nothing, and says the same twice", () =>
    Effect.gen(function* () {
      const { html } = yield* record(Pendulum.make())
      assert.notMatch(html, /https?:|\bsrc=|@import|\burl\(/u)
      assert.strictEqual((yield* record(Pendulum.make())).html, html)
    }).pipe(Effect.scoped)
  )

  it.effect("keeps solids that come, go, or change their colour", () =>
    Effect.gen(function* () {
      const ball = { _tag: "Sphere", size: [1, 1, 1], position: [0, 0, 0], fill: [200, 0, 0] } as const
      const world = {
        ...Pendulum.make(),
        make: Effect.map(Pendulum.make().make, (inner) =>
          withPicture(inner, () =>
            Scene.spatial(
              [
                Scene.floor(),
                ...(inner.steps === 1 ? [] : [{ ...ball, rotation: Scene.upright }]),
                ...(inner.steps === 2
                  ? [{ ...ball, fill: [0, 0, 200] as const, rotation: Scene.upright }]
                  : [])
              ],
              Scene.orbit([0, 0, 0], { distance: 4, azimuth: 90, elevation: 10 })
            )
          )
        )
      }
      const data = dataOf((yield* record(world, { steps: 2 })).html)
      assert.deepStrictEqual(
        data.solids.map(({ form }: { readonly form: number }) => form),
        [0, 1, 1]
      )
      const poses = new Float32Array(Uint8Array.from(Buffer.from(data.poses, "base64")).buffer)
      assert.deepStrictEqual([...poses.subarray(0, 12)], [0, 0, 0, ...Scene.upright])
      const isThere = Array.from({ length: 9 }, (_, i) => !Number.isNaN(poses[12 * i]!))
      assert.deepStrictEqual(isThere, [true, true, false, true, false, false, true, true, true])
    }).pipe(Effect.scoped)
  )
})
