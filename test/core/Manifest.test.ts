import { Manifest } from "@ornstein/core"
import { Result } from "effect"
import { assert, describe, it } from "vitest"

const digest = Manifest.digest(new TextEncoder().encode("abc"))

const manifest: Manifest.Manifest = {
  format: 2,
  step: 10,
  updates: 4,
  episode: 0,
  chain: "",
  config: { training: { seed: 3 } },
  configHash: "c0ffee",
  versions: { node: "24.21.0" },
  score: { mean: -1.5, std: 0, episodes: 2 },
  files: { "state.json": digest },
  replay: { first: 0, stored: 10, segments: [{ file: "a-b.safetensors", first: 0, last: 10, ...digest }] }
}

const sealed = (text: string) => `${Manifest.digest(new TextEncoder().encode(text)).sha256}  manifest.json\n`

/** What is said of a manifest whose text was changed by somebody who also made a new seal. */
const said = (change: (text: string) => string): string => {
  const text = change(Manifest.encode(manifest).text)
  return Result.match(Manifest.decode("here", text, sealed(text)), {
    onFailure: ({ kind, message }) => `${kind}: ${message}`,
    onSuccess: () => "accepted"
  })
}

describe("Manifest", () => {
  it("hashes as FIPS 180-4 says", () => {
    assert.deepStrictEqual(digest, {
      bytes: 3,
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    })
  })

  it("is read back as it was written", () => {
    const { seal, text } = Manifest.encode(manifest)
    assert.deepStrictEqual(Result.getOrThrow(Manifest.decode("here", text, seal)), manifest)
  })

  it("refuses what is not a manifest of this version, with the reason", () => {
    assert.strictEqual(
      said((text) => text),
      "accepted"
    )
    assert.match(
      said(() => "[]"),
      /^damaged: here: it is no JSON record/
    )
    assert.match(
      said((text) => text.replace('"format": 2', '"format": "2"')),
      /^damaged: .*names no format/
    )
    assert.match(
      said((text) => text.replace('"format": 2', '"format": 7')),
      /^newer: .*format 7, and this version reads up to 2\. Update/
    )
    assert.match(
      said((text) => text.replace('"format": 2', '"format": 1')),
      /^older: .*format 1, .*this version reads from 2\. Go on with the version that wrote it/
    )
    assert.match(
      said((text) => text.replace('"step": 10', '"step": -10')),
      /^damaged: /
    )
    assert.match(
      said((text) => text.replace('"a-b.safetensors"', '"../config.json"')),
      /^damaged: /
    )
    assert.match(
      said((text) => text.replace('"step"', '"stop": 1, "step"')),
      /^damaged: /
    )
  })

  it("migrates older formats one step at a time", () => {
    const steps: ReadonlyArray<Manifest.Migration> = [
      (old) => ({ ...old, format: 3, a: 1 }),
      (old) => ({ ...old, format: 4, b: Number(old["a"]) + 1 })
    ]
    assert.deepStrictEqual(Manifest.migrate({ format: 2 }, 2, steps), { format: 4, a: 1, b: 2 })
    assert.deepStrictEqual(Manifest.migrate({ format: 3, a: 5 }, 3, steps), { format: 4, a: 5, b: 6 })
    assert.strictEqual(Manifest.migrations.length, Manifest.FORMAT - 2)
  })
})
