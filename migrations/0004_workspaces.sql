-- A workspace is a company's isolated desk: every other row belongs to one, and its plan limits it.

CREATE TABLE plans (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    name text NOT NULL,
    token_limit_daily bigint NOT NULL,
    document_limit integer NOT NULL,
    workspace_document_limit integer NOT NULL,
    session_limit integer NOT NULL,
    api_rate_per_minute integer NOT NULL,
    price_monthly numeric(14, 6) NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_plans PRIMARY KEY (id),
    CONSTRAINT uq_plans_name UNIQUE (name),
    CONSTRAINT ck_plans_name CHECK (char_length(name) BETWEEN 1 AND 50),
    CONSTRAINT ck_plans_limits CHECK (
        least(token_limit_daily, document_limit, workspace_document_limit, session_limit, api_rate_per_minute) >= 0
        AND price_monthly >= 0
    )
);
COMMENT ON COLUMN plans.document_limit IS 'Documents per room; workspace_document_limit counts all of a workspace.';
COMMENT ON COLUMN plans.session_limit IS 'Open rooms at a time.';
GRANT SELECT ON plans TO desk_app, desk_jobs, desk_reader;
CALL desk_touch('plans');
CALL desk_audit('plans', ARRAY['name', 'token_limit_daily', 'document_limit', 'workspace_document_limit',
    'session_limit', 'api_rate_per_minute', 'price_monthly', 'is_active'], p_inserts => true);

INSERT INTO plans (name, token_limit_daily, document_limit, workspace_document_limit, session_limit,
    api_rate_per_minute, price_monthly)
VALUES
    ('free', 100000, 5, 200, 50, 60, 0),
    ('pro', 5000000, 50, 5000, 2000, 600, 49),
    ('enterprise', 200000000, 500, 200000, 1000000, 6000, 499);

CREATE TABLE workspaces (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    name text NOT NULL,
    identity_secret_encrypted bytea,
    time_zone text NOT NULL DEFAULT 'UTC',
    locale text NOT NULL DEFAULT 'en',
    plan_id uuid NOT NULL,
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_workspaces PRIMARY KEY (id),
    CONSTRAINT fk_workspaces_plan FOREIGN KEY (plan_id) REFERENCES plans (id) ON DELETE RESTRICT,
    CONSTRAINT ck_workspaces_name CHECK (char_length(name) BETWEEN 1 AND 200)
);
CREATE INDEX idx_workspaces_plan ON workspaces (plan_id);
COMMENT ON COLUMN workspaces.epoch IS
    'Changes at every restore, because seq values then repeat; random, because a counter would be restored too.';
CALL desk_touch('workspaces');
CALL desk_secure('workspaces', p_hidden => ARRAY['identity_secret_encrypted'], p_column => 'id');
CALL desk_audit('workspaces', ARRAY['name', 'identity_secret_encrypted', 'time_zone', 'locale', 'plan_id', 'epoch',
    'settings', 'deleted_at'], ARRAY['identity_secret_encrypted'], p_inserts => true);

CREATE TABLE subscriptions (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'active',
    current_period_start timestamptz NOT NULL DEFAULT now(),
    current_period_end timestamptz,
    external_ref text,
    cancelled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_subscriptions PRIMARY KEY (id),
    CONSTRAINT fk_subscriptions_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_subscriptions_plan FOREIGN KEY (plan_id) REFERENCES plans (id) ON DELETE RESTRICT,
    CONSTRAINT ck_subscriptions_status CHECK (status IN ('trialing', 'active', 'past_due', 'cancelled')),
    CONSTRAINT ck_subscriptions_cancelled CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
);
CREATE UNIQUE INDEX uq_subscriptions_current ON subscriptions (workspace_id) WHERE status <> 'cancelled';
CREATE INDEX idx_subscriptions_workspace ON subscriptions (workspace_id);
CREATE INDEX idx_subscriptions_plan ON subscriptions (plan_id);
CREATE UNIQUE INDEX uq_subscriptions_external_ref ON subscriptions (external_ref) WHERE external_ref IS NOT NULL;
CALL desk_touch('subscriptions');
CALL desk_secure('subscriptions');
