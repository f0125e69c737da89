/** Mutants of scenes in space: what is drawn of them, and what a replay's page holds. */
import { of } from "./Mutant.ts"

export const pictures = [
  ...of(
    "core/src/environment/Scene.ts",
    ["lab/Caster"],
    [
      [`target[1] - flat *`, `target[1] + flat *`, "cameras stand on the other side"],
      [`target[2] + distance *`, `target[2] - distance *`, "cameras look from below"],
      [`size.every((x) => x >= 0)`, `true`, "solids smaller than nothing can be drawn"],
      [`eye.some((x, i) => x !== target[i])`, `true`, "a camera may look at itself"]
    ]
  ),
  ...of(
    "lab/src/picture/Solids.ts",
    ["lab/Caster"],
    [
      [`z >= -half && z <= half`, `true`, "round walls have no end"],
      [`ball(own, sx, -sz)`, `ball(own, sx, sz)`, "capsules are round at one end only"],
      [`r[0]! * x + r[3]! * y`, `r[0]! * x + r[1]! * y`, "solids are turned the other way"],
      [`const t = -o[2]! / o[5]!`, `const t = o[2]! / o[5]!`, "floors are above whoever looks down"],
      [`py / (sy * sy)`, `py`, "ellipsoids are lit as balls"]
    ]
  ),
  ...of(
    "lab/src/picture/Caster.ts",
    ["lab/Caster"],
    [
      [`if (t >= SAME * nearest) continue`, ``, "the last solid is seen, and not the nearest"],
      [`const SAME = 1 - 1e-6`, `const SAME = 1`, "speckles where two surfaces are one"],
      [`if (!isEdge(met, width, height, x, y)) continue`, `continue`, "edges are jagged"],
      [`lit <= 0 || isShaded(`, `lit <= 0 || lit > 2 || !isShaded(`, "shadows are where the light is"]
    ]
  ),
  ...of(
    "lab/src/picture/Palette.ts",
    ["lab/Gif", "lab/Play"],
    [
      [
        `if (indices.size > MOST) return undefined`,
        `if (indices.size > 99) return undefined`,
        "colours that fit are mixed"
      ],
      [`indices[cell] = i + ends.length`, `indices[cell] = i`, "colours of a GIF are those of others"],
      [`const ends = [0xffffff, 0]`, `const ends = [0xfefefe, 0]`, "white is not white"]
    ]
  ),
  ...of(
    "lab/src/picture/Replay.ts",
    ["lab/Replay"],
    [
      [
        `passed < between && !Rollout.isOver(instance, options)`,
        `passed < between`,
        "a page lacks the last state"
      ],
      [`poses.set(solid.rotation, at + 3)`, `poses.set(solid.rotation, at)`, "places are written over"],
      [
        `new Float32Array(POSE * solids.length * scenes.length).fill(Number.NaN)`,
        `new Float32Array(POSE * solids.length * scenes.length)`,
        "solids that have gone lie about"
      ]
    ]
  ),
  ...of(
    "envs/src/mujoco/View.ts",
    ["envs/mujoco/View"],
    [
      [`to.set(from)`, ``, "a picture shows the first position for ever"],
      [
        `const data = (ready.data ??= new mujoco.MjData(model))`,
        `const data = (ready.data ??= physical)`,
        "who looks changes what is observed"
      ],
      [`body < 0 ? target : vector(bodies, body)`, `target`, "the agent walks out of the picture"],
      [`return [a, a, b]`, `return [a, a, c]`, "capsules have another length"]
    ]
  )
]
