/**
 * What a replay's page draws scenes in space with: the rays of `Caster` on the graphics card, in GLSL ES 3.00. Solids come
 * as rows of a texture, six of its points each:
 *
 * | point | numbers |
 * | --- | --- |
 * | 0 | position, form |
 * | 1 to 3 | a row of the rotation, the size along that axis |
 * | 4 | fill, the radius of a ball around it (0: no end) |
 * | 5 | the other colour of its squares, the length of their sides (0: none) |
 */
import * as Caster from "./Caster.ts"

/** A solid's form, as the shader numbers it. */
export const forms = ["Plane", "Sphere", "Ellipsoid", "Capsule", "Cylinder", "Box"] as const

const number = (x: number): string => x.toFixed(6)

export const vertices = `#version 300 es
in vec2 corner;
void main() { gl_Position = vec4(corner, 0.0, 1.0); }
`

export const fragments = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D solids;
uniform int count, rays;
uniform vec3 eye, ahead, across, above, horizon, zenith;
uniform vec2 size;
uniform float lens, haze;
out vec4 shown;
const float NONE = 1e30, NEAR = 1e-4;
const vec3 LIGHT = vec3(${Caster.light.map(number).join(", ")});

float root(float a, float b, float c) {
  float d = b * b - a * c;
  if (d < 0.0 || a == 0.0) return NONE;
  float s = sqrt(d), first = (-b - s) / a, second = (-b + s) / a;
  return first > NEAR ? first : second > NEAR ? second : NONE;
}
float wall(vec3 o, vec3 d, float r, float h) {
  float t = root(dot(d.xy, d.xy), dot(o.xy, d.xy), dot(o.xy, o.xy) - r * r);
  return abs(o.z + t * d.z) <= h ? t : NONE;
}
float ball(vec3 o, vec3 d, float r) { return root(dot(d, d), dot(o, d), dot(o, o) - r * r); }
float disc(vec3 o, vec3 d, float r, float z) {
  float t = (z - o.z) / d.z;
  vec2 p = o.xy + t * d.xy;
  return t > NEAR && dot(p, p) <= r * r ? t : NONE;
}
float box(vec3 o, vec3 d, vec3 h) {
  vec3 a = (-h - o) / d, b = (h - o) / d, low = min(a, b), high = max(a, b);
  float enter = max(low.x, max(low.y, low.z)), leave = min(high.x, min(high.y, high.z));
  return enter > leave ? NONE : enter > NEAR ? enter : leave > NEAR ? leave : NONE;
}
float plane(vec3 o, vec3 d, vec3 h) {
  float t = -o.z / d.z;
  vec2 p = abs(o.xy + t * d.xy);
  return t > NEAR && (h.x == 0.0 || p.x <= h.x) && (h.y == 0.0 || p.y <= h.y) ? t : NONE;
}

vec4 point(int solid, int i) { return texelFetch(solids, ivec2(i, solid), 0); }
float meet(int i, vec3 o, vec3 d) {
  vec4 at = point(i, 0);
  float radius = point(i, 4).w;
  vec3 from = o - at.xyz;
  if (radius > 0.0) {
    float along = dot(from, d);
    if (dot(from, from) - along * along / dot(d, d) > radius * radius) return NONE;
  }
  vec4 a = point(i, 1), b = point(i, 2), c = point(i, 3);
  mat3 own = mat3(a.x, b.x, c.x, a.y, b.y, c.y, a.z, b.z, c.z);
  o = from * own; d = d * own;
  vec3 h = vec3(a.w, b.w, c.w);
  int form = int(at.w);
  if (form == 0) return plane(o, d, h);
  if (form == 1) return ball(o, d, h.x);
  if (form == 2) return ball(o / h, d / h, 1.0);
  if (form == 3) return min(wall(o, d, h.x, h.z), min(ball(o - vec3(0, 0, h.z), d, h.x), ball(o + vec3(0, 0, h.z), d, h.x)));
  if (form == 4) return min(wall(o, d, h.x, h.z), min(disc(o, d, h.x, h.z), disc(o, d, h.x, -h.z)));
  return box(o, d, h);
}

vec2 wave(vec2 at) { return abs(fract(at * 0.5) - 0.5) * 2.0; }
float squares(vec2 p, float wide) {
  vec2 i = (wave(p - 0.5 * wide) - wave(p + 0.5 * wide)) / wide;
  return 0.5 - 0.5 * i.x * i.y;
}

vec3 look(vec2 pixel) {
  vec2 p = (2.0 * pixel - size) / size.y * lens;
  vec3 d = ahead + p.x * across + p.y * above;
  float t = NONE;
  int found = -1;
  for (int i = 0; i < count; i++) {
    float one = meet(i, eye, d);
    // A speckle of two surfaces that are one is none.
    if (one < t * 0.9998) { t = one; found = i; }
  }
  float far = length(d);
  if (found < 0) return mix(horizon, zenith, min(1.0, max(0.0, d.z / far) * 1.6));
  vec3 at = eye + t * d;
  vec4 a = point(found, 1), b = point(found, 2), c = point(found, 3), fill = point(found, 4), other = point(found, 5);
  mat3 own = mat3(a.x, b.x, c.x, a.y, b.y, c.y, a.z, b.z, c.z);
  vec4 place = point(found, 0);
  int form = int(place.w);
  vec3 h = vec3(a.w, b.w, c.w), q = (at - place.xyz) * own, n = q;
  if (form == 0) n = vec3(0, 0, 1);
  if (form == 2) n = q / (h * h);
  if (form == 3) n.z = q.z > h.z ? q.z - h.z : q.z < -h.z ? q.z + h.z : 0.0;
  if (form == 4) { if (abs(q.z) >= h.z - 1e-4 * (h.x + h.z)) n.xy = vec2(0); else n.z = 0.0; }
  if (form == 5) {
    vec3 s = abs(q) / h;
    if (s.x >= s.y && s.x >= s.z) n.yz = vec2(0);
    else if (s.y >= s.z) n.xz = vec2(0);
    else n.xy = vec2(0);
  }
  n = own * normalize(n);
  float facing = -dot(n, d) / far;
  if (facing < 0.0) n = -n;
  float lit = dot(n, LIGHT);
  bool dark = lit <= 0.0;
  vec3 start = at + 5e-4 * (1.0 + t * far) * n;
  for (int i = 0; i < count && !dark; i++) if (int(point(i, 0).w) != 0) dark = meet(i, start, LIGHT) < NONE;
  float gloss = dark || form == 0 ? 0.0 : dot(n, normalize(LIGHT - d / far));
  gloss *= gloss; gloss *= gloss; gloss *= gloss; gloss *= gloss;
  float bright = ${number(Caster.share.everywhere)} + ${number(Caster.share.above)} * (0.5 + 0.5 * n.z)
    + (dark ? 0.0 : ${number(Caster.share.light)} * lit);
  float wide = t * far * 2.0 * lens / size.y / max(other.w, 1e-6) / max(0.05, sqrt(abs(facing))) + 1e-6;
  vec3 colour = other.w > 0.0 ? mix(fill.rgb, other.rgb, squares(q.xy / other.w, wide)) : fill.rgb;
  colour = min(vec3(1), colour * bright + ${number(Caster.share.gloss)} * gloss);
  float distant = form == 0 ? t * far : 0.0;
  return mix(colour, horizon, distant * distant / (distant * distant + haze * haze));
}

void main() {
  vec3 sum = vec3(0);
  if (rays == 1) sum = look(gl_FragCoord.xy);
  else for (int i = 0; i < 4; i++) sum += 0.25 * look(gl_FragCoord.xy + vec2(i & 1, i >> 1) * 0.5 - 0.25);
  shown = vec4(sum, 1.0);
}
`
