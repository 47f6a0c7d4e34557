-- An archive names its place before anything is written there, so that what a crash leaves can be found and removed.

UPDATE archive_transactions
SET location = format('archives/%s/%s/%s', workspace_id, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM'), id)
WHERE kind = 'archive' AND status IN ('running', 'failed') AND location IS NULL;
CREATE INDEX idx_archive_transactions_unfinished ON archive_transactions (workspace_id, started_at)
    WHERE status IN ('running', 'failed') AND location IS NOT NULL;
COMMENT ON COLUMN archive_transactions.location IS
    'Where its objects lie, or may lie: written before the first of them, NULL once a failed archive has left nothing.';
