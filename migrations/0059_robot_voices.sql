-- Guests hear robots under names fit for people, and several robots of a workspace may share one voice.

-- squawk-ignore require-concurrent-index-deletion -- a workspace has a handful of robots
DROP INDEX uq_robots_name;
CREATE UNIQUE INDEX uq_robots_name ON robots (workspace_id, name, module) WHERE deleted_at IS NULL;

-- Until now nobody could choose a name, so that those named like their module have none.
UPDATE users u
   SET display_name = 'Assistant'
  FROM robots r
 WHERE r.user_id = u.id AND r.name = r.module AND r.module IN ('greeter', 'faq');
UPDATE robots
   SET name = 'Assistant'
 WHERE name = module AND module IN ('greeter', 'faq');
