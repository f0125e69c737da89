/**
 * The addon: a shared object with a few functions for JavaScript (Node-API), in machine code. It puts code into memory
 * that is first written and then only executed, and makes JavaScript functions whose native callback is that code.
 */
import {
  add,
  and32,
  Assembler,
  callAt,
  cmp,
  cmp32,
  cpuid,
  type Gpr,
  inc,
  jae,
  jne,
  type Label,
  lea,
  mem,
  mov,
  mov32,
  pop,
  push,
  r8,
  r9,
  r10,
  r12,
  r13,
  r14,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  repMovsb,
  ret,
  rsi,
  rsp,
  sub,
  syscall,
  test,
  xgetbv
} from "../assembly/index.ts"
import * as Elf from "./Elf.ts"

const IMPORTS = [
  "napi_create_function",
  "napi_set_named_property",
  "napi_get_cb_info",
  "napi_get_value_int64",
  "napi_get_typedarray_info",
  "napi_create_int64"
] as const

/** Numbers of system calls, protections and flags of Linux on x86-64. */
const MMAP = 9
const MPROTECT = 10
const MUNMAP = 11
const READ_WRITE = 3
const READ_EXECUTE = 5
const PRIVATE_ANONYMOUS = 0x22

/** Results of system calls from here to -1 are errors. */
const FIRST_ERROR = -4095

/** Bits of `cpuid`: leaf 1 ecx (FMA, OSXSAVE, AVX), leaf 7 ebx (AVX2, BMI2; AVX512 F, DQ, BW, VL); of XCR0. */
const LEAF_1 = (1 << 12) | (1 << 27) | (1 << 28)
const AVX2 = (1 << 5) | (1 << 8)
const AVX512 = (1 << 16) | (1 << 17) | (1 << 30) | (1 << 31)
const YMM_STATE = 0x6
const ZMM_STATE = 0xe6

// Bytes of a callback's frame above rsp: a seventh argument, how many arguments came, two of them, two results.
const SEVENTH = mem({ base: rsp })
const COUNT = mem({ base: rsp, displacement: 8 })
const ARGUMENTS = [mem({ base: rsp, displacement: 16 }), mem({ base: rsp, displacement: 24 })] as const
const RESULTS = [mem({ base: rsp, displacement: 32 }), mem({ base: rsp, displacement: 40 })] as const
/** With it and the saved registers rsp is a multiple of 16 again. */
const FRAME = 56
const SAVED = [rbx, r12, r13, r14]

/** The bytes of the addon. It is the same for every program. */
export const make = (): Uint8Array<ArrayBuffer> => {
  // Its code must run, if only to say what is missing, where there is no AVX.
  const x = Assembler.make("avx2")
  const start = x.label()
  const call = (name: (typeof IMPORTS)[number]) =>
    x.put(callAt(mem({ base: start, displacement: Elf.TABLE + 8 * IMPORTS.indexOf(name) })))
  const system = (number: number) => x.put(mov(rax, number), syscall)
  const enter = () => x.put(...SAVED.map(push), sub(rsp, FRAME), mov(rbx, rdi))
  const leave = () => x.put(add(rsp, FRAME), ...SAVED.toReversed().map(pop), ret)
  /** The integer in rsi becomes the callback's result. */
  const answer = () => {
    x.put(mov(rdi, rbx), lea(rdx, RESULTS[0]))
    call("napi_create_int64")
    x.put(mov(rax, RESULTS[0]))
    leave()
  }
  const takeArguments = () => {
    x.put(mov(COUNT, 2), lea(rdx, COUNT), lea(rcx, ARGUMENTS[0]), mov(r8, 0), mov(r9, 0))
    call("napi_get_cb_info")
  }
  const integer = (argument: 0 | 1, to: Gpr) => {
    x.put(mov(rdi, rbx), mov(rsi, ARGUMENTS[argument]), lea(rdx, RESULTS[0]))
    call("napi_get_value_int64")
    x.put(mov(to, RESULTS[0]))
  }
  /** Where a typed array begins, and how long it is. */
  const array = (argument: 0 | 1, at: Gpr, length: Gpr | undefined) => {
    x.put(mov(rdi, rbx), mov(rsi, ARGUMENTS[argument]), mov(rdx, 0), lea(rcx, RESULTS[0]))
    x.put(lea(r8, RESULTS[1]), mov(r9, 0), mov(SEVENTH, 0))
    call("napi_get_typedarray_info")
    x.put(mov(at, RESULTS[1]), ...(length === undefined ? [] : [mov(length, RESULTS[0])]))
  }

  const functions: ReadonlyArray<readonly [name: string, write: () => void]> = [
    [
      // place(code, memory): the address of the code, or an error's number. Its first 8 bytes become the address of memory.
      "place",
      () => {
        const [denied, failed] = [x.label(), x.label()]
        takeArguments()
        array(0, r12, r13)
        x.put(mov(rdi, 0), mov(rsi, r13), mov(rdx, READ_WRITE), mov(r10, PRIVATE_ANONYMOUS))
        x.put(mov(r8, -1), mov(r9, 0))
        system(MMAP)
        x.put(mov(r14, rax), cmp(rax, FIRST_ERROR), jae(failed))
        x.put(mov(rdi, r14), mov(rsi, r12), mov(rcx, r13), repMovsb)
        array(1, rax, undefined)
        x.put(mov(mem({ base: r14 }), rax))
        x.put(mov(rdi, r14), mov(rsi, r13), mov(rdx, READ_EXECUTE))
        system(MPROTECT)
        x.put(test(rax, rax), jne(denied))
        x.bind(failed)
        x.put(mov(rsi, r14))
        answer()
        x.bind(denied)
        x.put(mov(r12, rax), mov(rdi, r14), mov(rsi, r13))
        system(MUNMAP)
        x.put(mov(rsi, r12))
        answer()
      }
    ],
    [
      // entry(address, offset): a function that runs what is there.
      "entry",
      () => {
        takeArguments()
        integer(0, r12)
        integer(1, r13)
        x.put(mov(rdi, rbx), mov(rsi, 0), mov(rdx, 0), mov(rcx, r12), add(rcx, r13))
        x.put(mov(r8, 0), lea(r9, RESULTS[0]))
        call("napi_create_function")
        x.put(mov(rax, RESULTS[0]))
        leave()
      }
    ],
    [
      // free(address, length): no function of it may be called from now on.
      "free",
      () => {
        takeArguments()
        integer(0, r12)
        integer(1, r13)
        x.put(mov(rdi, r12), mov(rsi, r13))
        system(MUNMAP)
        x.put(mov(rsi, rax))
        answer()
      }
    ],
    [
      // level(): 2 with AVX-512, 1 with AVX2, else 0; what the processor has and the system saves.
      "level",
      () => {
        const done = x.label()
        const env = r14
        x.put(mov(env, rbx), mov(r12, 0))
        const all = (of: Gpr, bits: number) =>
          x.put(mov32(r8, of), and32(r8, bits), cmp32(r8, bits), jne(done))
        x.put(mov(rax, 1), mov(rcx, 0), cpuid)
        all(rcx, LEAF_1)
        x.put(mov(rcx, 0), xgetbv, mov(r13, rax))
        all(r13, YMM_STATE)
        x.put(mov(rax, 7), mov(rcx, 0), cpuid, mov(r10, rbx))
        all(r10, AVX2)
        x.put(inc(r12))
        all(r13, ZMM_STATE)
        all(r10, AVX512)
        x.put(inc(r12))
        x.bind(done)
        x.put(mov(rbx, env), mov(rsi, r12))
        answer()
      }
    ]
  ]

  // napi_register_module_v1(env, exports)
  x.bind(start)
  const callbacks = functions.map(([name, write]) => ({ name, write, at: x.label() }))
  const text = new TextEncoder()
  enter()
  x.put(mov(r12, rsi))
  for (const { at, name } of callbacks) {
    // A name with its end, at a multiple of 8.
    const bytes = new Uint8Array(8)
    bytes.set(text.encode(name))
    x.put(mov(rdi, rbx), mov(rsi, 0), mov(rdx, 0), lea(rcx, place(at)), mov(r8, 0), lea(r9, RESULTS[0]))
    call("napi_create_function")
    x.put(mov(rdi, rbx), mov(rsi, r12), lea(rdx, x.pool.bytes(bytes)), mov(rcx, RESULTS[0]))
    call("napi_set_named_property")
  }
  x.put(mov(rax, r12))
  leave()
  for (const { at, write } of callbacks) {
    x.align(16)
    x.bind(at)
    enter()
    write()
  }
  return Elf.make({ name: "napi_register_module_v1", imports: IMPORTS, code: x.bytes() })
}

const place = (at: Label) => mem({ base: at })
