/** A leg with a torso on it, in the plane. Its dynamics are those of Gymnasium's model. */
import * as Leg from "./Leg.ts"

export const SUBSTEP = 0.002

const foot = { origin: 0.13, heel: -0.13, toe: 0.26, friction: 2 }

export const mjcf = `
<mujoco model="hopper">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option timestep="${SUBSTEP}" integrator="RK4"/>
  <default>
    <geom condim="1" friction="0.9" margin="0.001" solref="0.02 1" solimp="0.8 0.8 0.01"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="200"/>
    <default class="limb"><joint type="hinge" axis="0 -1 0" limited="true" armature="1" damping="1"/></default>
    <default class="foot"/>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="20 20 0.125" condim="3" friction="1" rgba="0.8 0.85 0.9 1"/>
    ${Leg.torso(Leg.leg("", foot))}
  </worldbody>
  <actuator>
    ${Leg.motors([""])}
  </actuator>
</mujoco>`
