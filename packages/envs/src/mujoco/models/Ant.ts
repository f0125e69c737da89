/** A ball on four legs of two joints each. Its dynamics are those of Gymnasium's model. */

export const SUBSTEP = 0.01

/** The torso and all that hangs on it, and the world. */
export const BODIES = 14

interface Leg {
  readonly name: string
  /** Where it points to, from the torso's middle. */
  readonly x: 1 | -1
  readonly y: 1 | -1
  /** Its segments: the first is part of the torso, the last swings about the ankle. */
  readonly segments: readonly [fixed: string, upper: string, lower: string]
}

const legs: ReadonlyArray<Leg> = [
  { name: "front_left_leg", x: 1, y: 1, segments: ["aux_1_geom", "left_leg_geom", "left_ankle_geom"] },
  { name: "front_right_leg", x: -1, y: 1, segments: ["aux_2_geom", "right_leg_geom", "right_ankle_geom"] },
  { name: "back_leg", x: -1, y: -1, segments: ["aux_3_geom", "back_leg_geom", "third_ankle_geom"] },
  { name: "right_back_leg", x: 1, y: -1, segments: ["aux_4_geom", "rightback_leg_geom", "fourth_ankle_geom"] }
]

const segment = (name: string, end: string, colour = "0.8 0.6 0.4 1"): string =>
  `<geom name="${name}" type="capsule" fromto="0 0 0 ${end}" size="0.08" rgba="${colour}"/>`

const leg = ({ name, segments, x, y }: Leg, index: number): string => {
  const near = `${0.2 * x} ${0.2 * y} 0`
  const far = `${0.4 * x} ${0.4 * y} 0`
  // The axis is across the leg; which way it points decides the sign of the angle that bends it downwards.
  const [axis, range] = [x === y ? "-1 1 0" : "1 1 0", x === 1 ? "30 70" : "-70 -30"]
  return `
  <body name="${name}">
    ${segment(segments[0], near)}
    <body name="aux_${index + 1}" pos="${near}">
      <joint name="hip_${index + 1}" class="leg" axis="0 0 1" range="-30 30"/>
      ${segment(segments[1], near)}
      <body pos="${near}">
        <joint name="ankle_${index + 1}" class="leg" axis="${axis}" range="${range}"/>
        ${segment(segments[2], far, "0.55 0.32 0.28 1")}
      </body>
    </body>
  </body>`
}

/** By the order of actions. */
const moved = [4, 1, 2, 3]

export const mjcf = `
<mujoco model="ant">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option timestep="${SUBSTEP}" integrator="RK4"/>
  <default>
    <geom contype="1" conaffinity="0" condim="3" density="5" friction="1 0.5 0.5" margin="0.01" rgba="0.8 0.6 0.4 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="150"/>
    <default class="leg"><joint type="hinge" limited="true" armature="1" damping="1"/></default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" rgba="0.8 0.85 0.9 1"/>
    <body name="torso" pos="0 0 0.75">
      <joint name="root" type="free" limited="false" margin="0.01"/>
      <geom name="torso_geom" type="sphere" size="0.25"/>
      ${legs.map(leg).join("")}
    </body>
  </worldbody>
  <actuator>
    ${moved.map((i) => `<motor joint="hip_${i}"/><motor joint="ankle_${i}"/>`).join("\n    ")}
  </actuator>
</mujoco>`
