import * as Manifest from "@ornstein/core/Manifest"
import { Result } from "effect"
import { assert, describe, it } from "vitest"

const digest = Manifest.digest(new TextEncoder().encode("abc"))

const part = { first: 0, last: 10, sha256: digest.sha256 }
const segment: Manifest.Segment = { ...part, file: Manifest.segmentNameOf(part), bytes: 160 }

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
  replay: { first: 0, stored: 10, segments: [segment] }
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
      said((text) => text.replace(segment.file, "../config.json")),
      /^damaged: /
    )
    assert.match(
      said((text) => text.replace('"step"', '"stop": 1, "step"')),
      /^damaged: /
    )
  })

  const contradictions: ReadonlyArray<readonly [name: string, change: Partial<Manifest.Manifest>]> = [
    ["a step beyond twelve digits", { step: 10 ** 12 }],
    ["more transitions than steps", { step: 9 }],
    ["a replay that ends before it begins", { replay: { ...manifest.replay, first: 11 } }],
    ["transitions that no segment has", { step: 20, replay: { ...manifest.replay, stored: 11 } }],
    ["no segments", { replay: { ...manifest.replay, segments: [] } }],
    ["a segment twice", { replay: { ...manifest.replay, segments: [segment, segment] } }],
    [
      "a segment named otherwise",
      { replay: { ...manifest.replay, segments: [{ ...segment, sha256: "0".repeat(64) }] } }
    ],
    [
      "rows that do not fit into its bytes",
      { replay: { ...manifest.replay, segments: [{ ...segment, bytes: 39 }] } }
    ],
    [
      "a segment of no rows",
      {
        replay: {
          first: 10,
          stored: 10,
          segments: [{ ...part, first: 10, bytes: 160, file: Manifest.segmentNameOf({ ...part, first: 10 }) }]
        }
      }
    ],
    ["a file of two gigabytes", { files: { "state.json": { ...digest, bytes: 2 ** 31 } } }],
    [
      "a huge count",
      {
        step: 10 ** 11,
        replay: {
          first: 0,
          stored: 10 ** 11,
          segments: [
            { ...part, last: 10 ** 11, bytes: 160, file: Manifest.segmentNameOf({ ...part, last: 10 ** 11 }) }
          ]
        }
      }
    ]
  ]

  it.each(contradictions)("whose parts contradict each other are refused: %s", (_, change) => {
    const { seal, text } = Manifest.encode({ ...manifest, ...change })
    const result = Manifest.decode("here", text, seal)
    assert.isTrue(Result.isFailure(result) && result.failure.kind === "damaged")
  })

  it("with a key twice, or nested beyond measure, is refused", () => {
    assert.match(
      said((text) => text.replace('"step": 10', '"step": 11, "step": 10')),
      /^damaged: here: the key "step" stands twice/
    )
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
    assert.match(
      said((text) => text.replace('"seed": 3', `"seed": ${deep}`)),
      /^damaged: here: it is nested more than 100 deep/
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
