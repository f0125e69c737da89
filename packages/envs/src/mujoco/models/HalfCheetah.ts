/** A runner in the plane: torso with head, two legs of thigh, shin and foot. Its dynamics are those of Gymnasium's model. */

/** A limb: a capsule that hangs from a spring-loaded hinge. */
const limb = (options: {
  readonly name: string
  /** Of its hinge, in the limb above. */
  readonly at: string
  readonly range: string
  readonly stiffness: number
  readonly damping: number
  /** Of the capsule's middle, in the limb. */
  readonly middle: string
  /** Of the capsule about the y axis, radians. */
  readonly turn: number
  readonly halfLength: number
  readonly colour: string
  readonly below?: string
}): string => `
  <body name="${options.name}" pos="${options.at}">
    <joint name="${options.name}" class="limb" range="${options.range}" stiffness="${options.stiffness}" damping="${options.damping}"/>
    <geom name="${options.name}" type="capsule" pos="${options.middle}" axisangle="0 1 0 ${options.turn}"
      size="0.046 ${options.halfLength}" rgba="${options.colour}"/>${options.below ?? ""}
  </body>`

const BACK = "0.55 0.32 0.28 1"
const FRONT = "0.8 0.55 0.35 1"

const backFoot = limb({
  name: "bfoot",
  at: "-0.28 0 -0.14",
  range: "-0.4 0.785",
  stiffness: 120,
  damping: 3,
  middle: "0.03 0 -0.097",
  turn: -0.27,
  halfLength: 0.094,
  colour: BACK
})
const backShin = limb({
  name: "bshin",
  at: "0.16 0 -0.25",
  range: "-0.785 0.785",
  stiffness: 180,
  damping: 4.5,
  middle: "-0.14 0 -0.07",
  turn: -2.03,
  halfLength: 0.15,
  colour: BACK,
  below: backFoot
})
const backThigh = limb({
  name: "bthigh",
  at: "-0.5 0 0",
  range: "-0.52 1.05",
  stiffness: 240,
  damping: 6,
  middle: "0.1 0 -0.13",
  turn: -3.8,
  halfLength: 0.145,
  colour: BACK,
  below: backShin
})
const frontFoot = limb({
  name: "ffoot",
  at: "0.13 0 -0.18",
  range: "-0.5 0.5",
  stiffness: 60,
  damping: 1.5,
  middle: "0.045 0 -0.07",
  turn: -0.6,
  halfLength: 0.07,
  colour: FRONT
})
const frontShin = limb({
  name: "fshin",
  at: "-0.14 0 -0.24",
  range: "-1.2 0.87",
  stiffness: 120,
  damping: 3,
  middle: "0.065 0 -0.09",
  turn: -0.6,
  halfLength: 0.106,
  colour: FRONT,
  below: frontFoot
})
const frontThigh = limb({
  name: "fthigh",
  at: "0.5 0 0",
  range: "-1 0.7",
  stiffness: 180,
  damping: 4.5,
  middle: "-0.07 0 -0.12",
  turn: 0.52,
  halfLength: 0.133,
  colour: FRONT,
  below: frontShin
})

/** By the order of actions. */
const gears = { bthigh: 120, bshin: 90, bfoot: 60, fthigh: 120, fshin: 60, ffoot: 30 }

export const SUBSTEP = 0.01

export const mjcf = `
<mujoco model="half-cheetah">
  <compiler angle="radian" inertiafromgeom="true" settotalmass="14"/>
  <option timestep="${SUBSTEP}" gravity="0 0 -9.81"/>
  <default>
    <joint solreflimit="0.02 1" solimplimit="0 0.8 0.03"/>
    <geom contype="1" conaffinity="0" condim="3" friction="0.4 0.1 0.1" solref="0.02 1" solimp="0 0.8 0.01"/>
    <motor ctrllimited="true" ctrlrange="-1 1"/>
    <default class="limb"><joint type="hinge" axis="0 1 0" limited="true" armature="0.1"/></default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" rgba="0.8 0.85 0.9 1"/>
    <body name="torso" pos="0 0 0.7">
      <joint name="rootx" type="slide" axis="1 0 0"/>
      <joint name="rootz" type="slide" axis="0 0 1"/>
      <joint name="rooty" type="hinge" axis="0 1 0"/>
      <geom name="torso" type="capsule" fromto="-0.5 0 0 0.5 0 0" size="0.046" rgba="0.8 0.6 0.4 1"/>
      <geom name="head" type="capsule" pos="0.6 0 0.1" axisangle="0 1 0 0.87" size="0.046 0.15" rgba="0.8 0.6 0.4 1"/>
      ${backThigh}
      ${frontThigh}
    </body>
  </worldbody>
  <actuator>
    ${Object.entries(gears)
      .map(([joint, gear]) => `<motor name="${joint}" joint="${joint}" gear="${gear}"/>`)
      .join("\n    ")}
  </actuator>
</mujoco>`
