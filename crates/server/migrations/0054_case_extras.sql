-- What customers put beside their cases: labels, relations, copy addresses, ratings, and reports of abuse.

-- How many labels an account has, and the number of its newest one. The row is what two writers wait for.
CREATE TABLE label_totals (
    account_id TEXT NOT NULL PRIMARY KEY,
    label_count BIGINT NOT NULL,
    last_label_id BIGINT NOT NULL
);
CREATE TABLE labels (
    account_id TEXT NOT NULL,
    label_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    color TEXT NOT NULL, -- #RRGGBB
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, label_id)
);
CREATE UNIQUE INDEX labels_by_name ON labels (account_id, name);

-- Submitter and status are those of the case, so that a list by label looks at no case that it does not show.
CREATE TABLE case_labels (
    account_id TEXT NOT NULL,
    label_id BIGINT NOT NULL,
    case_no BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    status BIGINT NOT NULL,
    PRIMARY KEY (account_id, label_id, case_no)
);
CREATE INDEX case_labels_by_case ON case_labels (account_id, case_no, label_id);
CREATE INDEX case_labels_by_status ON case_labels (account_id, label_id, status, case_no);
CREATE INDEX case_labels_by_user ON case_labels (account_id, label_id, user_id, case_no);

-- How many cases have a label, by submitter and status; without a submitter those of the whole account.
CREATE TABLE label_counts (
    account_id TEXT NOT NULL,
    label_id BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    status BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account_id, label_id, user_id, status)
);

-- A relation is two rows, one for each of its cases.
CREATE TABLE case_relations (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    related_id TEXT NOT NULL,
    related_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, case_id, related_id)
);

-- Which open cases have copy addresses; the addresses themselves are sealed with the case's contacts.
CREATE TABLE case_cc_emails (
    account_id TEXT NOT NULL,
    case_no BIGINT NOT NULL,
    case_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (account_id, case_no)
);
CREATE INDEX case_cc_emails_by_user ON case_cc_emails (account_id, user_id, case_no);

-- When a case was first rated: from then on its rating may be changed for a while.
CREATE TABLE case_ratings (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    rated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, case_id)
);

-- Reports of abuse; contacts are sealed.
CREATE TABLE feedbacks (
    account_id TEXT NOT NULL,
    feedback_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    user_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    right_claimed TEXT NOT NULL, -- JSON, empty for none
    contacts BLOB,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, feedback_id)
);
CREATE UNIQUE INDEX feedbacks_by_id ON feedbacks (feedback_id);
CREATE INDEX feedbacks_by_kind ON feedbacks (kind, feedback_id);

-- The files of a report, in their order: what proves it (proof), and who reports (identity).
CREATE TABLE feedback_files (
    account_id TEXT NOT NULL,
    feedback_id TEXT NOT NULL,
    role TEXT NOT NULL, -- proof, identity
    position BIGINT NOT NULL,
    accessory_id TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (account_id, feedback_id, role, position)
);
