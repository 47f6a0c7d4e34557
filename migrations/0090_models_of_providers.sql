-- What a workspace says of the models of its providers: which are asked, what they cost, how much they read.

CREATE UNIQUE INDEX uq_provider_configs_workspace_id ON provider_configs (workspace_id, id);
ALTER TABLE provider_configs
    ADD CONSTRAINT uq_provider_configs_workspace_id UNIQUE USING INDEX uq_provider_configs_workspace_id;

CREATE TABLE provider_models (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    model text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    context_window integer,
    input_price numeric(14, 6),
    output_price numeric(14, 6),
    cached_price numeric(14, 6),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_provider_models PRIMARY KEY (id),
    CONSTRAINT uq_provider_models_model UNIQUE (workspace_id, provider_id, model),
    CONSTRAINT fk_provider_models_provider FOREIGN KEY (workspace_id, provider_id)
        REFERENCES provider_configs (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_provider_models_model CHECK (char_length(model) BETWEEN 1 AND 100),
    CONSTRAINT ck_provider_models_window CHECK (context_window > 0),
    CONSTRAINT ck_provider_models_prices CHECK (
        least(input_price, output_price, cached_price) >= 0
        AND (input_price IS NULL) = (output_price IS NULL) AND (cached_price IS NULL OR input_price IS NOT NULL)
    )
);
COMMENT ON TABLE provider_models IS 'What a workspace says of models; those it says nothing of are asked, at the price of the list that comes with the desk.';
COMMENT ON COLUMN provider_models.input_price IS 'US dollars for a million tokens. NULL = as the price list says, and unknown where it says nothing.';
COMMENT ON COLUMN provider_models.cached_price IS 'Of input that the provider had cached; NULL = as other input.';
CALL desk_touch('provider_models');
CALL desk_secure('provider_models', 'SELECT, INSERT, UPDATE, DELETE');
CALL desk_audit('provider_models', ARRAY['model', 'is_active', 'context_window', 'input_price', 'output_price',
    'cached_price'], p_inserts => true);
