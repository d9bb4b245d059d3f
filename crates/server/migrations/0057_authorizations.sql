-- Access that customers grant to staff for one case. What a login consists of stands in authorization_secrets alone,
-- sealed, and only while the authorization is in force.

CREATE TABLE authorizations (
    account_id TEXT NOT NULL,
    auth_no BIGINT NOT NULL, -- ascending with the time of the request
    authorization_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    user_id TEXT NOT NULL, -- who submitted the case
    user_name TEXT NOT NULL,
    status BIGINT NOT NULL,
    access_type TEXT NOT NULL,
    simple_description TEXT NOT NULL, -- of the case
    description TEXT NOT NULL,
    letter TEXT NOT NULL, -- empty for the usual one
    engineer_id TEXT NOT NULL,
    engineer_name TEXT NOT NULL,
    agency_id TEXT,
    agency_name TEXT,
    created_at BIGINT NOT NULL,
    answer_until BIGINT NOT NULL,
    effective_at BIGINT,
    expires_at BIGINT,
    ended_at BIGINT,
    reason TEXT NOT NULL,
    hidden BIGINT NOT NULL, -- 1 once the customer has deleted the case
    PRIMARY KEY (account_id, auth_no)
);
CREATE UNIQUE INDEX authorizations_by_id ON authorizations (authorization_id);
CREATE INDEX authorizations_by_case ON authorizations (case_id, account_id, auth_no);
CREATE INDEX authorizations_by_user ON authorizations (account_id, user_id, auth_no);
CREATE INDEX authorizations_by_status ON authorizations (account_id, status, auth_no);
CREATE INDEX authorizations_of_all ON authorizations (auth_no);
CREATE INDEX authorizations_by_engineer ON authorizations (engineer_id, auth_no);

CREATE TABLE authorization_details (
    account_id TEXT NOT NULL,
    authorization_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    detail_id BIGINT NOT NULL,
    kind BIGINT NOT NULL, -- 0 console or text, 1 host
    address TEXT,
    port BIGINT,
    instance_id TEXT,
    instance_name TEXT,
    region_id TEXT,
    host_key TEXT, -- fingerprint that the host showed when its login was first tried
    PRIMARY KEY (account_id, authorization_id, position)
);
CREATE UNIQUE INDEX authorization_details_by_id ON authorization_details (detail_id);

CREATE TABLE authorization_secrets (
    account_id TEXT NOT NULL,
    authorization_id TEXT NOT NULL,
    detail_id BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (account_id, authorization_id, detail_id)
);
