//! Registered statements. Each `sql.rs` declares its statements with [`statements!`](crate::statements), which also
//! makes the list `ALL` that the test uses which prepares every statement on both engines.

/// A statement with its text for each engine.
#[derive(Debug)]
pub struct Stmt {
    /// The constant's name, for logs and tests.
    pub name: &'static str,
    /// The text for SQLite, with `?1` for `$1`.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
}

/// Turns `$1` into `?1`: SQLite numbers its parameters so, and both engines bind by the same number.
pub const fn question_marks<const N: usize>(text: &str) -> [u8; N] {
    let from = text.as_bytes();
    let mut to = [0; N];
    let mut i = 0;
    while i < N {
        to[i] = if is_placeholder(from, i) { b'?' } else { from[i] };
        i += 1;
    }
    to
}

const fn is_placeholder(text: &[u8], i: usize) -> bool {
    text[i] == b'$' && i + 1 < text.len() && text[i + 1].is_ascii_digit()
}

/// The same for a text that is put together at run time.
pub(crate) fn with_question_marks(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices('$').filter(|(at, _)| is_placeholder(text.as_bytes(), *at)) {
        marked.push_str(&text[from..at]);
        marked.push('?');
        from = at + 1;
    }
    marked.push_str(&text[from..]);
    marked
}

/// Declares statements: `NAME = "sql";`, or `NAME = "sql", postgres: "sql";` where the engines must differ.
#[macro_export]
macro_rules! statements {
    (@sqlite $sql:expr) => {{
        const TEXT: &str = $sql;
        const BYTES: [u8; TEXT.len()] = $crate::question_marks::<{ TEXT.len() }>(TEXT);
        match ::std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => "",
        }
    }};
    (@postgres $sql:expr) => { $sql };
    (@postgres $sql:expr, $other:expr) => { $other };
    ($($(#[$meta:meta])* $name:ident = $sql:expr $(, postgres: $other:expr)?;)*) => {
        $($(#[$meta])* pub(crate) static $name: $crate::Stmt = $crate::Stmt {
            name: concat!(module_path!(), "::", stringify!($name)),
            sqlite: $crate::statements!(@sqlite $sql),
            postgres: $crate::statements!(@postgres $sql $(, $other)?),
        };)*
        /// Every statement of this file.
        pub const ALL: &[&$crate::Stmt] = &[$(&$name),*];
    };
}
