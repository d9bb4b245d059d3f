-- Contacts that users have verified with a code, the codes that are out, and how many were sent and guessed.
-- A contact itself is sealed; it is found by a keyed hash. Codes are keyed hashes too.

-- contact_hash is over way, dialling code and value; value_hash leaves the dialling code out, for lists.
CREATE TABLE verified_contacts (
    account_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    verified_id TEXT NOT NULL,
    way BIGINT NOT NULL, -- 0 phone, 1 mail
    area_code TEXT NOT NULL, -- a dialling code says nothing about a person
    contact_hash TEXT NOT NULL,
    value_hash TEXT NOT NULL,
    sealed BLOB NOT NULL,
    verified_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, verified_id)
);
CREATE UNIQUE INDEX verified_contacts_contact ON verified_contacts (account_id, user_id, contact_hash);
CREATE UNIQUE INDEX verified_contacts_by_id ON verified_contacts (verified_id);
CREATE INDEX verified_contacts_newest ON verified_contacts (account_id, user_id, verified_at);

-- The newest code of a user for a contact.
CREATE TABLE contact_codes (
    account_id TEXT NOT NULL,
    contact_hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    wrong_guesses BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, contact_hash, user_id)
);
CREATE INDEX contact_codes_by_age ON contact_codes (sent_at);

-- What is counted in a day: codes to a contact, codes of a user, wrong guesses of a user.
CREATE TABLE contact_counts (
    account_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    day_at BIGINT NOT NULL, -- the midnight at which the day began
    amount BIGINT NOT NULL,
    PRIMARY KEY (account_id, subject, day_at)
);
CREATE INDEX contact_counts_by_day ON contact_counts (day_at);

-- The owner's registered contacts count for everybody in the account.
CREATE INDEX users_owner ON users (account_id) WHERE is_owner = 1;
