/** Mutants of `packages/core` where it draws, measures and keeps, of the environments' wrappers, and of the laboratory. */
import { of } from "./Mutant.ts"

const checkpoints = ["core/CheckpointStore"]

export const storage = [
  ...of(
    "core/src/random/Key.ts",
    ["core/Key"],
    [
      [`y << 29`, `y << 28`, "a rotation of Threefry is another"],
      [`+ i + 1) | 0`, `+ i) | 0`, "Threefry's key schedule counts from 0"],
      [`q < 0 ? -x : x`, `x`, "normals are all above 0"],
      [`words[0]! < limit) return`, `words[0]! <= 4294967295) return`, "integers have a modulo bias"],
      [`low + (high - low) * uniform(key, i)`, `low + high * uniform(key, i)`, "uniforms leave their bounds"],
      [
        `mean + standardDeviation * normal(key, i)`,
        `mean + normal(key, i)`,
        "normals ignore their deviation"
      ],
      [
        `-log(1 - toUnit(`,
        `-log(0.5 - toUnit(`,
        "exponentials are NaN",
        { tests: ["core/Key", "core/Space"] }
      ],
      [`integer(key, i + 1, i)`, `integer(key, n, i)`, "permutations are not uniform"],
      [`(0x80000000 + Math.floor`, `(Math.floor`, "keys fold numbers into the counters of draws"],
      [`0x10000 + data.length`, `0x10000`, "the length of a name does not count"]
    ]
  ),
  ...of(
    "core/src/host/Digest.ts",
    ["core/Digest"],
    [
      [`rotated(x, 7) ^`, `rotated(x, 8) ^`, "a rotation of SHA-256 is another"],
      [`(~e & g)`, `(e & g)`, "SHA-256 chooses otherwise"],
      [`(length + 8) % BLOCK`, `(length + 9) % BLOCK`, "the end of a message takes another block"],
      [`size.setUint32(4, 8 * length)`, `size.setUint32(4, length)`, "bytes are counted for bits"],
      [`BLOCK - filled`, `BLOCK`, "pieces run over the block"]
    ]
  ),
  ...of(
    "core/src/random/Elementary.ts",
    ["core/Elementary"],
    [
      [`let n = 14; n >= 1`, `let n = 6; n >= 1`, "the series of e^r is short"],
      [`if (y === 0) return 1`, ``, "0^0 is 0", { tests: ["core/Elementary", "core/Sampler"] }],
      [`exp(y * log(x))`, `exp(log(x))`, "powers are the first one", { tests: ["core/PrioritizedLoop"] }]
    ]
  ),
  ...of(
    "core/src/environment/Space.ts",
    ["core/Space"],
    [
      [
        `low + 0.5 * (u + 1) * (high - low)`,
        `low + 0.5 * u * (high - low)`,
        "actions are rescaled to other bounds"
      ],
      [
        `(2 * (element[i]! - space.low[i]!)) / width - 1`,
        `(element[i]! - space.low[i]!) / width`,
        "actions are normalised to [0, 1]"
      ],
      [`numbers[0]! < space.n`, `numbers[0]! <= space.n`, "n is one of 0 to n - 1"],
      [
        `single ? Math.fround(space.high[i]!) : space.high[i]!`,
        `space.high[i]!`,
        "a bound is compared in double precision"
      ],
      [
        `Math.max(low, Math.min(high, low + 0.5 * (u + 1) * (high - low)))`,
        `low + 0.5 * (u + 1) * (high - low)`,
        "rescaled actions miss their bounds"
      ]
    ]
  ),
  ...of(
    "core/src/environment/EnvironmentDefinition.ts",
    ["core/Environment"],
    [
      [
        `outcome.truncated === true || instance.steps >= timeLimit`,
        `outcome.truncated === true`,
        "no time limit",
        { tests: ["laws/Interaction", "core/Environment"] }
      ],
      [
        `instance.steps >= timeLimit`,
        `instance.steps > timeLimit`,
        "a time limit of one step more",
        { tests: ["laws/Interaction", "core/Environment"] }
      ],
      [
        `instance.steps = snapshot["steps"]`,
        `instance.steps = 0`,
        "the time limit begins anew at a resumption"
      ],
      [
        `if (instance.terminated || instance.truncated) return fail`,
        `if (instance.terminated) return fail`,
        "steps after a truncation"
      ],
      [
        `instance.terminated = outcome.terminated`,
        `instance.terminated = outcome.terminated || outcome.truncated === true`,
        "a truncation of the world is a termination",
        { tests: ["core/Environment"] }
      ]
    ]
  ),
  ...of(
    "core/src/environment/EnvironmentWrapper.ts",
    ["core/Environment", "envs/Wrapper"],
    [
      [
        `state.load(Snapshot.copy(snapshot["own"]))`,
        ``,
        "a wrapper's state is lost in a resumption",
        { tests: ["envs/Wrapper"] }
      ],
      [
        `if (Space.isUnit(space)) return self`,
        ``,
        "an environment with actions in [-1, 1] is wrapped",
        { tests: ["core/Environment"] }
      ]
    ]
  ),
  ...of(
    "core/src/state/Snapshot.ts",
    ["core/Snapshot"],
    [
      [`["$float64", Float64Array]`, `["$float64", Float32Array]`, "doubles come back from JSON as floats"],
      ['Object.is(snapshot, -0) ? "-0"', 'Object.is(snapshot, -0) ? "0"', "-0 becomes 0 in JSON"]
    ]
  ),
  ...of(
    "core/src/state/Safetensors.ts",
    ["core/Safetensors"],
    [
      [`end - begin !== size`, `end - begin < size`, "a tensor larger than its shape is taken"],
      [`Math.ceil(json.length / 8) * 8`, `json.length`, "the header is not padded"],
      [
        `return data instanceof Uint32Array ? "U32" : "U8"`,
        `return "U8"`,
        "unsigned words are written as bytes"
      ]
    ]
  ),
  ...of(
    "core/src/checkpoint/Manifest.ts",
    ["core/Manifest", ...checkpoints],
    [
      [
        `if (given !== seal(text)) return damaged`,
        `if (given === "") return damaged`,
        "a manifest's seal is not checked"
      ],
      [
        `digest(bytes).sha256 === expected.sha256 ? undefined`,
        `bytes.length === expected.bytes ? undefined`,
        "files are compared by their length alone",
        { tests: [...checkpoints, "core/Manifest"] }
      ],
      [
        `(b.score?.mean ?? 0) - (a.score?.mean ?? 0)`,
        `(a.score?.mean ?? 0) - (b.score?.mean ?? 0)`,
        "the worst checkpoint is kept as the best",
        { tests: checkpoints }
      ],
      [`if (format > FORMAT) {`, `if (format > FORMAT + 1) {`, "a newer format is read"]
    ]
  ),
  ...of(
    "core/src/checkpoint/Segments.ts",
    ["core/Segments", ...checkpoints],
    [
      [`Math.max(from, last - log.capacity)`, `from`, "segments reach before the ring"],
      [
        `segment.last > first && segment.first < stored`,
        `segment.last > first + 1_000_000`,
        "segments that are needed are dropped"
      ],
      [
        `const skipped = Math.max(0, target.first - first)`,
        `const skipped = 0`,
        "rows before the first are copied"
      ]
    ]
  ),
  ...of(
    "core/src/checkpoint/CheckpointStore.ts",
    [...checkpoints, "laws/Resume"],
    [
      [`newest.slice(0, keep)`, `newest.slice(0, keep + 1)`, "one checkpoint more is kept"],
      [
        `manifests.toSorted((a, b) => b.step - a.step)`,
        `manifests.toSorted((a, b) => a.step - b.step)`,
        "the oldest checkpoints are kept"
      ],
      [
        `const isUnknown = read.some(`,
        `const isUnknown = read.every(`,
        "segments of an unreadable checkpoint are removed"
      ],
      [`&& !needed.has(file)`, `&& needed.has(file)`, "the segments that are needed are removed"]
    ]
  ),
  ...of(
    "core/src/training/Best.ts",
    ["laws/Acting", "laws/Policy"],
    [
      [`agent.act(alone, undefined, action)`, `agent.act(alone, 0, action)`, "evaluation draws its actions"],
      [
        `normalization.apply(observation, alone)`,
        `alone.set(observation)`,
        "evaluation sees raw observations"
      ],
      [
        `normalization.apply(observations[i]!, rows[i]!)`,
        `rows[i]!.set(observations[i]!)`,
        "an evaluation of many sees raw observations",
        { tests: ["laws/Policy"] }
      ]
    ]
  ),
  ...of(
    "core/src/training/TrainingOptions.ts",
    ["laws/Compilation"],
    [
      [
        `options[name] === compiled[name]`,
        `options[name] !== undefined`,
        "a training of another batch size begins"
      ]
    ]
  ),
  ...of(
    "core/src/training/Keeping.ts",
    ["laws/Training"],
    [
      [
        `lane.exploration.restore(ofLane(state.exploration, i, lanes.length))`,
        ``,
        "the noise's state is lost in a resumption"
      ],
      [
        `normalization.restore(state.normalization)`,
        ``,
        "normalisation is lost in a resumption",
        { tests: ["laws/Acting"] }
      ],
      [`replay.restore(state.replay)`, ``, "the replay's state is lost in a resumption"],
      [
        `lane.environment.restore(ofLane(state.environment, i, lanes.length))`,
        ``,
        "the environment's state is lost in a resumption"
      ],
      [`fill(replay.log, first, rows)`, ``, "the replay's rows are lost in a resumption"]
    ]
  ),
  ...of(
    "core/src/training/Training.ts",
    ["laws/Training", "laws/Interaction"],
    [
      [
        `    waiting = undefined`,
        `    waiting = replay`,
        "trainings with one compilation share a replay",
        { tests: ["laws/Compilation"] }
      ],
      [
        `Streams.of(Streams.ofLane(key, i), "exploration")`,
        `Streams.of(key, "exploration")`,
        "all lanes explore alike",
        { tests: ["laws/Lanes"] }
      ],
      [`step >= options.steps || episode >=`, `step > options.steps || episode >=`, "a run of one step more"],
      [`scale(counters.step - 1)`, `scale(counters.step)`, "the reported noise is of the next step"],
      [
        `(Math.floor(done / options.sliceSteps) + 1) * options.sliceSteps`,
        `from.step + options.sliceSteps`,
        "slices begin where a run was stopped"
      ],
      [
        `of(\`\${chain} \${step} \${updates} \${episode} \${parameters}\`)`,
        `of(\`\${step} \${updates} \${episode} \${parameters}\`)`,
        "a hash is no link of a chain"
      ]
    ]
  ),
  ...of(
    "envs/src/wrappers/Wrapper.ts",
    ["envs/Wrapper"],
    [
      [`Math.ceil(limit / times)`, `limit`, "repeated actions keep the time limit"],
      [
        `Key.uniform(key, inner.steps) < probability`,
        `Key.uniform(key, 0) < probability`,
        "an episode's actions stick all or none"
      ],
      [`stack.copyWithin(0, size)`, ``, "a stack of observations does not move"],
      [`if (!frozen) RunningStatistics.add(`, `RunningStatistics.add(`, "frozen statistics take in"],
      [`scale.discounted = 0`, ``, "the wrapper's discounted return runs on over a reset"]
    ]
  ),
  ...of(
    "core/src/config/JsonPath.ts",
    ["lab/RunRecord"],
    [
      [
        `JSON.stringify(a) === JSON.stringify(b) ? []`,
        `JSON.stringify(a) !== JSON.stringify(b) ? []`,
        "differences are what is equal"
      ],
      [`Object.keys({ ...a, ...b })`, `Object.keys(a)`, "what is new is no difference"]
    ]
  ),
  ...of(
    "lab/src/runs/Tables.ts",
    ["lab/Sinks"],
    [[`files.evaluations) ?? -1`, `files.evaluations) ?? 0`, "step 0 stands in a run without a checkpoint"]]
  ),
  ...of(
    "lab/src/session/Resume.ts",
    ["lab/Resume"],
    [[`if (steps < step) {`, `if (steps < 0) {`, "fewer steps than a run has had are not refused"]]
  ),
  ...of(
    "lab/src/session/Verify.ts",
    ["lab/Resume"],
    [[`if (line === repeated) return`, `if (line !== undefined) return`, "a row that differs is verified"]]
  )
]
