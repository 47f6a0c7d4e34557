"""What the server is told: our settings and who may log in, written anew at every start."""

from pathlib import Path
from typing import Final

INCLUDED_AS: Final = "supportdesk.conf"
LOGS: Final = "log"
PORT: Final = 5432  # names the socket file; no TCP port is opened

HEADER: Final = (
    "# Written by the desk at every start. Settings of your own, which win over these:\n"
    "# ALTER SYSTEM SET ..., as postgres with the password in credentials.json.\n"
)

SETTINGS: Final = {
    "listen_addresses": "''",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "password_encryption": "'scram-sha-256'",
    "max_connections": "100",
    "shared_buffers": "'128MB'",
    "shared_preload_libraries": "'pg_stat_statements'",
    "pg_stat_statements.track_utility": "off",
    "jit": "off",  # compiling costs more than the desk's short queries take
    "timezone": "'UTC'",
    "wal_level": "replica",
    "summarize_wal": "on",  # incremental backups
    "synchronous_commit": "on",
    # A query whose client was killed ends by itself.
    "client_connection_check_interval": "'10s'",
    "logging_collector": "on",
    "log_destination": "'stderr'",
    "log_directory": f"'{LOGS}'",
    "log_filename": "'postgresql-%Y%m%d-%H%M%S.log'",
    "log_file_mode": "0600",
    "log_rotation_age": "'1d'",
    "log_rotation_size": "'10MB'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
    "log_lock_waits": "on",
    "log_min_duration_statement": "'1s'",
    "log_temp_files": "'10MB'",
    # The log carries no people's data: no parameters, and terse leaves out DETAIL, which quotes whole rows.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}

DURABLE: Final = {"fsync": "on", "full_page_writes": "on"}
FOR_TESTS: Final = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "'1GB'"}


def settings(socket_dir: Path, *, durable: bool) -> str:
    """The text of our settings file; only a test's server may lose its data when the machine stops."""
    chosen = {
        **SETTINGS,
        **(DURABLE if durable else FOR_TESTS),
        "unix_socket_directories": f"'{socket_dir}'",
    }
    return HEADER + "".join(f"{name} = {value}\n" for name, value in chosen.items())


def admission(superuser: str) -> str:
    """The text of pg_hba.conf: the unix socket and a password, nothing else."""
    return (
        "# Written by the desk at every start.\n"
        "local all all scram-sha-256\n"
        f"local replication {superuser} scram-sha-256\n"
    )
