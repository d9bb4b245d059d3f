//! Which keys a catalogue document has: the one table behind reading, checking and writing.
//!
//! Bounds are those of the API's answer models, so that a catalogue that was accepted can always be
//! answered. Names of sections and keys are the field names of [`super::Document`] and its parts,
//! which a test holds.

/// What a value must look like. Lengths count characters.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// One line of text.
    Line(usize, usize),
    /// Text that may hold line breaks.
    Text(usize, usize),
    /// `{ zh = "...", en = "..." }`, one line each.
    Both(usize, usize),
    /// The same with line breaks.
    BothText(usize, usize),
    /// 1 to n of `a-z 0-9 -`.
    Id(usize),
    /// 1 to n of `a-z 0-9 _`.
    ParamKey(usize),
    /// 1 to n of `A-Z a-z 0-9 . _ -`.
    ConfigKey(usize),
    /// 1 to n digits.
    Digits(usize),
    /// A whole number in a range.
    Number(i64, i64),
    /// true or false.
    Flag,
    /// One of the words.
    Word(&'static [&'static str]),
    /// A list of ids.
    Ids(usize),
    /// A list of file extensions, whose comma list has at most n characters.
    Extensions(usize),
    /// A list of inline tables.
    Rows(&'static [Key]),
}

/// What stands for a key that is left out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Absent {
    /// It must not be.
    Refused,
    /// An empty text, in both languages where it has two.
    Empty,
    /// This number.
    Number(i64),
    /// This flag.
    Flag(bool),
    /// An empty list.
    NoItems,
}

/// A key of a section's item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Its name in the document.
    pub name: &'static str,
    /// What its value must look like.
    pub shape: Shape,
    /// What stands for it when it is left out.
    pub absent: Absent,
}

const fn key(name: &'static str, shape: Shape) -> Key {
    Key { name, shape, absent: Absent::Refused }
}

const fn optional(name: &'static str, shape: Shape, absent: Absent) -> Key {
    Key { name, shape, absent }
}

/// How a section is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Layout {
    /// The section is one table with these keys.
    Single,
    /// `id = "value"` lines.
    Pairs,
    /// `id = { ... }` lines.
    Lines,
    /// `[section.id]` tables.
    Blocks,
}

/// A part of the document. All of them are mandatory: what a document does not name is taken out of
/// the catalogue, and a forgotten section must not empty it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    /// Its name in the document.
    pub name: &'static str,
    /// How it is laid out.
    pub layout: Layout,
    /// Shape of the ids of its items; not used by a single table.
    pub id: Shape,
    /// Keys of the table or of each item.
    pub keys: &'static [Key],
    /// What a reader of the file should know, one comment line each.
    pub about: &'static [&'static str],
}

/// Version of the format, the value of the key `format`.
pub(super) const FORMAT: i64 = 1;

/// Comment lines at the top of a written document.
pub(super) const ABOUT: &[&str] = &[
    "Catalogue of a Counterfoil server. `catalog export FILE` writes it, `catalog import FILE` reads it.",
    "An import replaces the whole catalogue: what is not in the file is deleted, or switched off where a case uses it.",
    "The order of items is the order in which clients see them. Text is given in Chinese (zh) and English (en).",
];

const NAME: Shape = Shape::Both(1, 64);

/// All sections, in the order in which they are written.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "settings",
        layout: Layout::Single,
        id: Shape::Flag,
        keys: &[
            key("case_cc_email_max_count", Shape::Number(0, 65_535)),
            key("accessory_limit_count", Shape::Number(1, 99)),
            key("accessory_limit_size_mb", Shape::Number(1, 99)),
            key("accessory_daily_upload_mb", Shape::Number(1, 1_000_000)),
            key("accessory_file_types", Shape::Extensions(256)),
        ],
        about: &["Limits: copy addresses of a case, files of a message, size of a file, a user's uploads in a day."],
    },
    Section {
        name: "configurations",
        layout: Layout::Pairs,
        id: Shape::ConfigKey(128),
        keys: &[key("value", Shape::Text(0, 65_535))],
        about: &["Configuration items that anybody may read, without login."],
    },
    Section {
        name: "severities",
        layout: Layout::Lines,
        id: Shape::Id(32),
        keys: &[key("rank", Shape::Number(1, 99)), key("name", Shape::Both(1, 32))],
        about: &["1 to 10 levels; rank 1 is the gravest."],
    },
    Section {
        name: "dimensions",
        layout: Layout::Blocks,
        id: Shape::Number(0, 9999),
        keys: &[
            key("group", Shape::Id(32)),
            key("name", Shape::Both(1, 32)),
            optional("desc", Shape::Both(0, 128), Absent::Empty),
            key("full_score", Shape::Number(1, 65_535)),
            key("star_score", Shape::Number(1, 65_535)),
        ],
        about: &["What a finished case is rated by: full_score is reached with full_score / star_score stars."],
    },
    Section {
        name: "categories",
        layout: Layout::Lines,
        id: Shape::Id(32),
        keys: &[key("name", NAME)],
        about: &["First level."],
    },
    Section {
        name: "products",
        layout: Layout::Blocks,
        id: Shape::Id(32),
        keys: &[
            key("category", Shape::Id(32)),
            optional("acronym", Shape::Line(0, 32), Absent::Empty),
            key("name", NAME),
            optional("desc", Shape::Both(0, 512), Absent::Empty),
            optional("support_plan", Shape::Flag, Absent::Flag(true)),
            key("problems", Shape::Ids(32)),
        ],
        about: &[
            "Second level. A problem of a product is a problem type, known to clients as product.problem;",
            "both ids together have at most 31 characters.",
        ],
    },
    Section {
        name: "problems",
        layout: Layout::Lines,
        id: Shape::Id(32),
        keys: &[
            key("kind", Shape::Word(&["consultation", "fault"])),
            optional("support_plan", Shape::Flag, Absent::Flag(true)),
            key("name", NAME),
        ],
        about: &["Third level. A fault needs a region."],
    },
    Section {
        name: "templates",
        layout: Layout::Blocks,
        id: Shape::Id(64),
        keys: &[
            optional("products", Shape::Ids(32), Absent::NoItems),
            optional("problems", Shape::Ids(32), Absent::NoItems),
            key("name", NAME),
            key("content", Shape::BothText(1, 128)),
        ],
        about: &[
            "Text that a description starts with. A template is for the problem types whose product is among its",
            "products and whose problem is among its problems; a list that is left out allows all.",
        ],
    },
    Section {
        name: "extra_params",
        layout: Layout::Blocks,
        id: Shape::Id(32),
        keys: &[
            optional("products", Shape::Ids(32), Absent::NoItems),
            optional("problems", Shape::Ids(32), Absent::NoItems),
            key("key", Shape::ParamKey(32)),
            key("type", Shape::Word(&["integer", "line", "choice", "choices", "agreement", "text"])),
            key("name", Shape::Both(1, 32)),
            optional("desc", Shape::Both(0, 128), Absent::Empty),
            optional("tips", Shape::Both(0, 128), Absent::Empty),
            optional("required", Shape::Flag, Absent::Flag(false)),
            optional("show", Shape::Flag, Absent::Flag(true)),
            optional("sensitive", Shape::Flag, Absent::Flag(false)),
            optional("length", Shape::Number(0, 65_535), Absent::Number(0)),
            optional("min", Shape::Number(0, i64::MAX), Absent::Number(0)),
            optional("max", Shape::Number(0, i64::MAX), Absent::Number(0)),
            optional("default", Shape::Text(0, 64), Absent::Empty),
            optional("choices", Shape::Rows(CHOICE), Absent::NoItems),
        ],
        about: &[
            "Form fields beside the description, for the problem types that products and problems select as above.",
            "integer: from min to max; line and text: up to length characters; choice and choices: of choices;",
            "agreement: a box to tick. Sensitive values are encrypted, masked, and erased when the case ends.",
        ],
    },
    Section {
        name: "common_params",
        layout: Layout::Lines,
        id: Shape::ParamKey(32),
        keys: &[
            key("name", Shape::Both(1, 32)),
            optional("show", Shape::Flag, Absent::Flag(true)),
            optional("required", Shape::Flag, Absent::Flag(false)),
        ],
        about: &["Form fields of every problem type."],
    },
    Section {
        name: "regions",
        layout: Layout::Lines,
        id: Shape::Id(64),
        keys: &[
            key("kind", Shape::Word(&["mainland", "international", "europe"])),
            optional("sensitive", Shape::Flag, Absent::Flag(false)),
            key("name", NAME),
        ],
        about: &["Where a fault can be located."],
    },
    Section {
        name: "area_codes",
        layout: Layout::Lines,
        id: Shape::Number(0, i64::MAX),
        keys: &[key("code", Shape::Digits(16)), key("name", NAME)],
        about: &["Dialling codes of countries and regions. Clients see them by id."],
    },
];

const CHOICE: &[Key] = &[key("value", Shape::Line(1, 64)), key("name", Shape::Both(1, 64))];
