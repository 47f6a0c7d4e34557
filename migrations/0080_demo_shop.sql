-- The demo's shop has orders and vouchers, so that its robots have something real to look up and to give away.

CREATE TABLE shop_orders (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    number text NOT NULL,
    customer_ref text,
    email text NOT NULL,
    status text NOT NULL,
    items jsonb NOT NULL,
    total numeric(14, 6) NOT NULL,
    currency text NOT NULL DEFAULT 'EUR',
    placed_at timestamptz NOT NULL,
    due_on date,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_shop_orders PRIMARY KEY (id),
    CONSTRAINT uq_shop_orders_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT uq_shop_orders_number UNIQUE (workspace_id, number),
    CONSTRAINT fk_shop_orders_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_shop_orders_status CHECK (status IN ('paid', 'packed', 'sent', 'delayed', 'delivered', 'returned')),
    CONSTRAINT ck_shop_orders_email CHECK (email = lower(email))
);
COMMENT ON COLUMN shop_orders.customer_ref IS 'The user_id by which the shop signs the customer''s identity.';
CALL desk_touch('shop_orders');
CALL desk_secure('shop_orders');

CREATE TABLE shop_vouchers (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    order_id uuid NOT NULL,
    execution_id uuid,
    code text NOT NULL,
    amount numeric(14, 6) NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_shop_vouchers PRIMARY KEY (id),
    CONSTRAINT uq_shop_vouchers_code UNIQUE (workspace_id, code),
    -- The last line of defence: an approval gives one voucher, whatever runs how often.
    CONSTRAINT uq_shop_vouchers_execution UNIQUE (execution_id),
    CONSTRAINT fk_shop_vouchers_order FOREIGN KEY (workspace_id, order_id)
        REFERENCES shop_orders (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_shop_vouchers_amount CHECK (amount > 0)
);
CREATE INDEX idx_shop_vouchers_order ON shop_vouchers (order_id);
COMMENT ON COLUMN shop_vouchers.execution_id IS 'The call that issued it; no reference, because conversations leave earlier.';
CALL desk_touch('shop_vouchers');
CALL desk_secure('shop_vouchers');
