#pragma once

/** The value of an option that is a number; -1 when the descriptor has no such option. */
int socket_option(int socket, int level, int name);

/** Sets an option that the kernel may not take. */
void set_socket_option(int socket, int level, int name, int value);
