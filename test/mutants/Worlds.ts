/** Mutants of `packages/envs`: worlds on MuJoCo. */
import { of } from "./Mutant.ts"

const tasks = ["envs/mujoco/Tasks", "envs/mujoco/Recorded"]

export const worlds = [
  ...of(
    "envs/src/mujoco/Physics.ts",
    ["envs/mujoco/Physics", ...tasks],
    [
      [
        `if (counters[FIELDS * kind + 1] !== 0)`,
        `if (counters[FIELDS * kind + 1]! < 0)`,
        "an unstable step goes on from the first position"
      ],
      [
        `const WARNINGS: ReadonlyArray<(about: number) => string> = [`,
        `const WARNINGS: ReadonlyArray<(about: number) => string> = [() => "nothing",`,
        "warnings are taken for one another"
      ],
      [
        `for (let i = 0; i < substeps; i++) mujoco.mj_step(model, data)`,
        `for (let i = 0; i < 1; i++) mujoco.mj_step(model, data)`,
        "a step is one substep"
      ],
      [
        `mujoco.mj_setState(model, data, Array.from(state), INTEGRATION)`,
        `mujoco.mj_setState(model, data, Array.from(state.slice(0, 1)), 1)`,
        "only the time is restored"
      ]
    ]
  ),
  ...of("envs/src/mujoco/Task.ts", tasks, [
    [`before.set(after)`, `before.fill(0)`, "what a reward needs of the moment before a step is not kept"],
    [`if (task.readsContacts === true) physics.contactForces()`, ``, "contact forces are never computed"],
    [
      `instance.terminated = task.terminates && !transition.isHealthy`,
      `instance.terminated = !transition.isHealthy`,
      "an unhealthy state ends episodes that it may not end"
    ]
  ]),
  ...of("envs/src/mujoco/SquareSum.ts", tasks, [
    [
      `x.length < LANES ? inTurn(x, 0, x.length, 0, round) : interleaved(x, round)`,
      `inTurn(x, 0, x.length, 0, round)`,
      "squares are added in turn whatever their number"
    ],
    [
      `const round = x instanceof Float32Array ? Math.fround : same`,
      `const round = same`,
      "single precision is added up in double"
    ],
    [
      `Math.fround(Math.fround(weight) * of(x))`,
      `Math.fround(weight * of(x))`,
      "a weight is not rounded before it weighs"
    ]
  ]),
  ...of("envs/src/mujoco/Upright.ts", tasks, [
    [`Math.max(-FASTEST, Math.min(FASTEST, qvel[i]!))`, `qvel[i]!`, "velocities are observed unclipped"],
    [
      `(isHealthy ? healthyReward : 0) -`,
      `healthyReward -`,
      "the healthy reward is paid to the unhealthy, as in version 4"
    ]
  ]),
  ...of("envs/src/mujoco/Ant.ts", tasks, [
    [`out[0] = xpos[3]!`, `out[0] = xpos[0]!`, "the velocity is the ground's"],
    [
      `SquareSum.weighted(contactCostWeight, clip(now))`,
      `(seen > 0 ? SquareSum.weighted(contactCostWeight, clip(now)) : 0)`,
      "contact forces that are not observed cost nothing"
    ],
    [`lowest <= qpos[2]! && qpos[2]! <= highest`, `lowest <= qpos[2]!`, "an ant in the air is healthy"]
  ]),
  ...of(
    "envs/src/gymnasium/Instance.ts",
    ["envs/gymnasium/Bridge"],
    [
      [`key = next`, `key ??= next`, "every snapshot of a world in Python begins the first episode"],
      [
        `Snapshot.getBoolean(snapshot, "truncated") || isCut`,
        `Snapshot.getBoolean(snapshot, "truncated")`,
        "an episode of a world in Python that was cut off goes on"
      ],
      [
        `if (!isSame(seen, observation)) {`,
        `if (false) {`,
        "a world that is no function of its seed is gone on with"
      ]
    ]
  ),
  ...of(
    "envs/src/gymnasium/Server.ts",
    ["envs/gymnasium/Bridge"],
    [
      [`place.command[1] = row.copy`, `place.command[1] = 0`, "all copies of a world are the first"],
      [`if (row.flags !== RAISED) return`, `return`, "what a world in Python raised is not told"],
      [`row.flags & TRUNCATED`, `row.flags & TERMINATED`, "a time limit of Gymnasium terminates"]
    ]
  ),
  ...of(
    "envs/src/gymnasium/Layout.ts",
    ["envs/gymnasium/Bridge"],
    [[`next += count`, `next = count`, "leaves of an observation lie over each other"]]
  ),
  ...of(
    "envs/src/mujoco/HumanBody.ts",
    ["envs/mujoco/Exact", ...tasks],
    [
      [
        `moment += bodyMass[body]! * xipos[3 * body]!`,
        `moment += xipos[3 * body]!`,
        "the centre of mass is that of equal masses"
      ],
      [
        `put(now.qfrcActuator, FREE)`,
        `put(now.qfrcActuator, 0)`,
        "torques on the root, which has no motor, are observed"
      ]
    ]
  ),
  ...of("envs/src/mujoco/Humanoid.ts", tasks, [
    [`(isHealthy ? healthyReward : 0) -`, `healthyReward -`, "a fallen humanoid is paid for its health"],
    [
      `healthyZRange[0] < qpos[2]! && qpos[2]! < healthyZRange[1]`,
      `healthyZRange[0] < qpos[0]! && qpos[0]! < healthyZRange[1]`,
      "how far it has come is taken for its height"
    ]
  ]),
  ...of("envs/src/mujoco/HumanoidStandup.ts", tasks, [
    [
      `uphCostWeight * (now.qpos[2]! / Model.SUBSTEP) -`,
      `uphCostWeight * (now.qpos[2]! / (frameSkip * Model.SUBSTEP)) -`,
      "height is divided by the time of a step, not of a substep"
    ]
  ]),
  ...of("envs/src/mujoco/InvertedPendulum.ts", tasks, [
    [`const FALLEN = 0.2`, `const FALLEN = 0.21`, "a pole has fallen later"],
    [`(isHealthy ? 1 : 0)`, `(isHealthy ? 1 : 1)`, "the step in which it falls is paid"]
  ]),
  ...of("envs/src/mujoco/InvertedDoublePendulum.ts", tasks, [
    [`siteXpos[2]! - 2]`, `siteXpos[1]! - 2]`, "the tip's height is its way across the rail"],
    [
      `Start.addNormal(draws, resetNoiseScale, qvel)`,
      `Start.addUniform(draws, resetNoiseScale, qvel)`,
      "first velocities are uniform"
    ]
  ]),
  ...of("envs/src/mujoco/Reacher.ts", tasks, [
    [`qvel.fill(0, 2)`, ``, "the target moves"],
    [
      `xpos[3 * FINGERTIP + i]! - xpos[3 * TARGET + i]!`,
      `xpos[3 * TARGET + i]! - xpos[3 * FINGERTIP + i]!`,
      "the way to the target is turned round"
    ]
  ]),
  ...of("envs/src/mujoco/Pusher.ts", tasks, [
    [`const HAND = 10`, `const HAND = 9`, "the wrist is taken for the hand"],
    [`qvel.fill(0, JOINTS)`, ``, "puck and goal move"]
  ]),
  ...of("envs/src/mujoco/Reaching.ts", tasks, [
    [`x * x + y * y + z * z`, `x * x + y * y`, "distances are those in the plane"]
  ])
]
