//! What is left of the sound on other systems, a row each.

use crate::html::escape;

/// One system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// What people call it.
    pub system: String,
    /// What is heard of the bass line.
    pub bass: String,
    /// What else is lost; empty where that is nothing.
    pub also: String,
}

/// The table, and sentences about what this song loses; nothing without a system.
pub(crate) fn elsewhere(systems: &[Elsewhere], sentences: &[String]) -> String {
    if systems.is_empty() {
        return String::new();
    }
    let row = |one: &Elsewhere| {
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            escape(&one.system),
            escape(&one.bass),
            escape(&one.also)
        )
    };
    let rows: String = systems.iter().map(row).collect();
    let sentences: String =
        sentences.iter().map(|sentence| format!("<p>{}</p>", escape(sentence))).collect();
    format!(
        "<section><h2>Elsewhere</h2><div class=\"table\"><table id=\"elsewhere\"><thead><tr><th scope=\"col\">system</th><th scope=\"col\">bass line</th><th scope=\"col\">also</th></tr></thead><tbody>{rows}</tbody></table></div>{sentences}</section>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_of_ones_own_is_text_whatever_it_is_called() {
        let row = Elsewhere { system: "<b>radio</b>".to_owned(), ..Elsewhere::default() };
        let html = elsewhere(&[row], &["a < b".to_owned()]);
        assert!(html.contains("&lt;b&gt;radio") && html.contains("a &lt; b"));
        assert!(elsewhere(&[], &["nothing".to_owned()]).is_empty());
    }
}
