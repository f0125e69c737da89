import * as Threads from "@ornstein/jit/internal/host/Threads"
import { availableParallelism } from "node:os"
import { assert, describe, it } from "vitest"

const started = (code: string) => {
  const word = new Int32Array(new SharedArrayBuffer(4))
  const ended = Promise.withResolvers<unknown>()
  let failure: unknown
  const thread = Threads.start({
    name: "thread",
    code,
    given: { word },
    onError: (cause) => {
      failure = cause
    },
    onEnd: () => ended.resolve(failure)
  })
  return { thread, word, ended: ended.promise }
}

describe("threads", () => {
  it("get what they are given, and share its memory", () => {
    const { word } = started(
      "const run = ({ word }) => { Atomics.store(word, 0, 7); Atomics.notify(word, 0) }"
    )
    Atomics.wait(word, 0, 0, 10_000)
    assert.strictEqual(word[0], 7)
  })

  it("tell of their end, and why they failed", async () => {
    assert.isUndefined(await started("const run = () => {}").ended)
    assert.include(String(await started('const run = () => { throw new Error("no") }').ended), "no")
    const { ended, thread } = started("const run = () => { for (;;); }")
    await thread.terminate()
    assert.isUndefined(await ended)
  })

  it("are as many as the processor has", () => {
    assert.strictEqual(Threads.cores(), availableParallelism())
  })
})
