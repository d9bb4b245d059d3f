//! Messages as a conversation: polling, reading, withdrawing.

use super::{Area, Ids, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[];
    const MISSING: Ids = &[
        "ListNewInstantMessages",
        "ListUnreadNewInstantMessages",
        "ListMoreInstantMessages",
        "UpdateNewInstantMessagesRead",
        "RevokeMessage",
    ];
}
