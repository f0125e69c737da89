import { defineConfig } from "vitest/config"

const conditions = ["@ornstein/source", "node", "import", "default"]
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }

/**
 * Minutes long: learning to thresholds, every option of every part, kills and signals, contests for a lock, hostile files,
 * faults of worlds in Python, worlds on MuJoCo over 100,000 steps, every recorded run and the suite of engines on every
 * level of machine code, threads, the five notebooks.
 */
const slow = [
  "test/learning/**/*.test.ts",
  "test/laws/{BitsOnNative,Branch,Kill,Mujoco,Options,OwnParts,Threads}.test.ts",
  "test/lab/{DatasetFuzz,Hostile,LanesOnThreads,Lock,Process}.test.ts",
  "test/envs/gymnasium/{Faults,Gymnasium}.test.ts",
  "test/envs/mujoco/Endurance.test.ts",
  "test/jit/engines/native/Conforms.test.ts",
  "test/examples/Notebooks.test.ts"
]

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
          exclude: slow,
          testTimeout: 60_000,
          hookTimeout: 60_000
        }
      },
      { ...shared, test: { name: "slow", include: slow, testTimeout: 900_000, hookTimeout: 120_000 } }
    ]
  }
})
