/// The question that answers for all properties of a PostgreSQL server: one line of JSON about the server, and one for
/// each database.
enum PostgresQuery {
    static func text(_ databases: [String]) -> String { server + databases.map(content).joined() }

    /// Entries of an access list, as JSON.
    private static func privileges(_ list: String, _ kind: String, _ owner: String) -> String {
        """
        (SELECT coalesce(jsonb_agg(jsonb_build_object('role', \(grantee), 'privilege', privilege_type)), '[]')
            FROM aclexplode(coalesce(\(list), acldefault('\(kind)', \(owner)))))
        """
    }

    private static let grantee = "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END"

    private static let server = """
        SELECT jsonb_build_object(
          'loaded', (extract(epoch FROM pg_conf_load_time()) * 1000000)::bigint,
          'roles', (SELECT jsonb_agg(jsonb_build_object('name', rolname, 'superuser', rolsuper,
              'createRole', rolcreaterole, 'createDatabase', rolcreatedb, 'login', rolcanlogin,
              'replication', rolreplication, 'bypassRowSecurity', rolbypassrls, 'limit', rolconnlimit,
              'password', rolpassword, 'groups', (SELECT coalesce(jsonb_agg(g.rolname), '[]')
                FROM pg_auth_members m JOIN pg_authid g ON g.oid = m.roleid WHERE m.member = r.oid)))
            FROM pg_authid r),
          'databases', (SELECT jsonb_agg(jsonb_build_object('name', datname, 'owner', pg_get_userbyid(datdba),
              'encoding', pg_encoding_to_char(encoding), 'collate', datcollate, 'ctype', datctype,
              'privileges', \(privileges("datacl", "d", "datdba")))) FROM pg_database),
          'settings', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', lower(name), 'file', sourcefile)
              ORDER BY seqno), '[]') FROM pg_file_settings WHERE name IS NOT NULL),
          'restart', (SELECT jsonb_agg(name) FROM pg_settings WHERE context = 'postmaster'),
          'pending', (SELECT coalesce(jsonb_agg(name), '[]') FROM pg_settings WHERE pending_restart));

        """

    private static func content(of database: String) -> String {
        """
        SELECT EXISTS (SELECT FROM pg_database WHERE datname = \(PostgresSQL.string(database)) AND datallowconn)
          AS is_found \\gset
        \\if :is_found
        \\connect -reuse-previous=on \(PostgresSQL.argument(PostgresSQL.connection(to: database)))
        WITH relations AS (
          SELECT c.oid, nspname AS schema, CASE relkind WHEN 'S' THEN 'sequences' ELSE 'tables' END AS kind,
            coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)) AS list
          FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
          WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND nspname !~ '^pg_' AND nspname <> 'information_schema'),
        counts AS (SELECT schema, kind, count(*) AS count FROM relations GROUP BY schema, kind),
        granted AS (SELECT schema, kind, \(grantee) AS role, privilege_type AS privilege, count(DISTINCT oid) AS count
          FROM relations, aclexplode(list) GROUP BY schema, kind, grantee, privilege_type),
        defaults AS (SELECT pg_get_userbyid(defaclrole) AS creator, nspname AS schema,
            CASE defaclobjtype WHEN 'S' THEN 'sequences' WHEN 'r' THEN 'tables' END AS kind,
            \(grantee) AS role, privilege_type AS privilege
          FROM pg_default_acl JOIN pg_namespace n ON n.oid = defaclnamespace, aclexplode(defaclacl))
        SELECT jsonb_build_object('database', current_database(),
          'extensions', (SELECT coalesce(jsonb_agg(extname), '[]') FROM pg_extension),
          'schemas', (SELECT jsonb_agg(jsonb_build_object('name', nspname,
              'privileges', \(privileges("nspacl", "n", "nspowner")))) FROM pg_namespace
            WHERE nspname = 'public' OR nspname !~ '^pg_'),
          'counts', (SELECT coalesce(jsonb_agg(to_jsonb(counts)), '[]') FROM counts),
          'granted', (SELECT coalesce(jsonb_agg(to_jsonb(granted)), '[]') FROM granted),
          'defaults', (SELECT coalesce(jsonb_agg(to_jsonb(defaults)), '[]') FROM defaults));
        \\endif

        """
    }
}
