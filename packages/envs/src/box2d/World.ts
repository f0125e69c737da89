/** A world of bodies for one episode, in the terms of Box2D: what is made in it, stepped, looked at and freed. */
import type * as Binding from "./Binding.ts"

// models

export type Point = readonly [x: number, y: number]

/** What a shape is made of, and what it touches: shapes touch where each one's mask holds the other's category. */
export interface Material {
  readonly density?: number
  readonly friction?: number
  readonly category?: number
  readonly mask?: number
}

/** A hinge with limits and a motor. */
export interface Hinge {
  readonly a: Binding.Body
  readonly b: Binding.Body
  readonly anchorA: Point
  readonly anchorB: Point
  /** The angle of b less that of a at which the hinge's is 0. */
  readonly referenceAngle: number
  readonly lower: number
  readonly upper: number
  readonly speed: number
  readonly torque: number
}

/** Told in the middle of a step which bodies begin and cease to touch. */
export interface Touch {
  readonly begin: (a: number, b: number) => void
  readonly end: (a: number, b: number) => void
}

export interface World {
  readonly still: () => Binding.Body
  readonly moving: (at: Point, angle?: number) => Binding.Body
  readonly polygon: (body: Binding.Body, vertices: ReadonlyArray<Point>, material: Material) => void
  readonly box: (body: Binding.Body, halfWidth: number, halfHeight: number, material: Material) => void
  readonly edge: (body: Binding.Body, from: Point, to: Point, material: Material) => void
  readonly hinge: (hinge: Hinge) => Binding.RevoluteJoint
  readonly push: (body: Binding.Body, x: number, y: number) => void
  readonly kick: (body: Binding.Body, impulse: Point, at: Point) => void
  /** A fiftieth of a second. */
  readonly step: () => void
  /** The part of the way from one point to another that is free of what has the category. */
  readonly free: (from: Point, to: Point, category: number) => number
  /** What a body is called when it touches another. */
  readonly name: (body: Binding.Body) => number
  readonly close: () => void
}

const STEP = Math.fround(1 / 50)
const VELOCITY_ITERATIONS = 180
const POSITION_ITERATIONS = 60

// constructors

export const open = (box2d: Binding.Box2d, gravity: number, touch: Touch): World => {
  const one = new box2d.b2Vec2(0, gravity)
  const two = new box2d.b2Vec2(0, 0)
  const world = new box2d.b2World(one)
  const listener = new box2d.JSContactListener()
  const caster = new box2d.JSRayCastCallback()
  const made: Array<object> = [caster, one, two]

  const name = (body: Binding.Body): number => box2d.getPointer(body)
  const heard = (tell: Touch["begin"]) => (address: number) => {
    const contact = box2d.wrapPointer(address, box2d.b2Contact)
    tell(name(contact.GetFixtureA().GetBody()), name(contact.GetFixtureB().GetBody()))
  }
  listener.BeginContact = heard(touch.begin)
  listener.EndContact = heard(touch.end)
  listener.PreSolve = () => undefined
  listener.PostSolve = () => undefined
  world.SetContactListener(listener)

  let [category, fraction] = [0, 1]
  caster.ReportFixture = (address, _point, _normal, at) => {
    const fixture = box2d.wrapPointer(address, box2d.b2Fixture)
    if ((fixture.GetFilterData().get_categoryBits() & category) === 0) return -1
    fraction = at
    return at
  }

  const vector = (handle: Binding.Vector, [x, y]: Point): Binding.Vector => {
    handle.Set(x, y)
    return handle
  }

  const body = (type: number, at: Point, angle: number): Binding.Body => {
    const definition = new box2d.b2BodyDef()
    definition.set_type(type)
    definition.set_position(vector(one, at))
    definition.set_angle(angle)
    const created = world.CreateBody(definition)
    box2d.destroy(definition)
    return created
  }

  const fixture = (
    body: Binding.Body,
    shape: Binding.Shape,
    { density = 0, friction = 0.2, category = 1, mask = 0xffff }: Material
  ): void => {
    const definition = new box2d.b2FixtureDef()
    definition.set_shape(shape)
    definition.set_density(density)
    definition.set_friction(friction)
    definition.set_restitution(0)
    const filter = definition.get_filter()
    filter.set_categoryBits(category)
    filter.set_maskBits(mask)
    body.CreateFixture(definition)
    box2d.destroy(definition)
    box2d.destroy(shape)
  }

  return {
    still: () => body(box2d.b2_staticBody, [0, 0], 0),
    moving: (at, angle = 0) => body(box2d.b2_dynamicBody, at, angle),
    polygon: (body, vertices, material) => {
      const address = box2d._malloc(8 * vertices.length)
      box2d.HEAPF32.set(vertices.flat(), address / 4)
      const shape = new box2d.b2PolygonShape()
      shape.Set(box2d.wrapPointer(address, box2d.b2Vec2), vertices.length)
      box2d._free(address)
      fixture(body, shape, material)
    },
    box: (body, halfWidth, halfHeight, material) => {
      const shape = new box2d.b2PolygonShape()
      shape.SetAsBox(Math.fround(halfWidth), Math.fround(halfHeight))
      fixture(body, shape, material)
    },
    edge: (body, from, to, material) => {
      const shape = new box2d.b2EdgeShape()
      shape.Set(vector(one, from), vector(two, to))
      fixture(body, shape, material)
    },
    hinge: ({ a, b, anchorA, anchorB, referenceAngle, lower, upper, speed, torque }) => {
      const definition = new box2d.b2RevoluteJointDef()
      definition.set_bodyA(a)
      definition.set_bodyB(b)
      definition.set_localAnchorA(vector(one, anchorA))
      definition.set_localAnchorB(vector(two, anchorB))
      definition.set_referenceAngle(referenceAngle)
      definition.set_enableLimit(true)
      definition.set_lowerAngle(lower)
      definition.set_upperAngle(upper)
      definition.set_enableMotor(true)
      definition.set_motorSpeed(speed)
      definition.set_maxMotorTorque(torque)
      const joint = world.CreateJoint(definition)
      box2d.destroy(definition)
      return box2d.castObject(joint, box2d.b2RevoluteJoint)
    },
    push: (body, x, y) => {
      one.Set(x, y)
      body.ApplyForceToCenter(one, true)
    },
    kick: (body, impulse, at) => body.ApplyLinearImpulse(vector(one, impulse), vector(two, at), true),
    step: () => world.Step(STEP, VELOCITY_ITERATIONS, POSITION_ITERATIONS),
    free: (from, to, of) => {
      category = of
      fraction = 1
      world.RayCast(caster, vector(one, from), vector(two, to))
      return fraction
    },
    name,
    close: () => {
      // The listener goes last: a world that ends may still tell of contacts.
      for (const handle of [world, listener, ...made]) box2d.destroy(handle)
    }
  }
}
