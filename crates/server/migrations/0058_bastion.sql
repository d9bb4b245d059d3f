-- What engineers did on granted hosts. The entries of a session are a chain: each holds a hash over itself and the one
-- before, so that none can be changed, taken out or put in between without breaking it.

CREATE TABLE bastion_sessions (
    account_id TEXT NOT NULL,
    authorization_id TEXT NOT NULL,
    detail_id BIGINT NOT NULL,
    session_id BIGINT NOT NULL, -- 1, 2, ... on this resource
    case_id TEXT NOT NULL,
    engineer_id TEXT NOT NULL,
    engineer_name TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    entries BIGINT NOT NULL,
    commands BIGINT NOT NULL,
    transfers BIGINT NOT NULL,
    last_hash TEXT NOT NULL,
    PRIMARY KEY (account_id, authorization_id, detail_id, session_id)
);

CREATE TABLE bastion_entries (
    account_id TEXT NOT NULL,
    authorization_id TEXT NOT NULL,
    detail_id BIGINT NOT NULL,
    session_id BIGINT NOT NULL,
    entry_no BIGINT NOT NULL,
    kind TEXT NOT NULL, -- open, command, transfer, close
    body TEXT NOT NULL, -- JSON
    at BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (account_id, authorization_id, detail_id, session_id, entry_no)
);
CREATE INDEX bastion_entries_by_kind
    ON bastion_entries (account_id, authorization_id, detail_id, session_id, kind, entry_no);
