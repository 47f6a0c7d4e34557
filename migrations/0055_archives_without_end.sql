-- Says what NULL has always meant for messages: never delete what was not first archived, and never guess an end.

COMMENT ON COLUMN retention_policies.archive_days IS
    'Messages: so long in cold storage after the days online, then purged; 0 = purged by the next run, NULL = kept '
    'there for ever. Nothing else is archived: it is removed (guests: anonymised) when online_days end.';
COMMENT ON COLUMN archive_transactions.purge_after IS
    'From the policy under which the archive was made; NULL = kept for ever.';
