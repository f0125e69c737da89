/**
 * A real browser for tests: Debian's Chromium, or the one that `CHROMIUM` names, told what to do over the protocol of its
 * developer tools. It draws WebGL in software, talks to nobody and is gone with the scope.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"

const places = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome"
]

/** Where there is one. */
export const path = places.find((place) => place !== undefined && place !== "" && existsSync(place))

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly [name: string]: unknown }
  readonly result?: { readonly [name: string]: unknown }
  readonly error?: { readonly message: string }
}

type Send = (method: string, params?: object) => Effect.Effect<{ readonly [name: string]: unknown }>

export interface Page {
  /** What an expression of the page is. */
  readonly evaluate: (expression: string) => Effect.Effect<unknown>
  /** Waits until an expression is true. */
  readonly until: (expression: string) => Effect.Effect<void>
  /** A picture of the page, as PNG. */
  readonly screenshot: Effect.Effect<Uint8Array>
  readonly mouse: (
    type: "mousePressed" | "mouseMoved" | "mouseReleased",
    x: number,
    y: number
  ) => Effect.Effect<void>
  readonly wheel: (x: number, y: number, by: number) => Effect.Effect<void>
  readonly key: (key: string) => Effect.Effect<void>
  /** What the page has written to its console, has thrown, or was refused by its own policy. */
  readonly complaints: ReadonlyArray<string>
  /** What it has asked for, by address. */
  readonly requests: ReadonlyArray<string>
}

const start = Effect.acquireRelease(
  Effect.sync(() => {
    const profile = mkdtempSync(join(tmpdir(), "ornstein-browser-"))
    const child = spawn(
      path ?? "",
      [
        "--headless=new",
        "--no-sandbox",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--window-size=360,420",
        "--remote-debugging-port=0",
        `--user-data-dir=${profile}`,
        "about:blank"
      ],
      { stdio: ["ignore", "ignore", "pipe"], detached: true }
    )
    return { child, profile }
  }),
  ({ child, profile }) =>
    Effect.callback<void>((resume) => {
      const end = () => {
        rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
        resume(Effect.void)
      }
      if (child.exitCode !== null || child.signalCode !== null) return end()
      // Asked nicely it ends the processes that it has started, too; else its whole group goes.
      const late = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"), 5000)
      child.once("exit", () => {
        clearTimeout(late)
        end()
      })
      child.kill("SIGTERM")
    })
)

/** The address at which it takes orders; it says so when it has started. */
const address = ({ child }: { readonly child: ReturnType<typeof spawn> }) =>
  Effect.callback<string, Error>((resume) => {
    let said = ""
    child.stderr?.on("data", (data) => {
      said += String(data)
      const [, found] = /DevTools listening on (ws:\S+)/.exec(said) ?? []
      if (found !== undefined) resume(Effect.succeed(found))
    })
    child.once("exit", () => resume(Effect.fail(new Error(`the browser has not started: ${said}`))))
    child.once("error", (cause) => resume(Effect.fail(cause)))
  })

const connect = (to: string) =>
  Effect.acquireRelease(
    Effect.callback<WebSocket, Error>((resume) => {
      const socket = new WebSocket(to)
      socket.addEventListener("open", () => resume(Effect.succeed(socket)))
      socket.addEventListener("error", () => resume(Effect.fail(new Error(`no connection to ${to}`))))
    }),
    (socket) => Effect.sync(() => socket.close())
  )

const text = (u: unknown): string => (typeof u === "string" ? u : JSON.stringify(u))

/** The page at an address, such as that of a file. */
export const open = Effect.fnUntraced(function* (url: string) {
  const socket = yield* connect(yield* address(yield* start))
  const waiting = new Map<number, (message: Message) => void>()
  const complaints: Array<string> = []
  const requests: Array<string> = []
  socket.addEventListener("message", ({ data }) => {
    const message: Message = JSON.parse(String(data))
    if (message.id !== undefined) waiting.get(message.id)?.(message)
    const { method, params } = message
    if (
      method === "Runtime.consoleAPICalled" ||
      method === "Runtime.exceptionThrown" ||
      method === "Log.entryAdded"
    )
      complaints.push(text(params))
    if (method === "Network.requestWillBeSent") requests.push(text(Object(params?.["request"])["url"]))
  })
  let count = 0
  let session: string | undefined
  const send: Send = (method, params = {}) =>
    Effect.callback((resume) => {
      count += 1
      waiting.set(count, ({ error, result }) =>
        resume(
          error === undefined
            ? Effect.succeed(result ?? {})
            : Effect.die(new Error(`${method}: ${error.message}`))
        )
      )
      socket.send(
        JSON.stringify({
          id: count,
          method,
          params,
          ...(session === undefined ? {} : { sessionId: session })
        })
      )
    })
  const { targetId } = yield* send("Target.createTarget", { url: "about:blank" })
  session = text((yield* send("Target.attachToTarget", { targetId, flatten: true }))["sessionId"])
  for (const domain of ["Runtime", "Log", "Network", "Page"]) yield* send(`${domain}.enable`)
  yield* send("Page.navigate", { url })

  const evaluate = Effect.fnUntraced(function* (expression: string) {
    const { exceptionDetails, result } = yield* send("Runtime.evaluate", { expression, returnByValue: true })
    if (exceptionDetails !== undefined)
      return yield* Effect.die(new Error(`${expression}: ${text(exceptionDetails)}`))
    return Object(result)["value"]
  })
  const mouse: Page["mouse"] = (type, x, y) =>
    send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: 1, clickCount: 1 }).pipe(
      Effect.asVoid
    )
  const page: Page = {
    evaluate,
    until: Effect.fnUntraced(function* (expression) {
      while ((yield* evaluate(expression)) !== true) yield* Effect.sleep(20)
    }),
    screenshot: Effect.map(send("Page.captureScreenshot"), ({ data }) => Buffer.from(text(data), "base64")),
    mouse,
    wheel: (x, y, by) =>
      send("Input.dispatchMouseEvent", { type: "mouseWheel", x, y, deltaX: 0, deltaY: by }).pipe(
        Effect.asVoid
      ),
    key: Effect.fnUntraced(function* (key) {
      const told = { key, ...(key.length === 1 ? { text: key } : {}) }
      yield* send("Input.dispatchKeyEvent", { type: "keyDown", ...told })
      yield* send("Input.dispatchKeyEvent", { type: "keyUp", key })
    }),
    complaints,
    requests
  }
  yield* page.until("document.readyState === 'complete' && location.href !== 'about:blank'")
  return page
})
