/**
 * What happens as lines of JSON over a local socket that a viewer listens on: a Unix domain socket, or a named pipe of
 * Windows (`\\\\.\\pipe\\...`). The viewer is there before training begins; when it goes, training goes on. Nothing that the
 * viewer sends is read.
 */
import * as Fault from "@ornstein/core/Fault"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Net from "node:net"
import { Event, Sink } from "../events/index.ts"

// errors

/** There is no viewer where one was named. */
export class SocketError
  extends Schema.TaggedError<SocketError>()("SocketError", { path: Schema.String, what: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.path
  }
  get fix(): string {
    return "Start the viewer first, and name the local socket that it listens on"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// pure core

const isPipe = (path: string): boolean => path.startsWith("\\\\.\\pipe\\")

/** The viewer has gone. */
const gone = (path: string, error: Error): SocketError =>
  new SocketError({ path, what: `the viewer is gone (${error.message})` })

// constructors

const connect = (path: string) =>
  Effect.acquireRelease(
    Effect.callback<Net.Socket, SocketError>((resume) => {
      const socket = Net.createConnection(path)
      socket.once("connect", () => resume(Effect.succeed(socket)))
      // One that breaks later says so to whoever writes.
      socket.on("error", ({ message }) => resume(Effect.fail(new SocketError({ path, what: message }))))
      socket.resume()
    }),
    (socket) =>
      Effect.callback<void>((resume) => {
        socket.end(() => resume(Effect.void))
        socket.once("close", () => resume(Effect.void))
        if (socket.destroyed) resume(Effect.void)
      })
  )

const write = (socket: Net.Socket, path: string, text: string) =>
  Effect.callback<void, SocketError>((resume) => {
    socket.write(text, (error) => {
      resume(error == null ? Effect.void : Effect.fail(gone(path, error)))
    })
  })

/** Sends every event to the viewer at a path. Fails unless one listens there. */
export const make = Effect.fn("Socket.make")(function* (path: string) {
  if (!isPipe(path)) {
    const fs = yield* FileSystem.FileSystem
    const { type, uid } = yield* Effect.mapError(
      fs.stat(path),
      () => new SocketError({ path, what: "there is no socket" })
    )
    if (type !== "Socket") return yield* new SocketError({ path, what: "it is no socket" })
    const self = process.getuid?.()
    if (self !== undefined && Option.getOrElse(uid, () => self) !== self)
      return yield* new SocketError({ path, what: "it is another user's" })
  }
  const socket = yield* connect(path)
  return Sink.listener("socket", (event) => write(socket, path, `${Event.line(event)}\n`))
})
