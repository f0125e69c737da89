/** What a policy and its file refuse, in words; and what a file holds, byte by byte. */
import {
  Engine,
  Environment,
  Learner,
  Policy,
  PolicyFile,
  Safetensors,
  Snapshot,
  Space
} from "@ornstein/core"
import * as NdArray from "@ornstein/jit/NdArray"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Draw } from "../jit/Draw.ts"

const W = Float32Array.of(0.5, -0, 2 ** -149, 1, -1.25, 3.4e38)

/** `tanh(s w + b)` with a constant b, of three numbers to two. */
const learnerWith = (act: Learner.Plan["act"]): Learner.Learner<Environment.Continuous> => ({
  name: "small",
  environment: Environment.Continuous.use((world) => Effect.succeed(world)),
  gamma: 0.9,
  decision: "direct",
  plan: () => ({
    init: () => ({
      online: { actor: { l: { w: NdArray.zeros([3, 2]) } }, critic: { l: { w: NdArray.zeros([7]) } } },
      target: {},
      optimizer: {}
    }),
    batch: {},
    draws: {},
    scalars: {},
    policy: "actor",
    actionNoise: 0,
    act,
    phases: []
  })
})

const weights = (state: Learner.State<tf.Tensor>): tf.Tensor =>
  Learner.get(Learner.get(Learner.get(state.online, "actor"), "l"), "w")

const small = learnerWith((state, s) => tf.tanh(tf.add(tf.matMul(s, weights(state)), tf.tensor1d([0.5, -1]))))

const spec: Policy.Spec = {
  id: "Small-v0",
  observation: Space.box({ shape: [3], low: Number.NEGATIVE_INFINITY, high: [1, 2, Infinity] }),
  action: Space.box({ shape: [2], low: [-2, -0], high: [2, 0.1] }),
  configuration: { kind: "small" }
}

const statistics = (squares: ReadonlyArray<number>): Snapshot.Snapshot => ({
  observations: { count: 4, mean: Float64Array.of(1, 0, -1), squares: Float64Array.from(squares) }
})

const state = {
  step: 12,
  agent: { "online.actor.l.w": W, "online.critic.l.w": new Float32Array(7) },
  normalization: statistics([4, 8, 1])
}

const normalize = { observations: true, rewards: false, clip: 5 }

const made = (changes: Partial<Policy.Learned<Environment.Continuous>> = {}) =>
  Policy.ofState({ learner: small, spec, state, normalize, ...changes })

const sample = Effect.runSync(made())

describe("a policy", () => {
  it("holds the parameters that it reads, and no others", () => {
    assert.deepStrictEqual(sample.parameters, {
      "online.actor.l.w": { shape: [3, 2], dtype: "float32", data: W }
    })
    assert.deepStrictEqual([...sample.constants.values()], [Float32Array.of(0.5, -1)])
    assert.deepStrictEqual(sample.normalization, {
      mean: Float64Array.of(1, 0, -1),
      variance: Float64Array.of(1, 2, 0.25),
      epsilon: 1e-8,
      clip: 5
    })
    const { parameters, results, values } = Result.getOrThrow(Policy.graph(sample, 5))
    const shapes = [...parameters, ...results].map(({ path, value }) => [path, values[value]?.shape])
    assert.deepStrictEqual(shapes, [
      ["online.actor.l.w", [3, 2]],
      ["observation", [5, 3]],
      ["action", [5, 2]]
    ])
  })

  it.effect("normalises, computes, decides and rescales", () =>
    Effect.gen(function* () {
      const plain = yield* made({
        state: { ...state, agent: { "online.actor.l.w": Float32Array.of(1, 0, 0, 1, 0.5, 0) } }
      })
      const { act, engine } = yield* Policy.open(plain, { rows: 2 })
      assert.strictEqual(engine, "tfjs:cpu")
      const actions = new Float64Array(4)
      act(Float64Array.of(2, 1, 1, 99, -99, -1), actions)
      const norm = (x: number, m: number, v: number) =>
        Math.max(-5, Math.min(5, (x - m) / Math.sqrt(v + 1e-8)))
      const expected = [
        [2, 1, 1],
        [99, -99, -1]
      ].flatMap(([a = 0, b = 0, c = 0]) => {
        const x = [norm(a, 1, 1), norm(b, 0, 2), norm(c, -1, 0.25)]
        const u = [Math.tanh(x[0]! + 0.5 * x[2]! + 0.5), Math.tanh(x[1]! - 1)]
        return [2 * u[0]!, (u[1]! + 1) * 0.05]
      })
      for (const [i, action] of actions.entries()) assert.closeTo(action, expected[i]!, 1e-6)
    }).pipe(Effect.scoped, Effect.provideService(Engine.Engine, TfjsEngine.cpu()))
  )

  const refused: ReadonlyArray<readonly [string, Parameters<typeof made>[0], RegExp]> = [
    [
      "mixes rows",
      {
        learner: learnerWith((state, s) =>
          tf.sub(tf.matMul(s, weights(state)), tf.mean(tf.matMul(s, weights(state)), 0, true))
        )
      },
      /mixes rows/
    ],
    [
      "has rows of its own",
      {
        learner: learnerWith((state, s) =>
          tf.slice(
            tf.matMul(tf.concat([s, tf.zeros([2, 3])], 0), weights(state)),
            [0, 0],
            [s.shape[0] ?? 1, 2]
          )
        )
      },
      /is 4 for two rows and 5 for three/
    ],
    [
      "counts rows",
      { learner: learnerWith((state, s) => tf.mul(tf.matMul(s, weights(state)), 1 / (s.shape[0] ?? 1))) },
      /other constants|for two rows/
    ],
    [
      "is another program for one row",
      {
        learner: learnerWith((state, s) =>
          s.shape[0] === 1 ? tf.tanh(tf.matMul(s, weights(state))) : tf.matMul(s, weights(state))
        )
      },
      /another for one row than for several/
    ],
    [
      "has a state of another network",
      { state: { ...state, agent: { "online.actor.l.w": new Float32Array(5) } } },
      /has 5 numbers there and 6 here/
    ],
    ["has a state without its network", { state: { ...state, agent: {} } }, /no field "online.actor.l.w"/],
    [
      "is not finite",
      { state: { ...state, agent: { "online.actor.l.w": W.with(3, Number.NaN) } } },
      /the parameter online.actor.l.w is not finite/
    ],
    [
      "has broken statistics",
      { state: { ...state, normalization: statistics([1, -1, 1]) } },
      /statistics of observations are none/
    ],
    [
      "gives other actions",
      { spec: { ...spec, action: Space.box({ shape: [3], low: -2, high: 2 }) } },
      /its program lacks the output action float32\[1, 3\]/
    ],
    [
      "decides otherwise",
      { spec: { ...spec, action: Space.discrete(2) } },
      /a direct decision does not give an action of Discrete\(2\)/
    ],
    [
      "has no bounds",
      { spec: { ...spec, action: Space.box({ shape: [2], low: -2, high: Infinity }) } },
      /there are no bounds/
    ]
  ]
  it.effect.each(refused)("that %s is refused", ([, changes, reason]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(made(changes))
      assert.strictEqual(error._tag, "PolicyError")
      assert.match(error.message, reason)
    })
  )

  it.effect("keeps attributes exactly, for any number of rows, also in a file", () =>
    Effect.gen(function* () {
      const clipping = learnerWith((state, s) =>
        tf.slice(tf.clipByValue(tf.matMul(s, weights(state)), -0, 1), [0, 0], [s.shape[0] ?? 1, 2])
      )
      const bytes = PolicyFile.encode(yield* made({ learner: clipping }))
      const read = yield* Effect.fromResult(PolicyFile.decode("a file", bytes))
      const { nodes } = yield* Effect.fromResult(Policy.graph(read, 4))
      const [, clip, slice] = nodes
      assert.isTrue(Object.is(clip?.attributes["clipValueMin"], -0))
      assert.deepStrictEqual(slice?.attributes, { begin: [0, 0], size: [4, 2] })
    })
  )

  it.effect("takes along what networks keep of their inputs", () =>
    Effect.gen(function* () {
      const counting: Learner.Learner<Environment.Continuous> = {
        ...small,
        plan: (sizes) => ({
          ...small.plan(sizes),
          init: (key) => {
            const kept = { actor: { n: { mean: NdArray.zeros([3]) } } }
            return { ...small.plan(sizes).init(key), statistics: { online: kept, target: kept } }
          },
          act: (state, s) => {
            const { mean } = Learner.get(Learner.get(state.statistics?.online ?? {}, "actor"), "n")
            return tf.tanh(tf.matMul(tf.sub(s, mean ?? 0), weights(state)))
          }
        })
      }
      const path = "statistics.online.actor.n.mean"
      const policy = yield* made({
        learner: counting,
        state: { ...state, agent: { ...state.agent, [path]: Float32Array.of(1, 2, 3) } }
      })
      assert.sameMembers(Object.keys(policy.parameters), ["online.actor.l.w", path])
      assert.deepStrictEqual(policy.parameters[path]?.data, Float32Array.of(1, 2, 3))
    })
  )

  it("acts in worlds with its own spaces only", () => {
    assert.isTrue(Result.isSuccess(Policy.fits(sample, spec)))
    const worlds = [
      { ...spec, observation: Space.box({ shape: [4], low: -1, high: 1 }) },
      { ...spec, action: Space.box({ shape: [2], low: -1, high: 1 }) },
      { ...spec, action: Space.discrete(2) }
    ]
    for (const world of worlds) assert.isTrue(Result.isFailure(Policy.fits(sample, world)))
  })

  it.effect.each([0, -1, 1.5, Number.NaN])("does not act on %d rows", (rows) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Policy.open(sample, { rows }))
      assert.match(error.message, /it does not act on/)
    }).pipe(Effect.scoped, Effect.provideService(Engine.Engine, TfjsEngine.cpu()))
  )
})

const file = PolicyFile.encode(sample)

/** The file of these texts and the sample's arrays, under its right hash. */
const sealed = (texts: Safetensors.Metadata, tensors: Safetensors.Tensors): Uint8Array => {
  const sha256 = createHash("sha256").update(Safetensors.encode(tensors, texts)).digest("hex")
  return Safetensors.encode(tensors, { ...texts, sha256 })
}

const { metadata, tensors } = Result.getOrThrow(Safetensors.read(file))
const { sha256: _, ...texts } = metadata

const reason = (bytes: Uint8Array): string =>
  Result.match(PolicyFile.decode("a/policy", bytes), {
    onFailure: ({ _tag, message }) => `${_tag} ${message}`,
    onSuccess: () => "read"
  })

describe("a policy's file", () => {
  it("has every array at its place, exact to the bit", () => {
    const start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start)))
    assert.deepStrictEqual(Object.keys(header), [
      "__metadata__",
      "action.high",
      "action.low",
      "normalization.mean",
      "normalization.variance",
      "observation.high",
      "observation.low",
      "constants.2",
      "online.actor.l.w"
    ])
    assert.deepStrictEqual(header["online.actor.l.w"].shape, [3, 2])
    const [begin, end] = header["online.actor.l.w"].data_offsets
    assert.deepStrictEqual(file.slice(start + begin, start + end), new Uint8Array(W.buffer))
    const read = Result.getOrThrow(PolicyFile.decode("a file", file))
    assert.deepStrictEqual(read, sample)
    assert.isTrue(Object.is(read.parameters["online.actor.l.w"]?.data[1], -0))
    assert.isTrue(read.spec.action._tag === "Box" && Object.is(read.spec.action.low[1], -0))
    assert.deepStrictEqual(PolicyFile.encode(read), file)
  })

  it("says nothing of the machine that wrote it", () => {
    assert.notMatch(new TextDecoder().decode(file), /\.ts|file:|\/tmp|node_modules/)
  })

  it("is found damaged wherever one bit of it is another", () => {
    for (let at = 0; at < file.length; at++) {
      const damaged = file.slice()
      damaged[at] = damaged[at]! ^ (1 << (at % 8))
      const result = PolicyFile.decode("a file", damaged)
      // Spaces behind the header are part of no text.
      if (Result.isSuccess(result)) assert.deepStrictEqual(result.success, sample)
      else assert.strictEqual(result.failure._tag, "PolicyError")
    }
    for (let length = 0; length < file.length; length += 7) {
      assert.match(reason(file.subarray(0, length)), /^PolicyError a\/policy: /)
    }
  })

  const json = (name: "policy" | "graph", change: (value: Record<string, unknown>) => unknown): Uint8Array =>
    sealed({ ...texts, [name]: JSON.stringify(change(JSON.parse(texts[name] ?? ""))) }, tensors)
  const array = (name: string, data: Snapshot.TypedArray, shape: ReadonlyArray<number> = [data.length]) =>
    sealed(texts, { ...tensors, [name]: { shape, data } })
  const { "action.low": _low, ...lacking } = tensors
  const refused: ReadonlyArray<readonly [string, Uint8Array, RegExp]> = [
    ["is no policy", Safetensors.encode(tensors), /it is no policy/],
    ["is of a later version", sealed({ ...texts, version: "2" }, tensors), /it has version 2 of the format/],
    [
      "has another hash",
      Safetensors.encode(tensors, { ...metadata, sha256: "0" }),
      /its SHA-256 is not the one/
    ],
    ["lacks its graph", sealed({ ...texts, graph: "" }, tensors), /"graph" in its header/],
    ["has a field too many", json("policy", (p) => ({ ...p, more: 1 })), /"policy" in its header/],
    [
      "has a decision that nobody knows",
      json("policy", (p) => ({ ...p, decision: "coin" })),
      /"policy" in its header/
    ],
    ["lacks an array", sealed(texts, lacking), /it has no array "action.low"/],
    ["has an array too many", array("more", new Float32Array(1)), /nothing explains its array "more"/],
    ["has bounds of floats", array("action.low", new Float32Array(2)), /"action.low" is not of doubles/],
    ["has bounds the wrong way round", array("action.low", Float64Array.of(5, 5)), /is empty/],
    ["has bounds that are none", array("action.low", Float64Array.of(Number.NaN, 0)), /is empty/],
    ["has parameters of doubles", array("online.actor.l.w", new Float64Array(6), [3, 2]), /is not of floats/],
    [
      "has parameters of another shape",
      array("online.actor.l.w", W, [2, 3]),
      /lacks the state online.actor.l.w/
    ],
    [
      "has parameters that are none",
      array("online.actor.l.w", W.with(0, Number.NaN), [3, 2]),
      /is not finite/
    ],
    [
      "has constants that are none",
      array("constants.2", Float32Array.of(Number.NaN, 0)),
      /holds what is not a number/
    ],
    ["has too few constants", array("constants.2", Float32Array.of(0)), /has another shape than its value/],
    [
      "has statistics of another length",
      array("normalization.mean", new Float64Array(2)),
      /statistics of 2 and 3 numbers/
    ],
    [
      "clips to nothing",
      json("policy", (p) => ({ ...p, normalization: { kind: "standard", epsilon: 1e-8, clip: 0 } })),
      /statistics of observations are none/
    ],
    ["has a graph of nothing", json("graph", (g) => ({ ...g, nodes: [] })), /a value that nothing makes/],
    [
      "is nested beyond all measure",
      sealed({ ...texts, graph: "[".repeat(5000) + "]".repeat(5000) }, tensors),
      /nested/
    ]
  ]
  it.each(refused)("that %s is refused", (_, bytes, pattern) => {
    const told = reason(bytes)
    assert.match(told, /^PolicyError a\/policy: /)
    assert.match(told, pattern)
  })

  it("with one number, name or truth value changed is refused in words, or acts", () =>
    Effect.gen(function* () {
      const counts = { refused: 0, acts: 0 }
      for (let seed = 0; seed < 600; seed++) {
        const draw = new Draw(seed)
        const name = draw.pick<"policy" | "graph">("graph", "graph", "policy")
        const result = PolicyFile.decode(
          "a file",
          json(name, (value) => mutated(value, draw))
        )
        counts[Result.isSuccess(result) ? "acts" : "refused"] += 1
        if (Result.isFailure(result)) {
          assert.strictEqual(result.failure._tag, "PolicyError")
          continue
        }
        const policy = result.success
        for (const engine of seed % 20 === 0 ? [WasmEngine.make(), TfjsEngine.cpu()] : [TfjsEngine.cpu()]) {
          yield* Effect.gen(function* () {
            const { act } = yield* Policy.open(policy)
            act(Space.allocate(policy.spec.observation), Space.allocate(policy.spec.action))
          }).pipe(Effect.scoped, Effect.provideService(Engine.Engine, engine))
        }
      }
      assert.isAbove(counts.refused, 300)
      assert.isAbove(counts.acts, 20)
    }).pipe(Effect.runPromise))

  it("is read by Python, where it has the package safetensors", (context) => {
    const directory = mkdtempSync(join(tmpdir(), "ornstein-policy-"))
    try {
      const path = join(directory, "policy.safetensors")
      writeFileSync(path, file)
      const script = [
        "import json, sys",
        "from safetensors import safe_open",
        "from safetensors.numpy import load_file",
        "a = load_file(sys.argv[1])",
        "m = safe_open(sys.argv[1], 'np').metadata()",
        "print(json.dumps({'w': a['online.actor.l.w'].tobytes().hex(), 'shape': list(a['online.actor.l.w'].shape),",
        "  'low': a['action.low'].tolist(), 'names': sorted(a), 'id': json.loads(m['policy'])['spec']['id']}))"
      ].join("\n")
      const python = process.env["ORNSTEIN_PYTHON"] ?? "python3"
      let printed: string
      try {
        execFileSync(python, ["-c", "import safetensors.numpy"], { stdio: "ignore" })
        printed = execFileSync(python, ["-c", script, path], { encoding: "utf8" })
      } catch (error) {
        return context.skip(`no Python with safetensors: ${String(error).split("\n")[0]}`)
      }
      const page = readFileSync(new URL("../../docs/policies.md", import.meta.url), "utf8")
      const documented = /```python\n([\s\S]*?)```/.exec(page)?.[1] ?? assert.fail("no program")
      const listed = execFileSync(python, ["-c", documented], { encoding: "utf8", cwd: directory })
      assert.match(listed, /^small 12 Small-v0\n[\s\S]*online\.actor\.l\.w float32 \[3, 2\]/)
      const told = JSON.parse(printed)
      assert.strictEqual(told.w, Buffer.from(W.buffer).toString("hex"))
      assert.deepStrictEqual([told.shape, told.low, told.id], [[3, 2], [-2, -0], "Small-v0"])
      assert.sameMembers(told.names, Object.keys(tensors))
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

const OTHERS = [
  0,
  1,
  2,
  3,
  -1,
  7,
  1e9,
  0.5,
  true,
  null,
  "",
  "Tanh",
  "Sum",
  "state",
  [],
  [1],
  {},
  { rows: 1 },
  { rows: 3 },
  { number: "Infinity" }
]

/** A copy with one place of the tree replaced or removed. */
const mutated = (tree: unknown, draw: Draw): unknown => {
  const copy: unknown = structuredClone(tree)
  const places: Array<readonly [object, string]> = []
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return
    for (const [key, value] of Object.entries(node)) {
      visit(value)
      places.push([node, key])
    }
  }
  visit(copy)
  const [node, key] = places[draw.int(0, places.length - 1)] ?? [{}, ""]
  if (draw.int(0, 9) === 0) Reflect.deleteProperty(node, key)
  else Reflect.set(node, key, structuredClone(OTHERS[draw.int(0, OTHERS.length - 1)]))
  return copy
}
