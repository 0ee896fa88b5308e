#pragma once

#include <libssh/libssh.h>
#include <libssh/callbacks.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>

/* Exported by libssh, but declared only in its server.h. */
int ssh_send_keepalive(ssh_session session);
