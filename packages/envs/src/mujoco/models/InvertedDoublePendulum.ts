/** Two poles of 4.2 kg, one on the other, on a cart of 10.5 kg; a hair of sideways gravity so that upright is no rest. */

/** Seconds. */
export const SUBSTEP = 0.01

export const mjcf = `<mujoco model="inverted double pendulum">
  <compiler inertiafromgeom="true"/>
  <option timestep="${SUBSTEP}" integrator="RK4" gravity="1e-5 0 -9.81"/>
  <default>
    <joint damping="0.05"/>
    <geom type="capsule" contype="0" friction="1 0.1 0.1" rgba="0.7 0.7 0 1"/>
    <default class="pole">
      <joint type="hinge" axis="0 1 0"/>
      <geom fromto="0 0 0 0 0 0.6" size="0.045"/>
    </default>
  </default>
  <worldbody>
    <light pos="0 -2 3" dir="0 0.5 -1"/>
    <geom name="floor" type="plane" pos="0 0 -3" size="40 40 40" rgba="0.8 0.9 0.8 1"/>
    <geom name="rail" quat="0.707 0 0.707 0" size="0.02 1" rgba="0.3 0.3 0.7 1"/>
    <body name="cart">
      <joint name="slider" type="slide" axis="1 0 0" limited="true" range="-1 1" margin="0.01"/>
      <geom name="cart" quat="0.707 0 0.707 0" size="0.1 0.1"/>
      <body name="pole" childclass="pole">
        <joint name="hinge"/>
        <geom name="cpole" rgba="0 0.7 0.7 1"/>
        <body name="pole2" pos="0 0 0.6">
          <joint name="hinge2"/>
          <geom name="cpole2" rgba="0.7 0 0.7 1"/>
          <site name="tip" pos="0 0 0.6" size="0.01"/>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="slide" joint="slider" gear="500" ctrllimited="true" ctrlrange="-1 1"/>
  </actuator>
</mujoco>`
