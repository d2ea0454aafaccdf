/// Stacks that take turns on one thread: what the threads under test run on.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>

#if !defined(__x86_64__) && !defined(__aarch64__)
# include <ucontext.h>
#endif
#if defined(__SANITIZE_ADDRESS__)
# include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
# if __has_feature(address_sanitizer)
#  include <sanitizer/asan_interface.h>
# endif
#endif

namespace weir::model {

#if defined(__x86_64__)
/// Saves what a callee must preserve, stores the stack pointer at `*saved`, and goes on where `resumed` was saved.
/// No system call: a switch costs a few nanoseconds, and a search makes many millions.
[[gnu::naked, gnu::noinline]] inline void switch_stack(void** saved [[maybe_unused]], void* resumed [[maybe_unused]]) {
  __asm__(
      "pushq %rbp\n\tpushq %rbx\n\tpushq %r12\n\tpushq %r13\n\tpushq %r14\n\tpushq %r15\n\t"
      "movq %rsp, (%rdi)\n\tmovq %rsi, %rsp\n\t"
      "popq %r15\n\tpopq %r14\n\tpopq %r13\n\tpopq %r12\n\tpopq %rbx\n\tpopq %rbp\n\t"
      "ret");
}
#elif defined(__aarch64__)
/// The same. At the top level and weak, because GCC has no naked functions for this processor.
extern "C" void weir_model_switch_stack(void** saved, void* resumed);
__asm__(
    ".text\n\t.weak weir_model_switch_stack\n\t.type weir_model_switch_stack, %function\nweir_model_switch_stack:\n\t"
    "sub sp, sp, #160\n\t"
    "stp x19, x20, [sp]\n\tstp x21, x22, [sp, #16]\n\tstp x23, x24, [sp, #32]\n\tstp x25, x26, [sp, #48]\n\t"
    "stp x27, x28, [sp, #64]\n\tstp x29, x30, [sp, #80]\n\tstp d8, d9, [sp, #96]\n\tstp d10, d11, [sp, #112]\n\t"
    "stp d12, d13, [sp, #128]\n\tstp d14, d15, [sp, #144]\n\t"
    "mov x9, sp\n\tstr x9, [x0]\n\tmov sp, x1\n\t"
    "ldp x19, x20, [sp]\n\tldp x21, x22, [sp, #16]\n\tldp x23, x24, [sp, #32]\n\tldp x25, x26, [sp, #48]\n\t"
    "ldp x27, x28, [sp, #64]\n\tldp x29, x30, [sp, #80]\n\tldp d8, d9, [sp, #96]\n\tldp d10, d11, [sp, #112]\n\t"
    "ldp d12, d13, [sp, #128]\n\tldp d14, d15, [sp, #144]\n\t"
    "add sp, sp, #160\n\tret\n\t.size weir_model_switch_stack, . - weir_model_switch_stack");
inline void switch_stack(void** saved, void* resumed) {
  weir_model_switch_stack(saved, resumed);
}
#endif

/// A stack of its own and the place where it stopped. It may be abandoned half-way and prepared anew: what its frames
/// held is then forgotten, not destroyed.
class Fiber {
 public:
  /// With the caller's own stack: the fiber that the others return to.
  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber() {
    if (mapping_ != nullptr) {
      ::munmap(mapping_, guard + size);
    }
  }

  /// The next switch to this fiber calls `entry`, which must not return.
  void prepare(void (*entry)()) {
    if (mapping_ == nullptr) {
      allocate();
    }
    unpoison();
#if defined(__x86_64__)
    // From the top: no return address (it ends a backtrace), the entry, six registers.
    auto** top = reinterpret_cast<void**>(mapping_ + guard + size);
    top[-1] = nullptr;
    top[-2] = reinterpret_cast<void*>(entry);
    for (int i = 3; i <= 8; ++i) {
      top[-i] = nullptr;
    }
    stack_pointer_ = top - 8;
#elif defined(__aarch64__)
    // Twenty registers: the twelfth is the link register, by which the switch returns.
    auto** top = reinterpret_cast<void**>(mapping_ + guard + size);
    for (int i = 1; i <= 20; ++i) {
      top[-i] = nullptr;
    }
    top[-20 + 11] = reinterpret_cast<void*>(entry);
    stack_pointer_ = top - 20;
#else
    ::getcontext(&context_);
    context_.uc_stack.ss_sp = mapping_ + guard;
    context_.uc_stack.ss_size = size;
    context_.uc_link = nullptr;
    ::makecontext(&context_, entry, 0);
#endif
  }

  /// Leaves the running fiber `from`, which is whatever called this, until somebody switches back to it.
  static void switch_to(Fiber& from, Fiber& to) {
#if defined(__x86_64__) || defined(__aarch64__)
    switch_stack(&from.stack_pointer_, to.stack_pointer_);
#else
    ::swapcontext(&from.context_, &to.context_);
#endif
  }

 private:
  static constexpr std::size_t size = std::size_t{256} << 10;
  static constexpr std::size_t guard = std::size_t{64} << 10;  // the largest page size there is on aarch64

  void allocate() {
    void* mapping = ::mmap(nullptr, guard + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED || ::mprotect(mapping, guard, PROT_NONE) != 0) {
      throw std::bad_alloc{};
    }
    mapping_ = static_cast<std::byte*>(mapping);
  }

  /// Abandoned frames leave their red zones behind.
  void unpoison() noexcept {
#if defined(ASAN_UNPOISON_MEMORY_REGION)
    ASAN_UNPOISON_MEMORY_REGION(mapping_ + guard, size);
#endif
  }

  std::byte* mapping_ = nullptr;
#if defined(__x86_64__) || defined(__aarch64__)
  void* stack_pointer_ = nullptr;
#else
  ucontext_t context_{};
#endif
};

}  // namespace weir::model
