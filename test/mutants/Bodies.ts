/** Mutants of worlds of rigid bodies. */
import { of } from "./Mutant.ts"

const beside = ["envs/Box2d: beside Gymnasium"]

export const bodies = [
  ...of("envs/src/box2d/Lander.ts", beside, [
    [`Math.abs(i - middle) <= 2 ? PAD`, `Math.abs(i - middle) <= 1 ? PAD`, "a pad that is too narrow"],
    [
      `heights[(i + HILLS) % (HILLS + 1)]!`,
      `heights[Math.max(0, i - 1)]!`,
      "the first hill is smoothed by itself"
    ],
    [`main > 0 ? 0.5 *`, `main > 0 ? 1 *`, "a main engine of twice the power"],
    [`Math.abs(side) > 0.5 ?`, `Math.abs(side) > 0 ?`, "side engines without a dead zone"],
    [`referenceAngle: i * 0.05`, `referenceAngle: 0`, "legs whose hinges are at 0 where they are not"],
    [
      `(sin * SIDE_ALONG) / SCALE`,
      `(sin * SIDE_AT) / SCALE`,
      "side engines act at the height of their flames"
    ],
    [`if (enableWind && !onGround.includes(true)) blow()`, `if (enableWind) blow()`, "wind moves who stands"],
    [
      `if (episode.terminated) episode.reward = -100`,
      `if (episode.terminated) episode.reward -= 100`,
      "a crash pays"
    ],
    [`- mainPower(burning[0]) * 0.3 `, ``, "the main engine burns nothing"]
  ]),
  ...of("envs/src/box2d/WalkerTerrain.ts", beside, [
    [`slope = 0.8 * slope +`, `slope = 0.9 * slope +`, "ground that rolls on"],
    [`if (i > PAD) slope`, `if (i > PAD + 1) slope`, "ground that is level a step too long"],
    [`left += 2`, `left += 1`, "a pit without its far edge"],
    [`draws.uniform(0, 1) > 0.5 ? 1 : -1`, `draws.uniform(0, 1) > 0.5 ? -1 : 1`, "stairs the other way"],
    [`draws.integer(1, 4) - 1`, `3 - draws.integer(1, 4)`, "obstacles in another order"]
  ]),
  ...of("envs/src/box2d/BipedalWalker.ts", beside, [
    [`referenceAngle: angle`, `referenceAngle: 0`, "hips whose hinges are at 0 where they are not"],
    [
      `(0.8 * LEG_WIDTH) / 2, LEG_HEIGHT / 2, material`,
      `LEG_WIDTH / 2, LEG_HEIGHT / 2, material`,
      "thick shins"
    ],
    [`(130 * x) / SCALE`, `(100 * x) / SCALE`, "a step that pays less"],
    [`if (hasFallen || x < 0) episode.reward = -100`, ``, "a fall costs nothing"],
    [`knee.GetJointAngle() + 1`, `knee.GetJointAngle()`, "knees that are measured from elsewhere"]
  ]),
  ...of(
    "envs/src/box2d/Engine.ts",
    ["envs/Box2dBits"],
    [
      [
        `"var Q=env._cosf;var R=env._sinf;"`,
        `"var Q=global.Math.cos;var R=global.Math.sin;"`,
        "sine and cosine of the host"
      ]
    ]
  ),
  ...of(
    "envs/src/box2d/Engine.ts",
    ["envs/Box2d: the library"],
    [
      [`!== SHA256`, `=== ""`, "another release is taken"],
      [`worlds < WORLDS`, `worlds >= 0`, "one heap for all worlds"]
    ]
  ),
  ...of(
    "envs/src/box2d/Simulation.ts",
    ["envs/Box2d: snapshots"],
    [
      [`generator.load(saved)`, ``, "Gymnasium's generator stays where it was"],
      [`if (!isSame)`, `if (false)`, "a snapshot that leads elsewhere is taken"],
      [`log.set(action, instance.steps * size)`, ``, "actions that are not kept"]
    ]
  ),
  ...of(
    "envs/src/box2d/World.ts",
    ["envs/Box2d: the library"],
    [
      [
        `for (const handle of [world, listener, ...made])`,
        `for (const handle of [listener, ...made])`,
        "worlds are kept"
      ],
      [`box2d._free(address)`, ``, "corners are kept"]
    ]
  )
]
