/** How numbers are written for people. */

// pure core

/** `12,345`. */
export const integer = (n: number): string => Math.round(n).toLocaleString("en-US")

/** A return, with one decimal; with three where it is small, and as a power of ten where it is huge. */
export const value = (x: number): string =>
  Math.abs(x) >= 1e12 ? x.toExponential(2) : x.toFixed(Math.abs(x) < 1 && x !== 0 ? 3 : 1)

/** `1.5 GiB`, of bytes. */
export const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`

/** `1:05:09` or `5:09`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const pad = (n: number): string => String(n).padStart(2, "0")
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`
}

/** `-150.2 ± 90.0`. */
export const spread = ({ mean, std }: { readonly mean: number; readonly std: number }): string =>
  `${value(mean)} ± ${value(std)}`
