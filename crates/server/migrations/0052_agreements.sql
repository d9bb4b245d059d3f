-- Agreements: what the operator publishes, and who has signed what.
-- A version belongs to a kind (0 new case, 1 new case of an ISV user, 2 authorization) and has a text in one or more
-- languages; each text has an id of its own, and signing any text signs the version. Versions count from 1 within a kind.
-- These belong to the installation, not to an account.

CREATE TABLE agreement_versions (
    kind BIGINT NOT NULL,
    version BIGINT NOT NULL,
    mandatory BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT, -- exclusive; open when null
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, version)
);

CREATE TABLE agreement_texts (
    agreement_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    version BIGINT NOT NULL,
    lang TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (agreement_id)
);
CREATE UNIQUE INDEX agreement_texts_of_version ON agreement_texts (kind, version, lang);

CREATE TABLE agreement_signatures (
    account_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind BIGINT NOT NULL,
    version BIGINT NOT NULL,
    agreement_id BIGINT NOT NULL,
    relation_id TEXT NOT NULL, -- empty when the signature is for nothing in particular
    record_id BIGINT NOT NULL,
    agent_user_id TEXT, -- another account's user who signed through an agency
    client_address TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, kind, version, agreement_id, relation_id)
);
CREATE UNIQUE INDEX agreement_signatures_record ON agreement_signatures (account_id, record_id);

-- The last record number of an account.
CREATE TABLE agreement_records (
    account_id TEXT NOT NULL PRIMARY KEY,
    record_id BIGINT NOT NULL
);
