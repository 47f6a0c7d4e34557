-- A queue may leave the choice to people: then rooms wait until somebody claims them.

ALTER TABLE queues
    ADD COLUMN auto_assign boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN queues.auto_assign IS
    'Whether waiting rooms go by themselves to whoever is online at this level and has capacity left.';
