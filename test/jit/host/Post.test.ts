import * as Post from "@ornstein/jit/internal/host/node/Post"
import { afterEach, assert, describe, it } from "vitest"

interface Answer {
  readonly told: unknown
}

const gone = (reason: string): Error => new RangeError(reason)

const isAnswer = (u: unknown): u is Answer => typeof u === "object" && u !== null && "told" in u

const open: Array<Post.Post<string, Answer>> = []
const start = () => {
  const post = new Post.Post<string, Answer>({
    file: new URL("Echo.ts", import.meta.url),
    name: "echo",
    isAnswer,
    gone
  })
  open.push(post)
  return post
}

afterEach(() => {
  for (const post of open.splice(0)) post.end(gone("over"))
})

describe("a thread that is waited for", () => {
  it("answers who sleeps, and who waits, each his own", async () => {
    const post = start()
    const later = [post.askAsync("a"), post.askAsync("b")]
    assert.deepStrictEqual(post.ask("c"), { told: "c" })
    assert.deepStrictEqual(await Promise.all(later), [{ told: "a" }, { told: "b" }])
    assert.deepStrictEqual(post.ask("d"), { told: "d" })
  })

  it("that ends tells those who sleep and those who wait", async () => {
    const sleeper = start()
    assert.deepStrictEqual(sleeper.ask("a"), { told: "a" })
    assert.throws(() => sleeper.ask("exit"), RangeError, "its thread ended")
    const waiter = start()
    const found = await waiter.askAsync("exit").catch((cause: unknown) => cause)
    assert.instanceOf(found, RangeError)
    assert.throws(() => waiter.ask("a"), RangeError, "its thread ended")
  })

  it("that was ended gives the error of who ended it", async () => {
    const post = start()
    const later = post.askAsync("a").catch((cause: unknown) => cause)
    post.end(gone("enough"))
    assert.include(String(await later), "enough")
    assert.throws(() => post.ask("b"), RangeError, "enough")
  })
})
