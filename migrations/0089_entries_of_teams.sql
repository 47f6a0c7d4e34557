-- A question answered by hand may be for one team's conversations only, as documents may.

ALTER TABLE knowledge_entries ADD COLUMN team_id uuid;
ALTER TABLE knowledge_entries ADD CONSTRAINT fk_knowledge_entries_team FOREIGN KEY (workspace_id, team_id)
    REFERENCES teams (workspace_id, id) ON DELETE CASCADE NOT VALID;
ALTER TABLE knowledge_entries VALIDATE CONSTRAINT fk_knowledge_entries_team;
CREATE INDEX idx_knowledge_entries_team ON knowledge_entries (team_id) WHERE team_id IS NOT NULL;
COMMENT ON COLUMN knowledge_entries.team_id IS
    'The team in whose conversations it is said; NULL for the whole workspace. Its words in documents have the same.';
