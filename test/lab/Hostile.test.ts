/**
 * Run directories that somebody else has made: nothing outside is written or removed, nothing is waited for, and every
 * command answers in its own words.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Manifest from "@ornstein/core/Manifest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import {
  closeSync,
  cpSync,
  existsSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import * as Terminal from "./Terminal.ts"

/** A run of a moment, with two checkpoints. */
const tiny = {
  environment: { kind: "pendulum", timeLimit: 100 },
  algorithm: { base: "ddpg", hidden: [2] },
  training: { steps: 200, warmup: 20, learningStarts: 50, batchSize: 4, sliceSteps: 50, updateEvery: 5 },
  evaluation: { episodes: 1, every: 100 },
  replay: { kind: "uniform", capacity: 150 }
}

const train = (path: string, ...args: ReadonlyArray<string>) =>
  Terminal.ornstein("train", "--config", join(path, "tiny.json"), "--checkpoint-every", "100", ...args)

/** Every file below a directory: what it is and what is in it, links not followed. */
const tree = (root: string): ReadonlyArray<string> =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((name) => {
      const path = join(root, name)
      const info = lstatSync(path)
      const content = info.isFile() ? readFileSync(path, "base64") : ""
      return `${name} ${info.mode} ${info.mtimeMs} ${content}`
    })

/** The files of a run as they are called in every run: the newest checkpoint is `NEWEST`. */
const NEWEST = "checkpoints/000000000200"
const segment = (run: string): string =>
  `checkpoints/segments/${readdirSync(join(run, "checkpoints/segments"))[0]}`

let base = ""

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "ornstein-hostile-"))
  writeFileSync(join(base, "tiny.json"), JSON.stringify(tiny))
  const { code, err } = await Effect.runPromise(train(base, "--out", join(base, "original")))
  assert.strictEqual(code, 0, err.join("\n"))
})

afterAll(() => rmSync(base, { recursive: true }))

/** A directory with a finished run in it. */
const world = <A, E, R>(use: (path: string, original: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const path = yield* Terminal.directory
    cpSync(base, path, { recursive: true })
    yield* use(path, join(path, "original"))
  })

const FAULT = /fault of Ornstein's own|\n {4}at |TypeError|RangeError/

/** No command may take this long, and none may end in a trace. */
const answers = (...args: ReadonlyArray<string>) =>
  Terminal.ornstein(...args).pipe(
    Effect.timeoutOrElse({
      duration: "20 seconds",
      orElse: () => Effect.die(new Error(`no answer: ${args.join(" ")}`))
    }),
    Effect.tap(({ code, err, out }) =>
      Effect.sync(() => {
        assert.include([0, 1, 2], code, args.join(" "))
        assert.notMatch([...err, ...out].join("\n"), FAULT, args.join(" "))
      })
    )
  )

describe("a foreign run directory", () => {
  /** What somebody has planted in a run; `victim` is a copy of the run outside. */
  interface Plant {
    readonly name: string
    readonly plant: (run: string, victim: string) => void
    /** What `resume` says. A plant without it is stepped over. */
    readonly refused?: RegExp
  }

  /** Puts a link to the same thing of the victim in the place of something in the run. */
  const linked =
    (file: (run: string) => string) =>
    (run: string, victim: string): void => {
      const name = file(run)
      rmSync(join(run, name), { recursive: true, force: true })
      symlinkSync(join(victim, name), join(run, name))
    }
  const alike = (name: string) => linked(() => name)

  const plants: ReadonlyArray<Plant> = [
    {
      name: "checkpoints is a link",
      plant: alike("checkpoints"),
      refused: /checkpoints: it is a symbolic link/
    },
    {
      name: "checkpoints/segments is a link",
      plant: alike("checkpoints/segments"),
      refused: /segments: it is a symbolic link/
    },
    {
      name: "the newest checkpoint is a link",
      plant: alike(NEWEST),
      refused: /000000000200: it is a symbolic link/
    },
    {
      name: "a file of the newest checkpoint is a link",
      plant: alike(`${NEWEST}/parameters.safetensors`),
      refused: /parameters.safetensors: it is a symbolic link/
    },
    { name: "a segment is a link", plant: linked(segment), refused: /safetensors: it is a symbolic link/ },
    {
      name: "an unfinished checkpoint is a link",
      plant: (run, victim) =>
        symlinkSync(join(victim, "checkpoints"), join(run, "checkpoints/.tmp-0123456789abcdef"))
    },
    {
      name: "an unfinished checkpoint has links in it",
      plant: (run, victim) => {
        mkdirSync(join(run, "checkpoints/.tmp-0123456789abcdef"))
        symlinkSync(join(victim, "checkpoints"), join(run, "checkpoints/.tmp-0123456789abcdef/x"))
      }
    },
    {
      name: "names of what is unfinished, as they could be guessed, are links",
      plant: (run, victim) => {
        for (const file of ["run.json", "config.json", "metrics.jsonl"])
          symlinkSync(join(victim, file), join(run, `.tmp-${file}`))
        symlinkSync(join(victim, "checkpoints"), join(run, "checkpoints/.tmp-000000000200"))
        symlinkSync(join(victim, "run.json"), join(run, `.lock-${process.pid}`))
      }
    },
    ...["metrics.jsonl", "evaluations.jsonl", "timing.jsonl"].flatMap(
      (table): ReadonlyArray<Plant> => [
        { name: `${table} is a link`, plant: alike(table), refused: /jsonl: it is a symbolic link/ },
        {
          name: `${table} has a second name outside`,
          plant: (run, victim) => {
            rmSync(join(run, table))
            linkSync(join(victim, table), join(run, table))
          }
        }
      ]
    ),
    { name: "run.json is a link", plant: alike("run.json"), refused: /run.json: it is a symbolic link/ },
    {
      name: "config.json is a link",
      plant: alike("config.json"),
      refused: /config.json: it is a symbolic link/
    },
    {
      name: "the lock is a link",
      plant: (run, victim) => symlinkSync(join(victim, "run.json"), join(run, "lock")),
      refused: /lock: it is a symbolic link/
    },
    {
      name: "the lock is a link to nowhere",
      plant: (run, victim) => symlinkSync(join(victim, "made-by-us"), join(run, "lock")),
      refused: /lock: it is a symbolic link/
    },
    { name: "report is a link", plant: (run, victim) => symlinkSync(victim, join(run, "report")) },
    {
      name: "figures in report are links",
      plant: (run, victim) => {
        mkdirSync(join(run, "report"))
        for (const end of ["svg", "png", "csv", "vl.json"])
          symlinkSync(join(victim, "README.md"), join(run, "report", `run.${end}`))
      }
    },
    {
      name: "a branch would be named after a path",
      plant: (run) => {
        const manifest = JSON.parse(readFileSync(join(run, "run.json"), "utf8"))
        writeFileSync(join(run, "run.json"), JSON.stringify({ ...manifest, name: "../../victim/x" }))
      },
      refused: /run.json: .*name/s
    }
  ]

  it.live.each(plants)("leaves what is outside as it was: $name", ({ plant, refused }) =>
    world((path, original) =>
      Effect.gen(function* () {
        const outside = join(path, "outside")
        const victim = join(outside, "victim")
        cpSync(original, victim, { recursive: true })
        // Names of our own form, which a sweep or a rotation would remove.
        mkdirSync(join(victim, "checkpoints/.tmp-0123456789abcdef"))
        writeFileSync(
          join(victim, "checkpoints/segments/000000000000-000000000007-0123456789abcdef.safetensors"),
          "x"
        )
        const run = join(path, "run")
        cpSync(original, run, { recursive: true })
        // There is work to do: the run is extended.
        plant(run, victim)
        const before = tree(outside)

        const resumed = yield* answers("resume", run, "--steps", "250")
        const said = [...resumed.out, ...resumed.err].join("\n")
        if (refused !== undefined) assert.match(said, refused)
        else assert.strictEqual(resumed.code, 0, said)
        yield* answers(
          "branch",
          run,
          "--set",
          "algorithm.tau=0.5",
          "--out",
          join(path, "branch"),
          "--at",
          "100"
        )
        yield* answers("report", run)
        yield* answers("play", run, "--gif", join(run, "README.gif"), "--steps", "2")
        yield* answers("evaluate", run)
        yield* answers("runs", path)
        assert.deepStrictEqual(tree(outside), before)
      })
    )
  )

  it.live("says that it does not write through a link to a report, or through figures that are links", () =>
    world((path, run) =>
      Effect.gen(function* () {
        symlinkSync(path, join(run, "report"))
        const whole = yield* answers("report", run)
        assert.strictEqual(whole.code, 2)
        assert.match(
          whole.err.join("\n"),
          /report: it is a symbolic link, not a directory\. Choose another place/
        )
        rmSync(join(run, "report"))
        mkdirSync(join(run, "report"))
        symlinkSync(join(path, "tiny.json"), join(run, "report/run.svg"))
        const figure = yield* answers("report", run)
        assert.strictEqual(figure.code, 2)
        assert.match(figure.err.join("\n"), /run.svg: it is a symbolic link/)
        symlinkSync(join(path, "tiny.json"), join(path, "film.gif"))
        const film = yield* answers("play", run, "--gif", join(path, "film.gif"), "--steps", "2")
        assert.strictEqual(film.code, 2)
        assert.match(film.err.join("\n"), /film.gif: it is a symbolic link/)
        assert.deepStrictEqual(JSON.parse(readFileSync(join(path, "tiny.json"), "utf8")), tiny)
      })
    )
  )

  it.live("removes only what has a name of our own form", () =>
    world((_, run) =>
      Effect.gen(function* () {
        const foreign = [
          ".tmp-mine",
          "checkpoints/.tmp-mine",
          "checkpoints/segments/notes.safetensors",
          "checkpoints/notes"
        ]
        for (const file of foreign) writeFileSync(join(run, file), "mine")
        const ours = "checkpoints/segments/000000000000-000000000007-0123456789abcdef.safetensors"
        writeFileSync(join(run, ours), "left behind")
        mkdirSync(join(run, ".tmp-0123456789abcdef"))
        assert.strictEqual((yield* answers("resume", run, "--steps", "400")).code, 0)
        for (const file of foreign) assert.isTrue(existsSync(join(run, file)), file)
        // The mechanism acts: what is ours has gone.
        assert.isFalse(existsSync(join(run, ours)))
        assert.isFalse(existsSync(join(run, ".tmp-0123456789abcdef")))
      })
    )
  )

  it.live("a new run removes nothing beside it, and is not made through a link", () =>
    world((path) =>
      Effect.gen(function* () {
        mkdirSync(join(path, ".tmp-x"))
        writeFileSync(join(path, ".tmp-x", "mine"), "mine")
        assert.strictEqual((yield* train(path, "--out", join(path, "x"))).code, 0)
        assert.strictEqual(readFileSync(join(path, ".tmp-x", "mine"), "utf8"), "mine")
        mkdirSync(join(path, "outside"))
        symlinkSync(join(path, "outside"), join(path, "y"))
        const { code, err } = yield* train(path, "--out", join(path, "y"))
        assert.strictEqual(code, 2)
        assert.match(err.join("\n"), /y: it is a symbolic link/)
        assert.deepStrictEqual(readdirSync(join(path, "outside")), [])
        assert.deepStrictEqual(
          readdirSync(path).filter((name) => name.startsWith(".tmp-")),
          [".tmp-x"]
        )
      })
    )
  )

  it.live.each(["/proc/x", "/proc/x/y", "/dev/null/x", "/sys/x"])(
    "cannot be made at %s, and says so at once",
    (out) =>
      world((path) =>
        Effect.gen(function* () {
          const { code, err } = yield* answers("train", "--config", join(path, "tiny.json"), "--out", out)
          assert.notStrictEqual(code, 0)
          assert.match(err.join("\n"), /Choose another place with --out|Put the directory itself/)
          assert.notMatch(err.join("\n"), /NotFound|FileSystem|\.tmp-/)
        })
      )
  )
})

describe("files that were forged, and sealed again", () => {
  type Change = readonly [file: "state" | "manifest", path: ReadonlyArray<string>, value: unknown]

  /** A JSON value with another one at a path. */
  const put = (json: unknown, [key, ...rest]: ReadonlyArray<string>, value: unknown): unknown => {
    if (key === undefined) return value
    if (Array.isArray(json)) return json.map((item, i) => (String(i) === key ? put(item, rest, value) : item))
    const record = JsonPath.isRecord(json) ? json : {}
    return { ...record, [key]: put(record[key], rest, value) }
  }

  const digest = (text: string) => Manifest.digest(new TextEncoder().encode(text))

  /** Changes the state and the manifest of the newest checkpoint, so that every hash is right again. */
  const forge = (run: string, changes: ReadonlyArray<Change>) => {
    const changed = (file: Change[0]): unknown =>
      changes
        .filter(([of]) => of === file)
        .reduce<unknown>(
          (json, [, path, value]) => put(json, path, value),
          JSON.parse(readFileSync(join(run, NEWEST, `${file}.json`), "utf8"))
        )
    const state = JSON.stringify(changed("state"))
    const isTold = changes.some(([, path]) => path[1] === "state.json")
    const manifest = changed("manifest")
    const sealed = JSON.stringify(isTold ? manifest : put(manifest, ["files", "state.json"], digest(state)))
    writeFileSync(join(run, NEWEST, "state.json"), state)
    writeFileSync(join(run, NEWEST, "manifest.json"), sealed)
    writeFileSync(join(run, NEWEST, "manifest.sha256"), `${digest(sealed).sha256}  manifest.json\n`)
  }

  const stored = ["replay", "stored"]
  const forgeries: ReadonlyArray<readonly [name: string, changes: ReadonlyArray<Change>]> = [
    ["another step in the state", [["state", ["step"], 150]]],
    [
      "a negative step in both",
      [
        ["state", ["step"], -5],
        ["manifest", ["step"], -5]
      ]
    ],
    ["a step that is no number", [["state", ["step"], { $number: "NaN" }]]],
    ["other updates in the manifest", [["manifest", ["updates"], 999]]],
    ["a replay that holds more than its segments", [["state", stored, 10_000]]],
    ["a replay that holds a huge number", [["state", stored, 1e300]]],
    ["a replay that holds less than nothing", [["state", stored, -1]]],
    ["a replay that holds half a transition", [["state", stored, 100.5]]],
    ["a replay that holds no number", [["state", stored, "many"]]],
    [
      "an array that is named twice",
      [["state", ["agent", "online.actor.l0.b"], { $tensor: "online.actor.l0.w" }]]
    ],
    ["no arrays", [["state", ["agent"], {}]]],
    ["no environment", [["state", ["environment"], null]]],
    ["an environment of another kind", [["state", ["environment"], { state: [1, 2], steps: -3 }]]],
    ["a segment that is not there", [["manifest", ["replay", "segments", "0", "sha256"], "0".repeat(64)]]],
    ["more transitions than segments", [["manifest", stored, 201]]],
    ["a file of two terabytes", [["manifest", ["files", "state.json", "bytes"], 2 ** 41]]],
    ["a file that no checkpoint has", [["manifest", ["files", "x.bin"], digest("x")]]],
    ["a name with a path", [["manifest", ["files", "../../run.json"], digest("x")]]]
  ]

  it.live.each(forgeries)("are refused by name, or for another checkpoint: %s", ([, changes]) =>
    world((_, run) =>
      Effect.gen(function* () {
        forge(run, changes)
        yield* answers("evaluate", run)
        const { err, out } = yield* answers("resume", run, "--steps", "250")
        assert.match([...err, ...out].join("\n"), /000000000200/)
      })
    )
  )

  const manifests: ReadonlyArray<readonly [name: string, change: { readonly [field: string]: unknown }]> = [
    ["more steps than it has", { step: 10_000 }],
    ["negative steps", { steps: -1 }],
    ["steps of no number", { steps: null }],
    ["checkpoints every 0 steps", { checkpoints: { every: 0, keep: 3 } }],
    ["no checkpoint that stays", { checkpoints: { every: 100, keep: -1 } }],
    ["a huge seed", { seed: 1e300 }],
    ["ends that fall", { extended: [150, 100] }],
    ["an end beyond its end", { extended: [1000] }],
    ["less than no time", { wallSeconds: -1 }],
    ["a name with a path", { name: "../x" }],
    ["an origin that is not there", { origin: { run: "x", step: 100, config: "y", changes: [] } }]
  ]

  it.live.each(manifests)("a run.json with %s is refused by every command", ([, change]) =>
    world((path, run) =>
      Effect.gen(function* () {
        const file = join(run, "run.json")
        writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...change }))
        const listed = yield* answers("runs", path)
        assert.match(listed.out.join("\n"), /original +damaged/)
        for (const args of [
          ["evaluate", run],
          ["resume", run, "--steps", "250"],
          ["verify", run]
        ]) {
          const { code, err } = yield* answers(...args)
          assert.notStrictEqual(code, 0, args[0])
          assert.match(err.join("\n"), /run\.json|origin/)
        }
      })
    )
  )

  it.live("a run.json with a time beyond all numbers, or nested beyond measure, likewise", () =>
    world((path, run) =>
      Effect.gen(function* () {
        const file = join(run, "run.json")
        const text = readFileSync(file, "utf8")
        for (const forged of [
          text.replace(/"wallSeconds": [^,]*/, '"wallSeconds": 1e999'),
          text.replace(/"wallSeconds": [^,]*/, '"wallSeconds": NaN'),
          text.replace('"format": 1', `"x": ${"[".repeat(100_000)}${"]".repeat(100_000)}, "format": 1`),
          text.replace('"format": 1', '"format": 1, "format": 1')
        ]) {
          assert.notStrictEqual(forged, text)
          writeFileSync(file, forged)
          const { out } = yield* answers("runs", path)
          assert.match(out.join("\n"), /original +damaged/)
        }
      })
    )
  )
})

describe("what stands in the place of a file", () => {
  const kinds = {
    "a named pipe": (file: string) => execFileSync("mkfifo", [file]),
    "a link to a device that never ends": (file: string) => symlinkSync("/dev/zero", file),
    "a directory": (file: string) => mkdirSync(file),
    "a file of eight terabytes": (file: string) => {
      const descriptor = openSync(file, "w")
      ftruncateSync(descriptor, 8 * 2 ** 40)
      closeSync(descriptor)
    },
    "a link to itself": (file: string) => symlinkSync(file, file)
  }
  const files: ReadonlyArray<string | ((run: string) => string)> = [
    "run.json",
    "config.json",
    "metrics.jsonl",
    "evaluations.jsonl",
    "timing.jsonl",
    "lock",
    `${NEWEST}/manifest.json`,
    `${NEWEST}/manifest.sha256`,
    `${NEWEST}/state.json`,
    `${NEWEST}/parameters.safetensors`,
    `${NEWEST}/optimizer.safetensors`,
    `${NEWEST}/state.safetensors`,
    segment
  ]
  const commands = (run: string): ReadonlyArray<ReadonlyArray<string>> => [
    ["runs", dirname(run)],
    ["resume", run, "--steps", "250"],
    ["evaluate", run],
    ["report", run],
    ["play", run, "--json", "--steps", "2"],
    ["branch", run, "--set", "algorithm.tau=0.5", "--out", `${run}-branch`],
    ["verify", run]
  ]

  it.live.each(Object.entries(kinds).map(([kind, make], k) => ({ kind, make, k })))(
    "hangs nothing and is named: $kind",
    ({ k, make }) =>
      world((path, original) =>
        Effect.gen(function* () {
          let named = 0
          for (const [n, file] of files.entries()) {
            const name = typeof file === "string" ? file : file(original)
            const run = join(path, `runs-${n}`, "run")
            cpSync(original, run, { recursive: true })
            rmSync(join(run, name), { force: true })
            make(join(run, name))
            let said = ""
            const [runs, resume, ...others] = commands(run)
            // Each of the others is tried on every kind and every file, not on every pair of them.
            for (const args of [runs, others[(n + k) % others.length], resume].flatMap((args) =>
              args ? [args] : []
            )) {
              const { err, out } = yield* answers(...args)
              said += [...err, ...out].join("\n")
            }
            if (said.includes(name.split("/").at(-1) ?? "")) named += 1
            rmSync(join(path, `runs-${n}`), { recursive: true })
          }
          // `timing.jsonl` is read by nobody but whoever goes on, and then named as well.
          assert.strictEqual(named, files.length)
        })
      ),
    180_000
  )

  it.live("one damaged run does not take down the list of the others", () =>
    world((path, original) =>
      Effect.gen(function* () {
        const runs = join(path, "runs")
        mkdirSync(runs)
        for (const name of ["a", "b", "c", "d"]) cpSync(original, join(runs, name), { recursive: true })
        rmSync(join(runs, "b", "run.json"))
        mkdirSync(join(runs, "b", "run.json"))
        mkdirSync(join(runs, "c", "lock"))
        execFileSync("mkfifo", [join(runs, "fifo")])
        writeFileSync(join(runs, "d", "config.json"), "[".repeat(200_000))
        const { code, out } = yield* answers("runs", runs, "--json")
        assert.strictEqual(code, 0)
        const listed: ReadonlyArray<{ readonly path: string; readonly state: string }> = JSON.parse(
          out[0] ?? "[]"
        )
        assert.deepStrictEqual(
          listed.map(({ path, state }) => [relative(runs, path), state]),
          [
            ["a", "finished"],
            ["b", "damaged"],
            ["c", "damaged"],
            ["d", "damaged"]
          ]
        )
      })
    )
  )
})
