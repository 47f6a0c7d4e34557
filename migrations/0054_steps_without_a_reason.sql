-- Where its edge asks for no reason, a step may have none: NULL, never an empty text.

-- The version before this one reads the reason only to show it, and shows nothing for NULL.
-- squawk-ignore ban-drop-not-null
ALTER TABLE escalations ALTER COLUMN reason DROP NOT NULL;
COMMENT ON COLUMN escalations.reason IS 'NULL = none was given; only where the edge of the step does not require one.';
