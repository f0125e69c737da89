/** The thread of `Post.test.ts`: answers what it is asked, in its own time. It is started without our condition. */
import type * as Post from "@ornstein/jit/internal/host/node/Post"

const source = new URL("../../../packages/jit/src/host/node/Post.ts", import.meta.url)
const { serve }: typeof Post = await import(source.href)

serve(async (order) => {
  if (order === "exit") process.exit(3)
  await new Promise((resolve) => setTimeout(resolve, 5))
  return { told: order }
})
