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

/// Turns `$` into `?`: SQLite numbers its parameters `?1`, so that both engines bind by the same number.
pub const fn question_marks<const N: usize>(text: &str) -> [u8; N] {
    let from = text.as_bytes();
    let mut to = [0; N];
    let mut i = 0;
    while i < N {
        to[i] = if from[i] == b'$' { b'?' } else { from[i] };
        i += 1;
    }
    to
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
