-- The catalogue is small, read from memory and replaced as a whole, so each of its items is one row: kind is a section
-- of the catalogue document, or problem_types for a product with one of its problems; body is the item as JSON.
-- An item that is not enabled is not offered any more, but cases use it and show its name.

CREATE TABLE catalog_items (
    kind TEXT NOT NULL,
    item_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, item_id)
);
