-- Uploaded files, and how much each user has uploaded in a day.
-- account_id is the account that the file belongs to now: its uploader's, and once a case has taken it, the case's.
-- uploader_account_id never changes, and with accessory_id names the stored object.

CREATE TABLE accessories (
    account_id TEXT NOT NULL,
    accessory_id TEXT NOT NULL,
    uploader_account_id TEXT NOT NULL,
    uploader_id TEXT NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL, -- incident, message, feedback
    upload_type BIGINT NOT NULL, -- 0 normal, 1 an image inside Markdown text
    content_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL, -- incoming, temp, bound, gone
    case_id TEXT,
    message_id TEXT,
    position BIGINT NOT NULL, -- among the files of its message
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, accessory_id)
);
CREATE UNIQUE INDEX accessories_by_id ON accessories (accessory_id);
CREATE INDEX accessories_by_case ON accessories (account_id, case_id, message_id) WHERE case_id IS NOT NULL;
CREATE INDEX accessories_unbound ON accessories (state, created_at) WHERE state <> 'bound';

CREATE TABLE accessory_volumes (
    account_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    day_at BIGINT NOT NULL, -- the midnight at which the day began
    size_bytes BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, day_at)
);
CREATE INDEX accessory_volumes_by_day ON accessory_volumes (day_at);
