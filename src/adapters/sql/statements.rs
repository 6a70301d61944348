//! Statements as text: named, in the dialect of the engine, and gathered for the test that prepares every one of them.
//!
//! What differs between the engines is a function of [`Engine`]; the text is put together once, from constants alone.

use std::sync::OnceLock;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A statement in both dialects.
pub struct Sql {
    pub name: &'static str,
    make: fn(Engine) -> String,
    made: [OnceLock<String>; 2],
}

impl Sql {
    pub(super) const fn new(name: &'static str, make: fn(Engine) -> String) -> Self {
        Self { name, make, made: [const { OnceLock::new() }; 2] }
    }

    /// The text for an engine.
    pub fn of(&'static self, engine: Engine) -> &'static str {
        self.made[engine as usize].get_or_init(|| (self.make)(engine))
    }
}

/// Names statements and gathers them in `STATEMENTS`. `NAME: "text"` is the same on both engines; `NAME: function` is what the
/// function says for each.
macro_rules! statements {
    ($($(#[$why:meta])* $name:ident: $text:tt;)+) => {
        $($(#[$why])* static $name: $crate::adapters::sql::statements::Sql = $crate::adapters::sql::statements::Sql::new(
            stringify!($name),
            $crate::adapters::sql::statements::statements!(@text $text),
        );)+
        /// Every statement of this module, for the test that prepares them.
        pub(in $crate::adapters::sql) static STATEMENTS: &[&$crate::adapters::sql::statements::Sql] = &[$(&$name),+];
    };
    (@text $text:literal) => { |_| String::from($text) };
    (@text $function:ident) => { $function };
    (@text ($function:expr)) => { $function };
}
pub(super) use statements;

/// A JSON array of ids bound as text ([`id_list`]), as a list to select from.
pub(super) fn ids_in(engine: Engine, parameter: &str) -> String {
    match engine {
        Engine::Sqlite => format!("(SELECT unhex(value) FROM json_each({parameter}))"),
        Engine::Postgres => format!("(SELECT value::uuid FROM jsonb_array_elements_text({parameter}::text::jsonb))"),
    }
}

/// A JSON array of words bound as text, as a list to select from.
pub(super) fn words_in(engine: Engine, parameter: &str) -> String {
    match engine {
        Engine::Sqlite => format!("(SELECT value FROM json_each({parameter}))"),
        Engine::Postgres => format!("(SELECT value FROM jsonb_array_elements_text({parameter}::text::jsonb))"),
    }
}

/// The words of a column that holds a JSON array, as a table with a column `value`.
pub(super) fn words_of(engine: Engine, column: &str) -> String {
    match engine {
        Engine::Sqlite => format!("json_each({column})"),
        Engine::Postgres => format!("jsonb_array_elements_text({column})"),
    }
}

/// Ids as a JSON array of hexadecimal strings: what [`ids_in`] reads on both engines.
pub(super) fn id_list(ids: impl IntoIterator<Item = uuid::Uuid>) -> String {
    let mut json = String::from("[");
    for id in ids {
        if json.len() > 1 {
            json.push(',');
        }
        json.push('"');
        json.push_str(id.simple().encode_lower(&mut uuid::Uuid::encode_buffer()));
        json.push('"');
    }
    json.push(']');
    json
}
