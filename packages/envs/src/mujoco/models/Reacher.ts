/** An arm of two links of 10 cm in a plane, and a target that two slides carry anywhere in reach. */

/** Seconds. */
export const SUBSTEP = 0.01

export const mjcf = `<mujoco model="reacher">
  <compiler angle="radian" inertiafromgeom="true"/>
  <option timestep="${SUBSTEP}" integrator="RK4" gravity="0 0 -9.81"/>
  <default>
    <joint type="hinge" axis="0 0 1" armature="1" damping="1"/>
    <geom contype="0" conaffinity="0" friction="1 0.1 0.1"/>
    <motor gear="200" ctrllimited="true" ctrlrange="-1 1"/>
    <default class="wall">
      <geom type="capsule" size="0.02" rgba="0.9 0.4 0.6 1"/>
    </default>
    <default class="arm">
      <geom type="capsule" conaffinity="1" size="0.01" rgba="0 0.4 0.6 1"/>
    </default>
    <default class="slide">
      <joint type="slide" armature="0" damping="0" limited="true" range="-0.27 0.27"/>
    </default>
  </default>
  <worldbody>
    <light pos="0 0 2" dir="0 0 -1"/>
    <geom name="ground" type="plane" size="1 1 10" rgba="0.9 0.9 0.9 1"/>
    <geom name="sideS" class="wall" fromto="-0.3 -0.3 0.01 0.3 -0.3 0.01"/>
    <geom name="sideE" class="wall" fromto="0.3 -0.3 0.01 0.3 0.3 0.01"/>
    <geom name="sideN" class="wall" fromto="-0.3 0.3 0.01 0.3 0.3 0.01"/>
    <geom name="sideW" class="wall" fromto="-0.3 -0.3 0.01 -0.3 0.3 0.01"/>
    <geom name="root" type="cylinder" fromto="0 0 0 0 0 0.02" size="0.011" rgba="0.9 0.4 0.6 1"/>
    <body name="body0" pos="0 0 0.01" childclass="arm">
      <joint name="joint0"/>
      <geom name="link0" fromto="0 0 0 0.1 0 0"/>
      <body name="body1" pos="0.1 0 0">
        <joint name="joint1" limited="true" range="-3 3"/>
        <geom name="link1" fromto="0 0 0 0.1 0 0"/>
        <body name="fingertip" pos="0.11 0 0">
          <geom name="fingertip" type="sphere" rgba="0 0.8 0.6 1"/>
        </body>
      </body>
    </body>
    <body name="target" pos="0.1 -0.1 0.01" childclass="slide">
      <joint name="target_x" axis="1 0 0" ref="0.1"/>
      <joint name="target_y" axis="0 1 0" ref="-0.1"/>
      <geom name="target" type="sphere" size="0.009" rgba="0.9 0.2 0.2 1"/>
    </body>
  </worldbody>
  <actuator>
    <motor joint="joint0"/>
    <motor joint="joint1"/>
  </actuator>
</mujoco>`
