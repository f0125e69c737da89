import { assert, it } from "@effect/vitest"
import * as HalfBlocks from "@ornstein/lab/internal/picture/HalfBlocks"

it("shows two pixels in a character, and the last row twice where it is alone", () => {
  const pixels = Uint8Array.of(1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 7, 8, 9, 7, 8, 9)
  const [first, second] = HalfBlocks.render({ width: 2, height: 3, pixels }).split("\n")
  assert.strictEqual(first, "\u001b[38;2;1;2;3;48;2;4;5;6m▀▀\u001b[0m")
  assert.strictEqual(second, "\u001b[38;2;7;8;9;48;2;7;8;9m▀▀\u001b[0m")
})
