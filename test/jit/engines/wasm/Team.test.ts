import { EngineError } from "@ornstein/jit/Engine"
import * as Assembler from "@ornstein/jit/internal/engines/wasm/assembly/Assembler"
import { type Code, i32, unreachable } from "@ornstein/jit/internal/engines/wasm/assembly/Instructions"
import * as Runtime from "@ornstein/jit/internal/engines/wasm/Runtime"
import * as Team from "@ornstein/jit/internal/engines/wasm/Team"
import { afterEach, assert, describe, it } from "vitest"

/** A word that belongs to a thread, behind the team's own. */
const wordOf = (thread: number): number => Team.CONTROL_BYTES + 64 * thread

const increment = (at: number): Code =>
  i32.store(i32.const(at), i32.add(i32.load(i32.const(at)), i32.const(1)))

const all = (threads: number): ReadonlyArray<number> => Array.from({ length: threads }, (_, thread) => thread)

let open: Array<Team.Team> = []

afterEach(() => {
  for (const team of open) team.dispose()
  open = []
})

/** A team that runs the programs, each given as one body per thread. */
const link = (
  threads: number,
  programs:
    | ReadonlyArray<ReadonlyArray<Code>>
    | ((barrier: (thread: number) => Code) => ReadonlyArray<ReadonlyArray<Code>>)
) => {
  const assembler = Assembler.make({ pages: 1, shared: threads > 1 })
  const code = Team.define(assembler, threads)
  code.expose(typeof programs === "function" ? programs(code.barrier) : programs)
  const memory = Runtime.memory(Runtime.PAGE, threads > 1)
  const team = Team.start(Runtime.compile(assembler.bytes()), memory, { engine: "wasm", threads })
  open.push(team)
  return { team, memory: new Int32Array(memory.buffer) }
}

/** Program 0: every thread counts, then adds what its neighbour has counted. Program 1: the last thread fails. */
const start = (threads: number) => {
  const { memory, team } = link(threads, (barrier) => [
    all(threads).map((thread) => [
      increment(wordOf(thread)),
      barrier(thread),
      i32.store(i32.const(wordOf(thread) + 4), i32.load(i32.const(wordOf((thread + 1) % threads)))),
      barrier(thread)
    ]),
    all(threads).map((thread) => (thread === threads - 1 ? unreachable : []))
  ])
  return { team, run: team.program(0), fail: team.program(1), read: (at: number) => memory[at / 4] }
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

  it.each([2, 3, 4])(
    "%i threads run each program as often as it is called, whatever comes next",
    (threads) => {
      const { memory, team } = link(
        threads,
        [0, 1, 2].map((program) => all(threads).map((thread) => increment(wordOf(thread) + 4 * program)))
      )
      const programs = [0, 1, 2].map((index) => team.program(index))
      const counted = [0, 0, 0]
      for (let call = 0; call < 10_000; call++) {
        const index = call % 7 < 4 ? call % 2 : call % 3
        programs[index]?.()
        counted[index] = (counted[index] ?? 0) + 1
      }
      for (const thread of all(threads)) {
        const at = wordOf(thread) / 4
        assert.deepStrictEqual([...memory.subarray(at, at + 3)], counted, `thread ${thread}`)
      }
    }
  )

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
