//! Values that go into statements and rows that come out, the same on both engines.

use crate::{Result, StoreError};

/// One bound or returned value. Booleans are `Int` 0 or 1, times are `Int` microseconds UTC, JSON is `Text`.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    /// SQL NULL.
    Null,
    /// BIGINT.
    Int(i64),
    /// DOUBLE PRECISION.
    Real(f64),
    /// TEXT.
    Text(String),
    /// BLOB or BYTEA.
    Blob(Vec<u8>),
}

macro_rules! into_val {
    ($($from:ty => |$v:ident| $to:expr;)*) => {$(
        impl From<$from> for Val {
            fn from($v: $from) -> Self { $to }
        }
    )*};
}

into_val! {
    i64 => |v| Val::Int(v);
    i32 => |v| Val::Int(v.into());
    u32 => |v| Val::Int(v.into());
    u16 => |v| Val::Int(v.into());
    bool => |v| Val::Int(v.into());
    f64 => |v| Val::Real(v);
    String => |v| Val::Text(v);
    &String => |v| Val::Text(v.clone());
    &str => |v| Val::Text(v.to_owned());
    Vec<u8> => |v| Val::Blob(v);
    &[u8] => |v| Val::Blob(v.to_vec());
}

impl<T: Into<Val>> From<Option<T>> for Val {
    fn from(v: Option<T>) -> Self {
        v.map_or(Val::Null, Into::into)
    }
}

/// An array of [`Val`] from anything that converts into one.
#[macro_export]
macro_rules! vals {
    ($($v:expr),* $(,)?) => { [$($crate::Val::from($v)),*] };
}

/// A type that a column can be read as.
pub trait FromVal: Sized {
    /// Reads `v`, or `None` when it is of another type.
    fn from_val(v: &Val) -> Option<Self>;
    /// The same without a copy, for values that hold memory.
    fn from_owned(v: Val) -> Option<Self> {
        Self::from_val(&v)
    }
}

impl FromVal for i64 {
    fn from_val(v: &Val) -> Option<Self> {
        if let Val::Int(i) = v { Some(*i) } else { None }
    }
}

impl FromVal for i32 {
    fn from_val(v: &Val) -> Option<Self> {
        if let Val::Int(i) = v { i32::try_from(*i).ok() } else { None }
    }
}

impl FromVal for u32 {
    fn from_val(v: &Val) -> Option<Self> {
        if let Val::Int(i) = v { u32::try_from(*i).ok() } else { None }
    }
}

impl FromVal for bool {
    fn from_val(v: &Val) -> Option<Self> {
        if let Val::Int(i) = v { Some(*i != 0) } else { None }
    }
}

impl FromVal for f64 {
    fn from_val(v: &Val) -> Option<Self> {
        match v {
            Val::Real(f) => Some(*f),
            Val::Int(i) => Some(*i as f64),
            _ => None,
        }
    }
}

impl FromVal for String {
    fn from_val(v: &Val) -> Option<Self> {
        if let Val::Text(s) = v { Some(s.clone()) } else { None }
    }
    fn from_owned(v: Val) -> Option<Self> {
        if let Val::Text(s) = v { Some(s) } else { None }
    }
}

impl FromVal for Vec<u8> {
    fn from_val(v: &Val) -> Option<Self> {
        if let Val::Blob(b) = v { Some(b.clone()) } else { None }
    }
    fn from_owned(v: Val) -> Option<Self> {
        if let Val::Blob(b) = v { Some(b) } else { None }
    }
}

impl<T: FromVal> FromVal for Option<T> {
    fn from_val(v: &Val) -> Option<Self> {
        if matches!(v, Val::Null) { Some(None) } else { T::from_val(v).map(Some) }
    }
    fn from_owned(v: Val) -> Option<Self> {
        if matches!(v, Val::Null) { Some(None) } else { T::from_owned(v).map(Some) }
    }
}

/// One row of an answer; columns are read by position, in the order of the statement's select list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub(crate) Vec<Val>);

impl Row {
    /// Reads column `index` as `T`. A missing column or another type is a defect of the caller, reported as an engine error.
    pub fn get<T: FromVal>(&self, index: usize) -> Result<T> {
        self.0
            .get(index)
            .and_then(T::from_val)
            .ok_or_else(|| StoreError::Engine(format!("column {index} is {:?}", self.0.get(index)).into()))
    }

    /// Like [`Row::get`], for a column that is read once: what it holds is moved, not copied.
    pub fn take<T: FromVal>(&mut self, index: usize) -> Result<T> {
        let value = self.0.get_mut(index).map(|value| std::mem::replace(value, Val::Null));
        let taken = value.and_then(T::from_owned);
        taken.ok_or_else(|| StoreError::Engine(format!("column {index} is missing or of another type").into()))
    }

    /// All values, in order.
    pub fn values(&self) -> &[Val] {
        &self.0
    }
}
