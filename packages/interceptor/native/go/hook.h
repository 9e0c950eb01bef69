// What the hook's entry and its C agree on.
#pragma once

/** Where the calls run: none of them uses the stack of a goroutine, which may be too short and may be moved. */
#ifndef HOOK_SLOTS
#define HOOK_SLOTS 32 // at most 32: a bit each
#endif
#define HOOK_SLOT_BITS 15 // 32 KiB; a signal handler of a C library may run there, too

// Bits over the result of a call that has been made, which has 31 at most.
#define HOOK_RECEIVED_BIT 32
#define HOOK_MESSAGE_BIT 33

/** Descriptors from there on are never marked. */
#define HOOK_MARKABLE 65536
