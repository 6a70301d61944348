//! Credentials and account sessions.

use std::time::Duration;

use futures::future::join_all;
use jonathans_memory::{
    auth::{Credential, CredentialKind, CredentialStore, NextSecret, RefreshOutcome, Scope, Scopes, SessionRow, SessionStore},
    clock::Timestamp,
    ids::{CredentialId, SessionId, TenantId, UserId},
};

use crate::support::db::{Person, TestDb, both};

const MINUTE: Duration = Duration::from_mins(1);

fn secret(byte: u8) -> Vec<u8> {
    vec![byte; 32]
}

fn credential(db: &TestDb, who: &Person, kind: CredentialKind, hash: u8) -> Credential {
    Credential {
        id: CredentialId::new(),
        tenant: who.member.tenant,
        user: who.member.user,
        kind,
        name: "Claude on the laptop".into(),
        client: "claude".into(),
        secret_hash: secret(hash),
        pepper_version: 1,
        hint: "jme_ab12cd34".into(),
        scopes: Scopes::of(&[Scope::MemoryRead, Scope::MemoryDelete]),
        project: Some(who.member.default_project),
        created_at: db.now(),
        expires_at: Some(db.now().plus(60 * MINUTE)),
        last_used_at: None,
        revoked_at: None,
        default_project: who.member.default_project,
    }
}

async fn insert(db: &TestDb, who: &Person, credential: &Credential) {
    db.auth().insert_credential(&who.scope, who.member.user, credential).await.expect("stored");
}

async fn by_hash(db: &TestDb, hash: u8) -> Option<Credential> {
    db.auth().credential_by_hash(&secret(hash), db.now()).await.expect("answers")
}

fn session(db: &TestDb, who: &Person, hash: u8) -> SessionRow {
    SessionRow {
        id: SessionId::new(),
        family: SessionId::new(),
        user: who.member.user,
        tenant: who.member.tenant,
        token_hash: secret(hash),
        created_at: db.now(),
        expires_at: db.now().plus(60 * MINUTE),
    }
}

/// What a caller of `rotate_session` knows: a new hash and times; the rest is taken from the old row.
fn next(db: &TestDb, hash: u8) -> SessionRow {
    SessionRow {
        id: SessionId::new(),
        family: SessionId::new(),
        user: UserId::new(),
        tenant: TenantId::new(),
        token_hash: secret(hash),
        created_at: db.now(),
        expires_at: db.now().plus(60 * MINUTE),
    }
}

async fn rotate(db: &TestDb, old: u8, new: u8) -> RefreshOutcome {
    db.auth().rotate_session(&secret(old), next(db, new), db.now()).await.expect("answers")
}

both! {
    async fn a_credential_is_found_by_its_hash_alone(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let endpoint = credential(&db, &ada, CredentialKind::Endpoint, 1);
        insert(&db, &ada, &endpoint).await;
        db.clock.advance(MINUTE);
        let key = Credential { expires_at: None, project: None, ..credential(&db, &ada, CredentialKind::ApiKey, 2) };
        insert(&db, &ada, &key).await;
        assert_eq!(by_hash(&db, 1).await, Some(endpoint.clone()));
        assert_eq!(by_hash(&db, 2).await, Some(key.clone()));
        assert_eq!(by_hash(&db, 3).await, None);
        let auth = db.auth();
        assert_eq!(auth.credentials(&ada.scope, CredentialKind::Endpoint).await.expect("listed"), std::slice::from_ref(&endpoint));
        assert_eq!(auth.credential(&ada.scope, CredentialKind::ApiKey, key.id).await.expect("answers"), Some(key.clone()));
        assert_eq!(auth.credential(&ada.scope, CredentialKind::Endpoint, key.id).await.expect("answers"), None, "of another kind");
        assert_eq!(auth.credential(&eve.scope, CredentialKind::ApiKey, key.id).await.expect("answers"), None, "of another tenant");
        assert!(auth.credentials(&eve.scope, CredentialKind::ApiKey).await.expect("listed").is_empty());
    }

    async fn a_rotated_secret_works_until_its_grace_ends(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let made = credential(&db, &ada, CredentialKind::Endpoint, 1);
        insert(&db, &ada, &made).await;
        let auth = db.auth();
        let kind = CredentialKind::Endpoint;
        let rotate = async |who: &Person, kind, id, hash: u8, grace| {
            let now = db.now();
            let next = NextSecret { hash: &secret(hash), pepper_version: 2, hint: "jme_new", old_until: now.plus(grace), now };
            auth.rotate(&who.scope, who.member.user, kind, id, next).await.expect("answers")
        };
        assert_eq!(rotate(&eve, kind, made.id, 9, MINUTE).await, None);
        assert_eq!(rotate(&ada, CredentialKind::ApiKey, made.id, 9, MINUTE).await, None);
        assert_eq!(rotate(&ada, kind, CredentialId::new(), 9, MINUTE).await, None);

        let rotated = rotate(&ada, kind, made.id, 2, MINUTE).await.expect("rotated");
        assert_eq!((rotated.id, &rotated.secret_hash, rotated.hint.as_str()), (made.id, &secret(2), "jme_new"));
        assert_eq!(by_hash(&db, 1).await.map(|c| c.id), Some(made.id), "within the grace");
        assert_eq!(by_hash(&db, 2).await.map(|c| c.id), Some(made.id));
        db.clock.advance(MINUTE);
        assert_eq!(by_hash(&db, 1).await, None, "the grace is over");
        assert_eq!(by_hash(&db, 2).await.map(|c| c.id), Some(made.id));
        rotate(&ada, kind, made.id, 3, Duration::ZERO).await.expect("rotated");
        assert_eq!((by_hash(&db, 2).await, by_hash(&db, 3).await.map(|c| c.id)), (None, Some(made.id)), "no grace");

        rotate(&ada, kind, made.id, 4, MINUTE).await.expect("rotated");
        assert!(auth.revoke(&ada.scope, ada.member.user, kind, made.id, "lost", db.now()).await.expect("answers"));
        assert_eq!(by_hash(&db, 3).await, None, "revoking ends the grace too");
        assert_eq!(rotate(&ada, kind, made.id, 5, MINUTE).await, None, "a revoked one cannot come back");
        let expired = Credential { expires_at: Some(db.now()), ..credential(&db, &ada, kind, 6) };
        insert(&db, &ada, &expired).await;
        assert_eq!(rotate(&ada, kind, expired.id, 7, MINUTE).await, None, "nor an expired one");
    }

    async fn revoking_is_final_and_repeatable(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let kind = CredentialKind::ApiKey;
        let made = credential(&db, &ada, kind, 1);
        insert(&db, &ada, &made).await;
        let auth = db.auth();
        let revoke = async |who: &Person, kind, id| auth.revoke(&who.scope, who.member.user, kind, id, "lost", db.now()).await.expect("answers");
        assert!(!revoke(&eve, kind, made.id).await);
        assert!(!revoke(&ada, CredentialKind::Endpoint, made.id).await);
        assert_eq!(by_hash(&db, 1).await.and_then(|c| c.revoked_at), None);
        let when = db.now();
        assert!(revoke(&ada, kind, made.id).await);
        db.clock.advance(MINUTE);
        assert!(revoke(&ada, kind, made.id).await);
        assert_eq!(by_hash(&db, 1).await.and_then(|c| c.revoked_at), Some(when), "the first moment stays");
    }

    async fn working_leaves_out_the_revoked_and_expired(db: TestDb) {
        let ada = db.person("ada").await;
        let kind = CredentialKind::Endpoint;
        let good = Credential { expires_at: None, ..credential(&db, &ada, kind, 1) };
        let short = Credential { expires_at: Some(db.now().plus(MINUTE)), ..credential(&db, &ada, kind, 2) };
        let revoked = credential(&db, &ada, kind, 3);
        for made in [&good, &short, &revoked] {
            insert(&db, &ada, made).await;
        }
        db.auth().revoke(&ada.scope, ada.member.user, kind, revoked.id, "lost", db.now()).await.expect("revoked");
        let ids = [good.id, short.id, revoked.id, CredentialId::new()];
        let working = async || {
            let mut ids = db.auth().working(&ids, db.now()).await.expect("answers");
            ids.sort();
            ids
        };
        assert_eq!(working().await, [good.id, short.id]);
        db.clock.advance(MINUTE);
        assert_eq!(working().await, [good.id]);
        assert!(db.auth().working(&[], db.now()).await.expect("answers").is_empty());
    }

    async fn uses_are_noted_at_their_latest(db: TestDb) {
        let ada = db.person("ada").await;
        let (first, second) = (credential(&db, &ada, CredentialKind::ApiKey, 1), credential(&db, &ada, CredentialKind::ApiKey, 2));
        insert(&db, &ada, &first).await;
        insert(&db, &ada, &second).await;
        let at = |seconds| Timestamp::from_secs(seconds);
        let uses = [(first.id, at(20)), (CredentialId::new(), at(5)), (second.id, at(7)), (first.id, at(10))];
        db.auth().touch_credentials(&uses).await.expect("noted");
        db.auth().touch_credentials(&[]).await.expect("nothing to note");
        assert_eq!(by_hash(&db, 1).await.and_then(|c| c.last_used_at), Some(at(20)), "a late note does not turn time back");
        assert_eq!(by_hash(&db, 2).await.and_then(|c| c.last_used_at), Some(at(7)));
    }

    async fn nodes_that_note_the_same_uses_never_block_each_other(db: TestDb) {
        let ada = db.person("ada").await;
        let mut ids = Vec::new();
        for n in 0..20 {
            let made = credential(&db, &ada, CredentialKind::ApiKey, n);
            insert(&db, &ada, &made).await;
            ids.push(made.id);
        }
        let tasks = (0..4).map(|n| {
            let (db, mut ids) = (db.clone(), ids.clone());
            tokio::spawn(async move {
                for round in 0..20 {
                    ids.reverse();
                    ids.rotate_left(n);
                    let uses: Vec<_> = ids.iter().map(|id| (*id, Timestamp::from_secs(round))).collect();
                    db.auth().touch_credentials(&uses).await.expect("noted");
                }
            })
        });
        for task in join_all(tasks).await {
            task.expect("no error");
        }
    }

    async fn a_refresh_token_is_exchanged_once(db: TestDb) {
        let ada = db.person("ada").await;
        let first = session(&db, &ada, 1);
        db.auth().insert_session(&first).await.expect("stored");
        assert_eq!(db.auth().signed_in_at(first.family, db.now()).await.expect("answers"), Some(first.created_at), "renewing is no sign-in");
        let RefreshOutcome::Rotated(second) = rotate(&db, 1, 2).await else { panic!("not rotated") };
        assert_eq!((second.family, second.user, second.tenant), (first.family, first.user, first.tenant), "from the old row");
        assert_eq!(second.token_hash, secret(2));
        assert!(matches!(rotate(&db, 2, 3).await, RefreshOutcome::Rotated(_)));
        assert_eq!(rotate(&db, 9, 10).await, RefreshOutcome::Unknown);

        assert_eq!(rotate(&db, 1, 4).await, RefreshOutcome::Reused);
        assert_eq!(db.auth().signed_in_at(first.family, db.now()).await.expect("answers"), None, "theft ends the sign-in");
        assert_eq!(rotate(&db, 3, 5).await, RefreshOutcome::Unknown, "its newest token too");
        assert_eq!(rotate(&db, 4, 6).await, RefreshOutcome::Unknown, "the thief's token was never stored");
    }

    async fn sessions_end_by_time_and_by_sign_out(db: TestDb) {
        let ada = db.person("ada").await;
        let (first, second) = (session(&db, &ada, 1), session(&db, &ada, 2));
        db.auth().insert_session(&first).await.expect("stored");
        db.auth().insert_session(&second).await.expect("stored");
        db.auth().revoke_session(&secret(1), db.now()).await.expect("revoked");
        db.auth().revoke_session(&secret(9), db.now()).await.expect("an unknown token is fine");
        assert_eq!(rotate(&db, 1, 3).await, RefreshOutcome::Unknown);
        let alive = async |family| db.auth().signed_in_at(family, db.now()).await.expect("answers").is_some();
        assert_eq!((alive(first.family).await, alive(second.family).await), (false, true), "the other sign-in goes on");
        db.clock.advance(60 * MINUTE);
        assert_eq!(rotate(&db, 2, 4).await, RefreshOutcome::Unknown, "expired");
        assert!(!alive(second.family).await && !alive(SessionId::new()).await);
    }

    async fn twenty_exchanges_of_one_token_make_one_successor(db: TestDb) {
        let ada = db.person("ada").await;
        let other = db.another_process().await;
        for round in 0..5u8 {
            let first = session(&db, &ada, round * 30);
            db.auth().insert_session(&first).await.expect("stored");
            let calls = (1..=20).map(|n| {
                let db = if n % 2 == 0 { db.clone() } else { other.clone() };
                tokio::spawn(async move { rotate(&db, round * 30, round * 30 + n).await })
            });
            let outcomes: Vec<_> = join_all(calls).await.into_iter().map(|call| call.expect("no panic")).collect();
            let rotated: Vec<_> = outcomes.iter().filter_map(|o| if let RefreshOutcome::Rotated(row) = o { Some(row) } else { None }).collect();
            assert_eq!(rotated.len(), 1);
            assert!(outcomes.contains(&RefreshOutcome::Reused), "the others' use was noticed");
            assert_eq!(db.auth().signed_in_at(first.family, db.now()).await.expect("answers"), None);
            let successor = rotated[0].token_hash.clone();
            let after = db.auth().rotate_session(&successor, next(&db, round * 30 + 29), db.now()).await.expect("answers");
            assert_eq!(after, RefreshOutcome::Unknown, "the successor fell with its family");
        }
        other.db.close().await;
    }
}
