/**
 * What is used of `box2d.js` 1.0.4, which brings no types. Objects are handles of memory that its heap keeps until they are
 * destroyed; callbacks are given addresses, of which `wrapPointer` makes handles.
 */

// models: shapes of the engine

/** Two single-precision numbers in the heap. */
export interface Vector {
  readonly get_x: () => number
  readonly get_y: () => number
  readonly Set: (x: number, y: number) => void
}

export interface Shape {
  readonly get_m_radius: () => number
}

export interface PolygonShape extends Shape {
  /** `vertices` is the first of `count` vectors that lie one behind the other. */
  readonly Set: (vertices: Vector, count: number) => void
  readonly SetAsBox: (halfWidth: number, halfHeight: number) => void
}

export interface EdgeShape extends Shape {
  readonly Set: (from: Vector, to: Vector) => void
}

// models: definitions, which are copied when something is made of them

export interface BodyDefinition {
  readonly set_type: (type: number) => void
  readonly set_position: (position: Vector) => void
  readonly set_angle: (angle: number) => void
}

export interface Filter {
  readonly set_categoryBits: (bits: number) => void
  readonly set_maskBits: (bits: number) => void
}

export interface FixtureDefinition {
  readonly set_shape: (shape: Shape) => void
  readonly set_density: (density: number) => void
  readonly set_friction: (friction: number) => void
  readonly set_restitution: (restitution: number) => void
  readonly get_filter: () => Filter
}

export interface RevoluteJointDefinition {
  readonly set_bodyA: (body: Body) => void
  readonly set_bodyB: (body: Body) => void
  readonly set_localAnchorA: (anchor: Vector) => void
  readonly set_localAnchorB: (anchor: Vector) => void
  readonly set_referenceAngle: (angle: number) => void
  readonly set_enableLimit: (on: boolean) => void
  readonly set_lowerAngle: (angle: number) => void
  readonly set_upperAngle: (angle: number) => void
  readonly set_enableMotor: (on: boolean) => void
  readonly set_motorSpeed: (speed: number) => void
  readonly set_maxMotorTorque: (torque: number) => void
}

// models: what lives in a world

export interface Fixture {
  readonly GetBody: () => Body
  readonly GetFilterData: () => { readonly get_categoryBits: () => number }
}

export interface Body {
  readonly CreateFixture: (definition: FixtureDefinition) => Fixture
  readonly GetPosition: () => Vector
  readonly GetAngle: () => number
  readonly GetLinearVelocity: () => Vector
  readonly GetAngularVelocity: () => number
  readonly ApplyForceToCenter: (force: Vector, wake: boolean) => void
  readonly ApplyTorque: (torque: number, wake: boolean) => void
  readonly ApplyLinearImpulse: (impulse: Vector, point: Vector, wake: boolean) => void
  readonly IsAwake: () => boolean
}

export interface Joint {
  readonly GetBodyA: () => Body
}

export interface RevoluteJoint extends Joint {
  readonly GetJointAngle: () => number
  readonly GetJointSpeed: () => number
  readonly SetMotorSpeed: (speed: number) => void
  readonly SetMaxMotorTorque: (torque: number) => void
}

export interface Contact {
  readonly GetFixtureA: () => Fixture
  readonly GetFixtureB: () => Fixture
}

/** Told of contacts, by address, in the middle of a step. */
export interface ContactListener {
  BeginContact: (contact: number) => void
  EndContact: (contact: number) => void
  PreSolve: (contact: number, oldManifold: number) => void
  PostSolve: (contact: number, impulse: number) => void
}

/** Told of fixtures on a ray, by address, in any order; answers where the ray ends now, or -1 to pass over one. */
export interface RayCastCallback {
  ReportFixture: (fixture: number, point: number, normal: number, fraction: number) => number
}

export interface World {
  readonly SetContactListener: (listener: ContactListener) => void
  readonly CreateBody: (definition: BodyDefinition) => Body
  readonly CreateJoint: (definition: RevoluteJointDefinition) => Joint
  readonly Step: (seconds: number, velocityIterations: number, positionIterations: number) => void
  readonly RayCast: (callback: RayCastCallback, from: Vector, to: Vector) => void
}

// models: the module

/** A class whose handles stand for addresses; not all of them can be constructed. */
export type Class<Handle, Arguments extends ReadonlyArray<unknown> = ReadonlyArray<never>> = new (
  ...given: Arguments
) => Handle

export interface Box2d {
  readonly b2Vec2: Class<Vector, readonly [x: number, y: number]>
  readonly b2PolygonShape: Class<PolygonShape, readonly []>
  readonly b2EdgeShape: Class<EdgeShape, readonly []>
  readonly b2BodyDef: Class<BodyDefinition, readonly []>
  readonly b2FixtureDef: Class<FixtureDefinition, readonly []>
  readonly b2RevoluteJointDef: Class<RevoluteJointDefinition, readonly []>
  readonly b2World: Class<World, readonly [gravity: Vector]>
  readonly JSContactListener: Class<ContactListener, readonly []>
  readonly JSRayCastCallback: Class<RayCastCallback, readonly []>
  readonly b2Contact: Class<Contact>
  readonly b2Fixture: Class<Fixture>
  readonly b2RevoluteJoint: Class<RevoluteJoint>
  readonly b2_staticBody: number
  readonly b2_dynamicBody: number
  readonly HEAPF32: Float32Array
  readonly _malloc: (bytes: number) => number
  readonly _free: (address: number) => void
  readonly wrapPointer: <Handle>(address: number, of: Class<Handle>) => Handle
  readonly castObject: <Handle>(handle: object, to: Class<Handle>) => Handle
  readonly getPointer: (handle: object) => number
  readonly destroy: (handle: object) => void
}

// guards

const CLASSES = [
  "b2Vec2",
  "b2PolygonShape",
  "b2EdgeShape",
  "b2BodyDef",
  "b2FixtureDef",
  "b2RevoluteJointDef",
  "b2World",
  "JSContactListener",
  "JSRayCastCallback",
  "b2Contact",
  "b2Fixture",
  "b2RevoluteJoint",
  "_malloc",
  "_free",
  "wrapPointer",
  "castObject",
  "getPointer",
  "destroy"
] as const

/** Is it the module that the types above were written for? */
export const isBox2d = (module: unknown): module is Box2d => {
  if (typeof module !== "object" || module === null) return false
  const members = new Map<string, unknown>(Object.entries(module))
  return (
    CLASSES.every((name) => typeof members.get(name) === "function") &&
    members.get("HEAPF32") instanceof Float32Array &&
    Number.isInteger(members.get("b2_staticBody")) &&
    Number.isInteger(members.get("b2_dynamicBody"))
  )
}
