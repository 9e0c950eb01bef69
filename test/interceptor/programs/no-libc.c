// A program that a dynamic linker loads, and that has no libc.
void _start(void) {
  __asm__ volatile("mov $60, %eax\n mov $7, %edi\n syscall");
}
