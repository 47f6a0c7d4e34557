-- A run whose process died and that nobody takes up again has ended too: it is abandoned, not running.

-- The new guarantee holds every word of the old one and one more.
-- squawk-ignore ban-drop-constraint
ALTER TABLE job_runs DROP CONSTRAINT ck_job_runs_status;
ALTER TABLE job_runs ADD CONSTRAINT ck_job_runs_status
    CHECK (status IN ('running', 'succeeded', 'failed', 'skipped', 'abandoned')) NOT VALID;
ALTER TABLE job_runs VALIDATE CONSTRAINT ck_job_runs_status;
