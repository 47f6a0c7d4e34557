-- Rows need a month to go to: this one and three ahead, and last month's for what is imported or restored late.

DO $$
DECLARE
    gap record;
BEGIN
    PERFORM desk_make_partition('messages', (now() AT TIME ZONE 'UTC' - interval '1 month')::date);
    PERFORM desk_make_partition('room_events', (now() AT TIME ZONE 'UTC' - interval '1 month')::date);
    FOR gap IN SELECT parent, month FROM desk_missing_partitions(3)
    LOOP
        PERFORM desk_make_partition(gap.parent, gap.month);
    END LOOP;
END
$$;
