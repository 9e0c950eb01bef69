// Syscall6 as Go has it, word for word, and a caller that knows what is left of it. Source: runtime/internal/syscall of Go 1.19.

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
  .balign 8
syscall6:
  ldr x8, [sp, #8]
  ldr x0, [sp, #16]
  ldr x1, [sp, #24]
  ldr x2, [sp, #32]
  ldr x3, [sp, #40]
  ldr x4, [sp, #48]
  ldr x5, [sp, #56]
  svc #0
  cmn x0, #4095
  b.cc 1f
  mov x4, #-1
  str x4, [sp, #64]
  str xzr, [sp, #72]
  neg x0, x0
  str x0, [sp, #80]
  ret
1:
  str x0, [sp, #64]
  str x1, [sp, #72]
  str xzr, [sp, #80]
  ret

#define BELOW 8192 // bytes below the stack that must stay as they are
#define FRAME 96 // a word, and struct call

// long through_go(struct call *call): see go-calls.c. Answers whether a register or a byte of the stack was changed.
  .globl through_go
through_go:
  stp x29, x30, [sp, #-176]!
  stp d8, d9, [sp, #112]
  stp d10, d11, [sp, #128]
  stp d12, d13, [sp, #144]
  stp d14, d15, [sp, #160]
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  stp x0, x18, [sp, #96]
  sub sp, sp, #FRAME
  ldp x1, x2, [x0]
  stp x1, x2, [sp, #8]
  ldp x1, x2, [x0, #16]
  stp x1, x2, [sp, #24]
  ldp x1, x2, [x0, #32]
  stp x1, x2, [sp, #40]
  ldr x1, [x0, #48]
  str x1, [sp, #56]
  ldr x29, =0x5a17c3e2b49d6f08
  .irp n, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28
  mov x\n, x29
  .endr
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  dup v\n\().2d, x29
  .endr
  mov x1, #BELOW
  mov x2, sp
2:
  str x29, [x2, #-8]!
  subs x1, x1, #8
  b.ne 2b
  bl syscall6
  mov x9, #0
  .irp n, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28
  eor x10, x\n, x29
  orr x9, x9, x10
  .endr
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  mov x10, v\n\().d[0]
  eor x10, x10, x29
  orr x9, x9, x10
  mov x10, v\n\().d[1]
  eor x10, x10, x29
  orr x9, x9, x10
  .endr
  // x29 itself.
  ldr x10, =0x5a17c3e2b49d6f08
  eor x10, x10, x29
  orr x9, x9, x10
  mov x1, #BELOW
  mov x2, sp
3:
  ldr x10, [x2, #-8]!
  eor x10, x10, x29
  orr x9, x9, x10
  subs x1, x1, #8
  b.ne 3b
  ldr x0, [sp, #FRAME + 96]
  ldp x1, x2, [sp, #64]
  stp x1, x2, [x0, #56]
  ldr x1, [sp, #80]
  str x1, [x0, #72]
  add sp, sp, #FRAME
  ldr x18, [sp, #104]
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp d8, d9, [sp, #112]
  ldp d10, d11, [sp, #128]
  ldp d12, d13, [sp, #144]
  ldp d14, d15, [sp, #160]
  ldp x29, x30, [sp], #176
  cmp x9, #0
  cset x0, ne
  ret

  .section .note.GNU-stack, "", @progbits
