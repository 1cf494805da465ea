-- The ledger's guards on PostgreSQL. Owned by the owner role; the application cannot change them.
-- ENABLE ALWAYS: they fire under session_replication_role = replica too.

CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- An event continues its stream, bears the database's own time (a demo log may tell history), and
-- waits for its position. SECURITY DEFINER: nobody but this trigger writes ledger_pending.
CREATE OR REPLACE FUNCTION ledger_event_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    newest integer;
BEGIN
    SELECT version INTO newest FROM public.ledger_event
        WHERE stream_type = NEW.stream_type AND stream_id = NEW.stream_id
        ORDER BY version DESC LIMIT 1;
    IF NEW.version <> coalesce(newest, 0) + 1 THEN
        RAISE EXCEPTION 'ledger conflict: %/% is at version %, so version % cannot be added.',
            NEW.stream_type, NEW.stream_id, coalesce(newest, 0), NEW.version
            USING ERRCODE = 'serialization_failure';
    END IF;
    IF abs(extract(epoch FROM NEW.recorded_at - clock_timestamp())) > 2 AND NOT EXISTS (
        SELECT FROM public.ledger_epoch WHERE origin LIKE 'demo.%'
    ) THEN
        RAISE EXCEPTION 'ledger clock: recorded_at is more than 2 s from the database''s clock.'
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO public.ledger_pending (event_id) VALUES (NEW.id);
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

DROP TRIGGER IF EXISTS ledger_event_guard ON ledger_event;
CREATE TRIGGER ledger_event_guard BEFORE INSERT ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_event_guard();
ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER ledger_event_guard;

DROP TRIGGER IF EXISTS ledger_pending_guard ON ledger_pending;
CREATE TRIGGER ledger_pending_guard BEFORE DELETE ON ledger_pending
    FOR EACH ROW EXECUTE FUNCTION ledger_pending_guard();
ALTER TABLE ledger_pending ENABLE ALWAYS TRIGGER ledger_pending_guard;
