/**
 * SHA-256 (FIPS 180-4), synchronous and piece by piece: by Node's own where there is Node, else by the few lines below.
 *
 * ```ts
 * Digest.sha256().update("a").update(bytes).hex()
 * ```
 */

// models

/** What has been hashed so far. */
export interface Digest {
  /** Takes in more: text as UTF-8, bytes as they are. */
  readonly update: (piece: string | Uint8Array) => Digest
  /** The hash in hexadecimal; afterwards nothing can be taken in. */
  readonly hex: () => string
}

// pure core

/** The first 32 bits of the fractions of the cube roots of the first 64 primes. */
const K = Uint32Array.of(
  0x428a2f98,
  0x71374491,
  0xb5c0fbcf,
  0xe9b5dba5,
  0x3956c25b,
  0x59f111f1,
  0x923f82a4,
  0xab1c5ed5,
  0xd807aa98,
  0x12835b01,
  0x243185be,
  0x550c7dc3,
  0x72be5d74,
  0x80deb1fe,
  0x9bdc06a7,
  0xc19bf174,
  0xe49b69c1,
  0xefbe4786,
  0x0fc19dc6,
  0x240ca1cc,
  0x2de92c6f,
  0x4a7484aa,
  0x5cb0a9dc,
  0x76f988da,
  0x983e5152,
  0xa831c66d,
  0xb00327c8,
  0xbf597fc7,
  0xc6e00bf3,
  0xd5a79147,
  0x06ca6351,
  0x14292967,
  0x27b70a85,
  0x2e1b2138,
  0x4d2c6dfc,
  0x53380d13,
  0x650a7354,
  0x766a0abb,
  0x81c2c92e,
  0x92722c85,
  0xa2bfe8a1,
  0xa81a664b,
  0xc24b8b70,
  0xc76c51a3,
  0xd192e819,
  0xd6990624,
  0xf40e3585,
  0x106aa070,
  0x19a4c116,
  0x1e376c08,
  0x2748774c,
  0x34b0bcb5,
  0x391c0cb3,
  0x4ed8aa4a,
  0x5b9cca4f,
  0x682e6ff3,
  0x748f82ee,
  0x78a5636f,
  0x84c87814,
  0x8cc70208,
  0x90befffa,
  0xa4506ceb,
  0xbef9a3f7,
  0xc67178f2
)

/** The same of the square roots of the first eight. */
const START = Uint32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19
)

const BLOCK = 64

const rotated = (x: number, bits: number): number => (x >>> bits) | (x << (32 - bits))

/** Takes in one block of 64 bytes. */
const compress = (state: Uint32Array, block: DataView, w: Uint32Array): void => {
  for (let i = 0; i < 16; i++) w[i] = block.getUint32(4 * i)
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15]!, w[i - 2]!]
    const s0 = rotated(x, 7) ^ rotated(x, 18) ^ (x >>> 3)
    const s1 = rotated(y, 17) ^ rotated(y, 19) ^ (y >>> 10)
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let i = 0; i < 64; i++) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
    const first = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
  state[5]! += f
  state[6]! += g
  state[7]! += h
}

// constructors

/** SHA-256 without Node. */
export const own = (): Digest => {
  const state = START.slice()
  const w = new Uint32Array(64)
  const bytes = new Uint8Array(BLOCK)
  const block = new DataView(bytes.buffer)
  let length = 0
  const take = (piece: Uint8Array): void => {
    let at = 0
    while (at < piece.length) {
      const filled = length % BLOCK
      const part = piece.subarray(at, at + BLOCK - filled)
      bytes.set(part, filled)
      at += part.length
      length += part.length
      if (length % BLOCK === 0) compress(state, block, w)
    }
  }
  const digest: Digest = {
    update: (piece) => {
      take(typeof piece === "string" ? new TextEncoder().encode(piece) : piece)
      return digest
    },
    hex: () => {
      // A one, zeros up to the last eight bytes of a block, and there the number of bits.
      const end = new Uint8Array(BLOCK - ((length + 8) % BLOCK) + 8)
      end[0] = 0x80
      const size = new DataView(end.buffer, end.length - 8)
      size.setUint32(0, Math.floor(length / 2 ** 29))
      size.setUint32(4, 8 * length)
      take(end)
      return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("")
    }
  }
  return digest
}

/** Node's module, found without an import; nothing elsewhere. */
const node = globalThis.process?.getBuiltinModule?.("node:crypto")

const byNode = (hash: import("node:crypto").Hash): Digest => {
  const digest: Digest = {
    update: (piece) => {
      hash.update(piece)
      return digest
    },
    hex: () => hash.digest("hex")
  }
  return digest
}

/** An empty SHA-256. */
export const sha256 = (): Digest => (node === undefined ? own() : byNode(node.createHash("sha256")))

/** The SHA-256 of one piece, in hexadecimal. */
export const of = (piece: string | Uint8Array): string => sha256().update(piece).hex()
