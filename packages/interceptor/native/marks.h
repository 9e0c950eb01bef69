// Which descriptors carry DNS: what is received on them is read for addresses of targets.
#pragma once
#include <sys/socket.h>

#include "address.h"

enum {
  /** Descriptors from there on are never marked. */
  MARKABLE = 65536,
};

/** A byte each. Read by the hook in a Go program, too, before it comes to `learn_received`. */
extern uint8_t marked_descriptors[MARKABLE];

/** A connect or a datagram went to this endpoint: marks the descriptor when it is a DNS server's, else unmarks it. */
void mark(int descriptor, const struct endpoint *to);

/** Whether the descriptor is marked. Makes no system call. */
bool is_marked(int descriptor);

/**
 * Reads what was received on a marked descriptor. It keeps its mark whatever that was: a part of an answer, or other data when
 * the number was closed and opened for something else; a connect elsewhere takes it away.
 */
void learn_received(const void *message, size_t length);

/** The same of a message that recvmsg has received: `got` bytes, or more than there was room for (MSG_TRUNC). */
void learn_message(const struct msghdr *message, size_t got);
