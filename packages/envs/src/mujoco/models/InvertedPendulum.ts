/** A pole on a cart on a rail: 10.5 kg and 5 kg, pushed with 100 N per unit of control. */

/** Seconds. */
export const SUBSTEP = 0.02

export const mjcf = `<mujoco model="inverted pendulum">
  <compiler inertiafromgeom="true"/>
  <option timestep="${SUBSTEP}" integrator="RK4" gravity="0 0 -9.81"/>
  <default>
    <joint damping="1" limited="true"/>
    <geom type="capsule" contype="0" friction="1 0.1 0.1" rgba="0.7 0.7 0 1"/>
    <motor ctrllimited="true" ctrlrange="-3 3"/>
  </default>
  <worldbody>
    <light pos="0 -2 3" dir="0 0.5 -1"/>
    <geom name="rail" quat="0.707 0 0.707 0" size="0.02 1" rgba="0.3 0.3 0.7 1"/>
    <body name="cart">
      <joint name="slider" type="slide" axis="1 0 0" range="-1 1"/>
      <geom name="cart" quat="0.707 0 0.707 0" size="0.1 0.1"/>
      <body name="pole">
        <joint name="hinge" type="hinge" axis="0 1 0" range="-90 90"/>
        <geom name="cpole" fromto="0 0 0 0.001 0 0.6" size="0.049" rgba="0 0.7 0.7 1"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="slide" joint="slider" gear="100"/>
  </actuator>
</mujoco>`
