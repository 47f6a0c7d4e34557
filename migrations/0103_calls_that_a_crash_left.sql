-- A call of a model that a crash left was made and is charged for: its hold says what to book, and a booking that it is an estimate.

ALTER TABLE llm_holds ADD COLUMN user_id uuid;
ALTER TABLE llm_holds ADD COLUMN provider text;
ALTER TABLE llm_holds ADD COLUMN model text;
ALTER TABLE llm_holds ADD COLUMN output_tokens integer NOT NULL DEFAULT 0;
COMMENT ON TABLE llm_holds IS 'The most that calls under way may use; what expires here was left by a crash, and is booked as it stands.';
COMMENT ON COLUMN llm_holds.output_tokens IS 'The part of tokens that the answer may have.';

ALTER TABLE usage_logs ADD COLUMN is_estimate boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN usage_logs.is_estimate IS 'The provider has not said what it counted: the call was stopped, broken off, or left by a crash.';
