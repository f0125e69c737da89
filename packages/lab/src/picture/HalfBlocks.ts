/** Frames as text for a terminal: each character shows two pixels, one above the other, in 24-bit colour. */
import type * as Raster from "./Raster.ts"

// pure core

const escape = "\u001b["

const colour = ({ width, height, pixels }: Raster.Frame, x: number, y: number): string => {
  const at = 3 * (Math.min(y, height - 1) * width + x)
  return `${pixels[at]};${pixels[at + 1]};${pixels[at + 2]}`
}

/** Lines of half blocks; a colour is named only where it changes. */
export const render = (frame: Raster.Frame): string => {
  const lines: Array<string> = []
  for (let y = 0; y < frame.height; y += 2) {
    let line = ""
    let last = ""
    for (let x = 0; x < frame.width; x++) {
      const colours = `${escape}38;2;${colour(frame, x, y)};48;2;${colour(frame, x, y + 1)}m`
      line += colours === last ? "▀" : `${colours}▀`
      last = colours
    }
    lines.push(`${line}${escape}0m`)
  }
  return lines.join("\n")
}

/** Moves the cursor up, so that the next frame covers the last. */
export const rewind = (lines: number): string => `${escape}${lines}A\r`
