//! Users, tenants, projects and apps.

use std::{collections::BTreeMap, time::Duration};

use futures::future::join_all;
use jonathans_memory::{
    ids::{AppId, ProjectId, TenantId, UserId},
    jobs::TenantDirectory,
    memory::{Access, AccessRecord, AccessStore, ListStore, MemoryStore, Selection, State},
    tenancy::{AppStats, AppStore, NewUser, ProjectStore, TenantStore, UserStore},
};

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::row_level_security::furnish;
use crate::support::db::{TestDb, both};

fn account(email: &str) -> NewUser {
    NewUser { email: Some(email.into()), password_hash: Some("$argon2id$test".into()), external_subject: None }
}

fn outside(subject: &str) -> NewUser {
    NewUser { email: None, password_hash: None, external_subject: Some(subject.into()) }
}

both! {
    async fn provisioning_races_to_one_user(db: TestDb) {
        assert!(db.tenancy().is_empty().await.expect("answers"));
        for new in [account("ada@example.org"), outside("sub-1")] {
            let calls = (0..20).map(|_| {
                let (tenancy, new) = (db.tenancy(), new.clone());
                tokio::spawn(async move { tenancy.provision(new).await.expect("no error for the loser") })
            });
            let made: Vec<_> = join_all(calls).await.into_iter().filter_map(|call| call.expect("no panic")).collect();
            assert_eq!(made.len(), 1);
            let projects = db.tenancy().projects(&made[0].scope()).await.expect("listed");
            assert_eq!(projects.iter().map(|p| p.id).collect::<Vec<_>>(), [made[0].default_project]);
        }
        assert_eq!(db.jobs().tenants().await.expect("listed").len(), 2, "losers left no tenant behind");
        assert!(!db.tenancy().is_empty().await.expect("answers"));
    }

    async fn a_member_is_found_by_each_name(db: TestDb) {
        let tenancy = db.tenancy();
        let made = tenancy.provision(account("ada@example.org")).await.expect("made").expect("free");
        let from_outside = tenancy.provision(outside("sub-1")).await.expect("made").expect("free");
        assert_eq!(tenancy.member_by_email("ada@example.org").await.expect("answers"), Some(made.clone()));
        assert_eq!(tenancy.member_by_email("eve@example.org").await.expect("answers"), None);
        assert_eq!(tenancy.member_by_subject("sub-1").await.expect("answers"), Some(from_outside.clone()));
        assert_eq!(tenancy.member_by_subject("sub-2").await.expect("answers"), None);
        assert_eq!(tenancy.member(made.user, made.tenant).await.expect("answers"), Some(made.clone()));
        assert_eq!(tenancy.member(made.user, from_outside.tenant).await.expect("answers"), None, "not of that tenant");
        assert_eq!(tenancy.member(UserId::new(), TenantId::new()).await.expect("answers"), None);
        tenancy.touch_login(&made).await.expect("noted");
        assert_eq!(made.email.as_deref(), Some("ada@example.org"));
    }

    async fn an_app_is_made_once_and_counts_what_it_does(db: TestDb) {
        let tenancy = db.tenancy();
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let calls = (0..20).map(|_| {
            let (tenancy, scope) = (db.tenancy(), ada.scope);
            tokio::spawn(async move { tenancy.app_by_name(&scope, "cursor").await.expect("an app").id })
        });
        let ids: Vec<_> = join_all(calls).await.into_iter().map(|id| id.expect("no panic")).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "one app, however many first uses race");

        let memory = db.add_text(&ada, "kept").await;
        let gone = db.add_text(&ada, "gone").await;
        let deleted = Selection { ids: vec![gone], ..Selection::default() };
        db.memories().set_state(&ada.scope, &ada.actor, &deleted, State::Deleted).await.expect("deleted");
        let read = |seconds, count| AccessRecord {
            scope: ada.scope,
            memory,
            app: ids[0],
            access: Access::Search,
            at: db.now().plus(Duration::from_secs(seconds)),
            count,
        };
        db.memories().record_access(&[read(1, 2), read(9, 3)]).await.expect("recorded");

        let apps = tenancy.apps(&ada.scope, None).await.expect("listed");
        assert_eq!(apps.iter().map(|a| a.app.name.as_str()).collect::<Vec<_>>(), ["claude", "cursor"]);
        assert_eq!((apps[0].memories_created, apps[0].memories_accessed, apps[0].first_accessed), (1, 0, None));
        assert_eq!((apps[1].memories_created, apps[1].memories_accessed), (0, 5));
        assert_eq!(apps[1].first_accessed, Some(db.now().plus(Duration::from_secs(1))));
        assert_eq!(apps[1].last_accessed, Some(db.now().plus(Duration::from_secs(9))));
        assert_eq!(tenancy.app(&ada.scope, ids[0], None).await.expect("answers"), Some(apps[1].clone()));

        let work = tenancy.create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free").id;
        let there = tenancy.apps(&ada.scope, Some(work)).await.expect("listed");
        assert!(there.iter().all(|a| !a.did_something() && a.first_accessed.is_none() && a.last_accessed.is_none()), "{there:?}");
        let mut other = ada.memory("of the work");
        other.project = work;
        let other = db.add(&ada, vec![other]).await[0].id;
        db.memories().record_access(&[AccessRecord { memory: other, ..read(20, 4) }]).await.expect("recorded");
        let there = tenancy.apps(&ada.scope, Some(work)).await.expect("listed");
        let counts = |a: &AppStats| (a.memories_created, a.memories_accessed);
        assert_eq!(there.iter().map(counts).collect::<Vec<_>>(), [(1, 0), (0, 4)]);
        let there = tenancy.app(&ada.scope, ids[0], Some(work)).await.expect("answers").expect("there");
        assert_eq!((there.first_accessed, there.last_accessed), (Some(db.now().plus(Duration::from_secs(20))), there.first_accessed));

        assert_eq!(tenancy.app(&eve.scope, ids[0], None).await.expect("answers"), None);
        assert!(!tenancy.set_app_active(&eve.scope, eve.member.doer(), ids[0], false).await.expect("answers"));
        assert!(!tenancy.set_app_active(&ada.scope, ada.member.doer(), AppId::new(), false).await.expect("answers"));
        assert!(tenancy.set_app_active(&ada.scope, ada.member.doer(), ids[0], false).await.expect("answers"));
        assert!(!tenancy.app_by_name(&ada.scope, "cursor").await.expect("an app").is_active);
        let stats = tenancy.stats(&ada.scope).await.expect("counted");
        assert_eq!((stats.total_memories, stats.total_apps), (2, 2));
    }

    async fn projects_keep_their_names_and_their_memories(db: TestDb) {
        let tenancy = db.tenancy();
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        db.clock.advance(Duration::from_secs(1));
        let work = tenancy.create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free");
        assert_eq!(tenancy.create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers"), None);
        assert!(tenancy.create_project(&eve.scope, eve.member.doer(), "work").await.expect("answers").is_some(), "names are the tenant's own");
        db.clock.advance(Duration::from_secs(1));
        let home = tenancy.create_project(&ada.scope, ada.member.doer(), "home").await.expect("answers").expect("free");

        let names = |projects: Vec<jonathans_memory::tenancy::Project>| projects.into_iter().map(|p| p.name).collect::<Vec<_>>();
        assert_eq!(names(tenancy.projects(&ada.scope).await.expect("listed")), ["default", "work", "home"]);
        assert_eq!(tenancy.rename_project(&ada.scope, ada.member.doer(), home.id, "work").await.expect("answers"), Some(false));
        assert_eq!(tenancy.rename_project(&ada.scope, ada.member.doer(), home.id, "house").await.expect("answers"), Some(true));
        assert_eq!(tenancy.rename_project(&ada.scope, ada.member.doer(), ProjectId::new(), "x").await.expect("answers"), None);
        assert_eq!(tenancy.rename_project(&eve.scope, eve.member.doer(), home.id, "mine").await.expect("answers"), None);
        assert_eq!(tenancy.project(&ada.scope, home.id).await.expect("answers").expect("there").name, "house");
        assert_eq!(tenancy.project(&eve.scope, home.id).await.expect("answers"), None);

        let mut memory = ada.memory("in work");
        memory.project = work.id;
        let id = db.add(&ada, vec![memory]).await[0].id;
        assert_eq!(tenancy.project(&ada.scope, work.id).await.expect("answers").expect("there").memory_count, 1);
        assert_eq!(tenancy.delete_project(&ada.scope, ada.member.doer(), ada.member.default_project).await.expect("answers"), Some(false));
        assert_eq!(tenancy.delete_project(&ada.scope, ada.member.doer(), work.id).await.expect("answers"), Some(false), "it holds a memory");
        assert_eq!(tenancy.delete_project(&eve.scope, eve.member.doer(), home.id).await.expect("answers"), None);
        assert_eq!(tenancy.delete_project(&ada.scope, ada.member.doer(), home.id).await.expect("answers"), Some(true));
        assert_eq!(tenancy.delete_project(&ada.scope, ada.member.doer(), home.id).await.expect("answers"), None);

        let selection = Selection { ids: vec![id], ..Selection::default() };
        db.memories().set_state(&ada.scope, &ada.actor, &selection, State::Deleted).await.expect("deleted");
        assert_eq!(tenancy.delete_project(&ada.scope, ada.member.doer(), work.id).await.expect("answers"), Some(true), "tombstones do not hold a project");
        assert_eq!(names(tenancy.projects(&ada.scope).await.expect("listed")), ["default"]);
        assert_eq!(db.memories().history(&ada.scope, id).await.expect("answers"), [], "what was deleted in it went with it");
    }

    async fn an_erased_tenant_is_in_no_table(db: TestDb) {
        // That it lay in the index, and that it was erased, outlives it.
        let kept = ["index_places", "audit"];
        let (ada, eve) = (furnish(&db, "ada").await, furnish(&db, "eve").await);
        let before = rows_by_table(&db, ada.member.tenant).await;
        assert!(before.len() > 15 && before.values().all(|rows| *rows > 0), "{before:?}");
        let others = rows_by_table(&db, eve.member.tenant).await;
        db.tenancy().erase(&ada.scope).await.expect("erased");
        let left = rows_by_table(&db, ada.member.tenant).await.into_iter().filter(|(_, rows)| *rows > 0);
        assert_eq!(left.map(|(table, _)| table).filter(|table| !kept.contains(&table.as_str())).collect::<Vec<_>>(), [""; 0]);
        assert_eq!(rows_by_table(&db, eve.member.tenant).await, others);
    }
}

/// How many rows of a tenant each table has that could have some.
async fn rows_by_table(db: &TestDb, tenant: TenantId) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    if let Some(pool) = db.db.postgres_pool() {
        let tables =
            "SELECT table_name::text FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'tenant_id'";
        for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&pool).await.expect("tables") {
            let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE tenant_id = '{}'", tenant.0));
            rows.insert(table, sqlx::query_scalar(count).fetch_one(&pool).await.expect("counted"));
        }
    } else {
        let mut file = SqliteConnection::connect(&db.url).await.expect("the file opens");
        let tables = "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c ON c.name = 'tenant_id' WHERE t.type = 'table'";
        for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&mut file).await.expect("tables") {
            let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE tenant_id = x'{}'", tenant.0.simple()));
            rows.insert(table, sqlx::query_scalar(count).fetch_one(&mut file).await.expect("counted"));
        }
    }
    rows
}
