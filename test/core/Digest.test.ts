import { assert, describe, it } from "@effect/vitest"
import * as Digest from "@ornstein/core/internal/host/Digest"
import * as HostFile from "@ornstein/core/internal/host/HostFile"
import * as Token from "@ornstein/core/internal/host/Token"
import { Effect } from "effect"
import { createHash } from "node:crypto"

/** Examples of FIPS 180-4 by NIST, and a million letters. */
const known = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
  ],
  ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"]
] as const

describe("SHA-256", () => {
  it.each(known)("%#", (text, hash) => {
    assert.strictEqual(Digest.own().update(text).hex(), hash)
    assert.strictEqual(Digest.of(text), hash)
  })

  it("is Node's for every length and every cut", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 151) % 256)
    for (let length = 0; length <= bytes.length; length++) {
      const piece = bytes.subarray(0, length)
      const cut = (length * 7) % (length + 1)
      const expected = createHash("sha256").update(piece).digest("hex")
      for (const make of [Digest.own, Digest.sha256]) {
        const digest = make().update(piece.subarray(0, cut)).update(piece.subarray(cut))
        assert.strictEqual(digest.hex(), expected, String(length))
      }
    }
  })

  it("takes text as UTF-8, and views of other numbers' memory", () => {
    const view = new Uint8Array(Float32Array.of(1, 2, 3).buffer, 4, 8)
    const expected = createHash("sha256").update("größer ✓").update(view).digest("hex")
    assert.strictEqual(Digest.own().update("größer ✓").update(view).hex(), expected)
    assert.strictEqual(Digest.sha256().update("größer ✓").update(view).hex(), expected)
  })
})

it.effect("reads regular files and says why others are not read", () =>
  Effect.gen(function* () {
    const here = new URL(import.meta.url).pathname
    assert.include(new TextDecoder().decode(yield* HostFile.read(here)), "says why others are not read")
    assert.strictEqual(yield* Effect.flip(HostFile.read("/dev/null")), "it is no regular file")
    assert.match(yield* Effect.flip(HostFile.read("/nowhere/data")), /^there is no such file or directory$/)
  })
)

it("names are hexadecimal and never twice the same", () => {
  const names = new Set(Array.from({ length: 100 }, Token.make))
  assert.strictEqual(names.size, 100)
  for (const name of names) assert.match(name, /^[0-9a-f]{16}$/)
})
