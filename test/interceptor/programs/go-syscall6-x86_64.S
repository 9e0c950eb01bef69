// Syscall6 as Go has it, byte for byte, and a caller that knows what is left of it. Source: runtime/internal/syscall of Go 1.19.

// What Go's linker says of itself, so that this is taken for a program of Go.
  .section .go.buildinfo, "aw", @progbits
  .balign 16
  .ascii "\377 Go buildinf:"
  .byte 8, 2
  .zero 16
  .byte 8
  .ascii "go1.19.8"
  .byte 0

  .text
syscall6:
  .byte 0x49, 0x89, 0xf2, 0x48, 0x89, 0xfa, 0x48, 0x89, 0xce, 0x48, 0x89, 0xdf // the arguments
  .byte 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff // syscall; cmp
  .byte 0x76, 0x15, 0x48, 0xf7, 0xd8, 0x48, 0x89, 0xc1, 0x48, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff
  .byte 0x48, 0xc7, 0xc3, 0x00, 0x00, 0x00, 0x00, 0xc3
  .byte 0x48, 0x89, 0xd3, 0x48, 0xc7, 0xc1, 0x00, 0x00, 0x00, 0x00, 0xc3

#define BELOW 8192 // bytes below the stack that must stay as they are
#define PATTERN 0x5a17c3e2b49d6f08

  .macro each_vector do
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  \do \n
  .endr
  .endm

  .macro set_vector n
  movq %rcx, %xmm\n
  movlhps %xmm\n, %xmm\n
  .endm

  // The next sixteen bits of what is found changed.
  .macro check_vector n
  movq %xmm\n, %r10
  xor %rcx, %r10
  or %r10, %r11
  movhlps %xmm\n, %xmm\n
  movq %xmm\n, %r10
  xor %rcx, %r10
  or %r10, %r11
  .endm

// long through_go(struct call *call): see go-calls.c. Answers whether a register or a byte of the stack was changed.
  .globl through_go
through_go:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  push %rdi
  movabs $PATTERN, %rcx
  each_vector set_vector
  mov $BELOW / 8, %edx
1:
  neg %rdx
  mov %rcx, -8(%rsp,%rdx,8)
  neg %rdx
  dec %edx
  jnz 1b
  mov %rcx, %rbp
  mov %rcx, %r12
  mov %rcx, %r13
  mov %rcx, %r14
  mov %rcx, %r15
  mov %rdi, %r10
  mov 0(%r10), %rax
  mov 8(%r10), %rbx
  mov 16(%r10), %rcx
  mov 24(%r10), %rdi
  mov 32(%r10), %rsi
  mov 40(%r10), %r8
  mov 48(%r10), %r9
  call syscall6
  mov (%rsp), %rdi
  mov %rax, 56(%rdi)
  mov %rbx, 64(%rdi)
  mov %rcx, 72(%rdi)
  movabs $PATTERN, %rcx
  xor %r11d, %r11d
  each_vector check_vector
  .irp register, rbp, r12, r13, r14, r15
  xor %rcx, %\register
  or %\register, %r11
  .endr
  // The fifth and the sixth argument are where they were.
  xor 40(%rdi), %r8
  xor 48(%rdi), %r9
  or %r8, %r11
  or %r9, %r11
  mov $BELOW / 8, %edx
2:
  neg %rdx
  mov -8(%rsp,%rdx,8), %r10
  neg %rdx
  xor %rcx, %r10
  or %r10, %r11
  dec %edx
  jnz 2b
  xor %eax, %eax
  test %r11, %r11
  setnz %al
  pop %rdi
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret

  .section .note.GNU-stack, "", @progbits
