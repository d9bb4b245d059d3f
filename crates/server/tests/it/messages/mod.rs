//! What customer and staff write to each other.

mod create_messages;
mod list_messages;
