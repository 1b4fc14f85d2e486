//! A file's code without its prose: comments and the insides of literals become blanks, lines stay lines.
//!
//! So a rule that looks for a word finds its use, and not a comment or a message about it.

/// Blanks what is no code. Rust, TypeScript and CSS are known by their extension; other text is given back as it is.
pub(super) fn code_only(text: &str, extension: &str) -> String {
    match extension {
        "rs" => Blanker::new(text, &['"'], true).run(),
        "ts" | "js" | "mjs" => Blanker::new(text, &['"', '\'', '`'], true).run(),
        "css" => Blanker::new(text, &['"', '\''], false).run(),
        _ => text.to_owned(),
    }
}

struct Blanker<'a> {
    characters: Vec<char>,
    position: usize,
    quotes: &'a [char],
    line_comments: bool,
    code: String,
}

impl<'a> Blanker<'a> {
    fn new(text: &str, quotes: &'a [char], line_comments: bool) -> Self {
        let characters: Vec<char> = text.chars().collect();
        Self { code: String::with_capacity(text.len()), characters, position: 0, quotes, line_comments }
    }

    fn ahead(&self, offset: usize) -> Option<char> {
        self.characters.get(self.position + offset).copied()
    }

    fn keep(&mut self, count: usize) {
        for _ in 0..count {
            self.code.extend(self.ahead(0));
            self.position += 1;
        }
    }

    fn blank(&mut self, count: usize) {
        for _ in 0..count {
            self.code.extend(self.ahead(0).map(|character| if character == '\n' { '\n' } else { ' ' }));
            self.position += 1;
        }
    }

    fn run(mut self) -> String {
        while let Some(character) = self.ahead(0) {
            match (character, self.ahead(1)) {
                ('/', Some('/')) if self.line_comments => self.blank_line(),
                ('/', Some('*')) => self.blank_block(),
                ('r', Some('"' | '#')) if self.is_rust() && self.raw_hashes().is_some() => self.blank_raw(),
                ('\'', _) if self.is_rust() => self.blank_character(),
                (quote, _) if self.quotes.contains(&quote) => self.blank_literal(quote),
                _ => self.keep(1),
            }
        }
        self.code
    }

    /// Only Rust has one kind of quote here; its apostrophe needs a closer look.
    fn is_rust(&self) -> bool {
        self.quotes.len() == 1
    }

    fn blank_line(&mut self) {
        while self.ahead(0).is_some_and(|character| character != '\n') {
            self.blank(1);
        }
    }

    fn blank_block(&mut self) {
        let mut depth = 0_u32;
        loop {
            match (self.ahead(0), self.ahead(1)) {
                (None, _) => return,
                // Only Rust's comments nest.
                (Some('/'), Some('*')) if depth == 0 || self.is_rust() => {
                    depth += 1;
                    self.blank(2);
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.blank(2);
                    if depth == 0 {
                        return;
                    }
                }
                (Some(_), _) => self.blank(1),
            }
        }
    }

    /// How many `#` stand in the opening of a raw string at this place, if it is one.
    fn raw_hashes(&self) -> Option<usize> {
        let before = self.position.checked_sub(1).and_then(|at| self.characters.get(at));
        if before.is_some_and(|character| (character.is_alphanumeric() && *character != 'b') || *character == '_') {
            return None;
        }
        let hashes = self.characters.iter().skip(self.position + 1).take_while(|character| **character == '#').count();
        (self.ahead(1 + hashes) == Some('"')).then_some(hashes)
    }

    fn blank_raw(&mut self) {
        let hashes = self.raw_hashes().unwrap_or_default();
        self.keep(2 + hashes);
        while let Some(character) = self.ahead(0) {
            let closes = character == '"' && (1..=hashes).all(|offset| self.ahead(offset) == Some('#'));
            if closes {
                return self.keep(1 + hashes);
            }
            self.blank(1);
        }
    }

    /// `'x'` and `'\n'` are literals, `'a` is a lifetime.
    fn blank_character(&mut self) {
        if self.ahead(1) == Some('\\') {
            self.keep(1);
            self.blank(2);
            while self.ahead(0).is_some_and(|character| character != '\'') {
                self.blank(1);
            }
            self.keep(1);
        } else if self.ahead(2) == Some('\'') {
            self.keep(1);
            self.blank(1);
            self.keep(1);
        } else {
            self.keep(1);
        }
    }

    fn blank_literal(&mut self, quote: char) {
        self.keep(1);
        while let Some(character) = self.ahead(0) {
            if character == quote {
                return self.keep(1);
            }
            self.blank(if character == '\\' { 2 } else { 1 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_blanked_and_code_stays_in_its_line() {
        let text = "let a = \"word\"; // word\n/* word\n/* word */ word */ let b = 'w'; let c: &'static str = r#\"word \" word\"#;\nword";
        let code = code_only(text, "rs");
        assert_eq!(code.lines().count(), text.lines().count());
        assert_eq!(code.matches("word").count(), 1, "{code}");
        assert!(code.contains("let b = ' '") && code.contains("&'static str") && code.ends_with("word"), "{code}");
    }

    #[test]
    fn escapes_do_not_end_a_literal() {
        let code = code_only("a(\"\\\"word\", '\\'', '\\u{7f}', b'x', b\"word\") word", "rs");
        assert_eq!(code.matches("word").count(), 1, "{code}");
    }

    #[test]
    fn a_name_that_ends_in_r_begins_no_raw_string() {
        let code = code_only("letter\"word\" #[attr] r\"word\" word", "rs");
        assert_eq!(code.matches("word").count(), 1, "{code}");
    }

    #[test]
    fn styles_and_scripts_are_known_too() {
        assert!(!code_only("a { color: red /* word */ }", "css").contains("word"));
        assert!(code_only("a { background: url(//word) }", "css").contains("word"));
        assert!(!code_only("f('word', `word`) // word", "ts").contains("word"));
    }
}
