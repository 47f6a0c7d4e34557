"""Settings: the only reader of the environment."""

import os
import secrets
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from supportdesk.errors import StartError

PREFIX = "SUPPORTDESK_"
TESTS_OWN = "TEST_DATABASE_URL"
LOOPBACK = frozenset({"127.0.0.1", "::1", "[::1]", "localhost"})


class Settings(BaseSettings):
    """What an operator decides, from `SUPPORTDESK_*` and `.env`; what an admin edits lives in the database."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    database_url: str | None = Field(None, description="PostgreSQL 15 or newer; without it one runs in the data folder")
    data_dir: Path = Field(Path("var"), description="Folder of the embedded database, files, archives and keys")
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one")
    public_url: AnyHttpUrl | None = Field(None, description="How browsers reach the desk; default http://HOST:PORT")
    secret_key: SecretStr | None = Field(
        None, description="At least 32 characters; default: made once in the data folder"
    )
    previous_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), description="Comma-separated keys of before: they verify and decrypt, until they are taken out"
    )
    demo: bool = Field(False, description="Load the demo workspace; refused unless the host is loopback")
    force: bool = Field(False, description="Start although a check advises against it")

    db_pool_max: int = Field(50, ge=6, le=1000, description="Connections over all pools of a process")
    db_pool_min: int = Field(5, ge=0, le=1000, description="Connections kept open over all pools")
    db_pool_acquire_s: float = Field(30, gt=0, description="Longest wait for a connection, in seconds")
    db_pool_idle_s: float = Field(10, gt=0, description="Idle connections above the minimum close after this")

    fast_sockets: bool = Field(True, description="Fan-out by one encoded frame; off: the stock python-socketio path")
    guest_rate: float = Field(20, ge=0, description="Events per second and guest socket; 0 for no limit")
    guest_burst: int = Field(200, ge=1, description="Events a guest socket may send at once")
    guest_sessions_per_minute: float = Field(
        60, ge=0, description="Guest sessions per client address; 0 for no limit; loopback is exempt"
    )
    site_sessions_per_minute: float = Field(
        3000, ge=0, description="Guest sessions per site; 0 for no limit; loopback is exempt"
    )
    guest_rooms: int = Field(100, ge=0, description="Open conversations per guest; 0 for no limit")
    sockets_per_address: int = Field(
        50, ge=0, description="Sockets per client address; 0 for no limit; loopback is exempt"
    )
    ping_interval_s: float = Field(25, gt=0, description="Seconds between pings of a socket")
    ping_timeout_s: float = Field(20, gt=0, description="Seconds without an answer until a socket is cut")

    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="Comma-separated networks whose X-Forwarded-* headers are believed"
    )
    private_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Comma-separated hosts, or host:port, with private addresses that robots and tools may ask"
    )
    metrics_public: bool = Field(True, description="Serve /metrics to everybody; off: loopback only")
    api_docs: bool = Field(True, description="Serve /api/openapi.json and /api/asyncapi.json")

    smtp_url: SecretStr | None = Field(None, description="smtp://user:password@host:587 for invitations and resets")
    mail_from: str = Field("Support Desk <desk@localhost>", description="Sender of the desk's e-mails")

    robot_workers: int = Field(
        8, ge=0, le=200, description="Robot turns at once in this process; 0: leave them to workers"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")
    log_json: bool | None = Field(
        None, description="Log lines as JSON; off: for people; unset: JSON unless a terminal shows them"
    )

    @field_validator("trusted_proxies", "previous_secret_keys", "private_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:  # noqa: PLR2004 - 256 bits as hex or better
            raise ValueError("it needs at least 32 characters")
        return value

    @classmethod
    def load(cls, **given: object) -> Self:
        """Read the environment; raises StartError with one sentence per wrong setting."""
        try:
            return cls(**given)  # type: ignore[arg-type]
        except ValidationError as error:
            wrong = "; ".join(
                f"SUPPORTDESK_{'_'.join(map(str, part['loc'])).upper()}: {part['msg'].removeprefix('Value error, ')}"
                for part in error.errors()
            )
            raise StartError(f"These settings cannot be used: {wrong}.") from None

    @classmethod
    def strangers(cls) -> list[str]:
        """A sentence for each variable of the environment that looks like a setting and is none."""
        known = [name.upper() for name in cls.model_fields]
        given = sorted(os.environ)  # noqa: TID251 - settings are read here
        found = []
        for name in given:
            word = name.removeprefix(PREFIX)
            if word not in (name, *known, TESTS_OWN):
                near = get_close_matches(word, known, n=1)
                hint = f"; did you mean {PREFIX}{near[0]}?" if near else "."
                found.append(f"{name} is not a setting of this version and is ignored{hint}")
        return found

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the desk: no address of its own to the outside, and no proxy's."""
        return self.host in LOOPBACK and (self.public_url is None or self.public_url.host in LOOPBACK)

    @property
    def origin(self) -> str:
        """Scheme, host and port as browsers see them, without a trailing slash."""
        if self.public_url is not None:
            return str(self.public_url).rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def master_key(self) -> bytes:
        """The installation's secret: given, or made once in the data folder (mode 0600)."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.data_dir / "secret.key"
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # archives hold conversations
            with suppress(FileExistsError):  # made by an earlier start
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w") as file:
                    file.write(secrets.token_hex(32))
            return path.read_bytes()
        except OSError as error:
            raise StartError(f"The key file {path} cannot be made or read: {error.strerror}.") from error
