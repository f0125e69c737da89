/** A torso on two legs, in the plane. Its dynamics are those of Gymnasium's model of version 5. */
import * as Leg from "./Leg.ts"

export const SUBSTEP = 0.002

const foot = { origin: 0.2, heel: 0, toe: 0.2, friction: 1.9 }

export const mjcf = `
<mujoco model="walker2d">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option timestep="${SUBSTEP}" integrator="RK4"/>
  <default>
    <geom contype="1" conaffinity="0" condim="3" friction="0.9 0.1 0.1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="100"/>
    <default class="limb"><joint type="hinge" axis="0 -1 0" limited="true" armature="0.01" damping="0.1"/></default>
    <default class="foot"/>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" friction="0.7 0.1 0.1" rgba="0.8 0.85 0.9 1"/>
    ${Leg.torso(Leg.leg("", foot) + Leg.leg("_left", foot, Leg.BROWN))}
  </worldbody>
  <actuator>
    ${Leg.motors(["", "_left"])}
  </actuator>
</mujoco>`
