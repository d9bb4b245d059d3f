-- Cases, their messages, logs, scores and secrets, and the documents of the full-text search.

CREATE TABLE cases (
    account_id TEXT NOT NULL,
    case_no BIGINT NOT NULL,
    case_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    user_name TEXT NOT NULL,
    status BIGINT NOT NULL,
    case_type BIGINT NOT NULL,
    sub_type_id TEXT,
    product_id TEXT,
    problem_id TEXT NOT NULL,
    region_id TEXT,
    severity_id TEXT,
    source_id TEXT NOT NULL,
    project_id TEXT,
    description TEXT NOT NULL,
    params TEXT NOT NULL,
    extension TEXT NOT NULL,
    remind_time TEXT NOT NULL,
    assignee_id TEXT,
    assignee_name TEXT,
    urge_count BIGINT NOT NULL,
    urged_at BIGINT NOT NULL,
    reminder_count BIGINT NOT NULL,
    reopen_count BIGINT NOT NULL,
    judgement TEXT NOT NULL,
    resolution TEXT NOT NULL,
    pause_reason TEXT NOT NULL,
    resume_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    status_at BIGINT NOT NULL,
    resolved_at BIGINT,
    ended_at BIGINT,
    ended_by TEXT NOT NULL,
    PRIMARY KEY (account_id, case_no)
);
CREATE UNIQUE INDEX cases_by_id ON cases (case_id, account_id);
CREATE INDEX cases_by_user ON cases (account_id, user_id, case_no);
CREATE INDEX cases_by_status ON cases (account_id, status, case_no);
CREATE INDEX cases_by_user_status ON cases (account_id, user_id, status, case_no);
CREATE INDEX cases_of_all ON cases (case_no);
CREATE INDEX cases_of_all_by_status ON cases (status, case_no);
CREATE INDEX cases_by_assignee ON cases (assignee_id, case_no) WHERE assignee_id IS NOT NULL;

CREATE TABLE messages (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    visibility TEXT NOT NULL,
    author_kind BIGINT NOT NULL,
    author_id TEXT,
    author_name TEXT NOT NULL,
    author_is_owner BIGINT NOT NULL,
    is_first BIGINT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, case_id, message_id)
);

CREATE TABLE operate_logs (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    log_id TEXT NOT NULL,
    operate_type BIGINT NOT NULL,
    operator_type BIGINT NOT NULL,
    operator_id TEXT,
    operator_name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, case_id, log_id)
);

CREATE TABLE case_secrets (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (account_id, case_id, kind, message_id)
);

CREATE TABLE case_scores (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    satisfaction_id BIGINT NOT NULL,
    score BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, case_id, satisfaction_id)
);

CREATE INDEX counters_by_scope ON counters (scope, name);

-- only: sqlite
CREATE TABLE search_docs (
    doc_no INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    case_no BIGINT NOT NULL,
    is_note BIGINT NOT NULL
);
CREATE VIRTUAL TABLE search_tokens USING fts5 (
    tokens, content = '', columnsize = 0, detail = none,
    tokenize = 'ascii'
);
-- only: postgres
CREATE TABLE search_docs (
    account_id TEXT NOT NULL,
    doc_no BIGINT NOT NULL,
    case_no BIGINT NOT NULL,
    is_note BIGINT NOT NULL,
    tokens TSVECTOR NOT NULL,
    PRIMARY KEY (account_id, doc_no)
);
CREATE INDEX search_docs_tokens ON search_docs USING GIN (tokens);
