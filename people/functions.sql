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

-- IAT's matching: the one thing that sees persons whatever the scope, under a role that can do nothing else. It answers
-- the releasing side alone: the scope of the transaction must be that one organisation, and `*` is not.
-- The same as people/matching.py does on SQLite.
DROP FUNCTION IF EXISTS cstf_match_candidates(bigint, date, text, date, text);
CREATE FUNCTION cstf_match_candidates(releasing bigint, at_date date, ni text, born date, surname text)
RETURNS TABLE (person bigint, ni_matches boolean, born_matches boolean, surname_matches boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('cstf.organisations', true) IS DISTINCT FROM releasing::text THEN
        RAISE insufficient_privilege USING MESSAGE = 'Candidates are shown to the releasing organisation alone.';
    END IF;
    RETURN QUERY
        SELECT * FROM (
            SELECT DISTINCT ON (v.person_id)
                   v.person_id,
                   replace(ni, ' ', '') <> '' AND lower(replace(v.ni_number, ' ', '')) = lower(replace(ni, ' ', '')),
                   v.date_of_birth IS NOT DISTINCT FROM born AND born IS NOT NULL,
                   lower(btrim(v.last_name)) = lower(btrim(surname))
            FROM public.people_personversion v
            JOIN public.people_person p ON p.id = v.person_id AND p.organisation_id = v.organisation_id
            WHERE v.organisation_id = releasing AND p.removed_at IS NULL AND v.effective_start <= at_date
            ORDER BY v.person_id, v.effective_start DESC
        ) AS latest (person, ni_matches, born_matches, surname_matches)
        WHERE latest.ni_matches OR latest.born_matches AND latest.surname_matches
        ORDER BY latest.person;
END $$;
GRANT USAGE, CREATE ON SCHEMA public TO MATCHING_ROLE;
ALTER FUNCTION cstf_match_candidates(bigint, date, text, date, text) OWNER TO MATCHING_ROLE;
REVOKE CREATE ON SCHEMA public FROM MATCHING_ROLE;
REVOKE ALL ON FUNCTION cstf_match_candidates(bigint, date, text, date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cstf_match_candidates(bigint, date, text, date, text) TO APPLICATION_ROLE;

GRANT SELECT (id, organisation_id, removed_at) ON people_person TO MATCHING_ROLE;
GRANT SELECT (person_id, organisation_id, effective_start, ni_number, date_of_birth, last_name)
    ON people_personversion TO MATCHING_ROLE;
DROP POLICY IF EXISTS matching ON people_person;
CREATE POLICY matching ON people_person FOR SELECT TO MATCHING_ROLE USING (true);
DROP POLICY IF EXISTS matching ON people_personversion;
CREATE POLICY matching ON people_personversion FOR SELECT TO MATCHING_ROLE USING (true);
