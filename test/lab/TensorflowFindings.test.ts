import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as TensorflowFindings from "@ornstein/lab/internal/doctor/TensorflowFindings"
import { Effect } from "effect"
import { join } from "node:path"
import * as Fake from "../native/FakeTensorflow.ts"
import * as Terminal from "./Terminal.ts"

describe("TensorflowFindings", () => {
  it.live("calls absent packages, and one without its addon, no fault", () =>
    Effect.gen(function* () {
      const root = yield* Terminal.directory
      const own = join(root, "own")
      const project = join(root, "project")
      const seen = yield* TensorflowFindings.examine({ own, project })
      assert.deepStrictEqual(
        seen.map(({ found, name, status }) => [status, name, found]),
        [
          ["note", "@tensorflow/tfjs-node", "absent"],
          ["note", "@tensorflow/tfjs-node-gpu", "absent"]
        ]
      )
      assert.match(
        seen[1]?.advice ?? "",
        /npm install --ignore-scripts .*-gpu@.*native build --gpu --libtensorflow/
      )

      Fake.project(project)
      const [elsewhere] = yield* TensorflowFindings.examine({ own, project })
      assert.strictEqual(elsewhere?.status, "note")
      assert.match(elsewhere?.found ?? "", /4\.22\.0 in .*project.*where the engine does not look/)

      Fake.project(own)
      const [bare] = yield* TensorflowFindings.examine({ own, project })
      assert.strictEqual(bare?.status, "note")
      assert.match(bare?.found ?? "", /4\.22\.0, without its addon/)
      assert.match(bare?.advice ?? "", /ornstein native build --wheel/)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it("tells which device computes, and of an addon that was built against another release", () => {
    const answer = { report: { device: "CPU", tensorflow: "2.21.0" }, machine: [] }
    for (const [built, status] of [
      [undefined, "ok"],
      ["2.21.0", "ok"],
      ["2.20.0", "note"]
    ] as const) {
      const [engine] = TensorflowFindings.findings("cpu", answer, built)
      assert.strictEqual(engine?.status, status)
      assert.strictEqual(engine?.found, "computes on the CPU, TensorFlow 2.21.0")
    }
  })

  it("tells why a GPU does not compute, and what this machine lacks", () => {
    const answer = {
      error: { reason: "it ran nothing on a GPU", fix: "Install what is missing" },
      machine: [
        { name: "an NVIDIA device", found: "/dev/nvidia0" },
        { name: "libcuda.so.1", found: "libcuda.so.1" },
        { name: "libnvidia-ml.so.1" },
        { name: "libcusolver.so.11" },
        { name: "libcudnn.so.9", fault: "/x/libcudnn.so.9 has no function cudnnGetVersion" }
      ]
    }
    const seen = TensorflowFindings.findings("gpu", answer, "2.21.0")
    assert.deepStrictEqual(
      seen.map(({ found, name, status }) => `${status} ${name}: ${found}`),
      [
        "fault engine tensorflow:gpu: it ran nothing on a GPU",
        "ok an NVIDIA device: /dev/nvidia0",
        "ok libcuda.so.1: libcuda.so.1",
        "note libnvidia-ml.so.1: not found",
        "note libcusolver.so.11: not found",
        "note libcudnn.so.9: /x/libcudnn.so.9 has no function cudnnGetVersion"
      ]
    )
    assert.match(seen[3]?.advice ?? "", /driver/)
    assert.match(seen[4]?.advice ?? "", /tensorflow\[and-cuda\].*LD_LIBRARY_PATH/)
  })
})
