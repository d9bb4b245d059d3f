-- Support plans: what an account may ask for, how often, and how soon it is answered.
-- A plan and a calendar are small and read whole, so each is one row with its body as JSON. One that is not enabled is
-- not assigned any more, but accounts and cases refer to it.

CREATE TABLE plans (
    plan_id TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    bought BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE calendars (
    calendar_id TEXT NOT NULL PRIMARY KEY,
    enabled BIGINT NOT NULL,
    body TEXT NOT NULL
);

-- Of the plans that are valid at a time, the one that started last counts.
CREATE TABLE account_plans (
    account_id TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    plan_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, starts_at)
);

-- What was promised for a case when it was submitted, whatever becomes of the plan.
CREATE TABLE case_plans (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    target_minutes BIGINT,
    calendar_id TEXT,
    PRIMARY KEY (account_id, case_id)
);

-- used: cases of the month that count; extra: cases that packs add to the plan's own number.
CREATE TABLE quota_months (
    account_id TEXT NOT NULL,
    month TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    quota_id TEXT NOT NULL,
    used BIGINT NOT NULL,
    extra BIGINT NOT NULL,
    PRIMARY KEY (account_id, month, plan_id, quota_id)
);

-- Which quotas a case counts in, so that it can be given back.
CREATE TABLE case_quotas (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    quota_id TEXT NOT NULL,
    month TEXT NOT NULL,
    PRIMARY KEY (account_id, case_id, plan_id, quota_id)
);

CREATE TABLE quota_packs (
    account_id TEXT NOT NULL,
    pack_id TEXT NOT NULL,
    month TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    quota_id TEXT NOT NULL,
    cases BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, pack_id)
);

-- Lists by product or by problem type stay as fast as the others; the last two columns let totals be counted in the index
-- alone. A problem type belongs to one product, so one index serves both.
CREATE INDEX cases_by_product ON cases (account_id, product_id, case_no, problem_id, status);
