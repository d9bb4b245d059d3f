-- Reading and withdrawing messages.
-- doc_no is the document of the search that holds the message's words; event_no the event that told of it, which orders
-- messages over all cases as they became visible; withdrawn_at when its author took it back, with the text gone.

ALTER TABLE messages ADD COLUMN doc_no BIGINT;
ALTER TABLE messages ADD COLUMN event_no BIGINT;
ALTER TABLE messages ADD COLUMN withdrawn_at BIGINT;

-- How many messages each side has written in a case, without the description, notes and what was withdrawn.
CREATE TABLE conversations (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    customer_messages BIGINT NOT NULL,
    staff_messages BIGINT NOT NULL,
    PRIMARY KEY (account_id, case_id)
);
INSERT INTO conversations (account_id, case_id, customer_messages, staff_messages)
    SELECT account_id, case_id, SUM(CASE WHEN author_kind = 0 THEN 1 ELSE 0 END),
        SUM(CASE WHEN author_kind = 0 THEN 0 ELSE 1 END)
    FROM messages WHERE visibility = 'public' AND is_first = 0 GROUP BY account_id, case_id;

-- Up to where somebody has read a case, and how many messages of the other side that were.
CREATE TABLE read_markers (
    account_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    side TEXT NOT NULL, -- customer, staff
    user_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    message_count BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, case_id, side, user_id)
);

-- The bucket's name for an upload in parts: who breaks one off has to name it, or the parts stay.
ALTER TABLE accessories ADD COLUMN upload_id TEXT;
