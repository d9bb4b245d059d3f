-- Partners: accounts that handle the cases of their own customers in the provider's place.

-- kind: reseller (of the accounts that are linked to it) or isv (of whoever asks about its commodities).
CREATE TABLE partners (
    account_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    is_allowed BIGINT NOT NULL,
    service_zone TEXT NOT NULL,
    service_days TEXT NOT NULL,
    service_hours TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- An account has one partner at most.
CREATE TABLE partner_customers (
    account_id TEXT NOT NULL PRIMARY KEY,
    partner_id TEXT NOT NULL,
    linked_at BIGINT NOT NULL
);
CREATE INDEX partner_customers_partner ON partner_customers (partner_id, account_id);

-- Users of the partner's account who work on cases.
CREATE TABLE partner_staff (
    account_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id)
);

-- Categories that a partner takes; one without a row takes all.
CREATE TABLE partner_categories (
    account_id TEXT NOT NULL,
    sub_type_id TEXT NOT NULL,
    PRIMARY KEY (account_id, sub_type_id)
);

-- What an ISV sells, by the id that a submission names.
CREATE TABLE partner_commodities (
    commodity_id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL
);
CREATE INDEX partner_commodities_account ON partner_commodities (account_id, commodity_id);

-- business_owner: 0 the provider, 1 a reseller, 2 an ISV.
ALTER TABLE cases ADD COLUMN business_owner BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN partner_id TEXT;
CREATE INDEX cases_by_partner ON cases (partner_id, case_no) WHERE partner_id IS NOT NULL;
