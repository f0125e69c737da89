/** Three links in a plane, in a fluid that resists. Its dynamics are those of Gymnasium's model. */

export const SUBSTEP = 0.01

export const mjcf = `
<mujoco model="swimmer">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option timestep="${SUBSTEP}" integrator="RK4" density="4000" viscosity="0.1"/>
  <default>
    <joint armature="0.1"/>
    <geom contype="0" conaffinity="0" condim="1" rgba="0.8 0.6 0.4 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="150"/>
    <default class="link"><joint type="hinge" axis="0 0 1" limited="true" range="-100 100"/></default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" pos="0 0 -0.1" size="40 40 0.1" condim="3" rgba="0.8 0.85 0.9 1"/>
    <body name="torso">
      <joint name="slider1" type="slide" axis="1 0 0"/>
      <joint name="slider2" type="slide" axis="0 1 0"/>
      <joint name="free_body_rot" type="hinge" axis="0 0 1"/>
      <geom type="capsule" fromto="1.5 0 0 0.5 0 0" size="0.1"/>
      <body name="mid" pos="0.5 0 0">
        <joint name="motor1_rot" class="link"/>
        <geom type="capsule" fromto="0 0 0 -1 0 0" size="0.1" rgba="0.55 0.32 0.28 1"/>
        <body name="back" pos="-1 0 0">
          <joint name="motor2_rot" class="link"/>
          <geom type="capsule" fromto="0 0 0 -1 0 0" size="0.1"/>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="motor1_rot"/>
    <motor joint="motor2_rot"/>
  </actuator>
</mujoco>`
