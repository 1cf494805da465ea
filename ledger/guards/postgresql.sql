-- The ledger's guards on PostgreSQL. Owned by the owner role; the application cannot change them.
-- ENABLE ALWAYS: they fire under session_replication_role = replica too.

CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- An entry can be made of an event (the verifier's and the exporter's grammar is the same). It is
-- the writer's to record, continues its stream, bears the database's own time (a demo log may tell
-- history), and waits for its position.
-- What the log says of itself (who signs it, where an epoch begins) is the sealer's to record, and
-- nothing else is: the sealer is whoever may give positions and may not file blobs.
-- SECURITY DEFINER: nobody but this trigger writes ledger_pending.
CREATE OR REPLACE FUNCTION ledger_event_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    two_seconds CONSTANT interval := '2 seconds';
    seals boolean := has_table_privilege(session_user, 'public.ledger_log'::regclass, 'INSERT');
BEGIN
    -- The lengths apart: a counted repetition makes a regular expression eight times as slow.
    IF length(NEW.stream_type) > 40 OR length(NEW.stream_id) > 80 OR length(NEW.actor) > 80
        OR NEW.stream_type COLLATE "C" !~ '^[a-z][a-z_]*$'
        OR NEW.stream_id COLLATE "C" !~ '^[A-Za-z0-9][A-Za-z0-9._:-]*$'
        OR NEW.actor COLLATE "C" !~ '^[A-Za-z0-9][A-Za-z0-9._:-]*$'
        OR NEW.type COLLATE "C" !~ '^[a-z][a-z_]*([.][a-z][a-z_]*)+$'
        OR NEW.version < 1 OR NEW.schema_version NOT BETWEEN 1 AND 999999999
        OR NEW.recorded_at NOT BETWEEN '0002-01-01 00:00:00+00' AND '9998-12-31 23:59:59+00'
        OR length(NEW.body) NOT BETWEEN 2 AND 1048576
    THEN
        RAISE EXCEPTION 'ledger entry: no entry can be made of the event %.', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT seals AND (NEW.stream_type IN ('epoch', 'checkpoint_key')
        OR NEW.type IN ('ledger.epoch_began', 'ledger.checkpoint_key_changed'))
    THEN
        RAISE EXCEPTION 'ledger role: % on %/% is the sealer''s to record, not %''s.',
            NEW.type, NEW.stream_type, NEW.stream_id, session_user
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF seals AND (NEW.stream_type, NEW.type) NOT IN (
        ('epoch', 'ledger.epoch_began'), ('checkpoint_key', 'ledger.checkpoint_key_changed'))
        AND NOT has_table_privilege(session_user, 'public.ledger_blob'::regclass, 'INSERT')
    THEN
        RAISE EXCEPTION 'ledger role: % on %/% is not the sealer''s to record.',
            NEW.type, NEW.stream_type, NEW.stream_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.recorded_at NOT BETWEEN clock_timestamp() - two_seconds
        AND clock_timestamp() + two_seconds
    THEN
        -- Apart, since a condition that holds a query costs as much as the query every time.
        IF NOT EXISTS (SELECT FROM public.ledger_epoch WHERE origin LIKE 'demo.%') THEN
            RAISE EXCEPTION 'ledger clock: recorded_at is more than 2 s from the database''s clock.'
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    -- The version is asked for and the outbox written in one statement: each one costs as much.
    INSERT INTO public.ledger_pending (event_id)
        SELECT NEW.id WHERE NEW.version = 1 + coalesce((
            SELECT version FROM public.ledger_event
            WHERE stream_type = NEW.stream_type AND stream_id = NEW.stream_id
            ORDER BY version DESC LIMIT 1
        ), 0);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger conflict: %/% is at another version, so % cannot be added.',
            NEW.stream_type, NEW.stream_id, NEW.version
            USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NEW;
END
$$;

-- A blob's name is the SHA-256 of what it holds.
CREATE OR REPLACE FUNCTION ledger_blob_name() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.sha256 <> sha256(NEW.content) THEN
        RAISE EXCEPTION 'ledger blob: its name is not the SHA-256 of its content.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;

-- A pending row leaves only when its event has a position.
CREATE OR REPLACE FUNCTION ledger_pending_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.ledger_log WHERE event_id = OLD.event_id) THEN
        RAISE EXCEPTION 'The ledger is append-only: event % has no position yet.', OLD.event_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END
$$;

DROP TRIGGER IF EXISTS ledger_blob_name ON ledger_blob;
CREATE TRIGGER ledger_blob_name BEFORE INSERT ON ledger_blob
    FOR EACH ROW EXECUTE FUNCTION ledger_blob_name();
ALTER TABLE ledger_blob ENABLE ALWAYS TRIGGER ledger_blob_name;

DROP TRIGGER IF EXISTS ledger_event_guard ON ledger_event;
CREATE TRIGGER ledger_event_guard BEFORE INSERT ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_event_guard();
ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER ledger_event_guard;

DROP TRIGGER IF EXISTS ledger_pending_guard ON ledger_pending;
CREATE TRIGGER ledger_pending_guard BEFORE DELETE ON ledger_pending
    FOR EACH ROW EXECUTE FUNCTION ledger_pending_guard();
ALTER TABLE ledger_pending ENABLE ALWAYS TRIGGER ledger_pending_guard;
