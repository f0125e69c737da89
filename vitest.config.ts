import { defineConfig } from "vitest/config"

const conditions = ["@ornstein/source", "node", "import", "default"]
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }

export default defineConfig({
  ...shared,
  test: {
    // Not one fewer than there are processors: with two, that is half as fast.
    maxWorkers: "100%",
    projects: [
      {
        ...shared,
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: ["test/learning/**"],
          testTimeout: 60_000
        }
      },
      { ...shared, test: { name: "slow", include: ["test/learning/**/*.test.ts"], testTimeout: 900_000 } }
    ]
  }
})
