//! What can go wrong at the engine, named by what a caller can do about it.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index or primary key refused the row. The name is the index's, or `<table>_pkey`.
    #[error("unique index {0} refused the row")]
    Unique(String),
    /// Too much is queued; the caller should try again later.
    #[error("the store is busy")]
    Busy,
    /// The database does not answer, its disk is full, or a commit failed. Nothing was written, unless `in_doubt`.
    #[error("the database is unavailable: {message}")]
    Unavailable {
        /// What the engine said.
        message: String,
        /// True when the connection was lost during the commit, so that the outcome is unknown.
        in_doubt: bool,
    },
    /// A unit awaited something other than its transaction.
    #[error("a unit waited for something outside its transaction")]
    Waited,
    /// A unit panicked; its changes were undone.
    #[error("a unit panicked: {0}")]
    Panicked(String),
    /// A row that must exist does not.
    #[error("no row")]
    NoRow,
    /// A statement ran longer than allowed and was ended.
    #[error("a statement was ended by its time limit")]
    Timeout,
    /// The database file or schema is not one that this program can use.
    #[error("{0}")]
    Unusable(String),
    /// Anything else the engine said: a defect in a statement or a broken invariant.
    #[error("engine: {0}")]
    Engine(Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    pub(crate) fn unavailable(message: impl std::fmt::Display) -> Self {
        Self::Unavailable { message: message.to_string(), in_doubt: false }
    }

    /// A copy for each unit of a group that fails together.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Unique(index) => Self::Unique(index.clone()),
            Self::Busy => Self::Busy,
            Self::Unavailable { message, in_doubt } => {
                Self::Unavailable { message: message.clone(), in_doubt: *in_doubt }
            }
            Self::Waited => Self::Waited,
            Self::Panicked(m) => Self::Panicked(m.clone()),
            Self::NoRow => Self::NoRow,
            Self::Timeout => Self::Timeout,
            Self::Unusable(m) => Self::Unusable(m.clone()),
            Self::Engine(e) => Self::Engine(e.to_string().into()),
        }
    }
}
