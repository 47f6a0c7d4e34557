-- What guests asked in vain, so that somebody can answer it once for all.

CREATE TABLE unanswered_questions (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    question text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL DEFAULT 'open',
    group_id uuid,
    meaning real[],
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_unanswered_questions PRIMARY KEY (id),
    CONSTRAINT fk_unanswered_questions_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_unanswered_questions_question CHECK (char_length(question) BETWEEN 1 AND 500),
    CONSTRAINT ck_unanswered_questions_reason CHECK (reason IN ('not_in_documents', 'low_score')),
    CONSTRAINT ck_unanswered_questions_state CHECK (state IN ('open', 'answered', 'dismissed')),
    CONSTRAINT ck_unanswered_questions_meaning CHECK (cardinality(meaning) = 384)
);
CREATE INDEX idx_unanswered_questions_room ON unanswered_questions (room_id);
CREATE INDEX idx_unanswered_questions_open ON unanswered_questions (workspace_id, group_id) WHERE state = 'open';
COMMENT ON TABLE unanswered_questions IS
    'The words of a question and nothing else of who asked it: they go with their room, and when its messages would.';
COMMENT ON COLUMN unanswered_questions.group_id IS 'The first question of those that mean the same; NULL until compared.';
COMMENT ON COLUMN unanswered_questions.meaning IS 'Its embedding: compared here and now, so without an index.';
CALL desk_touch('unanswered_questions');
CALL desk_secure('unanswered_questions', 'SELECT, INSERT, UPDATE, DELETE');
