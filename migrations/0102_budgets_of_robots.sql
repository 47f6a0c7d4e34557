-- A robot may have a daily budget of its own: what is right for all is too much for one and too little for another.

ALTER TABLE robots
    ADD COLUMN daily_budget numeric(14, 6);
ALTER TABLE robots
    ADD CONSTRAINT ck_robots_daily_budget CHECK (daily_budget >= 0) NOT VALID;
ALTER TABLE robots VALIDATE CONSTRAINT ck_robots_daily_budget;
COMMENT ON COLUMN robots.daily_budget IS
    'US dollars that its calls of models may cost a day; NULL = what llm_budgets says of each robot.';
GRANT SELECT (daily_budget) ON robots TO desk_reader;
