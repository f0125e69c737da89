import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Durable from "@ornstein/core/Durable"
import * as RegularFile from "@ornstein/core/RegularFile"
import { Effect, FileSystem, Path } from "effect"
import { execFileSync } from "node:child_process"
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const bytes = new TextEncoder().encode("new")

type Write = (path: string) => Effect.Effect<void, RegularFile.FileError, FileSystem.FileSystem | Path.Path>

const writes: { readonly [name: string]: Write } = {
  write: (path) => Durable.write(path, bytes),
  replace: (path) => Durable.replace(path, bytes),
  append: (path) => Durable.append(path, bytes),
  sync: Durable.sync,
  detach: Durable.detach
}

const plants: { readonly [name: string]: (path: string, outside: string) => void } = {
  "a link": (path, outside) => symlinkSync(join(outside, "file"), path),
  "a link to nowhere": (path, outside) => symlinkSync(join(outside, "made"), path),
  "a link to a directory": (path, outside) => symlinkSync(outside, path),
  "a named pipe": (path) => execFileSync("mkfifo", [path]),
  "a device": (path) => symlinkSync("/dev/null", path),
  "a directory": (path) => mkdirSync(path)
}

const inDirectory = (use: (inside: string, outside: string) => Effect.Effect<void>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "ornstein-durable-"))),
    (path) =>
      Effect.suspend(() => {
        const [inside, outside] = [join(path, "inside"), join(path, "outside")]
        mkdirSync(inside)
        mkdirSync(outside)
        writeFileSync(join(outside, "file"), "old")
        return use(inside, outside)
      }),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )

const attempt = (effect: ReturnType<Write>) =>
  Effect.exit(Effect.provide(effect, NodeServices.layer)).pipe(Effect.timeout("5 seconds"), Effect.orDie)

describe("Durable", () => {
  const pairs = Object.keys(writes).flatMap((how) => Object.keys(plants).map((what) => ({ how, what })))

  it.live.each(pairs)("$how refuses $what, and leaves it", ({ how, what }) =>
    inDirectory((inside, outside) =>
      Effect.gen(function* () {
        const path = join(inside, "file")
        plants[what]?.(path, outside)
        const exit = yield* attempt(writes[how]?.(path) ?? Effect.void)
        // Nothing to give bytes of its own to, where a link leads nowhere.
        if (!(how === "detach" && what === "a link to nowhere")) assert.strictEqual(exit._tag, "Failure")
        assert.isFalse(lstatSync(path).isFile())
        assert.deepStrictEqual(readdirSync(outside), ["file"])
        assert.strictEqual(readFileSync(join(outside, "file"), "utf8"), "old")
        assert.deepStrictEqual(readdirSync(inside), ["file"])
      })
    )
  )

  it.live("what has another name is not appended to, until it has bytes of its own", () =>
    inDirectory((inside, outside) =>
      Effect.gen(function* () {
        const path = join(inside, "file")
        linkSync(join(outside, "file"), path)
        assert.strictEqual((yield* attempt(Durable.append(path, bytes)))._tag, "Failure")
        assert.strictEqual((yield* attempt(Durable.detach(path)))._tag, "Success")
        assert.strictEqual((yield* attempt(Durable.append(path, bytes)))._tag, "Success")
        assert.strictEqual(readFileSync(path, "utf8"), "oldnew")
        assert.strictEqual(readFileSync(join(outside, "file"), "utf8"), "old")
      })
    )
  )

  it.live("sweeps names of its own form, and links by their own", () =>
    inDirectory((inside, outside) =>
      Effect.gen(function* () {
        mkdirSync(join(inside, ".tmp-0123456789abcdef"))
        symlinkSync(outside, join(inside, ".tmp-0123456789abcdef", "x"))
        symlinkSync(outside, join(inside, ".tmp-fedcba9876543210"))
        for (const name of [
          ".tmp-run.json",
          ".tmp-0123456789ABCDEF",
          ".tmp-0123456789abcdef0",
          "x.tmp-0123456789abcdef"
        ])
          writeFileSync(join(inside, name), "mine")
        assert.strictEqual((yield* attempt(Durable.sweep(inside)))._tag, "Success")
        assert.strictEqual(readdirSync(inside).length, 4)
        assert.deepStrictEqual(readdirSync(outside), ["file"])
      })
    )
  )

  it.live("makes directories, never through a link, and gives up where none can be made", () =>
    inDirectory((inside, outside) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* attempt(Durable.ensureDirectory(join(inside, "a/b/c"))))._tag, "Success")
        assert.strictEqual((yield* attempt(Durable.ensureDirectory(join(inside, "a/b/c"))))._tag, "Success")
        symlinkSync(outside, join(inside, "link"))
        assert.strictEqual((yield* attempt(Durable.ensureDirectory(join(inside, "link"))))._tag, "Failure")
        for (const nowhere of ["/proc/x/y", "/dev/null/x", "/proc/self/x"])
          assert.strictEqual((yield* attempt(Durable.ensureDirectory(nowhere)))._tag, "Failure")
        assert.deepStrictEqual(readdirSync(outside), ["file"])
      })
    )
  )
})
