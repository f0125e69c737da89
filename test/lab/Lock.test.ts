import * as Lock from "@ornstein/lab/Lock"
import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"

const stat = (command: string, state: string) =>
  `42 (${command}) ${state} 1 42 42 0 -1 4194304 5 0 0 0 1 2 0 0 20 0 1 0 987654 1000 200 18446744073709551615`

describe("Lock", () => {
  it("knows a process by the time at which it began, whatever its command is called", () => {
    assert.strictEqual(Lock.startOf(stat("node", "S")), "987654")
    assert.strictEqual(Lock.startOf(stat("a) R 1 (b", "R")), "987654")
    assert.match(Lock.startOf(readFileSync("/proc/self/stat", "utf8")) ?? "", /^\d+$/)
  })

  it("takes a process for gone that has ended and waits to be collected", () => {
    assert.isUndefined(Lock.startOf(stat("node", "Z")))
    assert.isUndefined(Lock.startOf(stat("node", "X")))
  })
})
