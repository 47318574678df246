-- Every change of a customer is also written here, in the same transaction, so that none is told that did not happen
-- and none that happened is forgotten.
CREATE TABLE IF NOT EXISTS customer (id serial PRIMARY KEY, name text NOT NULL);

CREATE TABLE IF NOT EXISTS change (
  id bigserial PRIMARY KEY,
  key text NOT NULL,
  body jsonb NOT NULL
);

CREATE OR REPLACE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO change (key, body) VALUES (
    TG_TABLE_NAME || '.' || lower(TG_OP),
    jsonb_build_object('old', to_jsonb(OLD), 'new', to_jsonb(NEW))
  );
  PERFORM pg_notify('change', '');
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER customer_changed AFTER INSERT OR UPDATE OR DELETE ON customer
  FOR EACH ROW EXECUTE FUNCTION note_change();
