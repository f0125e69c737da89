/** Buffers of a program, and which bytes of them are touched. */

// models

/** The index of a buffer in its program. */
export type BufferId = number

/** Bytes `from` up to, not including, `to` of a buffer. */
export interface Span {
  readonly buffer: BufferId
  readonly from: number
  readonly to: number
  readonly write: boolean
}

/** The bytes of a buffer that the units of a task touch: unit i those from `offset + i stride`, `length` of them. */
export interface Reach {
  readonly buffer: BufferId
  readonly write: boolean
  readonly offset: number
  readonly stride: number
  readonly length: number
}

// constructors

/** All of a buffer, in every unit. */
export const whole = (buffer: BufferId, write: boolean): Reach => ({
  buffer,
  write,
  offset: 0,
  stride: 0,
  length: Number.POSITIVE_INFINITY
})

/** `bytes` in every unit, one after the other. */
export const rows = (buffer: BufferId, write: boolean, bytes: number): Reach => ({
  buffer,
  write,
  offset: 0,
  stride: bytes,
  length: bytes
})

// combinators

/** What units `start` up to, not including, `end` touch. */
export const span = ({ buffer, length, offset, stride, write }: Reach, start: number, end: number): Span => ({
  buffer,
  write,
  from: offset + start * stride,
  to: offset + (end - 1) * stride + length
})
