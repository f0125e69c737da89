/** The leg of a walker in the plane: thigh, shin and foot. Heights are those above the ground, standing upright. */

const HEAD = 1.45
const HIP = 1.05
const KNEE = 0.6
const ANKLE = 0.1
/** Of the torso's middle, where the root's joints measure from. */
export const MIDDLE = 1.25

/** Of the torso and of the one leg; the other one's is another, so that people tell them apart. */
export const SAND = "0.8 0.6 0.4 1"
export const BROWN = "0.55 0.32 0.28 1"

/** A capsule between two heights, in a body whose origin is at a third. */
const bone = (
  name: string,
  upper: number,
  lower: number,
  origin: number,
  radius: number,
  colour: string
): string =>
  `<geom name="${name}" type="capsule" pos="0 0 ${(upper + lower) / 2 - origin}" size="${radius} ${(upper - lower) / 2}"
      rgba="${colour}"/>`

const hinge = (name: string, at: string, range: string): string =>
  `<joint name="${name}" class="limb" pos="${at}" range="${range}"/>`

export interface Foot {
  /** Where its origin is before the ankle, metres. */
  readonly origin: number
  /** The ends of its capsule before the ankle. */
  readonly heel: number
  readonly toe: number
  readonly friction: number
}

/** Hangs from the hip; the names of its parts end in `side`. */
export const leg = (side: string, { friction, heel, origin, toe }: Foot, colour = SAND): string => `
  <body name="thigh${side}" pos="0 0 ${HIP - MIDDLE}">
    ${hinge(`thigh${side}_joint`, "0 0 0", "-150 0")}
    ${bone(`thigh${side}_geom`, HIP, KNEE, HIP, 0.05, colour)}
    <body name="leg${side}" pos="0 0 ${(KNEE + ANKLE) / 2 - HIP}">
      ${hinge(`leg${side}_joint`, `0 0 ${KNEE - (KNEE + ANKLE) / 2}`, "-150 0")}
      ${bone(`leg${side}_geom`, KNEE, ANKLE, (KNEE + ANKLE) / 2, 0.04, colour)}
      <body name="foot${side}" pos="${origin} 0 ${-(KNEE + ANKLE) / 2}">
        ${hinge(`foot${side}_joint`, `${-origin} 0 ${ANKLE}`, "-45 45")}
        <geom name="foot${side}_geom" type="capsule" class="foot" size="0.06" friction="${friction}"
          fromto="${heel - origin} 0 ${ANKLE} ${toe - origin} 0 ${ANKLE}" rgba="${colour}"/>
      </body>
    </body>
  </body>`

/** A torso that moves in the plane, with its legs. */
export const torso = (legs: string): string => `
  <body name="torso" pos="0 0 ${MIDDLE}">
    <joint name="rootx" type="slide" axis="1 0 0" pos="0 0 ${-MIDDLE}"/>
    <joint name="rootz" type="slide" axis="0 0 1" pos="0 0 ${-MIDDLE}" ref="${MIDDLE}"/>
    <joint name="rooty" type="hinge" axis="0 1 0"/>
    ${bone("torso_geom", HEAD, HIP, MIDDLE, 0.05, SAND)}
    ${legs}
  </body>`

/** A motor for each joint of each leg. */
export const motors = (sides: ReadonlyArray<string>): string =>
  sides
    .flatMap((side) => ["thigh", "leg", "foot"].map((part) => `<motor joint="${part}${side}_joint"/>`))
    .join("\n    ")
