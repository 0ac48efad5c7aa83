-- Positions and readings: one partition a day; no partition for what is out of range, so that a wrong clock makes none.

CREATE TABLE position (
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    terminal_id bigint NOT NULL,
    digest bigint NOT NULL,
    alarm bigint NOT NULL,
    status bigint NOT NULL,
    mileage bigint,
    lat integer NOT NULL CHECK (lat BETWEEN -90000000 AND 90000000),
    lon integer NOT NULL CHECK (lon BETWEEN -180000000 AND 180000000),
    speed integer NOT NULL CHECK (speed >= 0),
    altitude integer,
    course smallint CHECK (course BETWEEN 0 AND 359),
    nav smallint CHECK (nav BETWEEN 0 AND 15),
    history boolean NOT NULL,
    extra bytea CHECK (length(extra) <= 1200),
    PRIMARY KEY (terminal_id, at, digest)
) PARTITION BY RANGE (at);

CREATE TABLE position_filtered (
    recorded_at timestamptz NOT NULL,
    at timestamptz,
    terminal_id bigint NOT NULL,
    digest bigint NOT NULL,
    filter text NOT NULL CHECK (length(filter) BETWEEN 1 AND 20),
    raw bytea NOT NULL CHECK (length(raw) <= 1200),
    PRIMARY KEY (terminal_id, recorded_at, digest)
) PARTITION BY RANGE (recorded_at);

CREATE TABLE reading (
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    terminal_id bigint NOT NULL,
    value double precision NOT NULL CHECK (value BETWEEN -1e9 AND 1e9),
    metric smallint NOT NULL,
    channel smallint NOT NULL CHECK (channel BETWEEN 0 AND 255),
    PRIMARY KEY (terminal_id, metric, at, channel)
) PARTITION BY RANGE (at);

ALTER TABLE last_position SET (fillfactor = 60);
ALTER TABLE contact SET (fillfactor = 60);

-- Make the partitions of the days from `first` to `last` (UTC) that are missing; at most 800 days, none further ahead than a month.
CREATE FUNCTION huoji_make_days(first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    day date;
    parent text;
    child text;
    made integer := 0;
BEGIN
    IF last - first > 800 OR last > today + 31 OR first < today - 1200 THEN
        RAISE EXCEPTION 'days out of range' USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    PERFORM pg_advisory_xact_lock(8080808);
    FOR day IN SELECT generate_series(first, last, interval '1 day')::date LOOP
        FOREACH parent IN ARRAY ARRAY['position', 'position_filtered', 'reading'] LOOP
            child := parent || '_d' || to_char(day, 'YYYYMMDD');
            CONTINUE WHEN to_regclass(child) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child, parent);
            EXECUTE format(
                'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child,
                day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC'
            );
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION huoji_make_days(date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION huoji_make_days(date, date) TO huoji_app;
