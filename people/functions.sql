-- Functions that do for the application's role, narrowly, what it may not do itself. Written anew by every `migrate`.

-- The planner learns how large a table has become after a first load: only owners may ask for that.
CREATE OR REPLACE FUNCTION cstf_refresh_statistics(tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY tables LOOP
        EXECUTE format('ANALYZE public.%I', one);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION cstf_refresh_statistics(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cstf_refresh_statistics(text[]) TO APPLICATION_ROLE;
