//! The second wall, on the real server: what a statement without its tenant condition finds.

use std::collections::BTreeSet;

use jonathans_memory::{
    adapters::sql::{Engine, PgSession, Session},
    auth::{Credential, CredentialKind, CredentialStore, Scopes, SessionRow, SessionStore},
    ids::{CredentialId, SessionId},
    memory::{Access, AccessRecord, AccessStore, Idempotency, InferInput, MemoryStore, Message},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::support::{
    db::{Person, TestDb, run},
    with,
};

/// Gives a tenant at least one row in every table.
pub async fn furnish(db: &TestDb, name: &str) -> Person {
    let person = db.person(name).await;
    let memory = db.add_text(&person, "with a vector").await;
    let key = Idempotency { operation: "memory.add", key: "k".into(), request_hash: "h".into() };
    let waiting = vec![with(person.unembedded("waits for its job"), |m| m.content.tags = vec!["tag".into()]).into()];
    db.memories().insert(&person.scope, &person.actor, waiting, Some(&key)).await.expect("stored");
    let record = AccessRecord { scope: person.scope, memory, app: person.app.id, access: Access::Get, at: db.now(), count: 1 };
    db.memories().record_access(&[record]).await.expect("recorded");
    let input = InferInput { messages: vec![Message { role: "user".into(), content: "a fact".into() }], ..InferInput::default() };
    let operations: std::sync::Arc<dyn jonathans_memory::memory::OperationStore> = db.memories();
    operations.create(&person.scope, &person.actor, person.member.default_project, &input, None).await.expect("stored");
    let credential = Credential {
        id: CredentialId::new(),
        tenant: person.member.tenant,
        user: person.member.user,
        kind: CredentialKind::ApiKey,
        name: "key".into(),
        client: "api".into(),
        secret_hash: uuid::Uuid::new_v4().as_bytes().repeat(2),
        pepper_version: 1,
        hint: "jmk_".into(),
        scopes: Scopes::all(),
        project: None,
        created_at: db.now(),
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
        default_project: person.member.default_project,
    };
    db.auth().insert_credential(&person.scope, person.member.user, &credential).await.expect("stored");
    let session = SessionRow {
        id: SessionId::new(),
        family: SessionId::new(),
        user: person.member.user,
        tenant: person.member.tenant,
        token_hash: uuid::Uuid::new_v4().as_bytes().repeat(2),
        created_at: db.now(),
        expires_at: db.now(),
    };
    db.auth().insert_session(&session).await.expect("stored");
    let id = |id: uuid::Uuid| match db.engine {
        Engine::Sqlite => format!("x'{}'", id.simple()),
        Engine::Postgres => format!("'{id}'::uuid"),
    };
    let hash = |id: uuid::Uuid| match db.engine {
        Engine::Sqlite => format!("x'{}'", id.simple()),
        Engine::Postgres => format!("'\\x{}'::bytea", id.simple()),
    };
    let (tenant, project, user, app) = (person.member.tenant.0, person.member.default_project.0, person.member.user.0, person.app.id.0);
    let (tenant, project, user, app, memory) = (id(tenant), id(project), id(user), id(app), id(memory.0));
    let event = id(uuid::Uuid::new_v4());
    for sql in [
        format!(
            "INSERT INTO oauth_grants VALUES ({}, {tenant}, {user}, 'jmc_x', NULL, 'http://localhost/', 'http://localhost/mcp', 0)",
            id(credential.id.0)
        ),
        format!(
            "INSERT INTO oauth_tokens VALUES ({}, {tenant}, {}, 'access', 1, 0, 0, NULL, NULL)",
            hash(uuid::Uuid::new_v4()),
            id(credential.id.0)
        ),
        format!(
            "INSERT INTO oauth_requests (id_hash, client_id, client_name, scopes, created_at, expires_at, tenant_id) \
             VALUES ({}, 'jmem', 'jmem', 'memory:read', 0, 0, {tenant})",
            hash(uuid::Uuid::new_v4())
        ),
        format!("INSERT INTO tenant_settings VALUES ({tenant}, '{{}}', 0)"),
        format!("INSERT INTO gate_counts VALUES ({tenant}, 0, 'near_duplicate', 1)"),
        format!("INSERT INTO reviews VALUES ({memory}, 'held', {tenant}, NULL, 0, NULL, NULL, NULL, NULL)"),
        format!("INSERT INTO forgotten VALUES ({tenant}, {project}, '5a1d', 0)"),
        format!("INSERT INTO index_places VALUES ({tenant}, 'shared', 0, 0)"),
        format!("INSERT INTO service_audit VALUES ({}, 'backup', NULL, '{{}}', 0)", id(uuid::Uuid::new_v4())),
        format!("INSERT INTO usage_hours VALUES ({tenant}, 0, 'searches', {app}, {user}, '', 1)"),
        format!("INSERT INTO usage_months VALUES ({tenant}, 202611, 'searches', 1)"),
        format!("INSERT INTO subscriptions VALUES ({tenant}, 'free', 'active', NULL, NULL, 'manual', NULL, NULL, '{{}}', 0)"),
        format!("INSERT INTO invoices VALUES ({event}, {tenant}, 202611, 'free', 0, 'usd', '[]', 'open', 0, NULL)"),
        format!("INSERT INTO payment_events VALUES ('stripe', '{}', 'invoice.paid', NULL, 0, NULL)", uuid::Uuid::new_v4()),
        format!("INSERT INTO webhooks VALUES ({event}, {tenant}, 'https://example.com', '', '[]', FALSE, 0, NULL, 1, 0, 0, NULL, NULL)"),
        format!(
            "INSERT INTO webhook_deliveries VALUES ({event}, {event}, {tenant}, 'memory.added', '{{}}', 'delivered', 1, 0, 200, NULL, 0, 0)"
        ),
        format!("INSERT INTO memory_links VALUES ({tenant}, {memory}, {memory}, 0)"),
        format!(
            "INSERT INTO learning_events VALUES ({event}, {tenant}, {project}, {memory}, {app}, {user}, NULL, 'positive', 1, 0.5, 0.6, NULL, 0, NULL)"
        ),
    ] {
        let done = if let Some(pool) = db.db.postgres_pool() {
            sqlx::query(AssertSqlSafe(sql)).execute(&pool).await.map(drop)
        } else {
            let mut file = SqliteConnection::connect(&db.url).await.expect("the file opens");
            sqlx::query(AssertSqlSafe(sql)).execute(&mut file).await.map(drop)
        };
        done.expect("stored");
    }
    person
}

async fn tables(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped \
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace ORDER BY 1",
    )
    .fetch_all(connection)
    .await
    .expect("tables")
}

async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"))).fetch_one(connection).await.expect("counted")
}

fn postgres(session: Session) -> PgSession {
    match session {
        Session::Postgres(session, _) => session,
        Session::Sqlite(..) => panic!("this test asked for Postgres"),
    }
}

#[test]
fn the_application_role_is_bound_by_policies() {
    run(Engine::Postgres, |db| async move {
        let pool = &db.db.postgres_pool().expect("Postgres");
        let (bypass, superuser, login): (bool, bool, bool) =
            sqlx::query_as("SELECT rolbypassrls, rolsuper, rolcanlogin FROM pg_roles WHERE rolname = 'jonathans_memory_app'")
                .fetch_one(pool)
                .await
                .expect("the role exists");
        assert_eq!((bypass, superuser, login), (false, false, false));
        let owned: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_class WHERE relowner = 'jonathans_memory_app'::regrole AND relnamespace = current_schema()::regnamespace",
        )
        .fetch_one(pool)
        .await
        .expect("counted");
        assert_eq!(owned, 0, "an owner passes by the policies of its tables");
    });
}

#[test]
fn every_table_of_a_tenant_has_a_policy() {
    run(Engine::Postgres, |db| async move {
        let mut connection = db.db.postgres_pool().expect("Postgres").acquire().await.expect("a connection");
        let tables = tables(&mut connection).await;
        assert!(tables.len() >= 11, "{tables:?}");
        for table in tables.iter().map(String::as_str).chain(["tenants", "users"]) {
            let (enabled, policies): (bool, i64) = sqlx::query_as(
                "SELECT relrowsecurity, (SELECT COUNT(*) FROM pg_policy WHERE polrelid = pg_class.oid) FROM pg_class WHERE oid = $1::regclass",
            )
            .bind(table)
            .fetch_one(&mut *connection)
            .await
            .expect("the table");
            assert!(enabled && policies > 0, "{table} has no row-level security");
        }
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "without a tenant is what no session of ours is")]
fn without_a_tenant_the_role_sees_nothing() {
    run(Engine::Postgres, |db| async move {
        for name in ["ada", "eve"] {
            furnish(&db, name).await;
        }
        let mut transaction = db.db.postgres_pool().expect("Postgres").begin().await.expect("begins");
        let mut tables = tables(&mut transaction).await;
        tables.extend(["tenants".into(), "users".into()]);
        for table in &tables {
            assert!(count(&mut transaction, table).await >= 2, "{table} was not filled: the test would prove nothing");
        }
        sqlx::query("SET LOCAL ROLE jonathans_memory_app").execute(&mut *transaction).await.expect("takes the role");
        for table in &tables {
            assert_eq!(count(&mut transaction, table).await, 0, "{table} shows rows to nobody in particular");
        }
    });
}

#[test]
fn a_session_sees_its_tenant_alone() {
    run(Engine::Postgres, |db| async move {
        let (ada, eve) = (furnish(&db, "ada").await, furnish(&db, "eve").await);
        let mut session = postgres(db.db.read(&ada.scope).await.expect("a session"));
        let tables = tables(&mut session).await;
        for table in &tables {
            let seen: Vec<uuid::Uuid> = sqlx::query_scalar(AssertSqlSafe(format!("SELECT tenant_id FROM {table}")))
                .fetch_all(&mut *session)
                .await
                .expect("no condition, no error");
            assert!(!seen.is_empty() || table == "users", "{table} hides the tenant's own rows");
            assert!(seen.iter().all(|tenant| *tenant == ada.member.tenant.0), "{table} shows another tenant");
        }
        let tenants: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT id FROM tenants").fetch_all(&mut *session).await.expect("seen");
        assert_eq!(tenants, [ada.member.tenant.0]);
        assert_eq!(count(&mut session, "users").await, 0, "password hashes are for sign-in alone");

        let untouched = sqlx::query("UPDATE memories SET content = 'mine' WHERE tenant_id = $1").bind(eve.member.tenant.0);
        assert_eq!(untouched.execute(&mut *session).await.expect("runs").rows_affected(), 0);
        let planted = sqlx::query("INSERT INTO apps (id, tenant_id, name, is_active, created_at) VALUES ($1, $2, 'planted', TRUE, 0)");
        let refused = planted.bind(uuid::Uuid::new_v4()).bind(eve.member.tenant.0).execute(&mut *session).await.expect_err("refused");
        assert_eq!(refused.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(), Some("42501"), "{refused}");
    });
}

#[test]
fn a_system_session_sees_no_memory() {
    run(Engine::Postgres, |db| async move {
        furnish(&db, "ada").await;
        let mut session = postgres(db.db.system_read().await.expect("a session"));
        for table in [
            "memories",
            "memory_vectors",
            "memory_history",
            "access_log",
            "operations",
            "apps",
            "usage_events",
            "usage_hours",
            "usage_months",
        ] {
            assert_eq!(count(&mut session, table).await, 0, "{table}");
        }
        assert_eq!(count(&mut session, "credentials").await, 1);
        let refused = sqlx::query("DELETE FROM audit").execute(&mut *session).await.expect_err("append-only");
        assert_eq!(refused.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(), Some("42501"), "{refused}");
    });
}

#[test]
fn nothing_of_a_tenant_sticks_to_a_pooled_connection() {
    run(Engine::Postgres, |db| async move {
        let ada = furnish(&db, "ada").await;
        let pool = db.db.postgres_pool().expect("Postgres");
        // Ends of every kind: committed, read and dropped, and broken off by an error.
        db.db.read(&ada.scope).await.expect("a session").commit().await.expect("commits");
        drop(db.db.read(&ada.scope).await.expect("a session"));
        drop(db.db.system_read().await.expect("a session"));
        let mut broken = postgres(db.db.read(&ada.scope).await.expect("a session"));
        sqlx::query("SELECT 1 / 0").execute(&mut *broken).await.expect_err("division by zero");
        drop(broken);

        let mut connections = Vec::new();
        for _ in 0..pool.options().get_max_connections() {
            connections.push(pool.acquire().await.expect("a connection"));
        }
        let mut seen = BTreeSet::new();
        for connection in &mut connections {
            let state: (i32, bool, Option<String>, Option<String>) = sqlx::query_as(
                "SELECT pg_backend_pid(), current_user = session_user, NULLIF(current_setting('app.tenant_id', true), ''), \
                 NULLIF(current_setting('app.system', true), '')",
            )
            .fetch_one(&mut **connection)
            .await
            .expect("answers");
            assert!(state.1, "the role stayed");
            assert_eq!((&state.2, &state.3), (&None, &None), "a setting stayed");
            seen.insert(state.0);
        }
        assert_eq!(seen.len(), connections.len(), "every connection of the pool was looked at");
    });
}
