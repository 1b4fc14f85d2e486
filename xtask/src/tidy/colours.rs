//! Colours, type and spacing come from the design tokens.

use super::sources::{SourceFile, Sources};
use super::{Finding, Rule};

pub(super) const RULE: Rule = Rule {
    name: "colours",
    reason: "INV-12: one file holds the design tokens, so themes and contrast are checked in one place",
    check,
};

/// The one file.
const TOKENS: &str = "ui/static/tokens.css";

/// Functions that make a colour out of numbers.
const FUNCTIONS: [&str; 6] = ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "lab("];

/// Lengths of a colour in hexadecimal digits.
const HEX_DIGITS: [usize; 4] = [3, 4, 6, 8];

fn check(sources: &Sources) -> Vec<Finding> {
    let in_ui = |file: &&SourceFile| file.path.starts_with("ui/") && file.path != TOKENS;
    let mut findings = Vec::new();
    for file in sources.files.iter().filter(in_ui) {
        if file.has_extension("css") {
            findings.extend(in_style(file));
        } else if file.has_extension("rs") {
            findings.extend(in_rust(file));
        }
    }
    findings
}

fn in_style(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.code.lines().enumerate() {
        // Before the colon stands a selector or a property's name; `#fade` may be an element there.
        let values = line.split_once(':').map_or("", |(_, values)| values);
        if let Some(colour) = hex_colour(values) {
            findings.push(Finding::at(&file.path, index + 1, format!("has the colour {colour}")));
        }
        if let Some(function) = FUNCTIONS.iter().find(|function| values.contains(**function)) {
            findings.push(Finding::at(&file.path, index + 1, format!("makes a colour with {function}…)")));
        }
        // A media query cannot use a variable.
        if !line.trim_start().starts_with('@') && has_pixels(values) {
            findings.push(Finding::at(&file.path, index + 1, "has a length in px"));
        }
    }
    findings
}

fn in_rust(file: &SourceFile) -> Vec<Finding> {
    let lines = file.text.lines().zip(file.code.lines()).enumerate();
    lines
        .filter(|(_, (_, code))| code.contains('"'))
        .filter_map(|(index, (text, _))| {
            // Inside a literal: directly behind its quote, or as a value in a style.
            let colour = text.split('"').skip(1).step_by(2).find_map(hex_colour)?;
            Some(Finding::at(&file.path, index + 1, format!("has the colour {colour}")))
        })
        .collect()
}

/// The first `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa` in a text.
fn hex_colour(text: &str) -> Option<String> {
    text.split('#').skip(1).find_map(|after| {
        let word: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
        let is_colour = HEX_DIGITS.contains(&word.len()) && word.chars().all(|digit| digit.is_ascii_hexdigit());
        is_colour.then(|| format!("#{word}"))
    })
}

/// Whether a number with the unit px stands in a text.
fn has_pixels(text: &str) -> bool {
    text.split("px").zip(text.split("px").skip(1)).any(|(before, after)| {
        before.ends_with(|character: char| character.is_ascii_digit())
            && !after.starts_with(|character: char| character.is_ascii_alphanumeric() || character == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_outside_of_the_tokens_are_found() {
        let findings = |path: &str, text: &str| check(&Sources::of(&[(path, text)])).len();
        for bad in ["a { color: #fff; }", "a { color: rgb(0 0 0); }", "a { margin: 12px; }", "  color: #12ab34;"] {
            assert_eq!(findings("ui/static/style.css", bad), 1, "{bad}");
            assert_eq!(findings("ui/static/tokens.css", bad), 0, "{bad}");
        }
        for good in [
            "#fade { color: var(--text); }",
            "@media (max-width: 720px) {",
            "a { margin: var(--gap-small); /* 12px */ }",
            "a { height: 100%; width: 1rem }",
        ] {
            assert_eq!(findings("ui/static/style.css", good), 0, "{good}");
        }
    }

    #[test]
    fn a_colour_in_a_component_is_found() {
        let findings = |text: &str| check(&Sources::of(&[("ui/src/chart.rs", text)])).len();
        assert_eq!(findings("rect { fill: \"#1a2b3c\" }"), 1);
        assert_eq!(findings("a { href: \"#main\" } // #fff"), 0);
        assert_eq!(findings("#[derive(Debug)]"), 0);
    }
}
