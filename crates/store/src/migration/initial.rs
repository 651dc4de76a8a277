//! The first schema. Identifiers are text, times are seconds since 1970, secrets are digests or sealed.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_11_initial"
    }
}

/// Written once for both databases: the two types that differ are filled in.
const TABLES: &[&str] = &[
    "CREATE TABLE directory (id INTEGER PRIMARY KEY, revision BIGINT NOT NULL,
        revocations BIGINT NOT NULL, master_key_id TEXT)",
    "INSERT INTO directory (id, revision, revocations) VALUES (1, 1, 0)",
    "CREATE TABLE organization (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE TABLE person (
        id TEXT PRIMARY KEY, email_key TEXT NOT NULL UNIQUE, email TEXT NOT NULL, name TEXT, language TEXT,
        password_hash TEXT, password_changed_at BIGINT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
        disabled_at BIGINT)",
    "CREATE TABLE account (
        id TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        organization_id TEXT NOT NULL REFERENCES organization (id), service_id TEXT NOT NULL,
        created_at BIGINT NOT NULL, UNIQUE (person_id, organization_id, service_id))",
    "CREATE TABLE temporary_password (
        id TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        digest {bytes} NOT NULL, issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, spent_at BIGINT)",
    "CREATE INDEX temporary_password_person ON temporary_password (person_id, issued_at)",
    "CREATE TABLE credential (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, seed {bytes} NOT NULL, digits INTEGER NOT NULL,
        period INTEGER NOT NULL, last_position BIGINT NOT NULL, drift INTEGER NOT NULL,
        failures INTEGER NOT NULL, state TEXT NOT NULL,
        organization_id TEXT REFERENCES organization (id),
        person_id TEXT REFERENCES person (id) ON DELETE SET NULL, token_name TEXT,
        expires_at BIGINT, created_at BIGINT NOT NULL, registered_at BIGINT, locked_at BIGINT)",
    "CREATE INDEX credential_person ON credential (person_id)",
    "CREATE INDEX credential_organization ON credential (organization_id)",
    "CREATE TABLE sign_in (
        id TEXT PRIMARY KEY, digest {bytes} NOT NULL UNIQUE, browser {bytes} NOT NULL,
        person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        temporary_digest {bytes}, password_at BIGINT, temporary_at BIGINT, new_password_at BIGINT,
        vip_at BIGINT, vip_credential_id TEXT, resync BOOLEAN NOT NULL, guesses INTEGER NOT NULL,
        from_session_id TEXT,
        created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, finished_at BIGINT, session_id TEXT)",
    "CREATE INDEX sign_in_expires ON sign_in (expires_at)",
    "CREATE INDEX sign_in_temporary ON sign_in (temporary_digest)",
    "CREATE TABLE session (
        id TEXT PRIMARY KEY, digest {bytes} NOT NULL UNIQUE,
        person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        password_at BIGINT NOT NULL, vip_at BIGINT, vip_credential_id TEXT, auth_time BIGINT NOT NULL,
        created_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, ended_at BIGINT)",
    "CREATE INDEX session_person ON session (person_id)",
    "CREATE INDEX session_expires ON session (expires_at)",
    "CREATE TABLE session_account (
        session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE, service_id TEXT NOT NULL,
        account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE, chosen_at BIGINT NOT NULL,
        PRIMARY KEY (session_id, service_id))",
    "CREATE INDEX session_account_account ON session_account (account_id)",
    "CREATE TABLE client (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, service_id TEXT, public BOOLEAN NOT NULL,
        secret_digest {bytes}, token_endpoint_auth_method TEXT NOT NULL, redirect_uris {json} NOT NULL,
        post_logout_redirect_uris {json} NOT NULL, minimum_level TEXT, id_token_alg TEXT NOT NULL,
        third_party BOOLEAN NOT NULL, scope TEXT NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE TABLE consent (
        person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
        scope TEXT NOT NULL, granted_at BIGINT NOT NULL, PRIMARY KEY (person_id, client_id))",
    // `grant` is a word of SQL.
    "CREATE TABLE authorization_grant (
        id TEXT PRIMARY KEY, code_digest {bytes} NOT NULL UNIQUE, code_expires_at BIGINT NOT NULL,
        code_spent_at BIGINT, client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
        person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        session_id TEXT NOT NULL, redirect_uri TEXT NOT NULL, scope TEXT NOT NULL, nonce TEXT,
        code_challenge TEXT NOT NULL, level TEXT NOT NULL, acr TEXT NOT NULL, essential_acr TEXT,
        auth_time BIGINT NOT NULL, account_id TEXT, claims TEXT,
        generation BIGINT NOT NULL, refreshed_at BIGINT, created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL, revoked_at BIGINT)",
    "CREATE INDEX authorization_grant_session ON authorization_grant (session_id)",
    "CREATE INDEX authorization_grant_person ON authorization_grant (person_id)",
    "CREATE INDEX authorization_grant_client ON authorization_grant (client_id)",
    "CREATE INDEX authorization_grant_expires ON authorization_grant (expires_at)",
    "CREATE TABLE signing_key (
        kid TEXT PRIMARY KEY, alg TEXT NOT NULL, private_key {bytes} NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE TABLE mail (
        id TEXT PRIMARY KEY, sealed {bytes} NOT NULL, created_at BIGINT NOT NULL,
        next_attempt_at BIGINT NOT NULL, attempts INTEGER NOT NULL)",
    "CREATE INDEX mail_due ON mail (next_attempt_at)",
    "CREATE TABLE throttle (bucket BIGINT PRIMARY KEY, until_millis BIGINT NOT NULL)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (bytes, json) = match manager.get_database_backend() {
            sea_orm::DbBackend::Postgres => ("BYTEA", "JSONB"),
            _ => ("BLOB", "TEXT"),
        };
        for statement in TABLES {
            let statement = statement.replace("{bytes}", bytes).replace("{json}", json);
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
