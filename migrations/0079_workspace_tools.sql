-- Tools that a workspace adds: requests that an admin has written down, and the tools of MCP servers.

CREATE TABLE mcp_servers (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    header_name text NOT NULL DEFAULT 'Authorization',
    secret_encrypted bytea,
    allows_private_address boolean NOT NULL DEFAULT false,
    problem text NOT NULL DEFAULT '',
    listed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_mcp_servers PRIMARY KEY (id),
    CONSTRAINT uq_mcp_servers_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_mcp_servers_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_mcp_servers_name CHECK (name ~ '^[a-z0-9]{1,20}$')
);
CREATE UNIQUE INDEX uq_mcp_servers_name ON mcp_servers (workspace_id, name) WHERE deleted_at IS NULL;
COMMENT ON COLUMN mcp_servers.problem IS 'Why the last listing failed; empty when it did not.';
CALL desk_touch('mcp_servers');
CALL desk_secure('mcp_servers', p_hidden => ARRAY['secret_encrypted']);

CREATE TABLE workspace_tools (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    server_id uuid,
    remote_name text,
    description text NOT NULL,
    parameters jsonb NOT NULL,
    request jsonb,
    secrets_encrypted bytea,
    risk text NOT NULL DEFAULT 'high',
    cost numeric(14, 6) NOT NULL DEFAULT 0,
    idempotent boolean NOT NULL DEFAULT false,
    required_level text NOT NULL DEFAULT 'T1',
    fingerprint text NOT NULL,
    is_known boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_workspace_tools PRIMARY KEY (id),
    CONSTRAINT fk_workspace_tools_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_workspace_tools_server FOREIGN KEY (workspace_id, server_id)
        REFERENCES mcp_servers (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_workspace_tools_name CHECK (name ~ '^[A-Za-z0-9_-]{1,80}$'),
    CONSTRAINT ck_workspace_tools_risk CHECK (risk IN ('read', 'low', 'high')),
    CONSTRAINT ck_workspace_tools_level CHECK (required_level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_workspace_tools_source CHECK ((server_id IS NULL) = (request IS NOT NULL)),
    CONSTRAINT ck_workspace_tools_remote CHECK ((server_id IS NULL) = (remote_name IS NULL))
);
CREATE UNIQUE INDEX uq_workspace_tools_name ON workspace_tools (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_workspace_tools_workspace ON workspace_tools (workspace_id);
CREATE INDEX idx_workspace_tools_server ON workspace_tools (server_id) WHERE server_id IS NOT NULL;
COMMENT ON COLUMN workspace_tools.is_known IS 'A person has agreed to this name, description and schema; a change ends that.';
CALL desk_touch('workspace_tools');
CALL desk_secure('workspace_tools', p_hidden => ARRAY['secrets_encrypted']);
