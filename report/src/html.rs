//! Text and numbers into HTML.

use acetate_audio::numbers;

/// Text that can stand between tags and inside quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Direction overrides could make a name read as another.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => escaped.push('\u{fffd}'),
            other if other.is_control() && other != '\n' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A document that can stand inside a `<script type="application/json">`: nothing in it closes the element.
pub(crate) fn json_inside_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A number with a minus sign as wide as its digits; a dash where there is none.
pub(crate) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(
        || "\u{2013}".to_owned(),
        |value| typeset(&numbers::number(Some(value), decimals)),
    )
}

/// The same, with its sign always written, except of nothing.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let signed = typeset(&numbers::signed(value, decimals));
    // Nothing is neither up nor down.
    if signed.contains(|digit: char| ('1'..='9').contains(&digit)) {
        signed
    } else {
        signed.replace('+', "")
    }
}

/// Words with numbers in them: minus signs as printers set them, and safe to stand in the page.
pub(crate) fn words(text: &str) -> String {
    let mut set = String::with_capacity(text.len());
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let number_follows = characters.peek().is_some_and(char::is_ascii_digit);
        let minus = character == '-' && number_follows && !before.is_alphanumeric();
        set.push(if minus { '\u{2212}' } else { character });
        before = character;
    }
    escape(&set)
}

fn typeset(number: &str) -> String {
    number.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_text() {
        assert_eq!(
            escape("<img src=x onerror='a()'>&"),
            "&lt;img src=x onerror=&#39;a()&#39;&gt;&amp;"
        );
        assert_eq!(escape("a\u{202e}vaw.exe"), "a\u{fffd}vaw.exe");
        assert!(!json_inside_script("\"</script>\"").contains("</"));
    }

    #[test]
    fn a_hyphen_before_a_number_is_a_minus_sign_unless_it_joins_words() {
        assert_eq!(words("bell -1.5 dB, 200-350 Hz, s-3"), "bell \u{2212}1.5 dB, 200-350 Hz, s-3");
    }
}
