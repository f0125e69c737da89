/** A human of 41 kg with 17 motors, once on its feet and once on its back: the same limbs, laid out along another axis. */

/** Seconds. */
export const SUBSTEP = 0.003

/** Where a limb hangs (`body`) and what it is (a capsule's ends, `fromto`, or a sphere's centre), all in its parent. */
interface Pose {
  readonly torso: string
  readonly head: string
  readonly upperWaist: string
  readonly lowerWaist: string
  readonly pelvis: string
  /** Across the body to the left: the hips are 10 cm to each side. */
  readonly hipHeight: string
  readonly thigh: (side: Side) => string
  readonly knee: (side: Side) => string
  readonly shin: string
  readonly foot: string
  readonly leftHipRange: string
}

interface Side {
  readonly name: "left" | "right"
  /** 1 on the left, -1 on the right, `-` before what is mirrored. */
  readonly sign: "" | "-"
  readonly inverse: "" | "-"
}

const right: Side = { name: "right", sign: "-", inverse: "" }
const left: Side = { name: "left", sign: "", inverse: "-" }

const upright: Pose = {
  torso: "0 0 1.4",
  head: "0 0 0.19",
  upperWaist: "-0.01 -0.06 -0.12 -0.01 0.06 -0.12",
  lowerWaist: "-0.01 0 -0.26",
  pelvis: "0 0 -0.165",
  hipHeight: "-0.04",
  thigh: ({ inverse }) => `0 0 0 0 ${inverse}0.01 -0.34`,
  knee: ({ inverse }) => `0 ${inverse}0.01 -0.403`,
  shin: "0 0 0 0 0 -0.3",
  foot: "0 0 -0.45",
  leftHipRange: "-110 20"
}

const supine: Pose = {
  torso: "0 0 0.105",
  head: "-0.15 0 0",
  upperWaist: "0.11 -0.06 0 0.11 0.06 0",
  lowerWaist: "0.21 0 0",
  pelvis: "0.165 0 0",
  hipHeight: "0",
  thigh: ({ inverse }) => `0 0 0 0.34 ${inverse}0.01 0`,
  knee: ({ inverse }) => `0.403 ${inverse}0.01 0`,
  shin: "0 0 0 0.3 0 0",
  foot: "0.35 0 -0.1",
  leftHipRange: "-120 20"
}

/** The sides are not quite each other's mirror image: the left knee has a spring, the left hip more armature. */
const leg = (pose: Pose, side: Side): string => {
  const { inverse, name, sign } = side
  const isLeft = name === "left"
  return `
          <body name="${name}_thigh" pos="0 ${sign}0.1 ${pose.hipHeight}">
            <joint name="${name}_hip_x" axis="${inverse}1 0 0" range="-25 5" stiffness="10" armature="0.01" damping="5"/>
            <joint name="${name}_hip_z" axis="0 0 ${inverse}1" range="-60 35" stiffness="10" armature="0.01" damping="5"/>
            <joint name="${name}_hip_y" axis="0 1 0" range="${isLeft ? pose.leftHipRange : "-110 20"}" stiffness="20" armature="${isLeft ? "0.01" : "0.008"}" damping="5"/>
            <geom name="${name}_thigh1" fromto="${pose.thigh(side)}" size="0.06"/>
            <body name="${name}_shin" pos="${pose.knee(side)}">
              <joint name="${name}_knee" pos="0 0 0.02" axis="0 -1 0" range="-160 -2" stiffness="${isLeft ? "1" : "0"}" armature="0.006"/>
              <geom name="${name}_shin1" fromto="${pose.shin}" size="0.049"/>
              <body name="${name}_foot" pos="${pose.foot}">
                <geom name="${name}_foot" type="sphere" pos="0 0 0.1" size="0.075"/>
              </body>
            </body>
          </body>`
}

const arm = ({ inverse, name, sign }: Side): string => {
  const shoulder = name === "left" ? "-60 85" : "-85 60"
  return `
      <body name="${name}_upper_arm" pos="0 ${sign}0.17 0.06">
        <joint name="${name}_shoulder1" axis="2 ${inverse}1 1" range="${shoulder}" stiffness="1" armature="0.0068"/>
        <joint name="${name}_shoulder2" axis="0 ${sign}1 1" range="${shoulder}" stiffness="1" armature="0.0051"/>
        <geom name="${name}_uarm1" fromto="0 0 0 0.16 ${sign}0.16 -0.16" size="0.04"/>
        <body name="${name}_lower_arm" pos="0.18 ${sign}0.18 -0.18">
          <joint name="${name}_elbow" axis="0 -1 ${inverse}1" range="-90 50" armature="0.0028"/>
          <geom name="${name}_larm" fromto="0.01 ${inverse}0.01 0.01 0.17 ${inverse}0.17 0.17" size="0.031"/>
          <geom name="${name}_hand" type="sphere" pos="0.18 ${inverse}0.18 0.18" size="0.04"/>
        </body>
      </body>`
}

const legMotors = ({ name }: Side): string => `
    <motor name="${name}_hip_x" joint="${name}_hip_x" gear="100"/>
    <motor name="${name}_hip_z" joint="${name}_hip_z" gear="100"/>
    <motor name="${name}_hip_y" joint="${name}_hip_y" gear="300"/>
    <motor name="${name}_knee" joint="${name}_knee" gear="200"/>`

const armMotors = ({ name }: Side): string => `
    <motor name="${name}_shoulder1" joint="${name}_shoulder1" gear="25"/>
    <motor name="${name}_shoulder2" joint="${name}_shoulder2" gear="25"/>
    <motor name="${name}_elbow" joint="${name}_elbow" gear="25"/>`

/** No force comes of them: they have neither limits nor springs. */
const hipToKnee = ({ name }: Side): string => `
    <fixed name="${name}_hipknee">
      <joint joint="${name}_hip_y" coef="-1"/>
      <joint joint="${name}_knee" coef="1"/>
    </fixed>`

const model = (name: string, pose: Pose): string => `<mujoco model="${name}">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option timestep="${SUBSTEP}" integrator="RK4" solver="PGS" iterations="50" gravity="0 0 -9.81"/>
  <default>
    <joint type="hinge" damping="1" limited="true"/>
    <geom type="capsule" condim="1" margin="0.001" rgba="0.8 0.6 0.4 1"/>
    <motor ctrllimited="true" ctrlrange="-0.4 0.4"/>
  </default>
  <worldbody>
    <light pos="0 0 4" dir="0 0 -1" directional="true"/>
    <geom name="floor" type="plane" size="20 20 0.125" condim="3" friction="1 0.1 0.1" rgba="0.8 0.9 0.8 1"/>
    <body name="torso" pos="${pose.torso}">
      <freejoint name="root"/>
      <geom name="torso1" fromto="0 -0.07 0 0 0.07 0" size="0.07"/>
      <geom name="head" type="sphere" pos="${pose.head}" size="0.09"/>
      <geom name="uwaist" fromto="${pose.upperWaist}" size="0.06"/>
      <body name="lwaist" pos="${pose.lowerWaist}" quat="1 0 -0.002 0">
        <geom name="lwaist" fromto="0 -0.06 0 0 0.06 0" size="0.06"/>
        <joint name="abdomen_z" pos="0 0 0.065" axis="0 0 1" range="-45 45" stiffness="20" armature="0.02" damping="5"/>
        <joint name="abdomen_y" pos="0 0 0.065" axis="0 1 0" range="-75 30" stiffness="10" armature="0.02" damping="5"/>
        <body name="pelvis" pos="${pose.pelvis}" quat="1 0 -0.002 0">
          <joint name="abdomen_x" pos="0 0 0.1" axis="1 0 0" range="-35 35" stiffness="10" armature="0.02" damping="5"/>
          <geom name="butt" fromto="-0.02 -0.07 0 -0.02 0.07 0" size="0.09"/>${leg(pose, right)}${leg(pose, left)}
        </body>
      </body>${arm(right)}${arm(left)}
    </body>
  </worldbody>
  <tendon>${hipToKnee(left)}${hipToKnee(right)}
  </tendon>
  <actuator>
    <motor name="abdomen_y" joint="abdomen_y" gear="100"/>
    <motor name="abdomen_z" joint="abdomen_z" gear="100"/>
    <motor name="abdomen_x" joint="abdomen_x" gear="100"/>${[right, left].map(legMotors).join("")}${[right, left].map(armMotors).join("")}
  </actuator>
</mujoco>`

/** On its feet. */
export const standing = model("humanoid", upright)

/** On its back. */
export const lying = model("humanoid standup", supine)
