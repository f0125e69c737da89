import { EngineError } from "@ornstein/jit/Engine"
import * as Assembler from "@ornstein/jit/wasm/Assembler"
import { type Code, i32, unreachable } from "@ornstein/jit/wasm/Instructions"
import * as Runtime from "@ornstein/jit/wasm/Runtime"
import * as Team from "@ornstein/jit/wasm/Team"
import { afterEach, assert, describe, it } from "vitest"

/** A word that belongs to a thread, behind the team's own. */
const wordOf = (thread: number): number => 4096 + 64 * thread

const increment = (thread: number, by: Code): Code =>
  i32.store(i32.const(wordOf(thread)), i32.add(i32.load(i32.const(wordOf(thread))), by))

let open: Array<Team.Team> = []

afterEach(() => {
  for (const team of open) team.dispose()
  open = []
})

/** Program 0: every thread counts, then adds what its neighbour has counted. Program 1: the last thread fails. */
const start = (threads: number) => {
  const assembler = Assembler.make({ pages: 1, shared: threads > 1 })
  const code = Team.define(assembler, threads)
  const all = Array.from({ length: threads }, (_, thread) => thread)
  code.expose([
    all.map((thread) => [
      increment(thread, i32.const(1)),
      code.barrier(thread),
      i32.store(i32.const(wordOf(thread) + 4), i32.load(i32.const(wordOf((thread + 1) % threads)))),
      code.barrier(thread)
    ]),
    all.map((thread) => (thread === threads - 1 ? unreachable : []))
  ])
  const memory = Runtime.memory(Runtime.PAGE, threads > 1)
  const team = Team.start(Runtime.compile(assembler.bytes()), memory, threads)
  open.push(team)
  const words = new Int32Array(memory.buffer)
  return { team, run: team.program(0), fail: team.program(1), read: (at: number) => words[at / 4] }
}

describe("Team", () => {
  it.each([1, 2, 3])("%i threads take part in every call and meet at barriers", (threads) => {
    const { read, run } = start(threads)
    for (let call = 1; call <= 500; call++) {
      run()
      for (let thread = 0; thread < threads; thread++) {
        assert.strictEqual(read(wordOf(thread)), call)
        assert.strictEqual(read(wordOf(thread) + 4), call)
      }
    }
  })

  it("wakes workers that have gone to sleep", async () => {
    const { read, run } = start(2)
    for (let call = 1; call <= 5; call++) {
      run()
      await new Promise((resolve) => setTimeout(resolve, 20))
      assert.strictEqual(read(wordOf(1)), call)
    }
  })

  it("a worker that fails in a call is an EngineError, in that call and ever after", () => {
    const { fail, run } = start(2)
    run()
    assert.throws(fail, EngineError, "a worker thread died")
    assert.throws(run, EngineError, "a worker thread died")
  })

  it("a worker that is terminated is an EngineError", async () => {
    const { run, team } = start(3)
    run()
    await team.workers[0]?.terminate()
    assert.throws(run, EngineError, "a worker thread died")
  })

  it("cannot be called after it has been disposed", () => {
    const { run, team } = start(2)
    run()
    team.dispose()
    assert.throws(run, EngineError, "disposed")
  })
})
