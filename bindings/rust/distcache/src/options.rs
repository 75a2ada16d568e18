//! A method for each property of the library: written by `generate.py`, made by these macros.

#[rustfmt::skip]
mod choices;
#[rustfmt::skip]
mod engine;
#[rustfmt::skip]
mod keyspace;

pub use choices::*;

/// `method: kind = "property";` as a setter of a builder.
macro_rules! properties {
    ($builder:ident:
        $($(#[$doc:meta])+ $method:ident: $kind:ident $(($type:ty))? = $name:literal;)*
    ) => {
        impl $builder {
            $(crate::options::setter!($(#[$doc])+ $method, $kind $(($type))?, $name);)*
        }
    };
}

macro_rules! setter {
    ($(#[$doc:meta])+ $method:ident, text, $name:literal) => {
        $(#[$doc])+
        pub fn $method(self, value: impl AsRef<str>) -> Self {
            self.property($name, value.as_ref())
        }
    };
    ($(#[$doc:meta])+ $method:ident, number($type:ty), $name:literal) => {
        $(#[$doc])+
        pub fn $method(self, value: $type) -> Self {
            self.property($name, &value.to_string())
        }
    };
    ($(#[$doc:meta])+ $method:ident, duration, $name:literal) => {
        $(#[$doc])+
        /// In whole milliseconds, rounded up.
        pub fn $method(self, value: std::time::Duration) -> Self {
            self.property($name, &format!("{}ms", crate::call::milliseconds(value)))
        }
    };
    ($(#[$doc:meta])+ $method:ident, switch, $name:literal) => {
        $(#[$doc])+
        pub fn $method(self, on: bool) -> Self {
            self.property($name, if on { "on" } else { "off" })
        }
    };
    ($(#[$doc:meta])+ $method:ident, choice($type:ty), $name:literal) => {
        $(#[$doc])+
        pub fn $method(self, value: $type) -> Self {
            self.property($name, value.as_str())
        }
    };
    ($(#[$doc:meta])+ $method:ident, list, $name:literal) => {
        $(#[$doc])+
        pub fn $method<I>(self, values: I) -> Self
        where
            I: IntoIterator,
            I::Item: AsRef<str>,
        {
            let values: Vec<I::Item> = values.into_iter().collect();
            let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
            self.property($name, &values.join(","))
        }
    };
}

macro_rules! choice_of {
    ($(#[$doc:meta])+ $name:ident: $($choice:ident = $text:literal,)+) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $choice,)+
        }

        impl $name {
            /// As the library writes it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$choice => $text,)+
                }
            }
        }
    };
}

use {choice_of, properties, setter};
