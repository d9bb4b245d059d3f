-- What an account switches for all of its users, and what it grants to single ones.

-- A privilege without a row is switched off.
CREATE TABLE privilege_switches (
    account_id TEXT NOT NULL,
    privilege TEXT NOT NULL,
    is_on BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, privilege)
);

CREATE TABLE privilege_grants (
    account_id TEXT NOT NULL,
    holder_id TEXT NOT NULL, -- a user, a group or an agency
    privilege TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, holder_id, privilege)
);
