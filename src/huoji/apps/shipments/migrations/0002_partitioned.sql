-- Event, custody and story: one partition a month of unit ids, every key led by the unit id.

CREATE TABLE event (
    unit_id bigint NOT NULL,
    key bigint NOT NULL,
    digest bigint NOT NULL,
    id bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    place_id bigint,
    next_place_id bigint,
    holder_id bigint,
    piece_id bigint,
    voids bigint,
    evidence_id bigint,
    batch_id bigint,
    precision smallint NOT NULL CHECK (precision BETWEEN 0 AND 2),
    offset_min smallint NOT NULL CHECK (offset_min BETWEEN -1080 AND 1080),
    source_id smallint NOT NULL,
    rev smallint NOT NULL CHECK (rev >= 0),
    offset_assumed boolean NOT NULL,
    classifier text NOT NULL CHECK (classifier IN ('PLN', 'EST', 'ACT')),
    milestone text NOT NULL CHECK (length(milestone) BETWEEN 1 AND 20),
    reason text NOT NULL CHECK (length(reason) <= 20),
    mode text NOT NULL CHECK (length(mode) <= 14),
    source_event_id text NOT NULL CHECK (length(source_event_id) <= 160),
    provider text NOT NULL CHECK (length(provider) <= 20),
    code text NOT NULL CHECK (length(code) <= 80),
    text text NOT NULL CHECK (length(text) <= 300),
    place text NOT NULL CHECK (length(place) <= 120),
    next_place text NOT NULL CHECK (length(next_place) <= 120),
    principal text NOT NULL CHECK (length(principal) <= 60),
    dataset text NOT NULL CHECK (length(dataset) <= 12),
    PRIMARY KEY (unit_id, key, digest)
) PARTITION BY RANGE (unit_id);
CREATE INDEX event_batch ON event (batch_id) WHERE batch_id IS NOT NULL;

CREATE TABLE custody (
    unit_id bigint NOT NULL,
    holder_id bigint NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL CHECK (until > since),
    PRIMARY KEY (unit_id, holder_id, since)
) PARTITION BY RANGE (unit_id);
CREATE INDEX custody_holder ON custody (holder_id, until);

CREATE TABLE story (
    unit_id bigint NOT NULL,
    fold_version smallint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (unit_id)
) PARTITION BY RANGE (unit_id);
ALTER TABLE story ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE FUNCTION huoji_event_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Retention and removal of demo data run as the owner through one audited function that sets this.
    IF TG_OP = 'DELETE' AND current_user = 'huoji_owner' AND current_setting('huoji.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'TRUNCATE' AND current_setting('huoji.allow_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'events are append-only: write a correction instead' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER event_stands BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION huoji_event_stands();
CREATE TRIGGER event_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION huoji_event_stands();
REVOKE UPDATE, DELETE, TRUNCATE ON event FROM huoji_app;
REVOKE DELETE, TRUNCATE ON evidence FROM huoji_app;

CREATE FUNCTION huoji_make_partitions(months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    month timestamptz;
    parent text;
    child text;
    made integer := 0;
BEGIN
    FOR step IN 0..least(months_ahead, 36) LOOP
        month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => step)) AT TIME ZONE 'UTC';
        FOREACH parent IN ARRAY ARRAY['event', 'custody', 'story'] LOOP
            child := parent || '_p' || to_char(month AT TIME ZONE 'UTC', 'YYYYMM');
            CONTINUE WHEN to_regclass(child) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', child, parent);
            IF parent = 'story' THEN
                EXECUTE format('ALTER TABLE %I SET (fillfactor = 80)', child);
            END IF;
            EXECUTE format(
                'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, child,
                huoji_unit_id_at(month), huoji_unit_id_at(month + interval '1 month')
            );
            IF parent = 'event' THEN
                EXECUTE format('REVOKE ALL ON %I FROM huoji_app', child);
                EXECUTE format('CREATE TRIGGER event_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION huoji_event_stands()', child);
            END IF;
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION huoji_make_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION huoji_make_partitions(integer) TO huoji_app;
SELECT huoji_make_partitions(3);

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE FUNCTION cjk_bigrams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(run[1], at, 2)), '{}')
    FROM regexp_matches(words, '[㐀-鿿]{2,}', 'g') AS run, generate_series(1, length(run[1]) - 1) AS at
$$;
CREATE INDEX party_words ON party USING gin (cjk_bigrams(name || ' ' || address));
CREATE INDEX party_name ON party (lower(name) text_pattern_ops);
CREATE INDEX party_phone ON party (phone text_pattern_ops) WHERE phone <> '';
CREATE INDEX unit_number_like ON unit (number text_pattern_ops) WHERE kind IN ('waybill', 'epc');
CREATE INDEX unit_parent ON unit (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX waybill_batch ON waybill (batch_id) WHERE batch_id IS NOT NULL;
