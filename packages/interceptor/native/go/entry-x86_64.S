// Where a program's system calls come in: a jump to here has replaced its `syscall` and the `cmp` behind it.
//
// In: the number in rax, the arguments in rdi, rsi, rdx, r10, r8, r9. Out: the result in rax, and the flags of that `cmp`. Of the
// other registers only rcx and r11 are free, as behind a `syscall`. Nothing is put on the stack, which is a goroutine's.
#include "hook.h"

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
entry:
  test %rax, %rax // read
  jz 1f
  lea -42(%rax), %rcx // connect, accept, sendto, recvfrom, sendmsg, recvmsg
  cmp $5, %rcx
  ja 7f
  test $1, %cl
  jz 3f
  cmp $1, %ecx
  je 7f

1: // Receives: it matters only on a marked descriptor, and when it is done.
  cmp $HOOK_MARKABLE - 1, %edi
  ja 7f
  mov %edi, %ecx
  lea marked_descriptors(%rip), %r11
  cmpb $0, (%r11,%rcx)
  je 7f
  cmp $47, %eax
  je 2f
  syscall
  test %rax, %rax
  jle 8f
  bts $HOOK_RECEIVED_BIT, %rax
  jmp 3f
2:
  syscall
  test %rax, %rax
  jle 8f
  bts $HOOK_MESSAGE_BIT, %rax

3: // Takes a slot.
  mov busy(%rip), %ecx
#if HOOK_SLOTS < 32
  or $~0 << HOOK_SLOTS, %ecx
#endif
  not %ecx
  bsf %ecx, %ecx
  jz 4f
  lock bts %ecx, busy(%rip)
  jnc 5f
4:
  pause
  jmp 3b

5:
  shl $HOOK_SLOT_BITS, %ecx
  lea stacks + (1 << HOOK_SLOT_BITS) - 8(%rip), %r11
  add %rcx, %r11
  mov %rsp, (%r11)
  mov %r11, %rsp
  push %rcx
  push %rcx // for the alignment of the stack
  push %r9
  push %r8
  push %r10
  push %rdx
  push %rsi
  push %rdi
  push %rax
  mov %rsp, %rdi
  call hook
  mov %eax, %r11d
  pop %rax
  pop %rdi
  pop %rsi
  pop %rdx
  pop %r10
  pop %r8
  pop %r9
  pop %rcx
  pop %rcx
  shr $HOOK_SLOT_BITS, %ecx
  pop %rsp
  lock btr %ecx, busy(%rip) // no slot is held over a call of the program's own
  test %r11d, %r11d
  jnz 8f

7:
  syscall
8:
  cmp $-4095, %rax
  .byte 0xe9 // jmp
way_back:
  .long 0
