-- Accounts, their users, groups, projects, access keys and agencies.
-- Times are microseconds UTC, truths are 0 or 1, "sealed" columns are opened by the vault only.

CREATE TABLE accounts (
    account_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL, -- customer, provider
    enabled BIGINT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_name ON accounts (name);

-- reserved: named by "account create --owner" and not yet completed by "user create".
-- Tokens issued at or before tokens_valid_after are dead; those issued at or before tokens_ending_issued die at tokens_ending_at.
CREATE TABLE users (
    account_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    is_owner BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    staff_role TEXT,
    description TEXT NOT NULL,
    email BLOB, -- sealed
    phone BLOB, -- sealed
    area_code BLOB, -- sealed
    password_hash TEXT,
    password_changed_at BIGINT,
    totp BLOB, -- sealed
    totp_last_step BIGINT NOT NULL,
    tokens_valid_after BIGINT NOT NULL,
    tokens_ending_issued BIGINT NOT NULL,
    tokens_ending_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id)
);
CREATE UNIQUE INDEX users_name ON users (account_id, name);

CREATE TABLE user_roles (
    account_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, user_id, role)
);

CREATE TABLE user_groups (
    account_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id)
);
CREATE UNIQUE INDEX user_groups_name ON user_groups (account_id, name);

CREATE TABLE group_members (
    account_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (account_id, group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (account_id, user_id);

CREATE TABLE group_roles (
    account_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, group_id, role)
);

CREATE TABLE projects (
    account_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, project_id)
);
CREATE UNIQUE INDEX projects_name ON projects (account_id, name);

CREATE TABLE access_keys (
    account_id TEXT NOT NULL,
    access TEXT NOT NULL,
    user_id TEXT NOT NULL,
    secret BLOB NOT NULL, -- sealed
    active BIGINT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (account_id, access)
);
CREATE UNIQUE INDEX access_keys_access ON access_keys (access);
CREATE INDEX access_keys_user ON access_keys (account_id, user_id, created_at);

-- account_id delegates the rights named in roles to trusted_account_id.
CREATE TABLE agencies (
    account_id TEXT NOT NULL,
    agency_id TEXT NOT NULL,
    name TEXT NOT NULL,
    trusted_account_id TEXT NOT NULL,
    roles TEXT NOT NULL, -- names, separated by commas
    description TEXT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, agency_id)
);
CREATE UNIQUE INDEX agencies_name ON agencies (account_id, name);

-- Failed logins by a keyed hash of account and user name, so that names that do not exist are counted alike.
CREATE TABLE login_failures (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX login_failures_last_at ON login_failures (last_at);
