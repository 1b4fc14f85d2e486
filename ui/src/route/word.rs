//! A value in the query of an address.
//!
//! The router decodes the whole query before it splits it, so whatever could end a value is encoded twice here and decoded
//! once again when it is read.

use std::{convert::Infallible, fmt, str::FromStr};

/// The characters that end a value or begin a code, with their codes.
const SPECIAL: [(char, &str); 3] = [('%', "%25"), ('&', "%26"), ('#', "%23")];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word(pub String);

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match SPECIAL.iter().find(|(special, _)| *special == letter) {
                // The code's own `%` as `%25`: the router takes one layer off.
                Some((_, code)) => f.write_str(&code.replace('%', "%25"))?,
                None => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Word {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        // The percent sign last, or `%2526` would be decoded twice.
        let text = text.replace("%26", "&").replace("%23", "#");
        Ok(Self(text.replace("%25", "%")))
    }
}

#[cfg(test)]
mod tests {
    use crate::route::{Route, Word};

    #[test]
    fn an_address_keeps_every_value_apart() {
        for text in ["", "a&status=down", "100%", "%26", "a#b", "/incidents?state=open", "ü ß"] {
            let route = Route::Monitors { q: Word::from(text), status: Word::from("up") };
            assert_eq!(route.to_string().parse::<Route>().unwrap(), route, "{text}: {route}");
        }
    }
}
