//! What of the events customers are told, and the form of the stream.
//!
//! A kind that is not listed is not told: notes and what else staff do among themselves.

use counterfoil_wire::events::StreamedEvent;

/// The kinds that customers are told of, with what each means.
const TOLD: &[&str] = &[
    "case.created",
    "case.accepted",
    "case.canceled",
    "case.urged",
    "case.feedback_requested",
    "case.replied",
    "case.solved",
    "case.message_added",
    "case.closed",
    "case.closed_by_system",
    "case.confirmed_by_system",
    "case.paused",
    "case.resumed",
    "case.invalidated",
    "case.reopened",
    "case.reminded",
    "case.labels_added",
    "case.labels_removed",
    "case.related",
    "case.unrelated",
    "case.contact_changed",
    "case.params_given",
    "case.rated",
    DELETED,
    "authorization.requested",
    "authorization.confirmed",
    "authorization.rejected",
    "authorization.canceled",
    "authorization.recalled",
    "authorization.expired",
    "authorization.ended_with_case",
    "authorization.session_opened",
    "message.written",
    "message.read",
    "message.withdrawn",
];
/// The last that is told of a case: deleted ones are gone for customers.
const DELETED: &str = "case.deleted";
/// After how many milliseconds a client comes again.
const RETRY_MS: u32 = 3000;

/// Whether customers who may see the case are told.
pub fn is_told(kind: &str, is_deleted: bool) -> bool {
    TOLD.contains(&kind) && (!is_deleted || kind == DELETED)
}

/// What a stream begins with.
pub fn beginning() -> String {
    format!("retry: {RETRY_MS}\n\n")
}

/// An event on the stream. JSON writes no line ends.
pub fn frame(event_no: i64, kind: &str, event: &StreamedEvent) -> String {
    let data = serde_json::to_string(event).unwrap_or_default();
    format!("id: {event_no}\nevent: {kind}\ndata: {data}\n\n")
}

/// A sign of life. It carries the number up to which nothing was missed, so that a client that comes again need not have what
/// it may not see looked through once more.
pub fn heartbeat(position: i64) -> String {
    format!(": still here\nid: {position}\n\n")
}

/// Reads the number that a client saw last.
pub fn parse_last_id(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number: &i64| *number >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterfoil_wire::ids::CaseId;
    use counterfoil_wire::time::Micros;
    use serde_json::json;

    #[test]
    fn notes_and_unknown_kinds_are_not_told() {
        assert!(is_told("message.written", false) && is_told("case.deleted", true));
        assert!(!is_told("message.written", true));
        for kind in ["case.note_added", "case.unheard_of", "", "identity.changed"] {
            assert!(!is_told(kind, false), "{kind}");
        }
    }

    #[test]
    fn an_event_is_one_line_of_data() {
        let event = StreamedEvent {
            case_id: CaseId::compose(Micros(0), 7),
            actor: "system".to_owned(),
            time: Micros(0).to_wire(),
            details: json!({"text": "a\nb\r\n\u{2028}c"}),
        };
        let frame = frame(5, "case.reminded", &event);
        let lines: Vec<&str> = frame.split('\n').collect();
        assert_eq!(lines[..2], ["id: 5", "event: case.reminded"]);
        assert!(lines[2].starts_with("data: {") && !frame.contains('\r'));
        assert_eq!(lines[3..], ["", ""]);
    }

    #[test]
    fn the_last_id_is_a_number() {
        assert_eq!(parse_last_id("0"), Some(0));
        for bad in ["", "-1", "x", "1.5", "99999999999999999999"] {
            assert_eq!(parse_last_id(bad), None, "{bad}");
        }
    }
}
