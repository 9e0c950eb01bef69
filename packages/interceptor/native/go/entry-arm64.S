// Where a program's system calls come in: a jump to here has replaced its `svc`.
//
// In: the number in x8, the arguments in x0 to x5. Out: the result in x0. The function around that `svc` uses no other register:
// all that a call may change are free. Nothing is put on the stack, which is a goroutine's; x28, its g, and x18 are never used.
#include "hook.h"

#define FRAME 80 // the number, six arguments, x30, the slot, the stack pointer

  .hidden hook
  .hidden marked_descriptors
  .globl entry, way_back

  .section .bss.stacks, "aw", @nobits
  .balign 64
stacks:
  .skip HOOK_SLOTS << HOOK_SLOT_BITS

  .section .bss.busy, "aw", @nobits
  .balign 4
busy: // a bit for each slot
  .skip 4

  .section .text.entry, "ax", @progbits
  .balign 8
entry:
  cmp x8, #63 // read
  b.eq 1f
  sub x9, x8, #203
  cmp x9, #9
  b.hi 7f
  mov w10, #1
  lsl w10, w10, w9
  mov w11, #0x109 // connect, sendto, sendmsg
  tst w10, w11
  b.ne 3f
  mov w11, #0x210 // recvfrom, recvmsg
  tst w10, w11
  b.eq 7f

1: // Receives: it matters only on a marked descriptor, and when it is done.
  lsr w9, w0, #16
  cbnz w9, 7f
  adr x10, marked_descriptors
  ldrb w9, [x10, w0, uxtw]
  cbz w9, 7f
  svc #0
  cmp x0, #0
  b.le 8f
  mov x9, #1 << HOOK_RECEIVED_BIT
  mov x10, #1 << HOOK_MESSAGE_BIT
  cmp x8, #212
  csel x9, x10, x9, eq
  orr x8, x0, x9

3: // Takes a slot.
  adr x9, busy
4:
  ldaxr w10, [x9]
#if HOOK_SLOTS < 32
  mov w11, #~0 << HOOK_SLOTS
  orr w11, w10, w11
  mvn w11, w11
#else
  mvn w11, w10
#endif
  cbnz w11, 5f
  clrex
  yield
  b 4b
5:
  rbit w11, w11
  clz w12, w11
  mov w11, #1
  lsl w11, w11, w12
  orr w10, w10, w11
  stxr w11, w10, [x9]
  cbnz w11, 4b

  adr x11, top_of_first
  ldr x13, [x11]
  add x13, x13, x11
  add x13, x13, x12, lsl #HOOK_SLOT_BITS
  mov x14, sp
  mov sp, x13
  stp x8, x0, [sp]
  stp x1, x2, [sp, #16]
  stp x3, x4, [sp, #32]
  stp x5, x30, [sp, #48]
  stp x12, x14, [sp, #64]
  mov x0, sp
  bl hook
  mov w9, w0
  ldp x8, x0, [sp]
  ldp x1, x2, [sp, #16]
  ldp x3, x4, [sp, #32]
  ldp x5, x30, [sp, #48]
  ldp x12, x14, [sp, #64]
  mov sp, x14
  adr x10, busy // no slot is held over a call of the program's own
  mov w11, #1
  lsl w11, w11, w12
6:
  ldxr w13, [x10]
  bic w13, w13, w11
  stlxr w14, w13, [x10]
  cbnz w14, 6b
  cbz w9, 7f
  mov x0, x8
  b 8f

7:
  svc #0
8:
  adr x17, way_back
  ldr x16, [x17]
  add x16, x16, x17
  br x16

  .balign 8
top_of_first: // too far for adr
  .xword stacks + (1 << HOOK_SLOT_BITS) - FRAME - .
way_back:
  .xword 0
