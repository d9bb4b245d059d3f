-- What an account has registered to be looked at, the looks at it, and what customers said of them.

CREATE TABLE diagnose_resources (
    account_id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    kind TEXT NOT NULL, -- host, postgres, mysql, website
    name TEXT NOT NULL,
    address TEXT NOT NULL, -- as it was written: a name, an address, a URL
    host TEXT NOT NULL, -- the name or address in it, in the form that it is looked for in
    ports TEXT NOT NULL, -- JSON
    names TEXT NOT NULL, -- JSON
    region TEXT NOT NULL,
    project_id TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, resource_id)
);
CREATE UNIQUE INDEX diagnose_resources_by_name ON diagnose_resources (account_id, name);
CREATE INDEX diagnose_resources_by_host ON diagnose_resources (account_id, host);

-- job_no counts from 1 in each account.
CREATE TABLE diagnose_jobs (
    account_id TEXT NOT NULL,
    job_no BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    kind BIGINT NOT NULL, -- 1 host, 2 database, 3 remote login, 4 network
    status BIGINT NOT NULL, -- 0 preparing, 2 running, 3 done, 4 failed, 7 not run, 8 unavailable
    params TEXT NOT NULL, -- JSON: what the client sent
    resources TEXT NOT NULL, -- JSON: ids of what is looked at
    region TEXT NOT NULL,
    red_count BIGINT NOT NULL,
    abnormal_items TEXT NOT NULL, -- JSON
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (account_id, job_no)
);
CREATE INDEX diagnose_jobs_by_kind ON diagnose_jobs (account_id, kind, job_no);
CREATE INDEX diagnose_jobs_by_user ON diagnose_jobs (account_id, user_id, kind, job_no);
CREATE INDEX diagnose_jobs_recent ON diagnose_jobs (account_id, user_id, created_at);
CREATE INDEX diagnose_jobs_open ON diagnose_jobs (account_id, status) WHERE status IN (0, 2);

CREATE TABLE diagnose_items (
    account_id TEXT NOT NULL,
    job_no BIGINT NOT NULL,
    position BIGINT NOT NULL,
    resource_id TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    check_id TEXT NOT NULL,
    finding TEXT NOT NULL,
    level BIGINT NOT NULL, -- 0 not run, 3 normal, 4 abnormal
    response TEXT NOT NULL,
    PRIMARY KEY (account_id, job_no, position)
);

CREATE TABLE diagnose_feedbacks (
    account_id TEXT NOT NULL,
    feedback_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind BIGINT NOT NULL,
    is_helpful BIGINT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, feedback_id)
);
CREATE INDEX diagnose_feedbacks_recent ON diagnose_feedbacks (account_id, user_id, created_at);
